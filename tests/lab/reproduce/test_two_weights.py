"""The minima of a penalized loss of two weights, against a search over the plane."""

import numpy as np
import pytest

from groundup.lab.reproduce.two_weights import lasso, loss, ridge, solutions

AXIS = np.linspace(-0.2, 1.8, 401)
PLANE = np.stack(np.meshgrid(AXIS, AXIS), axis=-1).reshape(-1, 2)
PENALTIES = {
    ridge: lambda w: 0.5 * (w**2).sum(axis=-1),
    lasso: lambda w: np.abs(w).sum(axis=-1),
}


@pytest.mark.parametrize("strength", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("solve", PENALTIES, ids=["ridge", "lasso"])
def test_the_solution_is_the_least_in_the_plane(solve, strength):
    found = PLANE[(loss(PLANE) + strength * PENALTIES[solve](PLANE)).argmin()]
    assert solve(strength) == pytest.approx(found, abs=0.005)


def test_only_the_lasso_has_zeros():
    _, zeros = solutions()
    assert zeros["L2"] == 0 < zeros["L1"]
