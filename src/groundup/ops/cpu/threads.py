"""How many threads a kernel gets: all of them, or one where waking the others would cost more."""

# mypy: disable-error-code="no-untyped-call"
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba

from groundup.errors import InputError

# OpenMP's threads wait for each other by spinning. On a machine with other work to do, the one
# waited for may not be running: after some 30 µs the others should sleep and let it. OpenMP reads
# this when its first thread starts; what the user has set stays.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

# Microseconds of one thread below which the others are left asleep.
WORTH_SHARING = 12.0
# What one thread does in a microsecond, roughly: only the order of magnitude matters.
MULTIPLY_ADDS = 100_000
NUMBERS_MOVED = 8_000


def run(kernel: Callable[..., None], microseconds: float, *arguments: Any) -> None:
    """Call a parallel kernel; the result does not depend on how many threads it gets."""
    if microseconds >= WORTH_SHARING:
        kernel(*arguments)
        return
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        kernel(*arguments)
    finally:
        numba.set_num_threads(before)


def _obey(asked: str | None) -> None:
    """Take at most the threads that GROUNDUP_THREADS allows."""
    if asked is None:
        return
    if not asked.isdecimal() or int(asked) < 1:
        raise InputError(f"GROUNDUP_THREADS={asked!r}: expected a whole number of at least 1.")
    numba.set_num_threads(min(int(asked), numba.get_num_threads()))


_obey(os.environ.get("GROUNDUP_THREADS"))


def count() -> int:
    """How many threads kernels may use."""
    return int(numba.get_num_threads())


@contextmanager
def limited(most: int) -> Iterator[None]:
    """Kernels use at most this many threads meanwhile."""
    before = numba.get_num_threads()
    numba.set_num_threads(min(most, before))
    try:
        yield
    finally:
        numba.set_num_threads(before)
