"""float32 where it is fast, float64 where it is looked at closely.

A script's weights are its own float64 arrays and stay that. A layer computes in float32, unless its
input is float64, a numerical gradient is being taken, or the batch is so small that somebody wants
to look: a gradient check of three samples then agrees to 1e-10, where float32 would give 1e-4.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from groundup.typing import Array

FEW = 10  # samples

_exact: ContextVar[bool] = ContextVar("exact", default=False)


@contextmanager
def exactly() -> Iterator[None]:
    """Everything in float64 meanwhile."""
    token = _exact.set(True)
    try:
        yield
    finally:
        _exact.reset(token)


def working(x: Any) -> Array:
    """The input of a layer, (N, …), in the dtype that the layer is to compute in.

    >>> import numpy as np
    >>> many, few = np.ones((100, 2), np.float32), np.ones((3, 2), np.float32)
    >>> working(many).dtype, working(few).dtype, working(many.astype(float)).dtype
    (dtype('float32'), dtype('float64'), dtype('float64'))
    """
    x = np.asarray(x)
    exact = x.dtype == np.float64 or len(x) < FEW or _exact.get()
    return x.astype(np.float64 if exact else np.float32, copy=False)
