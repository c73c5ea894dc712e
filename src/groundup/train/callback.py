"""What may look on while a network learns, and what it may answer.

A callback sees a read-only context and answers with a value; the loop alone changes anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from groundup.errors import Diverged
from groundup.registry import Registry
from groundup.train.history import History
from groundup.typing import Array

callbacks: "Registry[Callback]" = Registry("callback")


@dataclass(frozen=True)
class Weights:
    """A copy of all parameters and all running state, (P,) and (S,), read-only."""

    params: Array
    state: Array


@dataclass(frozen=True)
class Stop:
    """End the training after this batch or epoch."""

    reason: str


@dataclass(frozen=True)
class SetLearningRate:
    """Go on with another learning rate."""

    value: float


@dataclass(frozen=True)
class RestoreWeights:
    """Put these weights back into the network."""

    which: Weights


Answer: TypeAlias = Stop | SetLearningRate | RestoreWeights | None


class Context(Protocol):
    """What a callback sees. Epochs, steps and samples count from 0; times are in seconds."""

    @property
    def epoch(self) -> int:
        """The epoch under way, or just ended."""

    @property
    def epochs(self) -> int:
        """The epoch before which the training is to end."""

    @property
    def step(self) -> int:
        """The batch within the epoch under way, or just ended."""

    @property
    def steps(self) -> int:
        """Batches in an epoch."""

    @property
    def updates(self) -> int:
        """Updates since the first fit of this network."""

    @property
    def logs(self) -> Mapping[str, float]:
        """In a batch: the epoch's means so far; at an epoch's end: its values, val_… included."""

    @property
    def history(self) -> History:
        """The epochs that have ended."""

    @property
    def learning_rate(self) -> float:
        """Of the next update."""

    @property
    def seconds(self) -> float:
        """Since the epoch began."""

    def weights(self) -> Weights:
        """A copy of the weights as they are."""

    def named_arrays(self) -> Iterator[tuple[str, Array, Array]]:
        """(path, parameter, its latest gradient) as read-only views, such as "dense_1/W"."""

    def save_model(self, path: Path) -> None:
        """Write a model file, as `Sequential.save`."""

    def save_checkpoint(self, path: Path) -> None:
        """Write a model file from which the training can go on to the same bits."""


class Callback:
    """Does nothing; override what you need. Every method may answer one `Answer`."""

    def on_train_begin(self, context: Context) -> Answer:
        """Before the first batch of a fit."""

    def on_epoch_begin(self, context: Context) -> Answer:
        """Before the first batch of an epoch."""

    def on_batch_end(self, context: Context) -> Answer:
        """After an update."""

    def on_epoch_end(self, context: Context) -> Answer:
        """After an epoch's validation."""

    def on_diverged(self, context: Context, error: Diverged) -> Answer:
        """The loss is not finite. `Stop` ends the training well; otherwise `error` is raised."""

    def on_train_end(self, context: Context) -> Answer:
        """After the last epoch, also when stopped; not when the training failed."""

    def state(self) -> dict[str, Any]:
        """Numbers, strings and arrays that a resumed run needs; goes into checkpoints."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state`."""
