"""`common.functions`: activations and losses by the book's names.   [Saito 2016, chapters 3 and 4]

`np` belongs to it: scripts that say `from common.functions import *` rely on that.
"""

from typing import Any

import numpy as np

from groundup import ops
from groundup.typing import Array

__all__ = [
    "cross_entropy_error",
    "identity_function",
    "mean_squared_error",
    "np",
    "relu",
    "relu_grad",
    "sigmoid",
    "sigmoid_grad",
    "softmax",
    "softmax_loss",
    "step_function",
    "sum_squared_error",
]


def identity_function(x: Any) -> Any:
    """x as it is."""
    return x


def step_function(x: Any) -> Array:
    """1 where x > 0, else 0, as whole numbers.

    >>> step_function(np.array([-1.0, 0.0, 2.0]))
    array([0, 0, 1])
    """
    return (np.asarray(x) > 0).astype(int)


def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), which overflows for no x; a number or an array of any shape.

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    with np.errstate(over="ignore"):  # e^1000 is inf, and 1 / inf is 0
        return 1 / (1 + np.exp(-_floats(x)))[()]


def sigmoid_grad(x: Any) -> Any:
    """dy/dx = y (1 - y) with y = sigmoid(x)."""
    y = sigmoid(x)
    return (1.0 - y) * y


def relu(x: Any) -> Any:
    """max(0, x)"""
    return np.maximum(0, x)


def relu_grad(x: Array) -> Array:
    """1 where x >= 0, else 0: at 0 the book's choice is 1."""
    return (np.asarray(x) >= 0).astype(_floats(x).dtype)


def softmax(x: Any) -> Array:
    """exp(xₖ) / Σⱼ exp(xⱼ) over the last axis, (C,) or (N, C).

    >>> softmax(np.array([0.3, 2.9, 4.0])).round(3)
    array([0.018, 0.245, 0.737])
    """
    return ops.softmax(_floats(x))


def sum_squared_error(y: Array, t: Array) -> Any:
    """½ Σ (y - t)²"""
    return 0.5 * np.sum((np.asarray(y) - np.asarray(t)) ** 2)


mean_squared_error = sum_squared_error  # the Korean edition's name of the same


def cross_entropy_error(y: Array, t: Array) -> Any:
    """-Σₙ log y[n, tₙ] / N    y: (N, C) or (C,)   t: labels, or one-hot of y's shape

    Probabilities below 1e-7 count as 1e-7. The book adds its 1e-7 to all of them, so that a loss
    and its gradient disagree a little.

    >>> cross_entropy_error(np.array([0.1, 0.05, 0.6, 0.25]), np.array([0, 0, 1, 0])).round(6)
    np.float64(0.510826)
    """
    y, t = np.atleast_2d(y), np.asarray(t)
    labels = t.reshape(y.shape).argmax(axis=1) if t.size == y.size else t.reshape(-1)
    right = y[np.arange(len(y)), labels]
    return -np.log(np.maximum(right, 1e-7)).sum() / len(y)


def softmax_loss(X: Array, t: Array) -> Any:
    """The cross-entropy of softmax(X)."""
    return cross_entropy_error(softmax(X), t)


def _floats(x: Any) -> Array:
    x = np.asarray(x)
    return x if x.dtype.kind == "f" else x.astype(np.float64)
