"""Drawings in rows and columns."""

import re

from groundup.report.bars import bars
from groundup.report.panels import panels

WIDE = bars(["a"], [1.0], title="wide", width=300)
NARROW = bars(["a", "b", "c"], [1.0, 2.0, 3.0], title="narrow", width=100)


def places(drawing):
    found = re.findall(r"translate\(([\d.]+) ([\d.]+)\)", str(drawing))
    return [tuple(map(float, place)) for place in found]


def test_columns_are_as_wide_as_their_widest_and_rows_as_high_as_their_highest():
    a, b, c = places(panels([NARROW, WIDE, WIDE], 2, gap=10))
    assert a == (0, 0)
    assert b == (310, 0)  # the column of the first and third is 300 wide
    assert c[0] == 0
    assert c[1] == float(re.search(r'viewBox="0 0 \S+ ([\d.]+)"', NARROW)[1]) + 10


def test_the_whole_is_as_large_as_its_parts():
    whole = panels([WIDE, NARROW], 2, gap=10)
    width = re.search(r'viewBox="0 0 ([\d.]+) ', whole)[1]
    assert float(width) == 410


def test_fewer_drawings_than_columns_leave_no_room():
    assert 'viewBox="0 0 100 ' in panels([NARROW], 5)
