"""Random search: every trial a fair draw, whatever came of the others."""

from dataclasses import dataclass

from groundup.rng import Stream
from groundup.tune.history import History
from groundup.tune.method import Method, methods
from groundup.tune.space import Settings, Space


@methods.register(name="random")
@dataclass(frozen=True)
class RandomSearch(Method):
    """Draws from the whole space, each value on its own scale.   [Bergstra & Bengio 2012]

    >>> from groundup.tune.space import make_space
    >>> space = make_space({"learning_rate": "log:1e-6..1e-2"})
    >>> stream = Stream(0, "search", "random")
    >>> first = RandomSearch().suggest(space, History(), stream.at(step=0))
    >>> 1e-6 <= first["learning_rate"] <= 1e-2
    True
    """

    def suggest(self, space: Space, history: History, stream: Stream) -> Settings:
        return space.sample(stream)
