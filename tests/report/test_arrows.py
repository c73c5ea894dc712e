"""A field of arrows."""

import re

import numpy as np
import pytest

from groundup.report.arrows import arrows

GRID = np.array([-1.0, 0.0, 1.0])


def shafts(across, up) -> list[tuple[float, float]]:
    """Of each arrow how far it goes in pixels, to the right and upward; in rows from below."""
    drawing = arrows(GRID, GRID, across, up, title="A field", width=300, height=300)
    found = re.findall(r'd="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)M', drawing)
    return [(float(c) - float(a), float(b) - float(d)) for a, b, c, d in found]


def test_arrows_point_where_they_should() -> None:
    right = shafts(np.ones((3, 3)), np.zeros((3, 3)))
    assert len(right) == 9
    assert all(dx > 20 and dy == 0 for dx, dy in right)
    up = shafts(np.zeros((3, 3)), np.ones((3, 3)))
    assert all(dx == 0 and dy > 20 for dx, dy in up)


def test_lengths_are_in_proportion_and_none_is_a_dot() -> None:
    size = np.array([[0.0, 1.0, 2.0]] * 3)
    drawing = arrows(GRID, GRID, size, np.zeros((3, 3)), title="A field", width=300, height=300)
    assert drawing.count("<circle") == 3
    lengths = [dx for dx, _ in shafts(size, np.zeros((3, 3)))]
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=0.05)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"two arrays \(3, 3\)"):
        arrows(GRID, GRID, np.ones((2, 3)), np.ones((2, 3)), title="A field")
