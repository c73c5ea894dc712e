"""What augmentation does to images, each sample with numbers of its own.

x, y: (B, C, H, W) of one dtype, which stays. Work is done in float32 (float64 for what is wider);
whole numbers are rounded at the end, halves up. `low` and `high` are the values of black and white.
"""

from functools import cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from groundup.ops.reference.philox import Draws, philox_words
from groundup.typing import Array

Fill: TypeAlias = float | Literal["reflect", "nearest"]
"""What lies beyond an image: a value, its mirror image (c b a | a b c), its edge (a a | a b c)."""

LEVELS = 2**16  # of what is drawn for a pixel, which takes a quarter of a random word


def warp(x: Array, inverse: Array, fill: Fill = 0.0) -> Array:
    """y[p] = x[A p + t], bilinear between pixels

    inverse: (B, 2, 3), [A | t] from a place (row, column) in y to one in x, both in pixels from the
    image's center. A whole-numbered shift and a flip move values without changing them.
    """
    _, _, H, W = x.shape
    work = _work(x)
    A = inverse.astype(work.dtype)[:, :, :, np.newaxis, np.newaxis]
    middle = np.array([(H - 1) / 2, (W - 1) / 2], work.dtype)
    i, j = np.ogrid[:H, :W]
    i, j = i.astype(work.dtype) - middle[0], j.astype(work.dtype) - middle[1]
    row, column = (A[:, k, 0] * i + A[:, k, 1] * j + A[:, k, 2] + middle[k] for k in (0, 1))
    top, left = np.floor(row), np.floor(column)
    down, across = (row - top)[:, np.newaxis], (column - left)[:, np.newaxis]
    a, b, c, d = (_pixels(work, top + m, left + n, fill) for m in (0, 1) for n in (0, 1))
    upper, lower = a + across * (b - a), c + across * (d - c)
    return _as_given(upper + down * (lower - upper), x)


def _pixels(x: Array, row: Array, column: Array, fill: Fill) -> Array:
    """x at whole-numbered places, (B, C, H, W); row, column: (B, H, W)"""
    sample = np.arange(len(x))[:, np.newaxis, np.newaxis]
    row, column = row.astype(np.int64), column.astype(np.int64)
    i, j = _inside(row, x.shape[2], fill), _inside(column, x.shape[3], fill)
    found = x[sample, :, i, j].transpose(0, 3, 1, 2)
    if isinstance(fill, str):
        return found
    return np.where(((i == row) & (j == column))[:, np.newaxis], found, x.dtype.type(fill))


def _inside(index: Array, size: int, fill: Fill) -> Array:
    """The index of the pixel that stands for one beyond the edge."""
    if fill == "reflect":
        index = index % (2 * size)
        return np.minimum(index, 2 * size - 1 - index)
    return np.clip(index, 0, size - 1)


def blur(x: Array, weights: Array) -> Array:
    """y = Σₖ Σₗ wₖ wₗ x[i + k, j + l], mirrored beyond the edges

    weights: (B, 2R + 1), those of each sample, w₋ᵣ … wᵣ; they should add up to 1.
    """
    w = weights.astype(_work(x).dtype)
    return _as_given(_blur_along(_blur_along(_work(x), w, 2), w, 3), x)


def _blur_along(x: Array, w: Array, axis: int) -> Array:
    size, radius = x.shape[axis], w.shape[1] // 2
    y = np.zeros_like(x)
    for k in range(-radius, radius + 1):
        seen = np.take(x, _inside(np.arange(size) + k, size, "reflect"), axis)
        y += w[:, k + radius, np.newaxis, np.newaxis, np.newaxis] * seen
    return y


def add_noise(x: Array, stddev: Array, draws: Draws, low: float, high: float) -> Array:
    """y = x + σ n, cut off at low and high    n ~ Normal(0, 1)    stddev: (B,) of σ"""
    work = _work(x)
    noise = normal_levels()[pixel_levels(draws, x[0].size)].reshape(x.shape).astype(work.dtype)
    sigma = stddev.astype(work.dtype)[:, np.newaxis, np.newaxis, np.newaxis]
    return _as_given(np.clip(work + sigma * noise, low, high), x)


def salt_and_pepper(x: Array, rate: Array, draws: Draws, low: float, high: float) -> Array:
    """y = low or high, each for half of a share of the pixels, x elsewhere    rate: (B,) shares

    Rates are rounded to 2⁻¹⁵; a pixel turns black or white in all its channels.
    """
    _, _, H, W = x.shape
    drawn = pixel_levels(draws, H * W).reshape(-1, 1, H, W)
    half = np.rint(rate * (LEVELS / 2)).astype(np.uint16)[:, np.newaxis, np.newaxis, np.newaxis]
    black, white = x.dtype.type(low), x.dtype.type(high)
    return np.where(drawn < half, black, np.where(drawn > LEVELS - 1 - half, white, x))


def cut_out(x: Array, top: Array, left: Array, side: int, value: float) -> Array:
    """y = value in a square of each image, x elsewhere

    top, left: (B,) its first row and column, which may lie outside; side: in pixels.
    """
    rows, columns = (
        (np.arange(size) >= begin[:, np.newaxis]) & (np.arange(size) < begin[:, np.newaxis] + side)
        for size, begin in zip(x.shape[2:], (top, left), strict=True)
    )
    hole = rows[:, np.newaxis, :, np.newaxis] & columns[:, np.newaxis, np.newaxis, :]
    return np.where(hole, x.dtype.type(value), x)


def shade(x: Array, gain: Array, offset: Array, low: float, high: float) -> Array:
    """y = m + gain (x - m) + offset, cut off at low and high    m: each channel's mean

    gain, offset: (B,)
    """
    work = _work(x)
    gain, offset = (
        a.astype(work.dtype)[:, np.newaxis, np.newaxis, np.newaxis] for a in (gain, offset)
    )
    m = work.reshape(*x.shape[:2], -1).mean(2)[:, :, np.newaxis, np.newaxis]
    return _as_given(np.clip(m + gain * (work - m) + offset, low, high), x)


@cache
def normal_levels() -> NDArray[np.float32]:
    """The normal distribution in `LEVELS` values of one probability, from -4.33 to 4.33

    Each is the quantile at the middle of its share: 16 random bits are an index, and nothing has
    to be computed for a pixel. The variance is 0.9999.
    """
    from statistics import NormalDist  # takes long to import, for what is not always asked

    inverse = NormalDist().inv_cdf
    below = [inverse((k + 0.5) / LEVELS) for k in range(LEVELS // 2)]
    return np.array([*below, *(-q for q in reversed(below))], np.float32)


def pixel_levels(draws: Draws, count: int) -> NDArray[np.uint16]:
    """(B, count) whole numbers below `LEVELS`, from block 1 on; block 0 is the operation's own."""
    words = philox_words(draws, 1, -(-count // 16))
    return words.astype("<u8", copy=False).view("<u2")[:, :count]


def _work(x: Array) -> Array:
    wide = np.float32 if x.dtype.itemsize < 4 else np.result_type(x, np.float32)
    return x.astype(wide, copy=False)


def _as_given(y: Array, x: Array) -> Array:
    return y.astype(x.dtype) if x.dtype.kind == "f" else np.floor(y + 0.5).astype(x.dtype)
