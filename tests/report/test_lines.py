"""Line charts, read back from their SVG."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.report import Mark, Series, line_chart, style
from groundup.report.numbers import THIN


def chart(*lines, **options):
    return ET.fromstring(line_chart(lines, title="Loss", **options))


def points(path):
    """The places of a path such as "M0 1L2 3", one list for each M."""
    return [
        [tuple(map(float, pair.split())) for pair in piece.split("L")]
        for piece in path.get("d").replace("Z", "").split("M")[1:]
    ]


def lines_of(drawing):
    return [path for path in drawing.iter("path") if path.get("stroke-width") == "2"]


def words_of(drawing):
    return ["".join(text.itertext()) for text in drawing.iter("text")]


def y_ticks(drawing):
    """Height in pixels by the words of the tick."""
    return {
        text.text: float(text.get("y")) - 4
        for text in drawing.iter("text")
        if text.get("text-anchor") == "end" and text.get("font-size") == "12"
    }


def test_points_lie_where_the_axes_say():
    drawing = chart(Series("a", [0, 5, 10], [0.0, 1.0, 0.5]))
    (path,) = lines_of(drawing)
    ((start, middle, end),) = points(path)
    ticks = y_ticks(drawing)
    assert (start[1], middle[1]) == pytest.approx((ticks["0.0"], ticks["1.0"]))
    assert end[1] == pytest.approx((ticks["0.0"] + ticks["1.0"]) / 2)
    assert middle[0] == pytest.approx((start[0] + end[0]) / 2, abs=0.02)
    x_ticks = {t.text: float(t.get("x")) for t in drawing.iter("text")
               if t.get("text-anchor") == "middle"}  # fmt: skip
    assert x_ticks["10"] == pytest.approx(end[0])


def test_log_axis_gives_equal_ratios_equal_room():
    ((a, b, c),) = points(lines_of(chart(Series("a", [1, 2, 3], [1, 10, 100]), y_log=True))[0])
    assert a[1] - b[1] == pytest.approx(b[1] - c[1], abs=0.02)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_leaves_a_gap_and_a_cross(bad):
    drawing = chart(Series("a", range(6), [1, 2, bad, bad, 3, 2]))
    assert [len(points(path)[0]) for path in lines_of(drawing)] == [2, 2]
    crosses = [path for path in drawing.iter("path") if path.get("stroke-width") == "1.5"]
    assert len(crosses) == 1
    assert crosses[0].findtext("title").startswith("a, x 2: ")


def test_zero_is_a_gap_on_a_log_axis():
    drawing = chart(Series("a", range(5), [1, 2, 0, 3, 2]), y_log=True)
    assert [len(points(path)[0]) for path in lines_of(drawing)] == [2, 2]


def test_a_point_alone_is_seen():
    drawing = chart(Series("a", [1, 2, 3], [1.0, math.nan, 2.0]))
    visible = [dot for dot in drawing.iter("circle") if dot.get("opacity") is None]
    assert len(visible) >= 2


@pytest.mark.parametrize(
    "lines", [[], [Series("a", [], [])], [Series("a", [1.0], [math.nan])]], ids=len
)
def test_nothing_to_draw_is_said(lines):
    assert "no values" in words_of(chart(*lines))


def test_a_diverged_line_is_labeled_with_its_last_value():
    assert "training NaN" in words_of(chart(Series("training", [1, 2], [1.0, math.nan])))


def test_lines_are_labeled_in_their_color_apart_from_each_other():
    lines = [Series(f"run {i}", [1, 2], [0.5, 0.5 + i / 1e4]) for i in range(6)]
    drawing = chart(*lines)
    labels = [text for text in drawing.iter("text") if text.find("tspan") is not None]
    assert [label.find("tspan").get("class") for label in labels] == [
        f"fill-{name}" for name in style.SERIES
    ]
    heights = sorted(float(label.get("y")) for label in labels)
    assert min(np.diff(heights)) >= 15.9
    width = float(drawing.get("width"))
    assert all(float(label.get("x")) < width for label in labels)


def test_many_labels_make_the_chart_higher():
    few = chart(*[Series(f"{i}", [1], [1.0]) for i in range(3)])
    many = chart(*[Series(f"{i}", [1], [1.0]) for i in range(30)])
    assert float(few.get("height")) == style.CHART[1]
    assert float(many.get("height")) > 30 * 16


def test_training_is_dashed_in_the_color_asked_for():
    drawing = chart(
        Series("validation", [1, 2], [1, 2], color="teal"),
        Series("training", [1, 2], [1, 3], color="teal", dashed=True),
        Series("other", [1, 2], [1, 4]),
    )
    drawn = [(p.get("stroke-dasharray"), p.get("class")) for p in lines_of(drawing)]
    # The first is drawn last, on top.
    assert drawn == [(None, "stroke-blue"), (style.DASHES, "stroke-teal"), (None, "stroke-teal")]


def test_band_encloses_its_line_and_shares_its_gaps():
    y = [1.0, 2.0, 3.0, 2.0, 1.0]
    lower, upper = [0.5, 1.5, math.nan, 1.5, 0.5], [1.5, 2.5, 3.5, 2.5, 1.5]
    drawing = chart(Series("a", range(5), y, lower=lower, upper=upper))
    bands = [path for path in drawing.iter("path") if path.get("fill-opacity")]
    assert [len(points(band)[0]) for band in bands] == [4, 4]
    ((low, _, _, high),) = points(bands[0])
    (first,) = points(lines_of(drawing)[0])
    assert low[0] == high[0] == first[0][0]
    assert high[1] < first[0][1] < low[1]


def test_percent_and_limits():
    drawing = chart(Series("a", [1, 2], [0.72, 0.978]), unit="%", y_limits=(None, 1.0))
    assert f"100{THIN}%" in y_ticks(drawing)
    assert f"a 97.8{THIN}%" in words_of(drawing)


def test_what_lies_outside_the_limits_is_cut_off():
    drawing = chart(Series("a", [1, 2, 3], [0.5, 900.0, 0.5]), y_limits=(0.0, 1.0))
    window = drawing.find("svg")
    assert window.find("path") is not None
    assert float(window.get("height")) < float(drawing.get("height"))
    assert len(list(drawing.iter("circle"))) == 2  # the point outside has no dot


def test_epochs_have_whole_ticks():
    words = words_of(chart(Series("a", [1, 2], [1, 2]), whole_x=True))
    assert {"1", "2"} <= set(words)
    assert "1.5" not in words[: words.index("2")]


def test_mark_is_a_ring_at_its_point():
    drawing = chart(Series("a", [1, 2, 3], [3, 1, 2]), marks=[Mark(2, 1, "best"), Mark(9, 1, "no")])
    rings = [dot for dot in drawing.iter("circle") if dot.get("class") == "fill-paper stroke-ink"]
    assert [ring.findtext("title") for ring in rings] == ["best"]
    middle = points(lines_of(drawing)[0])[0][1]
    assert (float(rings[0].get("cx")), float(rings[0].get("cy"))) == pytest.approx(middle)


def test_a_long_log_is_thinned_but_keeps_its_extremes():
    rng = np.random.default_rng(0)
    y = rng.normal(size=50_000)
    y[12_345], y[40_000] = 30.0, -30.0
    drawing = chart(Series("loss", range(50_000), y))
    (line,) = points(lines_of(drawing)[0])
    assert len(line) < 2500
    heights = [point[1] for point in line]
    ticks = y_ticks(drawing)
    pixels = (ticks["0"] - ticks["20"]) / 20
    assert min(heights) == pytest.approx(ticks["0"] - 30 * pixels, abs=0.02)
    assert max(heights) == pytest.approx(ticks["0"] + 30 * pixels, abs=0.02)
    assert not list(drawing.iter("circle"))


@pytest.mark.parametrize(
    "values", [[1e300, -1e300], [1.7e308, -1.7e308], [5e-324, 0.0], [1e-9] * 2]
)
@pytest.mark.parametrize("log", [False, True])
def test_extreme_values_have_finite_places(values, log):
    drawing = line_chart([Series("a", [1, 2], values)], title="x", y_log=log, x_log=log)
    assert not re.search(r'="[^"]*(nan|inf)[^"]*"', drawing)
    ET.fromstring(drawing)


def test_names_are_escaped():
    drawing = chart(Series("<script>&", [1, 2], [1, 2]), x_label="<b>", y_label="<i>")
    assert "<script>& 2" in words_of(drawing)
    assert {"<b>", "<i>"} <= set(words_of(drawing))


def test_same_input_same_bytes():
    lines = [Series("a", np.arange(5), np.arange(5.0) ** 2)]
    assert line_chart(lines, title="x") == line_chart(lines, title="x")


@pytest.mark.parametrize(
    "options", [{"x": [1]}, {"lower": [1, 2]}, {"lower": [1], "upper": [1]}, {"color": "bleu"}]
)
def test_a_series_that_does_not_fit_is_refused(options):
    with pytest.raises(InputError, match="'adam'"):
        Series(**{"name": "adam", "x": [1, 2], "y": [1, 2]} | options)
