"""A search as a value, without a word of networks: where, how, how often, and what is good."""

from dataclasses import dataclass, field

from groundup.checks import check_choice, check_whole
from groundup.errors import ConfigError
from groundup.tune.history import Direction, History
from groundup.tune.method import Method
from groundup.tune.methods import RandomSearch
from groundup.tune.space import Space
from groundup.tune.stopping import Stopping
from groundup.tune.stoppings import NoStopping


@dataclass(frozen=True)
class Search:
    """What is searched, and how.

    Args:
        space: where.
        method: how.
        trials: how many; None for all that the method has, such as every cell of a grid.
        best: whether high or low values are good.
        stopping: when a trial is given up.
        epochs: how long a whole trial is; 1 for what has no epochs.
        batch: how many trials are suggested from one and the same history, where the method or the
            stopping rule looks at it. The result depends on it; on the number of workers it does
            not.
        seed: of all draws.
    """

    space: Space
    method: Method = field(default_factory=RandomSearch)
    trials: int | None = None
    best: Direction = "low"
    stopping: Stopping = field(default_factory=NoStopping)
    epochs: int = 1
    batch: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        for option in ("epochs", "batch"):
            check_whole(self, option)
        check_choice(self, "best", ("high", "low"))
        self.method.check(self.space)
        self.stopping.bars(self.nothing, self.epochs)  # a rule may refuse so few epochs
        size = self.method.size(self.space)
        if self.trials is not None:
            check_whole(self, "trials")
            if size is not None and self.trials < size:
                raise ConfigError(
                    f"trials = {self.trials}: the method has {size} in all, and the first of them "
                    "are no fair part. Leave trials out, or give the method fewer."
                )
        elif size is None:
            raise ConfigError("trials: expected how many, as the method has no end of its own.")

    def next_look(self, number: int) -> int | None:
        """The trial before which all from `number` on must have ended; None if nobody looks."""
        ends = (self.method.barrier(number), number + self.batch if self.looks else None)
        return min((end for end in ends if end is not None), default=None)

    @property
    def looks(self) -> bool:
        """Whether it matters for every trial what came of those before."""
        return self.method.looks or not isinstance(self.stopping, NoStopping)

    @property
    def total(self) -> int | None:
        """How many trials there will be, if that is known."""
        return self.method.size(self.space) if self.trials is None else self.trials

    @property
    def nothing(self) -> History:
        """What is known before the first trial."""
        return History((), self.best)
