"""Dropout.   [Srivastava et al. 2014; Saito 2016, 6.4.3]"""

from groundup.rng import Stream
from groundup.typing import Array


def dropout(x: Array, stream: Stream, rate: float, scale: float) -> tuple[Array, Array]:
    """y = x · keep · scale    keep: drawn, True with probability 1 - rate    ->  y, keep

    Inverted dropout scales by 1/(1 - rate) here and leaves inference alone; the book scales by 1
    here and by 1 - rate at inference. Both make training and inference agree in the mean.
    """
    keep = stream.keep_mask(x.shape, rate)
    return x * keep * x.dtype.type(scale), keep


def dropout_backward(dy: Array, keep: Array | int, scale: float) -> Array:
    """dx = dy · keep · scale"""
    return dy * keep * dy.dtype.type(scale)
