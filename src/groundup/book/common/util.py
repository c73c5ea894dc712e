"""`common.util`: curves, shuffling and im2col by the book's names."""

from typing import Any

import numpy as np

from groundup import ops
from groundup.book.chance import draw
from groundup.typing import Array, Shape

__all__ = ["col2im", "conv_output_size", "im2col", "np", "shuffle_dataset", "smooth_curve"]


def smooth_curve(x: Any) -> Array:
    """The curve under a sliding mean of 11 values, a Kaiser window (β = 2); as many values as x.

    At the ends the curve is mirrored.

    >>> smooth_curve([1.0] * 20).round(6).tolist() == [1.0] * 20
    True
    """
    values = np.asarray(x, np.float64)
    window = np.kaiser(11, 2)
    mirrored = np.concatenate([values[10:0:-1], values, values[:-11:-1]])
    smooth = np.convolve(mirrored, window / window.sum(), mode="valid")
    return smooth[5 : len(smooth) - 5]


def shuffle_dataset(x: Array, t: Array) -> tuple[Array, Array]:
    """Both in the same random order, as copies."""
    order = draw("shuffle").permutation(len(x))
    return x[order], t[order]


def conv_output_size(input_size: int, filter_size: int, stride: int = 1, pad: int = 0) -> float:
    """(H + 2P - FH) / S + 1, a fraction where the stride does not divide.

    >>> conv_output_size(28, 5, stride=1, pad=0)
    24.0
    """
    return (input_size + 2 * pad - filter_size) / stride + 1


def im2col(input_data: Array, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0) -> Array:
    """One row a window, (N·OH·OW, C·FH·FW), of images (N, C, H, W).

    >>> im2col(np.zeros((10, 3, 7, 7)), 5, 5, stride=1, pad=0).shape
    (90, 75)
    """
    return ops.im2col(np.asarray(input_data), _window(filter_h, filter_w, stride, pad))


def col2im(
    col: Array, input_shape: Shape, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0
) -> Array:
    """The way back: images of `input_shape`, where windows overlap their values add up."""
    window = _window(filter_h, filter_w, stride, pad)
    return ops.col2im(np.asarray(col), tuple(input_shape), window)


def _window(height: int, width: int, stride: int, pad: int) -> ops.Window:
    return ops.Window((height, width), (stride, stride), ((pad, pad), (pad, pad)))
