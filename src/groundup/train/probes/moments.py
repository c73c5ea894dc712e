"""Mean and variance of what each unit gets to see, and how far an update moves them."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from groundup.typing import Array

_TINY = 1e-12  # a variance below is that of a unit that is dead


@dataclass(frozen=True)
class Moments:
    """Mean and variance of each unit, (D,) or (C,), float64."""

    mean: Array
    variance: Array


class Shift(NamedTuple):
    """|Δμ| / σ and |Δ log σ²|, means over units; NaN where no unit varies."""

    mean: float
    variance: float


class InputMoments:
    """A probe that keeps the moments of every layer's input, of about `most` values of it."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.moments: dict[str, Moments] = {}

    def see(self, layer: str, what: str, array: Array) -> None:
        if what == "x":
            self.moments[layer] = moments_of(array if self.most is None else thin(array, self.most))


def moments_of(array: Array) -> Moments:
    """The moments of each unit (channel, of images) of an array (N, D) or (N, C, …)

    >>> moments_of(np.array([[1.0, 5.0], [3.0, 5.0]]))
    Moments(mean=array([2., 5.]), variance=array([1., 0.]))
    """
    axes = (0, *range(2, array.ndim))
    units = array.astype(np.float64)
    return Moments(units.mean(axes), units.var(axes))


def shift(before: Moments, after: Moments) -> Shift:
    """How far the moments moved, the mean over the units that vary

    >>> still, moved = np.array([[0.0], [2.0]]), np.array([[1.0], [3.0]])
    >>> shift(moments_of(still), moments_of(moved))
    Shift(mean=1.0, variance=0.0)
    """
    alive = (before.variance > _TINY) & (after.variance > _TINY)
    if not alive.any():
        return Shift(float("nan"), float("nan"))
    moved = np.abs(after.mean - before.mean)[alive] / np.sqrt(before.variance[alive])
    spread = np.abs(np.log(after.variance[alive] / before.variance[alive]))
    return Shift(float(moved.mean()), float(spread.mean()))


def thin(array: Array, most: int) -> Array:
    """About `most` values of (N, …): every k-th row and column of images, else the first samples

    >>> thin(np.zeros((9, 2, 24, 24)), most=300).shape, thin(np.zeros((9, 40)), most=80).shape
    ((9, 2, 4, 4), (2, 40))
    """
    if array.size <= most:
        return array
    if array.ndim == 4:
        k = math.ceil(math.sqrt(array.size / most))
        return array[:, :, k // 2 :: k, k // 2 :: k]  # neighbors say much the same
    return array[: max(1, most // array[0].size)]
