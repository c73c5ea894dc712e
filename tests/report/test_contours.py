"""Landscapes with paths."""

import re

import numpy as np
import pytest

from groundup.errors import ShapeError
from groundup.report.contours import Area, Landscape, Trail, contours

AXIS = np.linspace(-1, 1, 21)
BOWL = Landscape(AXIS, AXIS, AXIS**2 + AXIS[:, None] ** 2, levels=[0.25])
DOT = re.compile(r'<circle cx="([\d.-]+)" cy="([\d.-]+)" r="2.2"')


def dots(drawing):
    return [tuple(map(float, found)) for found in DOT.findall(str(drawing))]


def test_every_step_is_a_dot_at_its_place():
    left, middle, right = dots(contours(BOWL, [Trail("a", [-0.5, 0, 0.5], [0, 0, 0.5])], title="x"))
    assert middle[0] - left[0] == pytest.approx(right[0] - middle[0], abs=0.02)
    assert left[1] == middle[1] > right[1]  # up is less


def test_the_line_of_equal_height_goes_through_the_trail_where_it_has_that_height():
    drawing = str(contours(BOWL, [Trail("a", [0.5], [0.0])], title="x"))
    ((x, y),) = dots(drawing)
    level = re.search(r'd="M([^"]+)"[^>]*class="level', drawing)
    points = np.array([list(map(float, p.split())) for p in level[1].split("L")])
    assert np.hypot(*(points - [x, y]).T).min() < 0.1


def test_a_point_that_is_not_finite_is_left_out():
    assert len(dots(contours(BOWL, [Trail("a", [0.0, np.inf], [0.0, 0.0])], title="x"))) == 1


def test_heights_of_another_shape_are_refused():
    with pytest.raises(ShapeError, match="row for each y"):
        Landscape(AXIS, AXIS, np.zeros((2, 21)), levels=[0])


def test_an_area_lies_below_and_goes_through_its_corners():
    square = Area("square", [0, 0.5, 0.5, 0], [0, 0, 0.5, 0.5])
    drawing = str(contours(BOWL, [Trail("a", square.x, square.y)], [square], title="x"))
    (outline,) = re.findall(r'd="M([^"]+)Z"[^>]*class="area', drawing)
    corners = [tuple(map(float, corner.split())) for corner in outline.split("L")]
    assert np.array(corners) == pytest.approx(np.array(dots(drawing)))
    assert drawing.index('class="area') < drawing.index('class="level')
