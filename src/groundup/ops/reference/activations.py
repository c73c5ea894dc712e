"""Elementwise activations and their derivatives.   [Saito 2016, 3.2 and 5.5]

Each `f_backward(dy, …)` is dy · f′ and takes what is cheapest to remember: the output `y` where the
derivative is a function of it, the input `x` where it is not. All arrays have the shape of `x`.
"""

from groundup.typing import Array


def step(x: Array) -> Array:
    """y = 1 where x > 0, else 0"""
    return (x > 0).astype(x.dtype)


def step_backward(dy: Array) -> Array:
    """0: flat on both sides of its jump, which is why a step cannot learn."""
    return dy.__array_namespace__().zeros_like(dy)  # even if dy is infinite


def sigmoid(x: Array) -> Array:
    """y = 1 / (1 + e⁻ˣ), written so that the exponent is never positive (no overflow)

    >>> import numpy as np
    >>> sigmoid(np.array([-1.0, 1.0, 2.0, -1e4])).round(8)
    array([0.26894142, 0.73105858, 0.88079708, 0.        ])
    """
    xp = x.__array_namespace__()
    e = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, 1 / (1 + e), e / (1 + e))


def sigmoid_backward(dy: Array, y: Array) -> Array:
    """dx = dy · y (1 - y)"""
    return dy * y * (1 - y)


def tanh(x: Array) -> Array:
    """y = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)"""
    return x.__array_namespace__().tanh(x)


def tanh_backward(dy: Array, y: Array) -> Array:
    """dx = dy · (1 - y²)"""
    return dy * (1 - y * y)


def relu(x: Array) -> Array:
    """y = max(x, 0), NaN staying NaN"""
    return x.__array_namespace__().maximum(x, x.dtype.type(0))


def relu_backward(dy: Array, y: Array) -> Array:
    """dx = dy where y > 0, else 0"""
    return dy.__array_namespace__().where(y > 0, dy, dy.dtype.type(0))  # even if dy is infinite


def leaky_relu(x: Array, slope: Array | float) -> Array:
    """y = x where x > 0, else slope · x"""
    return x.__array_namespace__().where(x > 0, x, slope * x)


def leaky_relu_backward(dy: Array, x: Array, slope: Array | float) -> Array:
    """dx = dy · (1 where x > 0, else slope)"""
    return x.__array_namespace__().where(x > 0, dy, slope * dy)


def prelu(x: Array, slope: Array) -> Array:
    """Leaky ReLU with a slope (C,) for each position of axis 1, or (1,)   [He et al. 2015]"""
    return leaky_relu(x, slope.reshape((-1,) + (1,) * (x.ndim - 2)))


def prelu_backward(dy: Array, x: Array, slope: Array) -> tuple[Array, Array]:
    """dx as for leaky ReLU    dslope = Σ dy · min(x, 0), over all axes that share the slope"""
    xp = x.__array_namespace__()
    below = xp.where(x > 0, xp.zeros_like(x), dy * x)
    axes = None if slope.size == 1 else (0, *range(2, x.ndim))
    dslope = xp.sum(below, axis=axes).reshape(slope.shape)
    return leaky_relu_backward(dy, x, slope.reshape((-1,) + (1,) * (x.ndim - 2))), dslope


def elu(x: Array, alpha: float) -> Array:
    """y = x where x > 0, else α (eˣ - 1)   [Clevert et al. 2015]"""
    xp = x.__array_namespace__()
    return xp.where(x > 0, x, alpha * xp.expm1(xp.minimum(x, x.dtype.type(0))))


def elu_backward(dy: Array, x: Array, y: Array, alpha: float) -> Array:
    """dx = dy · (1 where x > 0, else y + α)"""
    return x.__array_namespace__().where(x > 0, dy, dy * (y + alpha))
