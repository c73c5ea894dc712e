"""The judge is judged: right gradients pass, wrong ones do not."""

import numpy as np
import pytest

from groundup.ops.gradcheck import directional_error, numerical_gradient

X = np.array([[0.5, -1.5, 2.0], [1.0, 0.25, -0.75]])
V = np.array([[1.0, -1.0, 0.5], [0.3, 2.0, -0.2]])


def smooth(x: np.ndarray) -> float:
    return float(np.sum(np.sin(x) * x**2))


def smooth_gradient(x: np.ndarray) -> np.ndarray:
    return np.cos(x) * x**2 + 2 * x * np.sin(x)


def test_numerical_derivative_of_the_book() -> None:
    """Saito 2016, 4.3: 0.01 x² + 0.1 x has slopes 0.2 and 0.3 at 5 and 10; x₀² + x₁² has 2x."""
    line = numerical_gradient(lambda x: float(np.sum(0.01 * x**2 + 0.1 * x)), np.array([5.0, 10.0]))
    np.testing.assert_allclose(line, [0.2, 0.3], atol=1e-9)
    for x, expected in (([3.0, 4.0], [6, 8]), ([0.0, 2.0], [0, 4]), ([3.0, 0.0], [6, 0])):
        found = numerical_gradient(lambda x: float(np.sum(x**2)), np.array(x))
        np.testing.assert_allclose(found, expected, atol=1e-9)


def test_numerical_gradient_of_any_shape() -> None:
    for x in (X, np.array(2.0), np.zeros((0, 3)), X[:, :, None]):
        found = numerical_gradient(smooth, x, h=1e-5)
        assert found.shape == x.shape
        np.testing.assert_allclose(found, smooth_gradient(x), atol=1e-9)


def test_numerical_gradient_leaves_x_alone() -> None:
    x = X.copy()
    x.flags.writeable = False
    numerical_gradient(smooth, x)
    assert (x == X).all()


def test_a_right_gradient_passes() -> None:
    assert directional_error(smooth, X, smooth_gradient(X), V) < 1e-8


@pytest.mark.parametrize("factor", [0.0, -1.0, 2.0, 1 + 1e-5, 1 - 1e-5])
def test_a_wrong_factor_is_seen(factor: float) -> None:
    assert directional_error(smooth, X, factor * smooth_gradient(X), V) > 5e-6


def test_one_wrong_element_is_seen() -> None:
    for index in np.ndindex(X.shape):
        wrong = smooth_gradient(X)
        wrong[index] += 1e-3
        assert directional_error(smooth, X, wrong, V) > 1e-6


def test_a_kink_inside_the_step_is_forgiven_a_wrong_slope_is_not() -> None:
    x = np.array([3e-6, -1.0, 2.0])  # within h = 1e-5 of the kink at 0

    def relu(x: np.ndarray) -> float:
        return float(np.sum(np.maximum(x, 0)))

    right, v = np.array([1.0, 0.0, 1.0]), np.array([1.0, 1.0, 0.5])
    assert directional_error(relu, x, right, v) < 1e-7
    assert directional_error(relu, x, np.array([0.0, 0.0, 1.0]), v) > 0.1


def test_rounding_of_a_flat_function_is_no_fault() -> None:
    """A large constant hides a slope of 0 in noise; a slope that is there is still found."""

    def flat(x: np.ndarray) -> float:
        return 1e3 / 3 + float(np.sum(x - x + 1e-13 * np.sin(1e9 * x)))

    zero = np.zeros_like(X)
    assert directional_error(flat, X, zero, V) <= 1e-7
    assert directional_error(lambda x: 1e3 / 3 + smooth(x), X, zero, V) > 1e-3
    assert directional_error(lambda x: 0.0, X, zero, V) == 0


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_gradient_never_passes(broken: float) -> None:
    wrong = smooth_gradient(X)
    wrong[0, 1] = broken
    with np.errstate(invalid="ignore"):
        assert not directional_error(smooth, X, wrong, V) <= 1e-7
