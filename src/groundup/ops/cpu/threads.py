"""How many threads a kernel gets: all of them, or one where waking the others would cost more."""

# mypy: disable-error-code="no-untyped-call"
from collections.abc import Callable
from typing import Any

import numba

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
