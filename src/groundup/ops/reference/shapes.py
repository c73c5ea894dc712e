"""Images as rows, and back."""

from math import prod

from groundup.typing import Array, Shape


def flatten(x: Array) -> Array:
    """y = x with all axes but the first as one: (N, …) -> (N, D)"""
    return x.reshape(x.shape[0], prod(x.shape[1:]))


def unflatten(y: Array, shape: Shape) -> Array:
    """The way back: (N, D) -> shape"""
    return y.reshape(shape)
