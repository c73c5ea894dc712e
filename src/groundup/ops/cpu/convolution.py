"""Convolution without im2col: the tile walks over channels-last images.

Within one row of a window the KW·C values lie side by side, so a kernel row is one run of k, and
the KH rows are the outer loop r:

    forward   y[oy, ox, :]  = b + Σ_ky Σ_k  x[oy·S + ky, ox·S·C + k] · W[ky, k, :]
    dW        dW[ky, k, :]  =     Σ_oy Σ_ox x[oy·S + ky, ox·S·C + k] · dy[oy, ox, :]
    dx        the forward of dy, spread by the strides and padded, with W turned around

The sums over images are made in fixed pieces and added in order: the same bits for any number
of threads.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
import numba
import numpy as np

from groundup.ops.arena import empty
from groundup.ops.cpu.panel import NO_FLOOR, RELU, panel
from groundup.ops.geometry import Window
from groundup.typing import Array, Shape

PIECES = 16


def conv2d(x: Array, W: Array, b: Array | None, window: Window) -> Array:
    """As `ops.reference.convolution.conv2d`; y is a view of channels-last memory."""
    return _conv2d(x, W, b, window, NO_FLOOR)


def conv2d_relu(x: Array, W: Array, b: Array | None, window: Window) -> Array:
    """As `ops.reference.convolution.conv2d_relu`, the ReLU before the sums leave the registers."""
    return _conv2d(x, W, b, window, RELU)


def _conv2d(x: Array, W: Array, b: Array | None, window: Window, floor: np.float32) -> Array:
    F, C, KH, KW = W.shape
    OH, OW = window.output(*x.shape[2:])
    y = empty((x.shape[0], OH, OW, F))
    bias = np.zeros(F, np.float32) if b is None else np.ascontiguousarray(b)
    kernel = np.ascontiguousarray(W.transpose(2, 3, 1, 0)).reshape(KH, KW * C, F)
    _forward(_padded(x, window), kernel, bias, *window.strides, y, floor)
    return y.transpose(0, 3, 1, 2)


def conv2d_backward(
    dy: Array, x: Array, W: Array, window: Window, need_dx: bool = True
) -> tuple[Array | None, Array, Array]:
    """As `ops.reference.convolution.conv2d_backward`."""
    F, C, KH, KW = W.shape
    dy = np.ascontiguousarray(dy.transpose(0, 2, 3, 1))
    dW, db = empty((PIECES, KH, KW * C, F)), empty((PIECES, F))
    _backward_weights(_padded(x, window), dy, *window.strides, dW, db)
    dx = _backward_input(dy, W, x.shape, window) if need_dx else None
    summed = dW.sum(axis=0).reshape(KH, KW, C, F).transpose(3, 2, 0, 1)
    return dx, np.ascontiguousarray(summed), db.sum(axis=0)


def _padded(x: Array, window: Window) -> Array:
    """x channels-last with its padding: (N, H + top + bottom, W + left + right, C)"""
    image = x.transpose(0, 2, 3, 1)
    (top, bottom), (left, right) = window.pads
    if not (top or bottom or left or right):
        return np.ascontiguousarray(image)
    N, H, W, C = image.shape
    padded = empty((N, H + top + bottom, W + left + right, C))
    _place(image, padded, top, left, 1, 1)
    return padded


def _backward_input(dy: Array, W: Array, shape: Shape, window: Window) -> Array:
    F, C, KH, KW = W.shape
    N, _, height, width = shape
    (top, _), (left, _) = window.pads
    spread = empty((N, height + KH - 1, width + KW - 1, F))
    _place(dy, spread, KH - 1 - top, KW - 1 - left, *window.strides)
    turned = np.ascontiguousarray(W[:, :, ::-1, ::-1].transpose(2, 3, 0, 1))
    dx = empty((N, height, width, C))
    zeros = np.zeros(C, np.float32)
    _forward(spread, turned.reshape(KH, KW * F, C), zeros, 1, 1, dx, NO_FLOOR)
    return dx.transpose(0, 3, 1, 2)


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _place(image, canvas, top, left, SH, SW):
    """canvas = 0 but for the image, its rows and columns SH and SW apart, from (top, left) on."""
    N, H, W, C = image.shape
    for n in numba.prange(N):
        canvas[n] = 0
        for i in range(H):
            for j in range(W):
                for c in range(C):
                    canvas[n, top + i * SH, left + j * SW, c] = image[n, i, j, c]


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _forward(x, W, b, SH, SW, y, floor):
    """x: (N, H, W, C) padded  W: (KH, KW·C, F)  b: (F,)  y: (N, OH, OW, F)"""
    N, H, width, C = x.shape
    KH, K, F = W.shape
    _, OH, OW, _ = y.shape
    row = width * C
    for n in numba.prange(N):
        for i in range(OH):
            panel(
                OW,
                F,
                x.ctypes.data + 4 * (n * H + i * SH) * row,
                SW * C,
                1,
                row,
                W.ctypes.data,
                F,
                K * F,
                b.ctypes.data,
                0,
                y.ctypes.data + 4 * (n * OH + i) * OW * F,
                F,
                K,
                KH,
                floor,
            )


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _backward_weights(x, dy, SH, SW, dW, db):
    """dW: (PIECES, KH, KW·C, F), db: (PIECES, F): each piece the sum over its share of images"""
    N, H, width, C = x.shape
    _, OH, OW, F = dy.shape
    P, KH, K, _ = dW.shape
    row = width * C
    for p in numba.prange(P):
        dW[p] = 0
        db[p] = 0
        for n in range(p * N // P, (p + 1) * N // P):
            for k in range(KH):
                piece = dW.ctypes.data + 4 * (p * KH + k) * K * F
                panel(
                    K,
                    F,
                    x.ctypes.data + 4 * (n * H + k) * row,
                    1,
                    SW * C,
                    SH * row,
                    dy.ctypes.data + 4 * n * OH * OW * F,
                    F,
                    OW * F,
                    piece,
                    F,
                    piece,
                    F,
                    OW,
                    OH,
                    NO_FLOOR,
                )
            for i in range(OH):
                for j in range(OW):
                    for f in range(F):
                        db[p, f] += dy[n, i, j, f]
