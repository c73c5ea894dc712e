"""Charts of parts over two rulers: everything in its place, and named once."""

import re

import numpy as np
import pytest

from groundup.report.chart import chart
from groundup.report.parts import Box, Dots, Line, Tiles
from groundup.report.rulers import Ruler, choices, ruler
from groundup.report.scales import Linear, Log

X, Y = Ruler("x", Linear(0, 10, 0.0, 1.0)), Ruler("y", Linear(0, 4, 0.0, 1.0))


def drawn(*parts, x=X, y=Y, **options):
    return chart(x, y, parts, title="Parts", **options)


def inside(drawing):
    """What lies within the axes, without the key."""
    return drawing.split("<svg", 2)[2].split("</svg>")[0]


def frame(drawing):
    """Where the lowest and the highest tick of y and the ends of the base line are."""
    base = re.search(
        r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="\2" stroke="#5a6370"', drawing
    )
    left, bottom, right = map(float, base.groups())
    return left, right, bottom


def test_dots_lines_and_boxes_share_the_scales():
    drawing = drawn(
        Dots("", "blue", [0, 5, 10], [0, 2, 1]),
        Line("", "ink", [0, 5], [0, 2]),
        Box("", "teal", (0, 5), (0, 2)),
    )
    left, right, bottom = frame(drawing)
    middle = (left + right) / 2
    dots = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawing)
    assert [float(x) for x, _ in dots] == pytest.approx([left, middle, right], abs=0.01)
    y = float(dots[1][1])
    assert f"M{left:g} {bottom:g}L{dots[1][0]} {dots[1][1]}" in drawing
    box = re.search(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', drawing)
    found = [float(one) for one in box.groups()]
    assert found == pytest.approx([left, y, middle - left, bottom - y], abs=0.02)


def test_what_has_no_place_is_left_out():
    drawing = drawn(
        Dots("", "blue", [1, 2, np.nan], [1, np.nan, 1]),
        Line("", "ink", [1, 2, 3, 4, 5], [1, 1, np.nan, 2, 2]),
    )
    assert drawing.count("<circle") == 1
    assert re.search(r'd="M[\d. L]+M[\d. L]+"', drawing)  # two pieces with a gap between
    assert "nan" not in drawing


def test_a_log_ruler_places_by_ratio():
    x = Ruler("rate", Log(1e-4, 1e-2, 0.0, 1.0))
    drawing = drawn(Dots("", "blue", [1e-4, 1e-3, 1e-2], [1, 1, 1]), x=x)
    a, b, c = (float(one) for one in re.findall(r'cx="([\d.]+)"', drawing))
    assert b - a == pytest.approx(c - b, abs=0.01)
    assert ">0.001<" in drawing


def test_tiles_cover_the_plane_and_the_larger_are_darker():
    drawing = drawn(Tiles("", "blue", [0, 5, 10], [0, 2, 4], np.array([[0.0, 0.5], [0.25, 1.0]])))
    left, right, bottom = frame(drawing)
    tiles = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" '
                       r'fill="#\w+" fill-opacity="([\d.]+)"', inside(drawing))  # fmt: skip
    _, y, width, height, shade = np.array(tiles, float).T
    assert (width * height).sum() == pytest.approx((right - left) * (bottom - y.min()), rel=1e-3)
    assert shade.tolist() == [0.04, 0.44, 0.24, 0.84]
    assert y[0] > y[2]  # rows from below


def test_a_name_stands_in_the_key_once_and_the_key_has_rows():
    drawing = drawn(Dots("tried", "blue", [1], [1]), Dots("tried", "blue", [2], [2]))
    assert drawing.count(">tried<") == 1
    long = [Dots(f"a rather long name of dots {k}", "blue", [1], [1]) for k in range(6)]
    narrow = drawn(*long, width=480)
    rows = {re.search(rf'y="([\d.]+)"[^>]*>a rather long name of dots {k}<', narrow)[1]
            for k in range(6)}  # fmt: skip
    assert len(rows) > 1
    assert ">a rather" not in drawn(Dots("", "blue", [1], [1]))


def test_crosses_and_rings_are_told_apart_without_color():
    drawing = drawn(
        Dots("", "blue", [1], [1], "cross", ["failed"]), Dots("", "blue", [1], [1], "ring")
    )
    assert inside(drawing).count("<path") == 1
    assert "<title>failed</title>" in drawing
    assert 'fill="#ffffff"' in inside(drawing)


def test_an_empty_chart_says_so():
    assert ">no values<" in drawn()
    assert ">no values<" in drawn(Dots("", "blue", [], []))


def test_long_choices_are_shortened():
    x = choices("init", ["he", "a very long name of an initial draw"] * 3)
    drawing = drawn(Dots("", "blue", [0.5], [1]), x=x)
    assert ">he<" in drawing
    assert "initial draw<" not in drawing
    assert "…<" in drawing


@pytest.mark.parametrize("values", [[], [0.5], [0.5, 0.5], [0.0, 1e300], [-1.0, 1.0]])
@pytest.mark.parametrize("log", [False, True])
def test_any_values_have_a_ruler(values, log):
    found = ruler("y", values, log=log)
    axis = found.over(200.0, 0.0, 5)
    assert found.scale.low < found.scale.high
    assert len(axis.ticks) == len(axis.words) >= 2
    for value in values:
        if not log or value > 0:
            assert 0 <= found.place(value) <= 1


def test_a_ruler_leaves_a_margin_but_not_at_given_ends():
    free, bound = ruler("y", [0.0, 1.0]).scale, ruler("y", [0.0, 1.0], limits=(0.0, None)).scale
    assert (free.low, free.high) == pytest.approx((-0.04, 1.04))
    assert (bound.low, bound.high) == (0.0, pytest.approx(1.04))
