"""How far a training is, in numbers that a checkpoint keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Totals:
    """Sums over the samples of an epoch, so that its means are weighted by samples."""

    samples: int = 0
    sums: dict[str, float] = field(default_factory=dict)

    def add(self, samples: int, sums: Mapping[str, float]) -> None:
        """Count a batch's sums."""
        self.samples += samples
        for name, value in sums.items():
            self.sums[name] = self.sums.get(name, 0.0) + value

    def means(self) -> dict[str, float]:
        """Every sum over the number of samples."""
        return {name: value / self.samples for name, value in self.sums.items()}


@dataclass
class Progress:
    """How far a training is: all that a resumed one needs besides weights and callbacks.

    Args:
        epoch, step: the batch that comes next.
        at: epoch and step of the batch under way, or of the last one that was done.
        updates: since the first fit.
        totals: of the epoch under way.
        streams: the epoch of the random streams minus `epoch`; above 0 in a second fit.
        stopped: why a callback ended the training, if one did.
    """

    epoch: int
    step: int = 0
    at: Sequence[int] = (0, 0)
    updates: int = 0
    totals: Totals = field(default_factory=Totals)
    streams: int = 0
    stopped: str | None = None


@dataclass(frozen=True)
class Resume:
    """What a checkpoint holds besides the model: the progress, and each callback's own state."""

    progress: Progress
    callbacks: Sequence[Mapping[str, Any]]
