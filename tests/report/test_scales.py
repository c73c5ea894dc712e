"""Scales and ticks: round numbers, inside the axis, also for values that are hard to divide."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.errors import InputError
from groundup.report import axes, scales
from groundup.report.numbers import THIN


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.7, 1.0, [0.7, 0.8, 0.9, 1.0]),
        (-3, 11, [0.0, 5.0, 10.0]),
        (0, 1.3e-4, [0.0, 5e-5, 1e-4]),
        (1e6, 5e6, [1e6, 2e6, 3e6, 4e6, 5e6]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert scales.nice_ticks(low, high) == expected


def test_whole_ticks_never_divide_an_epoch():
    assert scales.nice_ticks(1, 2, whole=True) == [1.0, 2.0]
    assert scales.nice_ticks(0.5, 1.5, whole=True) == [1.0]


numbers = st.floats(-1e12, 1e12, allow_subnormal=False)


@given(numbers, numbers, st.integers(2, 12))
def test_ticks_lie_inside_evenly_and_are_not_too_many(one, other, count):
    scale = scales.linear([one, other], 0, 100)
    ticks = scale.ticks(count)
    assert len(ticks) <= count + 1
    places = [scale(tick) for tick in ticks]
    assert all(-1e-3 <= place <= 100 + 1e-3 for place in places)
    gaps = [after - before for before, after in itertools.pairwise(places)]
    assert all(gap == pytest.approx(gaps[0], abs=1e-3) and gap > 0 for gap in gaps)


@given(st.lists(st.floats(), max_size=5))
def test_any_values_make_a_scale_with_distinct_labels(values):
    for make in (scales.linear, scales.log):
        scale = make(values, 0, 100)
        assert scale.low < scale.high
        assert all(math.isfinite(scale(value)) for value in (scale.low, scale.high))
        axis = axes.fitted(scale)
        assert len(axis.ticks) == len(set(axis.words)) < 60


def test_rounded_scale_ends_at_ticks_but_keeps_given_limits():
    free = scales.linear([0.13, 0.97], 0, 1, rounded=True)
    assert (free.low, free.high) == (0.0, 1.0)
    fixed = scales.linear([0.31, 0.97], 0, 1, limits=(None, 1.0), rounded=True)
    assert (fixed.low, fixed.high) == (0.2, 1.0)


def test_one_value_stands_in_the_middle():
    assert scales.linear([4.0], 0, 100)(4.0) == 50.0
    assert scales.log([4.0], 0, 100)(4.0) == pytest.approx(50.0)


def test_scale_can_run_upwards():
    assert scales.Linear(0, 1, start=200, end=100)(0.25) == 175


def test_log_scale_takes_ratios_and_leaves_out_what_is_not_positive():
    scale = scales.log([1e-4, 1.0, 0.0, -3.0, math.nan, math.inf], 0, 400)
    assert [scale(value) for value in (1e-4, 1e-3, 1.0)] == pytest.approx([0, 100, 400])
    assert not scale.drawable(0.0)
    assert not scale.drawable(-1.0)
    assert scale.ticks() == [1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def test_log_ticks_for_few_and_for_many_decades():
    assert scales.Log(1, 60, 0, 1).ticks() == [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]
    assert scales.Log(3, 6, 0, 1).ticks() == [3.0, 4.0, 5.0, 6.0]
    assert len(scales.Log(1e-30, 1, 0, 1).ticks()) <= 7


def test_log_limits_must_be_positive():
    with pytest.raises(InputError, match="above 0"):
        scales.log([1.0], 0, 1, limits=(0.0, None))


@pytest.mark.parametrize(
    ("ticks", "unit", "expected"),
    [
        ([0, 0.25, 0.5], "", ["0.00", "0.25", "0.50"]),
        ([0.7, 0.8], "%", [f"70{THIN}%", f"80{THIN}%"]),
        ([-5, 0, 5], "", ["−5", "0", "5"]),
        ([1e-6, 1e-5, 2e-5], "", ["10⁻⁶", "10⁻⁵", "2×10⁻⁵"]),
        ([0.001, 1, 1000], "", ["0.001", "1", "1,000"]),
        ([0, 1e8], "", ["0", "10⁸"]),
        ([1e7, 1e7 + 100, 1e7 + 200], "", ["10⁷", "1.00001×10⁷", "1.00002×10⁷"]),
        ([1.0000001, 1.0000002], "", ["1.0000001", "1.0000002"]),
        ([], "", []),
    ],
)
def test_tick_labels(ticks, unit, expected):
    assert scales.tick_labels(ticks, unit) == expected


def test_fitted_axis_leaves_room_between_wide_words():
    axis = axes.fitted(scales.linear([0, 900_000], 0, 300))
    gap = abs(axis.scale(axis.ticks[1]) - axis.scale(axis.ticks[0]))
    assert gap >= axis.widest() + 12
    assert len(axis.ticks) >= 3
