"""Dots in rows: where they stand, whose bracket joins whom."""

import re
from xml.etree import ElementTree

import pytest

from groundup.errors import InputError
from groundup.report.dots import DotRow, dots
from groundup.report.svg import standalone


def row(name, values, words="", color="blue"):
    mean = sum(values) / len(values) if values else 0.0
    return DotRow(name, values, mean, mean - 1, mean + 1, words, color)


def circles(drawing):
    found = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="(\d)"', drawing)
    return [(float(x), float(y), int(r)) for x, y, r in found]


def test_a_dot_for_each_value_and_a_larger_one_for_the_mean() -> None:
    drawing = dots([row("adam", [1, 3]), row("sgd", [5, 9])], title="Loss")
    found = circles(drawing)
    assert [r for _, _, r in found] == [3, 3, 5, 3, 3, 5]
    (a, _, _), (b, _, _), (mean, middle, _), (c, *_), (d, *_), (other, below, _) = found
    assert (b - a) / (d - c) == pytest.approx((3 - 1) / (9 - 5), abs=0.01)
    assert mean == pytest.approx((a + b) / 2, abs=0.02)
    assert other == pytest.approx((c + d) / 2, abs=0.02)
    assert below > middle


def test_values_of_one_seed_lie_equally_high() -> None:
    drawing = dots([row("a", [1, 2, 3]), row("b", [3, 1, 2])], title="Loss")
    heights = [y for _, y, r in circles(drawing) if r == 3]
    first, second = heights[:3], heights[3:]
    assert [y - first[0] for y in first] == pytest.approx([y - second[0] for y in second])
    assert len(set(first)) == 3


def test_brackets_join_groups_of_two_and_more() -> None:
    rows = [row(name, [i, i + 1]) for i, name in enumerate("abc")]
    plain = dots(rows, title="Loss", groups=[["a"], ["b"], ["c"]])
    joined = dots(rows, title="Loss", groups=[["a", "b"], ["b", "c"]])
    assert "cannot be told apart" not in plain
    assert re.findall("cannot be told apart: ([a-c], [a-c])", joined) == ["a, b", "b, c"]
    with pytest.raises(InputError, match="'d'"):
        dots(rows, title="Loss", groups=[["a", "d"]])


def test_words_units_and_long_names() -> None:
    drawing = dots(
        [DotRow("a method with <a> very long name " * 3, [0.5], 0.5, 0.4, 0.6, "50 %")],
        title="Accuracy", unit="%",
    )  # fmt: skip
    ElementTree.fromstring(standalone(drawing))
    assert "50\u202f%" in drawing and "…" in drawing


def test_nothing_to_draw() -> None:
    assert "no values" in dots([], title="Loss")
    ElementTree.fromstring(standalone(dots([row("one", [2.0])], title="Loss")))
