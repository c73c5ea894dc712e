"""Bands around mean curves: where the mean would lie with other seeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from groundup.checks import BETWEEN, as_number, as_whole
from groundup.errors import DataError, ShapeError
from groundup.rng import Stream

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Band:
    """A mean curve and the band around it: mean, low, high, each (E,)."""

    mean: Floats
    low: Floats
    high: Floats


def mean_band(curves: ArrayLike, level: float = 0.95, *, draws: int = 2_000, seed: int = 0) -> Band:
    """The mean of curves and its bootstrap percentile band, point by point

    Whole curves are drawn with replacement, so the points of one keep their company. The band shows
    how the mean scatters; it is no test: of few curves it is too narrow (of 5, it misses the truth
    about one time in six), which is what `paired_t` is for.   [Efron 1979]

    Args:
        curves: (S, E), one row a seed, one column a point such as an epoch.
        level: the share of draws inside the band.
        draws: how many resamples.
        seed: of the resamples.

    Raises:
        ShapeError: no rows, or no table.
        DataError: a value that is not finite.

    >>> band = mean_band([[1.0, 0.5], [3.0, 0.5]])
    >>> band.mean, band.low, band.high
    (array([2. , 0.5]), array([1. , 0.5]), array([3. , 0.5]))
    """
    level, draws = as_number(level, "level", BETWEEN), as_whole(draws, "draws")
    table = np.asarray(curves, np.float64)
    if table.ndim != 2 or table.size == 0:
        raise ShapeError(f"mean_band: curves of shape {table.shape}: expected (S, E), not empty.")
    if not np.isfinite(table).all():
        row, column = (int(i) for i in np.argwhere(~np.isfinite(table))[0])
        raise DataError(
            f"mean_band: curve {row} is {table[row, column]} at point {column}: expected finite "
            "numbers. Leave the curve out, or cap its values."
        )
    seeds = len(table)
    drawn = Stream(seed, "bagging", "band").integers(0, seeds, (draws, seeds))
    counts = np.zeros((draws, seeds))  # how often each curve is in each resample
    np.add.at(counts, (np.arange(draws)[:, None], drawn), 1.0)
    means = counts @ table / seeds
    tail = (1 - level) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return Band(table.mean(axis=0), low, high)
