"""Parallel coordinates: each line passes every axis at its value."""

import re

import pytest

from groundup.errors import InputError
from groundup.report.parallel_coordinates import Trace, parallel_coordinates
from groundup.report.rulers import Ruler, choices
from groundup.report.scales import Linear, Log

RULERS = [
    Ruler("rate", Log(1e-4, 1e-2, 0.0, 1.0)),
    choices("optimizer", ["sgd", "adam"]),
    Ruler("accuracy", Linear(0, 1, 0.0, 1.0), "%"),
]


def knots(drawing):
    """Of each line the points where it passes an axis."""
    found = []
    for d in re.findall(r'<path d="(M[^"]+)"[^>]*class="trace', drawing):
        first, *curves = re.split("[MC]", d)[1:]
        ends = [first, *(curve.split(" ", 4)[-1] for curve in curves)]
        found.append([tuple(map(float, end.split())) for end in ends])
    return found


def axis_ends(drawing):
    """(x, bottom, top) of each axis."""
    found = re.findall(
        r'<line x1="([\d.]+)" y1="([\d.]+)" x2="\1" y2="([\d.]+)" stroke="#1a1e23"', drawing
    )
    return [tuple(map(float, one)) for one in found]


def test_a_line_passes_each_axis_at_its_value():
    drawing = parallel_coordinates(RULERS, [Trace([1e-3, 1.5, 0.25])], title="x")
    axes = axis_ends(drawing)
    ((a, b, c),) = knots(drawing)
    assert len(axes) == 3
    for (x, bottom, top), point, share in zip(axes, (a, b, c), (0.5, 0.75, 0.25), strict=True):
        assert point == pytest.approx((x, bottom + share * (top - bottom)), abs=0.02)


def test_a_line_without_a_value_passes_below_and_ends_before_the_last_axis():
    traces = [Trace([None, 0.5, 0.5]), Trace([1e-3, 0.5, None])]
    drawing = parallel_coordinates(RULERS, traces, title="x")
    (_, bottom, _), *_ = axis_ends(drawing)
    around, failed = knots(drawing)
    assert around[0][1] > bottom + 10
    assert len(around) == 3
    assert len(failed) == 2
    assert drawing.count(">not there<") == 1


def test_no_room_below_where_nothing_is_missing():
    full = parallel_coordinates(RULERS, [Trace([1e-3, 0.5, 0.5])], title="x")
    failed = parallel_coordinates(RULERS, [Trace([1e-3, 0.5, None])], title="x")
    assert ">not there<" not in full
    assert axis_ends(full) == axis_ends(failed)


def test_looks_and_hints():
    trace = Trace([1e-3, 0.5, 0.5], "orange", 2.0, 0.5, dashed=True, hint="trial 3")
    drawing = parallel_coordinates(RULERS, [trace], title="x")
    assert "<title>trial 3</title>" in drawing
    assert 'stroke-opacity="0.5"' in drawing
    assert 'stroke-dasharray="5 3"' in drawing
    assert ">adam<" in drawing
    assert ">accuracy<" in drawing


@pytest.mark.parametrize("count", [2, 9, 12])
def test_names_have_room(count):
    rulers = [Ruler(f"a_long_name_of_axis_{k}", RULERS[2].scale) for k in range(count)]
    drawing = parallel_coordinates(rulers, [Trace([0.5] * count)], title="x")
    edges = []
    for x, words in re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="middle"[^>]*>(?:<title>'
                               r"[^<]*</title>)?([^<]+)<", drawing):  # fmt: skip
        half = 4.0 * len(words)  # less than the letters take
        edges += [float(x) - half, float(x) + half]
    assert len(edges) == 2 * count
    assert edges == sorted(edges)


def test_a_trace_has_a_value_for_each_axis():
    with pytest.raises(InputError, match="2 values for 3 axes"):
        parallel_coordinates(RULERS, [Trace([1e-3, 0.5])], title="x")


def test_without_traces():
    assert ">no values<" in parallel_coordinates(RULERS, [], title="x")
