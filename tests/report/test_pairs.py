"""Pairs of measurements as lines, and their mean difference."""

import math
import re

import pytest

from groundup.errors import InputError
from groundup.report.pairs import paired

LINE = re.compile(r'<line x1="\S+" y1="(\S+)" x2="\S+" y2="(\S+)" [^>]*stroke-(blue|rust)')


def lines(picture):
    return [(float(a), float(b), color) for a, b, color in LINE.findall(str(picture))]


def test_a_pair_falls_in_one_color_and_rises_in_another():
    (falls, rises) = lines(paired([2.0, 1.0], [1.0, 2.0], title="Loss"))
    assert falls[0] < falls[1]  # in pixels, from the top
    assert rises[:2] == falls[1::-1]
    assert (falls[2], rises[2]) == ("blue", "rust")


def test_what_is_not_finite_lies_above_all_others():
    finite, lost = lines(paired([5.0, math.inf], [1.0, 2.0], title="Loss"))
    assert lost[0] < finite[0]
    assert lost[2] == "blue"
    assert lines(paired([1.0], [math.nan], title="Loss"))[0][2] == "rust"
    assert "<title>∞</title>" in paired([math.inf], [1.0], title="Loss")


def test_the_interval_has_a_scale_of_its_own_with_a_line_at_0():
    picture = str(paired([2.0, 3.0], [1.0, 1.0], title="Loss", interval=(-2.5, -1.5, -0.5)))
    zero = float(re.findall(r'y1="(\S+)" x2="\S+" y2="\S+" stroke="\S+" stroke-dasha', picture)[0])
    mean = float(re.findall(r'cy="(\S+)" r="5"', picture)[0])
    assert mean > zero  # below it
    assert ">difference<" in picture
    assert ">difference<" not in paired([2.0], [1.0], title="Loss")


def test_an_interval_that_is_not_finite_is_left_out():
    picture = paired([1.0], [2.0], title="Loss", interval=(math.nan, 1.0, math.nan))
    assert ">difference<" not in picture


def test_pairs_need_two_sides():
    with pytest.raises(InputError, match="2 values before and 1 after"):
        paired([1.0, 2.0], [1.0], title="Loss")
