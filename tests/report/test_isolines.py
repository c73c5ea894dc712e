"""Lines of equal height through a grid."""

import numpy as np
import pytest

from groundup.report.isolines import isolines

AXIS = np.linspace(-1, 1, 41)


def test_a_bowl_has_one_closed_circle_of_the_right_radius():
    (line,) = isolines(AXIS, AXIS, AXIS**2 + AXIS[:, None] ** 2, 0.3249)
    assert line[0].tolist() == line[-1].tolist()
    assert np.hypot(*line.T) == pytest.approx(0.57, abs=2e-3)
    assert len(np.unique(line, axis=0)) == len(line) - 1  # nowhere twice


def test_a_line_through_the_whole_grid_is_open_and_where_it_belongs():
    x, y = np.arange(4.0), np.arange(3.0)
    (line,) = isolines(x, y, x + 2 * y[:, None], 2.5)
    assert line @ [1, 2] == pytest.approx(2.5)
    assert {tuple(end) for end in line[[0, -1]].tolist()} == {(2.5, 0.0), (0.0, 1.25)}


def test_no_line_where_the_level_is_not_passed():
    assert isolines(AXIS, AXIS, np.zeros((41, 41)), 0.5) == []


@pytest.mark.parametrize("flip", [1, -1])
def test_at_a_saddle_lines_do_not_cross(flip):
    z = flip * np.array([[1.0, -0.5], [-0.5, 1.0]])  # its middle is on the side of the ones
    lines = isolines(np.arange(2.0), np.arange(2.0), z, 0.0)
    assert len(lines) == 2
    for line in lines:  # each cuts off a corner that is not on the middle's side
        corner = np.round(line.mean(axis=0)).tolist()
        assert corner in ([1.0, 0.0], [0.0, 1.0])
