"""Numbers in squares."""

import re

import numpy as np
import pytest

from groundup.errors import ShapeError
from groundup.report.number_grid import FAINT, STRONG, number_grid

VALUES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]])
WORDS = re.compile(r"<text[^>]*>([^<]+)</text>")


def opacities(drawing):
    return [float(found) for found in re.findall(r'fill-opacity="([\d.]+)"', str(drawing))]


def test_all_numbers_stand_in_order():
    assert WORDS.findall(str(number_grid(VALUES))) == ["1", "2", "3", "4", "5", "6.5"]


def test_tints_are_where_they_are_asked_for_and_strong_ones_win():
    found = opacities(number_grid(VALUES, strong=VALUES > 5, faint=VALUES > 2))
    assert found == [1, 1, FAINT, FAINT, FAINT, STRONG]


def test_unknown_numbers_leave_their_squares_empty():
    drawing = str(number_grid(VALUES, known=VALUES < 3))
    assert WORDS.findall(drawing) == ["1", "2"]
    assert drawing.count("<rect") == 6


def test_padding_is_dashed():
    assert str(number_grid(VALUES, edge=VALUES > 4)).count("stroke-dasharray") == 2


@pytest.mark.parametrize(
    "values, masks, words",
    [
        (np.ones(3), {}, r"\(3,\)"),
        (VALUES, {"known": np.ones((3, 2), bool)}, r"known of shape \(3, 2\)"),
    ],
)
def test_other_shapes_are_refused(values, masks, words):
    with pytest.raises(ShapeError, match=words):
        number_grid(values, **masks)
