"""Linear algebra on one thread: small matrices gain nothing from more, and sums keep their bits."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@contextmanager
def one_thread() -> Iterator[None]:
    """Meanwhile NumPy and SciPy compute on one thread; it costs some 10 µs."""
    with _libraries().limit(limits=1):
        yield


@cache
def _libraries() -> Any:
    import scipy.linalg  # noqa: F401  # only libraries that are loaded can be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()  # looking for them takes milliseconds
