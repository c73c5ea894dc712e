"""The paired t-test beside SciPy's and the tables; power beside simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from groundup.errors import DataError, InputError
from groundup.rng import Stream
from groundup.statistics.pairs import paired_t, pairs_needed, power


@pytest.mark.parametrize("n", [2, 5, 20, 300])
def test_as_scipy(n) -> None:
    a, b = Stream(n, "search", "pairs").normal((2, n))
    b += 0.3
    expected = stats.ttest_rel(b, a)
    interval = expected.confidence_interval(0.95)
    test = paired_t(b - a)
    assert (test.t, test.p) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert (test.low, test.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert test.effect == pytest.approx(test.mean / np.std(b - a, ddof=1))
    assert (test.n, test.mean) == (n, pytest.approx((b - a).mean()))
    wide = paired_t(b - a, level=0.99)
    interval = expected.confidence_interval(0.99)
    assert (wide.low, wide.high) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_students_sleep() -> None:
    """The ten patients of Student 1908: t = 4.0621, p = 0.002833, interval [0.70, 2.46]."""
    hours = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    test = paired_t(hours)
    assert (test.t, test.p) == pytest.approx((4.0621, 0.002833), abs=5e-5)
    assert (test.low, test.high) == pytest.approx((0.7001, 2.4599), abs=5e-5)


def test_differences_that_are_equal() -> None:
    nothing = paired_t(np.zeros(5))
    assert (nothing.p, nothing.t, nothing.effect, nothing.low, nothing.high) == (1, 0, 0, 0, 0)
    always = paired_t([-0.1] * 7)  # whose computed standard deviation is not quite 0
    assert (always.mean, always.low, always.high, always.p) == (-0.1, -0.1, -0.1, 0.0)
    assert always.t == always.effect == -math.inf


@pytest.mark.parametrize("given", [[], [1.0], [[1.0, 2.0]]])
def test_too_few(given) -> None:
    with pytest.raises(InputError, match=r"paired_t: differences of shape .*two or more"):
        paired_t(given)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_not_finite(bad) -> None:
    with pytest.raises(DataError, match=r"difference 1 is (nan|inf): expected finite"):
        paired_t([0.0, bad])
    with pytest.raises(InputError, match="level"):
        paired_t([0.0, 1.0], level=95)


@pytest.mark.parametrize(("effect", "n"), [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10), (-1.0, 10)])
def test_pairs_needed_by_the_tables(effect, n) -> None:
    """Two-sided, 5 %, power 0.8: as G*Power and Cohen 1988 have them."""
    assert pairs_needed(effect) == n


def test_pairs_needed_at_the_edges() -> None:
    assert pairs_needed(0.0) is None
    assert pairs_needed(math.inf) == pairs_needed(1e6) == 2
    assert pairs_needed(1e-4) == pytest.approx(((1.959964 + 0.841621) / 1e-4) ** 2, rel=1e-6)
    assert pairs_needed(0.5, goal=0.9) > pairs_needed(0.5)
    with pytest.raises(InputError, match="nan"):
        pairs_needed(math.nan)


@pytest.mark.parametrize(("effect", "n"), [(0.0, 5), (0.5, 10), (1.5, 5)])
def test_power_by_simulation(effect, n) -> None:
    noise = Stream(5, "search", "power").normal((2_000, n)) + effect
    found = np.mean([paired_t(d).p <= 0.05 for d in noise])
    p = power(effect, n)
    assert found == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 2_000))
