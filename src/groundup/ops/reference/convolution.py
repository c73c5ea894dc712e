"""Convolution as one matrix product over unrolled windows (im2col).   [Saito 2016, 7.2 to 7.4]

x: (N, C, H, W)  W: (F, C, KH, KW)  b: (F,)  y: (N, F, OH, OW)
"""

from groundup.ops.geometry import Window
from groundup.ops.reference.activations import relu
from groundup.ops.reference.product import product
from groundup.typing import Array, Shape


def patches(x: Array, window: Window, fill: float = 0.0) -> Array:
    """The KH·KW shifted and strided copies of the padded image: (N, C, KH·KW, OH, OW)"""
    xp = x.__array_namespace__()
    (KH, KW), (SH, SW) = window.size, window.strides
    OH, OW = window.output(*x.shape[2:])
    padded = x
    if any(map(any, window.pads)):
        padded = xp.pad(x, ((0, 0), (0, 0), *window.pads), constant_values=fill)
    return xp.stack(
        [
            padded[:, :, i : i + SH * OH : SH, j : j + SW * OW : SW]
            for i in range(KH)
            for j in range(KW)
        ],
        axis=2,
    )


def unpatch(dpatches: Array, shape: Shape, window: Window) -> Array:
    """The adjoint of `patches`: each copy is spread and added where it came from; x has `shape`"""
    xp = dpatches.__array_namespace__()
    H, W = shape[2:]
    (KH, KW), (SH, SW), ((top, bottom), (left, right)) = window.size, window.strides, window.pads
    dx = None
    for i in range(KH):
        for j in range(KW):
            spread = _dilate(dpatches[:, :, i * KW + j], SH, SW)
            h, w = spread.shape[2:]  # strides may overshoot the last window's place: cut there
            spread = spread[:, :, : H + top + bottom - i, : W + left + right - j]
            h, w = spread.shape[2:]
            edges = ((i, H + top + bottom - i - h), (j, W + left + right - j - w))
            placed = xp.pad(spread, ((0, 0), (0, 0), *edges))
            dx = placed if dx is None else dx + placed
    return dx[:, :, top : top + H, left : left + W]  # type: ignore[index]  # KH·KW >= 1


def _dilate(a: Array, SH: int, SW: int) -> Array:
    """(N, C, OH, OW) with SH-1 rows and SW-1 columns of zeros after each of its own."""
    if SH == SW == 1:
        return a
    xp = a.__array_namespace__()
    N, C, OH, OW = a.shape
    wide = xp.pad(a[:, :, :, None, :, None], ((0, 0),) * 3 + ((0, SH - 1), (0, 0), (0, SW - 1)))
    return wide.reshape(N, C, OH * SH, OW * SW)


def im2col(x: Array, window: Window) -> Array:
    """One row a window, N·OH·OW of them, each of its C·KH·KW values

    >>> import numpy as np
    >>> im2col(np.zeros((1, 3, 7, 7)), Window((5, 5))).shape
    (9, 75)
    >>> im2col(np.zeros((10, 3, 7, 7)), Window((5, 5))).shape
    (90, 75)
    """
    p = patches(x, window)
    N, C, K, OH, OW = p.shape
    return p.transpose(0, 3, 4, 1, 2).reshape(N * OH * OW, C * K)


def col2im(cols: Array, shape: Shape, window: Window) -> Array:
    """The adjoint of `im2col`: overlapping windows add up; x has `shape` (N, C, H, W)"""
    N, C, H, W = shape
    OH, OW = window.output(H, W)
    K = window.size[0] * window.size[1]
    p = cols.reshape(N, OH, OW, C, K).transpose(0, 3, 4, 1, 2)
    return unpatch(p, shape, window)


def conv2d(x: Array, W: Array, b: Array | None, window: Window) -> Array:
    """y[n, f, i, j] = b[f] + Σ W[f, c, k, l] · x[n, c, i·SH + k - top, j·SW + l - left]"""
    N, F = x.shape[0], W.shape[0]
    OH, OW = window.output(*x.shape[2:])
    y = product(im2col(x, window), W.reshape(F, -1).T)
    if b is not None:
        y = y + b
    return y.reshape(N, OH, OW, F).transpose(0, 3, 1, 2)


def conv2d_relu(x: Array, W: Array, b: Array | None, window: Window) -> Array:
    """y = max(x ∗ W + b, 0), what a convolution layer with a ReLU gives"""
    return relu(conv2d(x, W, b, window))


def conv2d_backward(
    dy: Array, x: Array, W: Array, window: Window, need_dx: bool = True
) -> tuple[Array | None, Array, Array]:
    """With cols = im2col(x):  dW = dyᵀ cols    db = Σ dy    dx = col2im(dy W)"""
    xp = x.__array_namespace__()
    F = W.shape[0]
    dy = dy.transpose(0, 2, 3, 1).reshape(-1, F)
    dW = product(dy.T, im2col(x, window)).reshape(W.shape)
    dx = col2im(product(dy, W.reshape(F, -1)), x.shape, window) if need_dx else None
    return dx, dW, xp.sum(dy, axis=0)
