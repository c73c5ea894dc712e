"""Regions of gates: exact cells, the right answers in them, wrong samples marked."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from groundup import Perceptron
from groundup.errors import ShapeError
from groundup.layers.perceptron import AND, INPUTS, NAND, OR, Gate, two_layers
from groundup.report import decision_regions, style

BLUE, ORANGE = style.COLORS["blue"].light, style.COLORS["orange"].light


def polygons(drawing):
    """(color, area in pixels) of each cell."""
    found = []
    for cell in ET.fromstring(drawing).iter("polygon"):
        points = np.array([p.split(",") for p in cell.get("points").split()], float)
        x, y = points.T
        area = abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2
        found.append((cell.get("fill"), area))
    return found


def samples(drawing):
    return [e for e in ET.fromstring(drawing).iter("g") if "sample" in e.get("class", "")]


def test_and_cuts_off_its_corner():
    """x₁ + x₂ > 1.4 in [-0.5, 1.5]²: a triangle with legs of 1.6, of 4 in all."""
    cells = dict(polygons(decision_regions(AND.by_bias, [AND], INPUTS, AND.table(), title="AND")))
    assert cells[BLUE] / (cells[BLUE] + cells[ORANGE]) == pytest.approx(1.6**2 / 2 / 4, abs=1e-3)


def test_xor_is_a_band_between_two_lines():
    drawing = decision_regions(two_layers, [NAND, OR], INPUTS, [0, 1, 1, 0], title="XOR")
    assert [color for color, _ in polygons(drawing)].count(BLUE) == 1
    assert len(polygons(drawing)) == 3
    shares = np.array([area for color, area in polygons(drawing) if color == ORANGE])
    assert shares.sum() / 176**2 == pytest.approx((1.6**2 + 1.4**2) / 2 / 4, abs=1e-3)
    assert "0 of them on the wrong side" in drawing


def test_samples_by_shape_and_wrong_ones_crossed_out():
    drawing = decision_regions(OR.by_bias, [OR], INPUTS, [0, 1, 1, 0], title="OR is not XOR")
    found = samples(drawing)
    assert len(found) == 4
    assert [len(list(e.iter("circle"))) for e in found] == [1, 0, 0, 1]
    wrong = [e.findtext("title") for e in found if "wrong" in e.get("class")]
    assert wrong == ["(1, 1) is 0, on the wrong side"]


def test_lines_of_earlier_epochs_are_faint():
    learned = Perceptron().fit(INPUTS, AND.table())
    earlier = [epoch.gate for epoch in learned.history[:-1]]
    gate = learned.gate
    drawing = decision_regions(
        gate.by_bias, [gate], INPUTS, AND.table(), title="AND", earlier=earlier
    )
    widths = re.findall(r'<line [^>]*stroke-width="(0\.8|1\.8)"', str(drawing))
    assert widths.count("1.8") == 1
    assert widths.count("0.8") >= 3


def test_gates_without_a_line_in_sight():
    for gate in (Gate((0.0, 0.0), 0.0), Gate((1.0, 1.0), 50.0)):
        drawing = decision_regions(gate.by_bias, [gate], INPUTS, [0, 0, 0, 0], title="never")
        assert [color for color, _ in polygons(drawing)] == [ORANGE]


def test_a_line_through_corners_of_the_window_is_drawn():
    gate = Gate((1.0, 1.0), 1.0)
    drawing = decision_regions(gate.by_bias, [gate], INPUTS, AND.table(), title="diagonal")
    assert len(re.findall(r'<line [^>]*stroke-width="1.8"', str(drawing))) == 1
    assert [round(area) for _, area in polygons(drawing)] == [176**2 / 2] * 2


def test_other_samples_are_refused():
    with pytest.raises(ShapeError, match="decision_regions"):
        decision_regions(AND.by_bias, [AND], np.ones((4, 3)), [0, 0, 0, 1], title="")
