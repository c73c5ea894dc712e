"""When to give a trial up: by what it must have reached after how many epochs.

A rule answers before the trial begins, from what is known then. So whether a trial is stopped is a
function of the history alone, whichever trials run beside it.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from groundup.errors import ConfigError
from groundup.registry import Registry
from groundup.tune.history import Direction, History, Trial
from groundup.typing import Array

Bars: TypeAlias = Mapping[int, float]
"""By epoch, from 1, the highest loss (see `History.losses`) with which a trial goes on.

What is held against it is the best that the trial has reached so far: one bad epoch ends nothing.
"""


@dataclass(frozen=True)
class Stopping(ABC):
    """The base of all stopping rules."""

    @abstractmethod
    def bars(self, history: History, epochs: int) -> Bars:
        """What trial number `len(history)` must reach

        Args:
            history: all trials so far.
            epochs: how long a whole trial is; the last epoch needs no bar.

        Raises:
            ConfigError: a whole trial has so few epochs that none could be stopped.
        """


stoppings: Registry[Stopping] = Registry("stopping rule", Stopping)


@stoppings.register(name="none")
@dataclass(frozen=True)
class NoStopping(Stopping):
    """Every trial is trained to its end."""

    def bars(self, history: History, epochs: int) -> Bars:
        return {}


def stopped_at(losses: Sequence[float], bars: Bars) -> int | None:
    """The epoch after which a trial must end, from 1; None if it may go on

    Args:
        losses: after each epoch so far, NaN where there is none.
        bars: what the rule answered before the trial began.

    >>> bars = {2: 0.5, 4: 0.3}
    >>> stopped_at([0.9, 0.5, 0.7], bars), stopped_at([0.9, 0.5, 0.7, 0.4, 0.1], bars)
    (None, 4)
    """
    best = math.inf
    for epoch, loss in enumerate(losses, start=1):
        best = loss if loss < best else best
        if best > bars.get(epoch, math.inf):
            return epoch
    return None


def best_so_far(trials: Iterable[Trial], best: Direction) -> list[Array]:
    """Of each trial that finished or was stopped: (epochs,) its lowest loss up to each epoch

    Those that failed are left out: whoever diverges sets no standard.

    >>> tried = Trial(0, {}, "stopped", 0.5, curve=(0.4, 0.6, 0.5)), Trial(1, {}, "failed")
    >>> best_so_far(tried, "high")
    [array([-0.4, -0.6, -0.6])]
    """
    sign = History(best=best).sign
    losses = (
        sign * np.array(trial.curve)
        for trial in trials
        if trial.state in ("finished", "stopped") and trial.curve
    )
    return [np.minimum.accumulate(np.where(np.isnan(one), np.inf, one)) for one in losses]


def never(rule: Stopping, option: str, epochs: int) -> ConfigError:
    """The error of a rule whose first bar would stand behind a trial's end."""
    name = stoppings.name_of(type(rule))
    return ConfigError(
        f"stopping {name}: with {option}={getattr(rule, option)} no trial would ever be stopped, "
        f"as a whole one has {epochs} epochs. Expected {option} < {epochs}, as in "
        f"{name}:{option}=1, or longer trials."
    )
