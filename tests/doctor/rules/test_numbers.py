"""NaN, and where it came from."""

import numpy as np

import groundup as gu
from groundup.doctor.rules.signals import exploding


def diagnosed(scale: float, optimizer: gu.nn.optimizers.Optimizer):
    x = gu.Stream(0).normal((120, 5))
    y = (100 + x @ np.arange(5.0)[:, None]) * scale
    model = gu.Sequential([gu.Dense(16, "relu"), gu.Dense(1)])
    model.compile(optimizer, "mse")
    return model.diagnose(x, y, epochs=3)


def test_targets_in_large_units_are_named() -> None:
    (finding,) = diagnosed(1e4, gu.SGD(0.01)).findings
    assert finding.rule == "not-a-number"
    assert "targets of a size of" in finding.evidence
    assert finding.prescription.config is None
    assert "Standardize the targets" in finding.prescription.words


def test_units_of_the_targets_make_no_gradient_explode() -> None:
    """A squared error's gradient grows with the targets; as standardized values it would not."""
    small, large = (exploding(diagnosed(s, gu.Adam(1e-3)).case).value for s in (1.0, 1e4))
    assert large == np.clip(large, 0.5 * small, 2 * small)
