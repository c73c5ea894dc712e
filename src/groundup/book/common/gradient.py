"""`common.gradient`: the numerical gradient by the book's name.   [Saito 2016, 4.3 and 4.4]"""

from collections.abc import Callable
from typing import Any

import numpy as np

from groundup.book.precision import exactly
from groundup.typing import Array

__all__ = ["np", "numerical_gradient", "numerical_gradient_2d"]

H = 1e-4


def numerical_gradient(f: Callable[[Array], Any], x: Array) -> Array:
    """The gradient by central differences, of x's shape, in float64

    x itself is moved, one element at a time, and put back: `f` may read it by another name, as a
    network's loss does. Our layers compute in float64 meanwhile.

    >>> numerical_gradient(lambda x: (x**2).sum(), np.array([3.0, 4.0])).round(6)
    array([6., 8.])
    """
    gradient = np.zeros(x.shape)
    with exactly():
        for index in np.ndindex(x.shape):
            middle = x[index]
            x[index] = middle + H
            above, value_above = float(x[index]), f(x)
            x[index] = middle - H
            below, value_below = float(x[index]), f(x)
            x[index] = middle
            # Not 2h: in a float32 array x ± h is rounded.
            gradient[index] = (value_above - value_below) / (above - below)
    return gradient


def numerical_gradient_2d(f: Callable[[Array], Any], X: Array) -> Array:
    """The numerical gradient of `f` at each row of X, (N, D), or at X, (D,)."""
    if X.ndim == 1:
        return numerical_gradient(f, X)
    return np.stack([numerical_gradient(f, x) for x in X])
