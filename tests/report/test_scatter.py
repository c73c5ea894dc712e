"""Scatter charts: every sample a dot in its place, the ideal line, and what cannot be drawn."""

import re

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.report.scatter import scatter

NAMES = {"title": "Fit", "x_label": "true", "y_label": "said"}


def dots(chart):
    found = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)"', chart)
    return np.array(found, float)


def test_dots_stand_in_proportion():
    x, y = [0.0, 5.0, 10.0], [1.0, 2.0, 5.0]
    places = dots(scatter(x, y, **NAMES))
    assert len(places) == 3
    across, down = np.diff(places[:, 0]), -np.diff(places[:, 1])
    assert across[1] == pytest.approx(across[0], abs=0.02)
    assert down[1] == pytest.approx(3 * down[0], abs=0.05)


def test_limits_are_the_ends_of_both_axes():
    chart = scatter([-1.0, 1.0], [-2.0, 2.0], **NAMES, limits=(-4.0, 4.0))
    (left, low), (right, high) = dots(chart)
    base = re.search(
        r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="\2" stroke="#5a6370"', chart
    )
    start, bottom, end = map(float, base.groups())
    assert right - left == pytest.approx((end - start) / 4, abs=0.02)
    assert (bottom - low) / (bottom - high) == pytest.approx(2 / 6, abs=1e-3)


def test_the_diagonal_goes_through_what_is_exact():
    chart = scatter([1.0, 4.0, 9.0], [1.0, 4.0, 7.0], **NAMES, line="diagonal")
    lines = re.findall(
        r'<line x1="([-\d.]+)" y1="([-\d.]+)" x2="([-\d.]+)" y2="([-\d.]+)" stroke="#1a1e23"', chart
    )
    (x1, y1, x2, y2), *more = np.array(lines, float)
    assert not more
    for exact in dots(chart)[:2]:
        assert exact[1] == pytest.approx(y1 + (exact[0] - x1) * (y2 - y1) / (x2 - x1), abs=0.05)
    below = dots(chart)[2]
    assert below[1] > y1 + (below[0] - x1) * (y2 - y1) / (x2 - x1) + 5


def test_the_zero_line_is_shown_though_no_value_is_near():
    chart = scatter([1.0, 2.0], [50.0, 60.0], **NAMES, line="zero")
    assert ">0<" in chart
    (y,) = re.findall(r'y1="([-\d.]+)" x2="[-\d.]+" y2="[-\d.]+" stroke="#1a1e23"', chart)
    assert float(y) > dots(chart)[:, 1].max()


def test_many_samples_are_thinned_and_it_is_said():
    x = np.arange(30_000.0)
    chart = scatter(x, x, **NAMES)
    assert len(dots(chart)) == 2000
    assert ">said, 2,000 of 30,000 samples shown<" in chart
    assert "<title>true" not in chart  # hints on so many would make the page heavy


def test_what_has_no_place_is_counted():
    chart = scatter([1.0, np.nan, 3.0, 4.0], [1.0, 2.0, np.inf, 4.0], **NAMES)
    assert len(dots(scatter([1.0, 4.0], [1.0, 4.0], **NAMES))) == chart.count("<circle") == 2
    assert ">said, 2 not finite<" in chart


@pytest.mark.parametrize("line", [None, "diagonal", "zero"])
@pytest.mark.parametrize("values", [[], [3.0], [2.0, 2.0], [np.nan], [-1e300, 1e300]])
def test_poor_data_are_drawn(values, line):
    chart = scatter(values, values, **NAMES, line=line)
    assert chart.startswith("<svg")
    assert "nan" not in chart.lower()
    assert (">no values<" in chart) == (not np.isfinite(values).any())


def test_as_many_of_x_as_of_y():
    with pytest.raises(InputError, match="2 values of x and 1 of y"):
        scatter([1.0, 2.0], [1.0], **NAMES)
