"""A fixed scale and offset; x, dy: (N, …), scale, offset: numbers, or (D,) for x: (N, D)."""

from groundup.typing import Array


def rescale(x: Array, scale: Array, offset: Array) -> Array:
    """y = scale · x + offset"""
    return x * scale + offset


def rescale_backward(dy: Array, scale: Array) -> Array:
    """dx = scale · dy"""
    return dy * scale
