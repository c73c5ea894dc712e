"""Hyperband: successive halving with several first rungs, as nobody knows the right one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from groundup.checks import check_whole
from groundup.tune.history import History
from groundup.tune.stopping import Bars, Stopping, best_so_far, stoppings
from groundup.tune.stoppings.halving import all_rungs, rung_bars


@stoppings.register(name="hyperband")
@dataclass(frozen=True)
class Hyperband(Stopping):
    """Each trial belongs to a bracket, by its number, and is held against those of its bracket

    Bracket b leaves the first b rungs out, so the last one trains every trial to its end: what
    learns slowly gets its chance there. Of K brackets each gets about the same number of epochs:
    bracket b has ⌈K / (K - b) · reduction^(K - 1 - b)⌉ trials in every turn, evenly mixed.
    [Li et al. 2018, "Hyperband"; brackets run side by side as in Li et al. 2020]

    Args:
        reduction: the share that goes on is one in so many.
        least_epochs: the first rung of the first bracket.

    >>> [Hyperband().bracket(number, epochs=9) for number in range(9)]
    [0, 1, 0, 2, 0, 1, 0, 0, 1]
    """

    reduction: int = 3
    least_epochs: int = 1

    def __post_init__(self) -> None:
        check_whole(self, "reduction", 2)
        check_whole(self, "least_epochs")

    def bars(self, history: History, epochs: int) -> Bars:
        bracket = self.bracket(len(history), epochs)
        beside = [one for one in history.trials if self.bracket(one.number, epochs) == bracket]
        rungs = self._rungs(epochs)[bracket:]
        return rung_bars(best_so_far(beside, history.best), rungs, self.reduction)

    def bracket(self, number: int, epochs: int) -> int:
        """The bracket of a trial, from 0, which begins with the lowest rung."""
        turns = _turns(len(self._rungs(epochs)) + 1, self.reduction)
        return turns[number % len(turns)]

    def _rungs(self, epochs: int) -> Sequence[int]:
        return all_rungs(self, self.reduction, self.least_epochs, epochs)


@cache
def _turns(brackets: int, reduction: int) -> tuple[int, ...]:
    """The bracket of each trial of one turn."""
    turns = []
    for bracket in range(brackets):
        left = brackets - bracket
        count = -(-brackets * reduction ** (left - 1) // left)  # rounded up
        turns += [((k + 0.5) / count, bracket) for k in range(count)]
    return tuple(bracket for _, bracket in sorted(turns))
