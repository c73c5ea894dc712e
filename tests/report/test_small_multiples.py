"""Small charts over the same axes."""

import re

import pytest

from groundup.report.series import Series
from groundup.report.small_multiples import small_multiples

CHARTS = {
    "flat": [Series("a", [0, 1], [0.0, 0.0]), Series("b", [0, 1], [0.0, 1.0], dashed=True)],
    "tall": [Series("b", [0, 1], [0.0, 4.0], dashed=True)],
}


def paths(drawing):
    """The ends of each line, in pixels."""
    found = re.findall(r'd="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)" fill="none"', str(drawing))
    return [tuple(map(float, ends)) for ends in found]


def test_all_panels_have_the_same_scales():
    rise, flat, tall = paths(small_multiples(CHARTS, 2, title="x"))
    assert flat[1] == flat[3] == rise[1] == tall[1]
    assert tall[1] - tall[3] == pytest.approx(4 * (rise[1] - rise[3]), abs=0.05)
    assert tall[2] - tall[0] == pytest.approx(flat[2] - flat[0], abs=0.02)


def test_a_line_has_one_color_in_all_panels_and_its_name_stands_once():
    drawing = small_multiples(CHARTS, 2, title="x")
    colors = re.findall(r'fill="none" stroke="(#\w+)"', drawing)
    assert colors[0] == colors[2] != colors[1]
    assert drawing.count(">b<") == 1


def test_a_line_that_breaks_off_has_a_cross():
    broken = {"one": [Series("a", [0, 1, 2], [1.0, float("nan"), float("nan")])]}
    assert "NaN" in small_multiples(broken, 1, title="x")
    assert "NaN" not in small_multiples(CHARTS, 1, title="x")
