"""Corrections: known values, and the level holds however often one tests or looks."""

import itertools

import numpy as np
import pytest

from groundup.rng import Stream
from groundup.statistics.corrections import holm, over_looks
from groundup.statistics.pairs import paired_t


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == [0.03, 0.06, 0.06, 0.02]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_over_looks() -> None:
    assert over_looks([0.02], 3) == pytest.approx(0.06)
    assert over_looks([0.02, 0.001, 0.5], 3) == pytest.approx(0.003)
    assert over_looks([0.5, 0.9], 3) == 1.0


def test_paired_t_with_holm_keeps_its_level() -> None:
    """Of 1,000 families of 6 tests without an effect, more than 69 alarm once in 200 times."""
    noise = Stream(0, "search", "holm-level").normal((1_000, 6, 5))
    found = sum(min(holm([paired_t(d).p for d in family])) <= 0.05 for family in noise)
    assert 30 <= found <= 69
    # Uncorrected, a quarter would.
    naive = sum(min(paired_t(d).p for d in family) <= 0.05 for family in noise)
    assert naive > 200


def test_true_effects_do_not_loosen_holm() -> None:
    """Two of four are real: false alarms among the others stay at the level."""
    noise = Stream(1, "search", "holm-level").normal((500, 4, 10))
    noise[:, :2] += 3.0
    tests = [holm([paired_t(d).p for d in family]) for family in noise]
    assert all(max(p[:2]) <= 0.05 for p in tests)
    assert sum(min(p[2:]) <= 0.05 for p in tests) <= 39


def test_looking_three_times_keeps_the_level() -> None:
    noise = Stream(2, "search", "looks").normal((1_000, 20))
    looks = [[paired_t(d[:n]).p for n in (5, 10, 20)] for d in noise]
    assert sum(over_looks(p, 3) <= 0.05 for p in looks) <= 69
    assert sum(min(p) <= 0.05 for p in looks) > 90  # what the correction is for


def test_over_looks_only_falls() -> None:
    p = Stream(3, "search", "looks").uniform(9)
    seen = [over_looks(p[: k + 1], 9) for k in range(9)]
    assert all(b <= a for a, b in itertools.pairwise(seen))
    assert np.isclose(seen[-1], min(1.0, 9 * p.min()))
