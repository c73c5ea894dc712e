"""What a kernel can do by itself: arrays whose shapes are exactly those that the op names.

A kernel looks at no shape and would read whatever lies behind an array. What does not fit is left
to the reference, which broadcasts it or says what is wrong.
"""

from typing import Any

from groundup.ops.dispatch import strict
from groundup.ops.geometry import Window
from groundup.typing import Array, Shape


def affine(x: Array, W: Array, b: Array | None) -> bool:
    agree = W.ndim == 2 and x.shape == (len(x), len(W)) and _is_bias(b, W.shape[1])
    return agree and _gains(W)


def affine_backward(dy: Array, x: Array, W: Array, need_dx: bool = True) -> bool:
    N = len(dy)
    agree = W.ndim == 2 and (dy.shape, x.shape) == ((N, W.shape[1]), (N, W.shape[0]))
    return agree and _gains(W)


def conv2d(x: Array, W: Array, b: Array | None, window: Window) -> bool:
    agree = x.ndim == W.ndim == 4 and x.shape[1] == W.shape[1] and _is_bias(b, len(W))
    return agree and W.shape[2:] == window.size and _slides(x.shape, window)


def conv2d_backward(dy: Array, x: Array, W: Array, window: Window, need_dx: bool = True) -> bool:
    return conv2d(x, W, None, window) and dy.shape == _seen(x.shape, len(W), window)


def max_pool(x: Array, window: Window) -> bool:
    """A place in the window is a byte."""
    return window.size[0] * window.size[1] <= 256 and _slides(x.shape, window)


def max_pool_backward(dy: Array, place: Array, shape: Shape, window: Window) -> bool:
    small = window.size[0] * window.size[1] <= 256 and place.dtype.itemsize == 1
    return small and place.shape == dy.shape and average_pool_backward(dy, shape, window)


def average_pool(x: Array, window: Window, count_padding: bool = False) -> bool:
    return _slides(x.shape, window)


def average_pool_backward(
    dy: Array, shape: Shape, window: Window, count_padding: bool = False
) -> bool:
    return _slides(shape, window) and dy.shape == _seen(shape, shape[1], window)


def update(params: Array, g: Array, *others: Any) -> bool:
    """All as long as θ; what changes can be written to where it is."""
    vectors = [a for a in others if hasattr(a, "flags")]
    changed = all(a.flags.c_contiguous and a.flags.writeable for a in (params, *vectors))
    return changed and all(a.shape == (params.size,) for a in (params, g, *vectors))


def _is_bias(b: Array | None, count: int) -> bool:
    return b is None or b.shape == (count,)


def _gains(W: Array) -> bool:
    """BLAS cuts large matrices into blocks for the caches, which the tile alone does not."""
    return W.size <= 2**19 or strict()


def _slides(shape: Shape, window: Window) -> bool:
    """Images (N, C, H, W) with a place for the window, which nowhere sees padding alone."""
    return len(shape) == 4 and not window.overhangs and min(window.output(*shape[2:])) > 0


def _seen(shape: Shape, channels: int, window: Window) -> Shape:
    return (shape[0], channels, *window.output(*shape[2:]))
