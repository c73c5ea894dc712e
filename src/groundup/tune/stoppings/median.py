"""The median rule: whoever is worse than half of all trials so far is given up."""

import math
from dataclasses import dataclass

import numpy as np

from groundup.checks import check_whole
from groundup.tune.history import History
from groundup.tune.stopping import Bars, Stopping, best_so_far, never, stoppings


@stoppings.register(name="median")
@dataclass(frozen=True)
class Median(Stopping):
    """A trial goes on if its best so far is no worse than the median of all others at that epoch

    A trial that was stopped counts at later epochs with the best it ever had. Were it left out,
    each epoch would halve those that survived the one before. One that failed does not count.
    [Golovin et al. 2017, "Google Vizier", 3.2]

    Args:
        warmup_epochs: how many every trial may make.
        least_trials: how many must have ended before any is stopped.

    >>> from groundup.tune.history import Trial
    >>> curves = (0.9, 0.5, 0.3), (0.8, 0.7, 0.6), (0.9, 0.9, 0.9)
    >>> ended = [Trial(k, {}, "finished", curve[-1], curve) for k, curve in enumerate(curves)]
    >>> Median(warmup_epochs=2, least_trials=3).bars(History(tuple(ended)), epochs=3)
    {2: 0.7}
    """

    warmup_epochs: int = 5
    least_trials: int = 5

    def __post_init__(self) -> None:
        check_whole(self, "warmup_epochs")
        check_whole(self, "least_trials")

    def bars(self, history: History, epochs: int) -> Bars:
        if self.warmup_epochs >= epochs:
            raise never(self, "warmup_epochs", epochs)
        curves = best_so_far(history.trials, history.best)
        if len(curves) < self.least_trials:
            return {}
        table = np.empty((len(curves), epochs))
        for row, curve in zip(table, curves, strict=True):
            row[: len(curve)] = curve[:epochs]
            row[len(curve) :] = curve[-1]
        medians = np.median(table, axis=0).tolist()
        judged = range(self.warmup_epochs, epochs)
        return {epoch: bar for epoch in judged if (bar := medians[epoch - 1]) < math.inf}
