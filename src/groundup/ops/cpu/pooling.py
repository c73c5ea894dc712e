"""Max pooling over channels-last images; the inner loop over channels is the vector."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
import numba
import numpy as np

from groundup.ops.arena import empty
from groundup.ops.geometry import Window
from groundup.typing import Array, Shape


def max_pool(x: Array, window: Window) -> tuple[Array, Array]:
    """As `ops.reference.pooling.max_pool`, places as bytes."""
    N, C, H, W = x.shape
    OH, OW = window.output(H, W)
    y = empty((N, OH, OW, C))
    place = np.empty((N, OH, OW, C), np.uint8)
    (top, _), (left, _) = window.pads
    image = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
    _max_pool(image, *window.size, *window.strides, top, left, y, place)
    return y.transpose(0, 3, 1, 2), place.transpose(0, 3, 1, 2)


def max_pool_backward(dy: Array, place: Array, shape: Shape, window: Window) -> Array:
    """As `ops.reference.pooling.max_pool_backward`."""
    N, C, H, W = shape
    dx = empty((N, H, W, C))
    (top, _), (left, _) = window.pads
    given = np.ascontiguousarray(dy.transpose(0, 2, 3, 1))
    won = np.ascontiguousarray(place.transpose(0, 2, 3, 1).astype(np.uint8, copy=False))
    _max_pool_backward(given, won, *window.size, *window.strides, top, left, dx)
    return dx.transpose(0, 3, 1, 2)


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _max_pool(x, KH, KW, SH, SW, top, left, y, place):
    N, H, W, C = x.shape
    _, OH, OW, _ = y.shape
    for n in numba.prange(N):
        for i in range(OH):
            for j in range(OW):
                y[n, i, j] = -np.inf
                place[n, i, j] = 0
                fresh = True
                for ky in range(max(0, top - i * SH), min(KH, H + top - i * SH)):
                    for kx in range(max(0, left - j * SW), min(KW, W + left - j * SW)):
                        row, column, k = i * SH + ky - top, j * SW + kx - left, ky * KW + kx
                        for c in range(C):
                            v, best = x[n, row, column, c], y[n, i, j, c]
                            # The first of equals wins; a NaN beats every number.
                            if v > best or (v != v and best == best) or fresh:
                                y[n, i, j, c] = v
                                place[n, i, j, c] = k
                        fresh = False


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _max_pool_backward(dy, place, KH, KW, SH, SW, top, left, dx):
    N, H, W, C = dx.shape
    _, OH, OW, _ = dy.shape
    for n in numba.prange(N):
        dx[n] = 0
        for i in range(OH):
            for j in range(OW):
                for ky in range(max(0, top - i * SH), min(KH, H + top - i * SH)):
                    for kx in range(max(0, left - j * SW), min(KW, W + left - j * SW)):
                        row, column, k = i * SH + ky - top, j * SW + kx - left, ky * KW + kx
                        for c in range(C):
                            if place[n, i, j, c] == k:
                                dx[n, row, column, c] += dy[n, i, j, c]
