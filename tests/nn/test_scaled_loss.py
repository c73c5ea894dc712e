"""ScaledLoss: the same number for any unit, with a gradient for outputs in the targets' units."""

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.nn.losses import Huber, MeanAbsoluteError, MeanSquaredError, SumSquaredError
from groundup.nn.scaled_loss import ScaledLoss
from groundup.nn.scores import r2_score
from groundup.registry import build, describe

rng = np.random.default_rng(0)
t, y = rng.normal(150, 77, (20, 2)), rng.normal(150, 77, (20, 2))
SCALE = (77.0, 0.5)
LOSSES = [MeanSquaredError(), SumSquaredError(), MeanAbsoluteError(), Huber(0.7)]


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_it_is_the_loss_of_scaled_targets(loss):
    value, cache = ScaledLoss(loss, SCALE).forward(y, t, np.arange(20.0))
    expected, plain = loss.forward(y / SCALE, t / SCALE, np.arange(20.0))
    assert value == expected
    np.testing.assert_allclose(
        ScaledLoss(loss, SCALE).backward(cache), loss.backward(plain) / SCALE, rtol=1e-12
    )


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_the_gradient_is_the_numerical_one(loss):
    scaled, step = ScaledLoss(loss, SCALE), 1e-5
    _, cache = scaled.forward(y, t)
    direction = rng.normal(size=y.shape)
    ahead, behind = (scaled.forward(y + sign * step * direction, t)[0] for sign in (1, -1))
    slope = np.sum(scaled.backward(cache) * direction)
    assert slope == pytest.approx((ahead - behind) / (2 * step), rel=1e-6)


def test_squares_in_units_of_the_standard_deviation_are_what_r2_leaves():
    loss = ScaledLoss("mse", scale=t[:, 0].std())
    assert loss(t[:, :1], y[:, :1]) == pytest.approx(1 - r2_score(t[:, 0], y[:, 0]), rel=1e-12)


def test_float32_stays_and_files_know_it():
    loss = ScaledLoss("huber", 3.0)
    _, cache = loss.forward(y.astype(np.float32), t)
    assert loss.backward(cache).dtype == np.float32
    assert build(describe(loss)) == loss
    assert build(describe(ScaledLoss("mae", SCALE))) == ScaledLoss("mae", SCALE)


def test_what_cannot_be_scaled_is_refused():
    with pytest.raises(InputError, match="a loss of differences"):
        ScaledLoss("categorical_crossentropy")
    for scale in (0.0, -1.0, np.nan, "1", (1.0, 0.0), 1e39, 1e-39):
        with pytest.raises(InputError, match="scale="):
            ScaledLoss("mse", scale)
