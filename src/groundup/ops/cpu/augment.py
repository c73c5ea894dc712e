"""Augmentation in one pass over a batch, its samples shared among the threads.

Every number is computed in the order of the reference, so that the bits are the same.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
import numba
import numpy as np

from groundup.ops.cpu.philox import fill as fill_words
from groundup.ops.cpu.threads import run
from groundup.ops.reference.augment import Fill, normal_levels
from groundup.ops.reference.philox import Draws
from groundup.typing import Array

# What one thread does in a microsecond, roughly.
PIXELS_WARPED = 150
PIXELS_BLURRED = 2_000  # times the number of weights
NUMBERS_DRAWN = 400
CONSTANT, REFLECT, NEAREST = range(3)


def warp(x: Array, inverse: Array, fill: Fill = 0.0) -> Array:
    """As `ops.reference.augment.warp`."""
    x, y = np.ascontiguousarray(x), np.empty(x.shape, x.dtype)
    mode = {"reflect": REFLECT, "nearest": NEAREST}.get(str(fill), CONSTANT)
    value = np.float32(0 if isinstance(fill, str) else fill)
    run(_warp, x.size / PIXELS_WARPED, len(x), x, inverse, mode, value, x.dtype.kind != "f", y)
    return y


def blur(x: Array, weights: Array) -> Array:
    """As `ops.reference.augment.blur`."""
    x, y = np.ascontiguousarray(x), np.empty(x.shape, x.dtype)
    microseconds = x.size * weights.shape[1] / PIXELS_BLURRED
    run(_blur, microseconds, len(x), x, weights, x.dtype.kind != "f", y)
    return y


def add_noise(x: Array, stddev: Array, draws: Draws, low: float, high: float) -> Array:
    """As `ops.reference.augment.add_noise`."""
    x, y = np.ascontiguousarray(x), np.empty(x.shape, x.dtype)
    key = map(np.uint64, (*draws.stream.key, draws.stream.epoch, draws.stream.step))
    samples = draws.samples.astype(np.uint64)
    ends = np.float32(low), np.float32(high)
    values = x.reshape(len(x), -1), y.reshape(len(x), -1)
    whole = x.dtype.kind != "f"
    given = (values[0], stddev, *key, samples, normal_levels(), *ends, whole, values[1])
    run(_add_noise, x.size / NUMBERS_DRAWN, len(x), *given)
    return y


@numba.njit(cache=True, inline="always")
def _inside(index, size, mode):
    """The index of the pixel that stands for one beyond the edge."""
    if mode == REFLECT:
        index = index % (2 * size)
        return min(index, 2 * size - 1 - index)
    return min(max(index, 0), size - 1)


@numba.njit(cache=True, inline="always")
def _pixel(x, i, j, mode, value):
    """x (H, W) at a place that may lie beyond its edges."""
    H, W = x.shape
    k, m = _inside(i, H, mode), _inside(j, W, mode)
    return value if mode == CONSTANT and (k != i or m != j) else np.float32(x[k, m])


@numba.njit(cache=True, inline="always")
def _rounded(v, whole):
    return np.floor(v + np.float32(0.5)) if whole else v


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _warp(first, end, x, inverse, mode, value, whole, y):
    C, H, W = x.shape[1:]
    for n in range(first, end):
        (a, b, s), (c, d, t) = inverse[n]
        if a == 1 and b == 0 and s == 0 and c == 0 and d == 1 and t == 0:
            y[n] = x[n]
            continue
        framed = np.empty((H + 3, W + 3), np.float32)
        for channel in range(C):
            _frame(x[n, channel], mode, value, framed)
            for i in range(H):
                _warp_row(x[n, channel], framed, inverse[n], i, mode, whole, y[n, channel, i])


@numba.njit(cache=True)
def _frame(x, mode, value, framed):
    """x (H, W) with one row and column of what lies beyond before it, and two behind."""
    H, W = x.shape
    for i in range(-1, H + 2):
        if 0 <= i < H:
            for j in range(W):
                framed[i + 1, j + 1] = np.float32(x[i, j])
            for j in (-1, W, W + 1):
                framed[i + 1, j + 1] = _pixel(x, i, j, mode, value)
        else:
            for j in range(-1, W + 2):
                framed[i + 1, j + 1] = _pixel(x, i, j, mode, value)


@numba.njit(cache=True, error_model="numpy")
def _warp_row(x, framed, inverse, i, mode, whole, y):
    (a, b, s), (c, d, t) = inverse
    H, W = x.shape
    middle, center = np.float32((H - 1) / 2), np.float32((W - 1) / 2)
    u = np.float32(i) - middle
    for j in range(W):
        v = np.float32(j) - center
        row, column = a * u + b * v + s + middle, c * u + d * v + t + center
        if mode == REFLECT and not (-1 <= row <= H and -1 <= column <= W):
            y[j] = _rounded(_far(x, row, column), whole)
            continue
        # Farther out there is only more of the same.
        row = min(max(row, np.float32(-1)), np.float32(H))
        column = min(max(column, np.float32(-1)), np.float32(W))
        top, left = np.floor(row), np.floor(column)
        k, m = np.uint32(np.int32(top) + 1), np.uint32(np.int32(left) + 1)
        p, q, g, h = framed[k, m], framed[k, m + 1], framed[k + 1, m], framed[k + 1, m + 1]
        y[j] = _rounded(_between(p, q, g, h, row - top, column - left), whole)


@numba.njit(cache=True, inline="always")
def _between(p, q, g, h, down, across):
    upper, lower = p + across * (q - p), g + across * (h - g)
    return upper + down * (lower - upper)


@numba.njit(cache=True)
def _far(x, row, column):
    """The value in the mirror images of x, however far."""
    none = np.float32(0)
    top, left = np.floor(row), np.floor(column)
    k, m = np.int64(top), np.int64(left)
    p, q = _pixel(x, k, m, REFLECT, none), _pixel(x, k, m + 1, REFLECT, none)
    g, h = _pixel(x, k + 1, m, REFLECT, none), _pixel(x, k + 1, m + 1, REFLECT, none)
    return _between(p, q, g, h, row - top, column - left)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _blur(first, end, x, weights, whole, y):
    C, H, W = x.shape[1:]
    radius = weights.shape[1] // 2
    for n in range(first, end):
        w = weights[n]
        rows = np.empty((H, W + 2 * radius), np.float32)
        sums = np.empty(W, np.float32)
        for channel in range(C):
            seen = x[n, channel]
            rows[:] = 0
            for i in range(H):
                for k in range(-radius, radius + 1):
                    row, weight = seen[_inside(i + k, H, REFLECT)], w[k + radius]
                    for j in range(W):
                        rows[i, radius + j] += weight * np.float32(row[j])
                for k in range(1, radius + 1):
                    rows[i, radius - k] = rows[i, radius + _inside(-k, W, REFLECT)]
                    rows[i, radius + W - 1 + k] = rows[i, radius + _inside(W - 1 + k, W, REFLECT)]
                sums[:] = 0
                for k in range(2 * radius + 1):
                    for j in range(W):
                        sums[j] += w[k] * rows[i, j + k]
                for j in range(W):
                    y[n, channel, i, j] = _rounded(sums[j], whole)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def _add_noise(
    first, end, x, stddev, key0, key1, epoch, step, samples, levels, low, high, whole, y
):
    size = x.shape[1]
    for n in range(first, end):
        words = np.empty(4 * ((size + 15) // 16), np.uint64)
        fill_words(key0, key1, np.uint64(2), samples[n], epoch, step, words)
        drawn, sigma = words.view(np.uint16), stddev[n]
        for i in range(size):
            v = np.float32(x[n, i]) + sigma * levels[drawn[i]]
            y[n, i] = _rounded(min(max(v, low), high), whole)
