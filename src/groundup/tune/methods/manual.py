"""Manual search: the settings that somebody wrote down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from groundup.checks import refusal
from groundup.registry import describe
from groundup.rng import Stream
from groundup.tune.history import History
from groundup.tune.method import Method, methods
from groundup.tune.space import Settings, Space


@methods.register(name="manual")
@dataclass(frozen=True)
class Manual(Method):
    """Tries a list from its beginning to its end.

    Args:
        trials: the settings, each with a value for every hyper-parameter; short names will do.

    >>> from groundup.tune.space import make_space
    >>> space = make_space({"optimizer.learning_rate": "log:1e-6..1e-1"})
    >>> by_hand = Manual([{"learning_rate": 1e-2}, {"learning_rate": 1e-3}])
    >>> by_hand.size(space), by_hand.suggest(space, History(), Stream())
    (2, {'optimizer.learning_rate': 0.01})
    """

    trials: Sequence[Settings] = field(hash=False)

    def __post_init__(self) -> None:
        given = self.trials if isinstance(self.trials, list | tuple) else ()
        if not given or not all(isinstance(one, Mapping) for one in given):
            raise refusal("trials", self.trials, "a list of settings", "Manual")
        object.__setattr__(self, "trials", tuple(describe(given)))

    def suggest(self, space: Space, history: History, stream: Stream) -> Settings | None:
        number = len(history)
        return self._checked(space, number) if number < len(self.trials) else None

    def check(self, space: Space) -> None:
        for number in range(len(self.trials)):
            self._checked(space, number)

    def size(self, space: Space) -> int:
        return len(self.trials)

    def _checked(self, space: Space, number: int) -> Settings:
        return space.check(self.trials[number], f"trial {number}")
