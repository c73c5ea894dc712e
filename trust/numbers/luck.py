"""Chance that comes again: draws one after another, each from a moment of one stream."""

from collections.abc import Sequence
from typing import Any, TypeVar

from groundup.rng import Stream
from groundup.typing import Array

T = TypeVar("T")


class Luck:
    """What one case is drawn from.

    Args:
        seed: of the check.
        name: what is drawn, such as "gradients".
        case: its number; each has draws of its own.
    """

    def __init__(self, seed: int, name: str, case: int) -> None:
        self._stream = Stream(seed, "search").named("trust").named(name).at(sample=case)
        self._drawn = 0

    def _next(self) -> Stream:
        self._drawn += 1
        return self._stream.at(step=self._drawn)

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return int(self._next().integers(least, most + 1, 1)[0])

    def pick(self, options: Sequence[T]) -> T:
        return options[self.whole(0, len(options) - 1)]

    def flag(self, share: float = 0.5) -> bool:
        """True with this probability."""
        return self.uniform(0.0, 1.0) < share

    def uniform(self, low: float, high: float) -> float:
        return float(self._next().uniform(1, low, high)[0])

    def wholes(self, least: int, most: int, count: int) -> Any:
        """An array of whole numbers, both ends included."""
        return self._next().integers(least, most + 1, count)

    def normal(self, shape: Sequence[int]) -> Array:
        return self._next().normal(tuple(shape))

    def spread(self, shape: Sequence[int], low: float, high: float) -> Array:
        """Uniform numbers."""
        return self._next().uniform(tuple(shape), low, high)
