"""Softmax, cross-entropy, and the two as one.   [Saito 2016, 3.5, 4.2 and appendix A]

z: logits (N, C); y: probabilities (N, C); t: target distribution (N, C), one-hot or soft.
The losses come one per sample, (N,): whoever averages them owns the 1/N.
"""

import numpy as np

from groundup.typing import Array


def softmax(z: Array) -> Array:
    """yₖ = exp(zₖ - max z) / Σⱼ exp(zⱼ - max z), over the last axis

    >>> import numpy as np
    >>> softmax(np.array([1010.0, 1000.0, 990.0])).round(8)   # no overflow
    array([9.999546e-01, 4.540000e-05, 0.000000e+00])
    """
    xp, z = z.__array_namespace__(), _row_by_row(z)
    e = xp.exp(z - xp.max(z, axis=-1, keepdims=True))
    return e / xp.sum(e, axis=-1, keepdims=True)


def softmax_backward(dy: Array, y: Array) -> Array:
    """dz = y ⊙ (dy - Σⱼ dyⱼ yⱼ)"""
    xp, y, dy = y.__array_namespace__(), _row_by_row(y), _row_by_row(dy)
    return y * (dy - xp.sum(dy * y, axis=-1, keepdims=True))


def log_softmax(z: Array) -> Array:
    """log yₖ = zₖ - max z - log Σⱼ exp(zⱼ - max z)"""
    xp, z = z.__array_namespace__(), _row_by_row(z)
    shifted = z - xp.max(z, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def cross_entropy(y: Array, t: Array, epsilon: float = 1e-7) -> Array:
    """lossₙ = -Σₖ tₙₖ log max(yₙₖ, ε); the book adds its ε = 1e-7, which moves the value of a
    right and sure prediction below 0

    >>> import numpy as np
    >>> y = np.array([[0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]])
    >>> cross_entropy(y, np.eye(10)[[2]]).round(6), cross_entropy(y, np.eye(10)[[0]]).round(6)
    (array([0.510826]), array([2.302585]))
    """
    xp = y.__array_namespace__()
    return -xp.sum(t * xp.log(xp.maximum(y, y.dtype.type(epsilon))), axis=-1)


def cross_entropy_backward(y: Array, t: Array, epsilon: float = 1e-7) -> Array:
    """dyₙₖ = -tₙₖ / max(yₙₖ, ε): where the loss is flat, below ε, still the way out"""
    return -t / y.__array_namespace__().maximum(y, y.dtype.type(epsilon))


def softmax_cross_entropy(z: Array, t: Array) -> Array:
    """lossₙ = -Σₖ tₙₖ log softmax(zₙ)ₖ: exact for any logits, where probabilities would round

    A class that is no target may have the logit -∞, probability 0.
    """
    xp = z.__array_namespace__()
    return -xp.sum(t * xp.where(t == 0, z.dtype.type(0), log_softmax(z)), axis=-1)


def softmax_cross_entropy_backward(z: Array, t: Array) -> Array:
    """dz = softmax(z) Σₖ tₖ - t, which is y - t for a distribution t"""
    xp = z.__array_namespace__()
    return softmax(z) * xp.sum(t, axis=-1, keepdims=True) - t


def _row_by_row(z: Array) -> Array:
    """The same with each row in one piece: NumPy's sums depend on the order in memory."""
    return np.ascontiguousarray(z) if isinstance(z, np.ndarray) else z
