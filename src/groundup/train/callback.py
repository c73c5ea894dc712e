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
from groundup.train.probes.exam import Exam
from groundup.train.probes.silence import Silence
from groundup.typing import Array


@dataclass(frozen=True)
class Weights:
    """A copy of all parameters and all running state, (P,) and (S,), read-only."""

    params: Array
    state: Array


@dataclass(frozen=True)
class Stop:
    """End the training after this batch or epoch.

    >>> import numpy as np
    >>> import groundup as gu
    >>> class GoodEnough(gu.Callback):
    ...     def on_epoch_end(self, context):
    ...         return gu.Stop("good enough") if context.logs["loss"] < 0.5 else None
    >>> model = gu.Sequential([gu.Dense(1, use_bias=False, kernel_initializer="zeros")])
    >>> model.compile(gu.SGD(0.25), "mse")
    >>> model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=9, callbacks=[GoodEnough()], verbose=0)
    History(epoch=[0, 1], history={'loss': [1.0, 0.25], 'learning_rate': [0.25, 0.25]})
    """

    reason: str


@dataclass(frozen=True)
class SetLearningRate:
    """Go on with another learning rate.

    >>> import numpy as np
    >>> import groundup as gu
    >>> class Halve(gu.Callback):
    ...     def on_epoch_end(self, context):
    ...         return gu.SetLearningRate(context.learning_rate / 2)
    >>> model = gu.Sequential([gu.Dense(1, use_bias=False, kernel_initializer="zeros")])
    >>> model.compile(gu.SGD(0.25), "mse")
    >>> x = np.ones((1, 1))
    >>> model.fit(x, x, epochs=3, callbacks=[Halve()], verbose=0).history["learning_rate"]
    [0.25, 0.125, 0.0625]
    """

    value: float


@dataclass(frozen=True)
class RestoreWeights:
    """Put these weights back into the network: `context.weights()` of earlier.

    >>> import numpy as np
    >>> import groundup as gu
    >>> class BackToFirst(gu.Callback):
    ...     def on_epoch_end(self, context):
    ...         if context.epoch == 0:
    ...             self.first = context.weights()
    ...
    ...     def on_train_end(self, context):
    ...         return gu.RestoreWeights(self.first)
    >>> model = gu.Sequential([gu.Dense(1, use_bias=False, kernel_initializer="zeros")])
    >>> model.compile(gu.SGD(0.25), "mse")
    >>> x = np.ones((1, 1))  # w: 0, 0.5, 0.75, and back
    >>> _ = model.fit(x, x, epochs=2, callbacks=[BackToFirst()], verbose=0)
    >>> model.predict(x)
    array([[0.5]], dtype=float32)
    """

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
    def samples(self) -> int:
        """Training samples, as many as in an epoch."""

    @property
    def updates(self) -> int:
        """Updates since the first fit of this network."""

    @property
    def logs(self) -> Mapping[str, float]:
        """In a batch: the epoch's means so far; at an epoch's end: its values, val_… included."""

    @property
    def batch_loss(self) -> float:
        """The data loss of the latest batch alone."""

    @property
    def log_names(self) -> tuple[str, ...]:
        """The names of what `logs` will hold at every epoch's end, known from the beginning."""

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

    def examine(self, which: Array, before: Array | None, silence: Silence) -> Exam:
        """A look at the layers on some training samples; every callback is told, see `on_exam`

        Args:
            which: indices of the samples.
            before: all parameters before the latest update, or None.
            silence: what is known of silent units; this exam is added.
        """

    def save_model(self, path: Path) -> None:
        """Write a model file, as `Sequential.save`."""

    def save_checkpoint(self, path: Path) -> None:
        """Write a model file from which the training can go on to the same bits."""


class Callback:
    """The base of callbacks: does nothing; override what you need.

    Every method may answer one `Answer`: None, Stop, SetLearningRate or RestoreWeights.

    >>> import numpy as np
    >>> import groundup as gu
    >>> class Tell(gu.Callback):
    ...     def on_epoch_end(self, context):
    ...         print(context.epoch, context.logs["loss"])
    >>> model = gu.Sequential([gu.Dense(1, use_bias=False, kernel_initializer="zeros")])
    >>> model.compile(gu.SGD(0.25), "mse")
    >>> _ = model.fit(np.ones((1, 1)), np.ones((1, 1)), epochs=2, callbacks=[Tell()], verbose=0)
    0 1.0
    1 0.25
    """

    def on_train_begin(self, context: Context) -> Answer:
        """Before the first batch of a fit."""

    def on_epoch_begin(self, context: Context) -> Answer:
        """Before the first batch of an epoch."""

    def on_batch_end(self, context: Context) -> Answer:
        """After an update."""

    def on_exam(self, context: Context, exam: Exam) -> Answer:
        """After a look at the layers, see `Probes`."""

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


callbacks: Registry[Callback] = Registry("callback", Callback)
