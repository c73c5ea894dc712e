"""Bars and histograms, read back from their SVG."""

import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.report import bars, histogram


def rects(drawing):
    return [{key: float(rect.get(key)) for key in ("x", "y", "width", "height")}
            for rect in ET.fromstring(drawing).iter("rect")]  # fmt: skip


def words_of(drawing):
    return ["".join(text.itertext()) for text in ET.fromstring(drawing).iter("text")]


def test_bars_are_as_long_as_their_values():
    one, two, zero = rects(bars(["a", "b", "c"], [1.0, 2.0, 0.0], title="x"))
    assert two["width"] == pytest.approx(2 * one["width"], abs=0.02)
    assert zero["width"] == 0
    assert one["x"] == two["x"]


def test_a_negative_bar_ends_where_a_positive_begins():
    up, down = rects(bars(["a", "b"], [1.0, -2.0], title="x"))
    assert down["x"] + down["width"] == pytest.approx(up["x"], abs=0.02)
    assert down["width"] == pytest.approx(2 * up["width"], abs=0.02)


def test_values_names_and_intervals_are_told():
    drawing = bars(["<b>", "a"], [0.5, math.nan], intervals=[(0.4, 0.6), (0, 0)], title="Accuracy")
    assert words_of(drawing) == ["Accuracy", "<b>", "0.5", "a", "NaN"]
    assert len(list(ET.fromstring(drawing).iter("line"))) == 4  # zero, and an interval of three


@pytest.mark.parametrize("values", [[-3.0, -1.0], [0.0, 5.0], [1e9, 1.0], [-1.0, 2.0]])
def test_bars_and_values_stay_inside(values):
    drawing = bars(["a", "a long name indeed"], values, title="x")
    width = float(ET.fromstring(drawing).get("width"))
    assert all(rect["x"] >= 0 and rect["x"] + rect["width"] <= width for rect in rects(drawing))


def test_no_bars():
    assert "no values" in words_of(bars([], [], title="x"))
    with pytest.raises(InputError, match="2 names"):
        bars(["a", "b"], [1.0], title="x")


def test_histogram_counts():
    values = np.array([0.0, 0.1, 0.1, 0.9, 1.0, np.nan, np.inf])
    drawing = histogram(values, title="x", bins=2)
    assert [rect.findtext("title") for rect in ET.fromstring(drawing).iter("rect")] == [
        "0 to 0.5: 3",
        "0.5 to 1: 2",
    ]
    three, two = rects(drawing)
    assert three["height"] == pytest.approx(1.5 * two["height"], abs=0.02)
    assert "7 values, 2 not finite" in words_of(drawing)


def test_histogram_says_what_lies_outside():
    drawing = histogram([0.1, 0.2, 5.0], title="x", limits=(0.0, 1.0))
    assert "3 values, 1 outside" in words_of(drawing)


@pytest.mark.parametrize("values", [[], [math.nan], np.zeros((0, 3))])
def test_empty_histogram(values):
    assert "no values" in words_of(histogram(values, title="x"))


@pytest.mark.parametrize("values", [[3.0] * 4, [1e308, -1e308, 0.0], [5e-324, 0.0]])
def test_histogram_of_hard_values_is_drawn(values):
    drawing = histogram(values, title="x")
    assert rects(drawing)
    assert "nan" not in drawing


def test_histogram_needs_bins():
    with pytest.raises(InputError, match="bins=0"):
        histogram([1.0], title="x", bins=0)
