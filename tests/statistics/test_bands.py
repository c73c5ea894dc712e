"""Bands: reproducible, and as wide as the theory of the bootstrap says."""

import numpy as np
import pytest

from groundup.errors import DataError, ShapeError
from groundup.rng import Stream
from groundup.statistics.bands import mean_band


def test_as_wide_as_the_bootstrap_says() -> None:
    """Of many curves the band is normal: ± 1.96 s / √S, with the s of n, not n - 1."""
    curves = Stream(0, "search", "bands").normal((60, 3)) * [1.0, 2.0, 0.0] + [0.0, 5.0, 7.0]
    band = mean_band(curves, draws=4_000)
    half = 1.96 * curves.std(axis=0) / np.sqrt(60)
    np.testing.assert_allclose(band.mean, curves.mean(axis=0))
    np.testing.assert_allclose(band.high - band.mean, half, rtol=0.06, atol=1e-12)
    np.testing.assert_allclose(band.mean - band.low, half, rtol=0.06, atol=1e-12)


def test_whole_curves_are_drawn() -> None:
    """Where curves are opposites in pairs of points, every resample's points sum to 0."""
    z = Stream(1, "search", "bands").normal((8, 1))
    band = mean_band(np.hstack([z, -z]))
    np.testing.assert_allclose(band.low[0], -band.high[1])
    assert band.low[0] < band.mean[0] < band.high[0]


def test_the_seed_decides_and_nothing_else() -> None:
    curves = Stream(2, "search", "bands").normal((5, 4))
    a, b, other = mean_band(curves), mean_band(curves), mean_band(curves, seed=1)
    assert (a.low == b.low).all() and (a.high == b.high).all()
    assert (a.low != other.low).any()
    narrow = mean_band(curves, level=0.5)
    assert (narrow.low > a.low).all() and (narrow.high < a.high).all()


def test_one_curve_is_its_own_band() -> None:
    band = mean_band([[1.0, 2.0]])
    assert (band.low == [1.0, 2.0]).all() and (band.high == [1.0, 2.0]).all()


def test_what_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"shape \(3,\)"):
        mean_band([1.0, 2.0, 3.0])
    with pytest.raises(DataError, match="curve 1 is nan at point 0"):
        mean_band([[1.0], [np.nan]])
