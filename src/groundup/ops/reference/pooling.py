"""Max and average pooling.   [Saito 2016, 7.3]

x: (N, C, H, W)  y: (N, C, OH, OW)
"""

from groundup.ops.geometry import Window
from groundup.ops.reference.convolution import patches, unpatch
from groundup.typing import Array, Shape


def max_pool(x: Array, window: Window) -> tuple[Array, Array]:
    """y = the largest value under the window, padding counting as -∞; and its place (0 … KH·KW-1)

    Of equal values the first wins. A window that sees a NaN gives NaN.
    """
    xp = x.__array_namespace__()
    p = patches(x, window, fill=-xp.inf)
    y = xp.max(p, axis=2)
    won = (p == y[:, :, None]) | (p != p)
    if any(map(any, window.pads)):  # -∞ in the image is no padding, and wins over it
        won = won & (patches(xp.ones((1, 1, *x.shape[2:]), dtype=x.dtype), window) > 0)
    return y, xp.argmax(won, axis=2)


def max_pool_backward(dy: Array, place: Array, shape: Shape, window: Window) -> Array:
    """dx: dy to the place that won, 0 elsewhere"""
    xp = dy.__array_namespace__()
    K = window.size[0] * window.size[1]
    won = xp.arange(K).reshape(1, 1, K, 1, 1) == place[:, :, None]
    return unpatch(xp.where(won, dy[:, :, None], dy.dtype.type(0)), shape, window)


def average_pool(x: Array, window: Window, count_padding: bool = False) -> Array:
    """y = the mean under the window; padding is left out of it, or counted as zeros"""
    xp = x.__array_namespace__()
    return xp.sum(patches(x, window), axis=2) / _count(x, x.shape, window, count_padding)


def average_pool_backward(
    dy: Array, shape: Shape, window: Window, count_padding: bool = False
) -> Array:
    """dx: each value of the window gets dy / (number of values in the mean)"""
    xp = dy.__array_namespace__()
    share = dy / _count(dy, shape, window, count_padding)
    K = window.size[0] * window.size[1]
    return unpatch(xp.stack([share] * K, axis=2), shape, window)


def _count(like: Array, shape: Shape, window: Window, count_padding: bool) -> Array | int:
    """How many values each mean is over: (1, 1, OH, OW) at the edges of a padded image."""
    if count_padding or not any(map(any, window.pads)):
        return window.size[0] * window.size[1]
    xp = like.__array_namespace__()
    return xp.sum(patches(xp.ones((1, 1, *shape[2:]), dtype=like.dtype), window), axis=2)
