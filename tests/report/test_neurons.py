"""A small network, neuron by neuron."""

import re

import numpy as np
import pytest

from groundup.report.neurons import neurons

W = np.array([[1.0, -0.5, 0.0], [0.25, 2.0, -2.0]])


def drawn():
    return neurons([np.array([1.0, 0.5]), np.array([0.1, 0.2, 0.3])], [W], ["x", "y"], title="Net")


def test_every_neuron_has_its_value() -> None:
    for words in (">1<", ">0.5<", ">0.1<", ">0.2<", ">0.3<", ">x<", ">y<", ">Net<"):
        assert words in drawn(), words
    assert drawn().count("<circle") == 5


def test_weights_are_as_wide_as_they_are_large() -> None:
    found = re.findall(r'<line [^>]*stroke="(#\w+)" stroke-width="([\d.]+)"', drawn())
    widths = [float(width) for _, width in found]
    assert len(widths) == W.size
    assert widths[4] == widths[5] == max(widths)
    assert widths[0] == pytest.approx(max(widths) / 2)
    assert widths[2] == min(widths) > 0
    assert found[4][0] != found[5][0]  # of other signs


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"weights of shapes \[\(2, 3\)\]"):
        neurons([np.ones(2), np.ones(3)], [W.T], ["x", "y"], title="Net")
    with pytest.raises(ValueError, match="as many names"):
        neurons([np.ones(2), np.ones(3)], [W], ["x"], title="Net")
