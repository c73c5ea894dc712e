"""Isotonic regression: never falling, and the nearest such numbers."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.report.isotonic import isotonic

NUMBERS = st.lists(st.tuples(st.floats(-100, 100), st.floats(0.5, 3)), min_size=1, max_size=9)


@given(NUMBERS)
def test_it_never_falls_and_keeps_the_weighted_mean(pairs):
    wanted, weights = zip(*pairs, strict=True)
    found = isotonic(wanted, weights)
    assert all(b >= a - 1e-9 for a, b in pairwise(found))
    assert np.dot(found, weights) == pytest.approx(np.dot(wanted, weights), abs=1e-6)
    assert isotonic(sorted(wanted)) == pytest.approx(sorted(wanted))


@given(NUMBERS, st.floats(-100, 100), st.integers(0, 9))
def test_no_other_rising_numbers_are_nearer(pairs, level, first):
    wanted, weights = (np.array(part) for part in zip(*pairs, strict=True))

    def cost(numbers):
        return float(weights @ (np.array(numbers) - wanted) ** 2)

    found = np.array(isotonic(wanted.tolist(), weights.tolist()))
    other = found.copy()
    other[first:] = np.maximum(other[first:], level)
    assert cost(found) <= cost(np.maximum.accumulate(other)) + 1e-6
