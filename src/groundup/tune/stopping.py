"""When to give a trial up: by what it must have reached after how many epochs.

A rule answers before the trial begins, from what is known then. So whether a trial is stopped is a
function of the history alone, whichever trials run beside it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from groundup.registry import Registry
from groundup.tune.history import History

Bars: TypeAlias = Mapping[int, float]
"""By epoch, from 1, the highest loss (see `History.losses`) with which a trial goes on."""


@dataclass(frozen=True)
class Stopping(ABC):
    """The base of all stopping rules."""

    @abstractmethod
    def bars(self, history: History, epochs: int) -> Bars:
        """What trial number `len(history)` must reach

        Args:
            history: all trials so far.
            epochs: how long a whole trial is; the last epoch needs no bar.
        """


stoppings: Registry[Stopping] = Registry("stopping rule", Stopping)


@stoppings.register("none")
@dataclass(frozen=True)
class NoStopping(Stopping):
    """Every trial is trained to its end."""

    def bars(self, history: History, epochs: int) -> Bars:
        return {}
