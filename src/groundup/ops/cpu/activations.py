"""ReLU in one pass over memory, in whatever order its axes lie there."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
import numba
import numpy as np

from groundup.ops.arena import empty
from groundup.ops.cpu.threads import NUMBERS_MOVED, run
from groundup.typing import Array

CHUNK = 16384  # elements a thread takes at a time: 64 KiB, half a level-2 cache with its result


def relu(x: Array) -> Array:
    """As `ops.reference.activations.relu`."""
    x = _dense(x)
    y = _empty_like(x)
    run(_relu, x.size / NUMBERS_MOVED, _flat(x), _flat(y))
    return y


def relu_backward(dy: Array, y: Array) -> Array:
    """As `ops.reference.activations.relu_backward`."""
    y = _dense(y)
    if dy.strides != y.strides:
        given, dy = dy, _empty_like(y)
        dy[...] = given
    dx = _empty_like(y)
    run(_relu_backward, y.size / NUMBERS_MOVED, _flat(dy), _flat(y), _flat(dx))
    return dx


def _empty_like(x: Array) -> Array:
    """An array for values in the memory order of x, which is dense."""
    if x.flags.c_contiguous:
        return empty(x.shape)
    N, C, H, W = x.shape
    return empty((N, H, W, C)).transpose(0, 3, 1, 2)


def _is_channels_last(x: Array) -> bool:
    return x.ndim == 4 and x.transpose(0, 2, 3, 1).flags.c_contiguous


def _dense(x: Array) -> Array:
    """x itself if it has no gaps in memory, else a copy without."""
    return x if x.flags.c_contiguous or _is_channels_last(x) else np.ascontiguousarray(x)


def _flat(x: Array) -> Array:
    """The elements of a dense array in memory order, a view."""
    return (x if x.flags.c_contiguous else x.transpose(0, 2, 3, 1)).reshape(-1)


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _relu(x, y):
    for chunk in numba.prange((x.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min((chunk + 1) * CHUNK, x.size)):
            v = x[i]
            y[i] = v if v > 0 or v != v else np.float32(0)  # NaN stays


@numba.njit(cache=True, parallel=True, error_model="numpy")
def _relu_backward(dy, y, dx):
    for chunk in numba.prange((y.size + CHUNK - 1) // CHUNK):
        for i in range(chunk * CHUNK, min((chunk + 1) * CHUNK, y.size)):
            dx[i] = dy[i] if y[i] > 0 else np.float32(0)
