"""Histograms over one axis."""

import re

import pytest

from groundup.errors import InputError
from groundup.report.ridges import Ridge, ridges

PATH = re.compile(r'<path d="M([\d.]+) ([\d.]+)(\S+)Z"')


def spans(picture):
    """Where each histogram begins and ends, in pixels."""
    for start, _, rest in PATH.findall(str(picture)):
        yield float(start), float(re.findall(r"H([\d.]+)", rest)[-1])


def test_a_histogram_lies_where_its_values_lie():
    picture = ridges([Ridge("a", -2, 2, [1, 1]), Ridge("b", 0, 1, [1, 1])], title="x")
    (a0, a1), (b0, b1) = spans(picture)
    assert b0 == pytest.approx((a0 + a1) / 2, abs=0.02)
    assert b1 - b0 == pytest.approx((a1 - a0) / 4, abs=0.02)


def test_the_tallest_part_of_every_histogram_has_the_same_height():
    picture = ridges([Ridge("a", 0, 1, [1, 10]), Ridge("b", 0, 1, [3, 1])], title="x")
    tallest = [
        float(base) - min(map(float, re.findall(r"V([\d.]+)", rest)))
        for _, base, rest in PATH.findall(str(picture))
    ]
    assert tallest == pytest.approx([30, 30])


def test_what_never_varies_is_a_spike_that_can_be_seen():
    ((begin, end), _) = spans(ridges([Ridge("a", 3, 3, [7]), Ridge("b", 0, 9, [1])], title="x"))
    assert 1 <= end - begin <= 5


def test_names_and_words_stand_there_escaped():
    picture = ridges([Ridge("a<b", 0, 1, [1], "std 0.5", "muted")], title="x")
    assert ">a&lt;b<" in picture
    assert ">std 0.5<" in picture
    assert "fill-muted" in picture


def test_without_rows_it_says_so():
    assert ">no values<" in ridges([], title="x")


def test_a_histogram_needs_counts():
    with pytest.raises(InputError, match="no counts"):
        Ridge("a", 0, 1, [])
