"""Memory that a training step uses again in the next one.

Every step asks for the same arrays in the same order. Fresh ones of some megabytes cost more in
page faults than the arithmetic in them, so inside `Arena.step` kernels get the arrays of the step
before: an array made in a step is overwritten in the next, and who keeps it must copy. Outside,
and everywhere but in training, every array is fresh.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from contextvars import ContextVar

import numpy as np

from groundup.typing import Array, Shape

WORTH_KEEPING = 2**15  # bytes; the allocator itself reuses what is smaller
_current: ContextVar["Arena | None"] = ContextVar("arena", default=None)


class Arena:
    """The arrays of one training, by shape in the order of their use.

    >>> arena = Arena()
    >>> with arena.step():
    ...     first = empty((100, 100))
    >>> with arena.step():
    ...     empty((100, 100)) is first, empty((100, 100)) is first
    (True, False)
    >>> empty((100, 100)) is first
    False
    """

    def __init__(self) -> None:
        self._arrays: defaultdict[Shape, list[Array]] = defaultdict(list)
        self._used: defaultdict[Shape, int] = defaultdict(int)

    @contextlib.contextmanager
    def step(self) -> Iterator[None]:
        """While inside, `empty` takes from this arena, from the beginning."""
        self._used.clear()
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def clear(self) -> None:
        """Give the memory back."""
        self._arrays.clear()

    def take(self, shape: Shape) -> Array:
        """The next array of this shape."""
        place = self._used[shape]
        self._used[shape] += 1
        arrays = self._arrays[shape]
        if place == len(arrays):
            arrays.append(np.empty(shape, np.float32))
        return arrays[place]


def empty(shape: Shape) -> Array:
    """A float32 array with any content, the arena's inside a training step."""
    arena = _current.get()
    count = 4
    for size in shape:
        count *= size
    if arena is None or count < WORTH_KEEPING:
        return np.empty(shape, np.float32)
    return arena.take(shape)
