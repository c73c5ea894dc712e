"""What a search method is: from what is known, the settings to be tried next."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from groundup.registry import Registry
from groundup.rng import Stream
from groundup.tune.history import History
from groundup.tune.space import Settings, Space


@dataclass(frozen=True)
class Method(ABC):
    """The base of all methods: a value with its options, without a memory of its own."""

    looks: ClassVar[bool] = False  # whether what it suggests depends on every trial before

    @abstractmethod
    def suggest(self, space: Space, history: History, stream: Stream) -> Settings | None:
        """The settings of trial number `len(history)`, or None if there is nothing left to try

        A pure function: the same history and stream, the same settings. Trials in the history may
        still be running.

        Args:
            space: where.
            history: all trials so far.
            stream: of this trial alone.
        """

    def check(self, space: Space) -> None:
        """ConfigError if the method cannot search there."""
        return

    def size(self, space: Space) -> int | None:
        """How many trials there are in all; None if there is no end."""
        return None

    def barrier(self, number: int) -> int | None:
        """The first trial after `number` that must know how all before it ended; None if none must

        So those from `number` to there can run side by side.
        """
        return None


methods: Registry[Method] = Registry("search method", Method)
