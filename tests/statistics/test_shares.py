"""Wilson's interval beside SciPy's."""

import pytest
from scipy.stats import binomtest

from groundup.statistics.shares import wilson


@pytest.mark.parametrize(("k", "n"), [(0, 10), (1, 20), (37, 40), (500, 1000), (7, 7)])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_as_scipy(k, n, level) -> None:
    expected = binomtest(k, n).proportion_ci(level, method="wilson")
    assert wilson(k / n, n, level) == pytest.approx((expected.low, expected.high), abs=1e-12)
