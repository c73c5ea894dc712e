"""Activations at hand-made values and against SciPy; at extremes: `trust/numbers/extreme`."""

import numpy as np
import pytest

from groundup import ops

special = pytest.importorskip("scipy.special")

LINE = np.array([-2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0])
ONE = np.ones_like(LINE)


def test_step() -> None:
    assert ops.step(LINE).tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert ops.step_backward(LINE).tolist() == [0] * 7


def test_sigmoid_of_the_notes() -> None:
    y = ops.sigmoid(np.array([-1.0, 1.0, 2.0]))
    assert y.round(8).tolist() == [0.26894142, 0.73105858, 0.88079708]
    assert ops.sigmoid(np.zeros(1)).tolist() == [0.5]


def test_relu() -> None:
    assert ops.relu(LINE).tolist() == [0, 0, 0, 0, 0.5, 1, 3]
    assert ops.relu_backward(7 * ONE, ops.relu(LINE)).tolist() == [0, 0, 0, 0, 7, 7, 7]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_relu_blocks_even_an_infinite_gradient(dtype) -> None:
    """∞ · 0 would be NaN, and spread."""
    dy = np.array([np.inf, -np.inf, np.nan, np.inf], dtype)
    assert ops.relu_backward(dy, np.array([0, 0, 0, 1], dtype)).tolist() == [0, 0, 0, np.inf]


def test_leaky_relu() -> None:
    assert ops.leaky_relu(LINE, 0.25).tolist() == [-0.5, -0.25, 0, 0, 0.5, 1, 3]
    assert ops.leaky_relu_backward(ONE, LINE, 0.25).tolist() == [0.25] * 4 + [1] * 3
    # a slope above 1 or below 0 is no maximum of two lines, but still the definition
    assert ops.leaky_relu(LINE, 2.0).tolist() == [-4, -2, 0, 0, 0.5, 1, 3]
    assert ops.leaky_relu(LINE, -1.0).tolist() == [2, 1, 0, 0, 0.5, 1, 3]


def test_elu() -> None:
    y = ops.elu(LINE, 2.0)
    np.testing.assert_allclose(y[:2], [2 * (np.exp(-2) - 1), 2 * (np.exp(-1) - 1)], rtol=1e-15)
    assert y[2:].tolist() == [0, 0, 0.5, 1, 3]
    dx = ops.elu_backward(ONE, LINE, y, 2.0)
    np.testing.assert_allclose(dx, [2 * np.exp(-2), 2 * np.exp(-1), 2, 2, 1, 1, 1], rtol=1e-15)


def test_elu_keeps_its_digits_near_0() -> None:
    """eˣ - 1 by subtraction would leave none of them."""
    x = np.array([-1e-12, -3e-9])
    np.testing.assert_allclose(ops.elu(x, 1.0), x + x * x / 2, rtol=1e-15)


def test_prelu_has_a_slope_for_each_channel() -> None:
    x = np.array([[-1.0, -2.0], [3.0, -4.0]])
    slope = np.array([0.5, 0.1])
    assert ops.prelu(x, slope).tolist() == [[-0.5, -0.2], [3.0, -0.4]]
    dx, dslope = ops.prelu_backward(np.array([[1.0, 2.0], [3.0, 4.0]]), x, slope)
    assert dx.tolist() == [[0.5, 0.2], [3.0, 0.4]]
    assert dslope.tolist() == [-1.0, -4.0 - 16.0]
    images = np.stack([x, -x])[:, :, :, None]  # (2, 2, 2, 1), channels on axis 1
    _, dslope = ops.prelu_backward(np.ones_like(images), images, slope)
    assert dslope.tolist() == [-1 - 2, -4 - 3]
    _, dslope = ops.prelu_backward(np.ones_like(images), images, np.array([0.5]))
    assert dslope.tolist() == [-10]


def test_tanh() -> None:
    np.testing.assert_allclose(ops.tanh(LINE), np.tanh(LINE), rtol=1e-15)
    np.testing.assert_allclose(
        ops.tanh_backward(3 * ONE, ops.tanh(LINE)), 3 / np.cosh(LINE) ** 2, rtol=1e-14
    )


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 3e-7), (np.float64, 4e-16)])
def test_sigmoid_is_accurate_everywhere(dtype, rtol) -> None:
    """Relative to the exact value, also far left, where 1/(1 + e⁻ˣ) in doubt overflows."""
    limit = 85 if dtype == np.float32 else 700
    x = np.linspace(-limit, limit, 4001).astype(dtype)
    exact = special.expit(x.astype(np.longdouble))
    np.testing.assert_allclose(ops.sigmoid(x).astype(np.longdouble), exact, rtol=rtol)


def test_nan_stays_visible() -> None:
    x = np.array([np.nan, 1.0])
    for y in (ops.sigmoid(x), ops.relu(x), ops.tanh(x), ops.leaky_relu(x, 0.1), ops.elu(x, 1.0)):
        assert np.isnan(y).tolist() == [True, False]


def test_symmetry() -> None:
    x = np.linspace(0, 30, 301)
    np.testing.assert_allclose(ops.sigmoid(x) + ops.sigmoid(-x), 1, rtol=1e-15)
    assert (ops.tanh(x) == -ops.tanh(-x)).all()
    np.testing.assert_allclose(ops.tanh(x), 2 * ops.sigmoid(2 * x) - 1, atol=2e-16, rtol=1e-14)


def test_empty_arrays() -> None:
    x = np.zeros((0, 3))
    for y in (ops.sigmoid(x), ops.relu(x), ops.tanh(x), ops.elu(x, 1.0), ops.softmax(x)):
        assert y.shape == (0, 3)
