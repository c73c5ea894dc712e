"""The affine map of a dense layer.   [Saito 2016, 5.6]"""

from groundup.ops.reference.activations import relu
from groundup.ops.reference.product import product
from groundup.typing import Array


def affine(x: Array, W: Array, b: Array | None) -> Array:
    """y = x W + b    x: (N, D)  W: (D, M)  b: (M,)  ->  y: (N, M)

    >>> import numpy as np
    >>> affine(np.array([[1.0, 2.0]]), np.array([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]), None)
    array([[ 5., 11., 17.]])
    """
    y = product(x, W)
    return y if b is None else y + b


def affine_relu(x: Array, W: Array, b: Array | None) -> Array:
    """y = max(x W + b, 0), what a dense layer with a ReLU gives"""
    return relu(affine(x, W, b))


def affine_backward(
    dy: Array, x: Array, W: Array, need_dx: bool = True
) -> tuple[Array | None, Array, Array]:
    """dx = dy Wᵀ    dW = xᵀ dy    db = Σₙ dyₙ    ->  (N, D), (D, M), (M,)"""
    xp = x.__array_namespace__()
    dx = product(dy, W.T) if need_dx else None
    return dx, product(x.T, dy), xp.sum(dy, axis=0)
