"""Successive halving: at epochs that grow by a factor, only the best part of the trials goes on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from groundup.checks import check_whole
from groundup.tune.history import History
from groundup.tune.stopping import Bars, Stopping, best_so_far, never, stoppings
from groundup.typing import Array


@stoppings.register(name="halving")
@dataclass(frozen=True)
class SuccessiveHalving(Stopping):
    """A trial goes on at a rung if it is among the best 1/reduction of all that have reached it

    The rungs are the epochs least_epochs · reductionᵏ. Nobody waits for others: a trial is held
    against those that have ended, so the first ones pass. One that failed does not count.
    [Li et al. 2020, "A system for massively parallel hyperparameter tuning": ASHA, as a rule that
    stops]

    Args:
        reduction: the share that goes on is one in so many.
        least_epochs: the first rung.

    >>> from groundup.tune.history import Trial
    >>> ended = [Trial(k, {}, "finished", k / 8, (k / 8,) * 9) for k in range(8)]
    >>> SuccessiveHalving().bars(History(tuple(ended)), epochs=9)
    {3: 0.25}
    """

    reduction: int = 3
    least_epochs: int = 3

    def __post_init__(self) -> None:
        check_whole(self, "reduction", 2)
        check_whole(self, "least_epochs")

    def bars(self, history: History, epochs: int) -> Bars:
        found = all_rungs(self, self.reduction, self.least_epochs, epochs)
        return rung_bars(best_so_far(history.trials, history.best), found, self.reduction)


def all_rungs(rule: Stopping, reduction: int, least_epochs: int, epochs: int) -> list[int]:
    """The epochs least_epochs · reductionᵏ before the last; ConfigError if there is none."""
    if least_epochs >= epochs:
        raise never(rule, "least_epochs", epochs)
    found = [least_epochs]
    while found[-1] * reduction < epochs:
        found.append(found[-1] * reduction)
    return found


def rung_bars(curves: Sequence[Array], rungs: Sequence[int], reduction: int) -> Bars:
    """By rung the loss of the last that would go on, were the new trial among them

    Args:
        curves: of each trial that has ended, (epochs,) its lowest loss up to each epoch.
        rungs: epochs.
        reduction: the share that goes on is one in so many.
    """
    bars: dict[int, float] = {}
    for rung in rungs:
        losses = sorted(float(curve[rung - 1]) for curve in curves if len(curve) >= rung)
        if losses:
            bar = losses[math.ceil((len(losses) + 1) / reduction) - 1]
            bars |= {rung: bar} if bar < math.inf else {}
    return bars
