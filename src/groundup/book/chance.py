"""What the book's modules draw by chance: weights, batches, dropout; from the seed of the run."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import count

import numpy as np

from groundup.rng import Purpose, Stream


class Chance:
    """Streams one after the other, each another: the book's functions draw where they stand.

    >>> first, again = Chance(seed=0), Chance(seed=0)
    >>> first.stream("init") == again.stream("init"), first.stream("init") == again.stream("init")
    (True, True)
    >>> first.stream("init") == first.stream("init")
    False
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._steps = count()

    def stream(self, purpose: Purpose) -> Stream:
        """The next stream."""
        return Stream(self.seed, purpose, "book").at(step=next(self._steps))


_chance: ContextVar[Chance] = ContextVar("chance")


def draw(purpose: Purpose) -> Stream:
    """The next stream of the run; outside of one, of seed 0."""
    try:
        return _chance.get().stream(purpose)
    except LookupError:
        _chance.set(Chance(0))
        return draw(purpose)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Everything that is drawn meanwhile comes from `seed`, NumPy's own generator included.

    Scripts draw their weights and batches from the generator that NumPy keeps for everybody; it is
    put back afterwards.
    """
    before = np.random.get_state()  # noqa: NPY002 - scripts use it
    np.random.seed(seed)  # noqa: NPY002
    token = _chance.set(Chance(seed))
    try:
        yield
    finally:
        _chance.reset(token)
        np.random.set_state(before)  # noqa: NPY002
