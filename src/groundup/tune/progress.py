"""How far a search has come: what a table on the screen is drawn from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from groundup.tune.history import History


@dataclass(frozen=True)
class Progress:
    """A search under way.

    Args:
        history: all trials so far; those asked for that have not ended are "running" in it.
        running: the numbers of those that have really begun, as far as the executor tells.
        trials: how many there will be; None if the method alone knows.
        seconds: since the search began, interruptions left out.
        budget: seconds after which no trial begins; None without an end.
        final: whether the trials are done, and the network of the best settings is trained.
    """

    history: History
    running: tuple[int, ...] = ()
    trials: int | None = None
    seconds: float = 0.0
    budget: float | None = None
    final: bool = False

    @property
    def ended(self) -> int:
        """How many trials are over, however they ended."""
        return sum(trial.state != "running" for trial in self.history.trials)

    @property
    def left(self) -> float | None:
        """Seconds until the budget is spent."""
        return None if self.budget is None else max(0.0, self.budget - self.seconds)


Tell: TypeAlias = Callable[[Progress], None]
"""Is called when the search begins, whenever a trial ended, and a few times a second between."""
