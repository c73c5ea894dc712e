"""Dense layers by the tile: ahead of BLAS for the small products of small networks."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
import numba
import numpy as np

from groundup.ops.arena import empty
from groundup.ops.cpu.panel import NO_FLOOR, RELU, panel
from groundup.ops.cpu.threads import MULTIPLY_ADDS, run
from groundup.ops.cpu.tile import ROWS
from groundup.typing import Array

_ordered = np.ascontiguousarray


def affine(x: Array, W: Array, b: Array | None) -> Array:
    """As `ops.reference.affine.affine`."""
    return _affine(x, W, b, NO_FLOOR)


def affine_relu(x: Array, W: Array, b: Array | None) -> Array:
    """As `ops.reference.affine.affine_relu`, the ReLU before the sums leave the registers."""
    return _affine(x, W, b, RELU)


def _affine(x: Array, W: Array, b: Array | None, floor: np.float32) -> Array:
    y = empty((x.shape[0], W.shape[1]))
    bias = np.zeros(W.shape[1], np.float32) if b is None else b
    run(_product, W.size * len(x) / MULTIPLY_ADDS, _ordered(x), _ordered(W), bias, y, floor)
    return y


def affine_backward(
    dy: Array, x: Array, W: Array, need_dx: bool = True
) -> tuple[Array | None, Array, Array]:
    """As `ops.reference.affine.affine_backward`."""
    dy, work = _ordered(dy), W.size * len(x) / MULTIPLY_ADDS
    dW, db = empty(W.shape), empty(W.shape[1:])
    run(_transposed_product, work, _ordered(x), dy, dW, db)
    if not need_dx:
        return None, dW, db
    dx = empty(x.shape)
    run(_product, work, dy, _ordered(W.T), np.zeros(W.shape[0], np.float32), dx, NO_FLOOR)
    return dx, dW, db


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _product(x, W, b, y, floor):
    """y = max(x W + b, floor)    x: (N, D)  W: (D, M)  b: (M,)  y: (N, M), blocks of rows"""
    N, D = x.shape
    M = W.shape[1]
    blocks = (N + ROWS - 1) // ROWS
    for i in numba.prange(blocks):
        first, end = i * N // blocks, (i + 1) * N // blocks
        panel(
            end - first,
            M,
            x.ctypes.data + 4 * first * D,
            D,
            1,
            0,
            W.ctypes.data,
            M,
            0,
            b.ctypes.data,
            0,
            y.ctypes.data + 4 * first * M,
            M,
            D,
            1,
            floor,
        )


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _transposed_product(x, dy, dW, db):
    """dW = xᵀ dy    db = Σₙ dyₙ    x: (N, D)  dy: (N, M)  dW: (D, M)  db: (M,)"""
    N, D = x.shape
    M = dy.shape[1]
    db[:] = 0
    for n in range(N):
        for j in range(M):
            db[j] += dy[n, j]
    zeros = np.zeros(M, np.float32)
    blocks = (D + ROWS - 1) // ROWS
    for i in numba.prange(blocks):
        first, end = i * D // blocks, (i + 1) * D // blocks
        panel(
            end - first,
            M,
            x.ctypes.data + 4 * first,
            1,
            D,
            0,
            dy.ctypes.data,
            M,
            0,
            zeros.ctypes.data,
            0,
            dW.ctypes.data + 4 * first * M,
            M,
            N,
            1,
            NO_FLOOR,
        )
