"""Dropout.   [Srivastava et al. 2014; Saito 2016, 6.4.3]"""

from groundup.typing import Array


def dropout(x: Array, keep: Array, scale: float) -> Array:
    """y = x · keep · scale    keep: booleans of the shape of x

    Inverted dropout scales by 1/(1 - rate) here and leaves inference alone; the book scales by 1
    here and by 1 - rate at inference. Both make training and inference agree in the mean.
    """
    return x * keep * x.dtype.type(scale)


def dropout_backward(dy: Array, keep: Array | int, scale: float) -> Array:
    """dx = dy · keep · scale"""
    return dy * keep * dy.dtype.type(scale)
