"""Softmax and cross-entropy: the notes' values, exact arithmetic; `trust/numbers/extreme`."""

import numpy as np
import pytest

from groundup import ops

special = pytest.importorskip("scipy.special")

T = np.eye(10)[[2]]
SURE = np.array([[0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0]])
WRONG = np.array([[0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0]])


def test_cross_entropy_of_the_notes() -> None:
    """The notes add 1e-7 inside the logarithm; to their fourth decimal it is the same."""
    assert ops.cross_entropy(SURE, T).item() == pytest.approx(0.510825457099338, abs=2e-7)
    assert ops.cross_entropy(WRONG, T).item() == pytest.approx(2.302584092994546, abs=2e-6)
    assert ops.cross_entropy(SURE, T).item() == pytest.approx(-np.log(0.6), rel=1e-15)


def test_cross_entropy_is_one_number_a_sample() -> None:
    both = ops.cross_entropy(np.vstack([SURE, WRONG]), np.vstack([T, T]))
    assert both.shape == (2,)
    np.testing.assert_allclose(both, -np.log([0.6, 0.1]), rtol=1e-14)


def test_cross_entropy_of_probability_0_is_finite() -> None:
    y = np.array([[1.0, 0.0]])
    assert ops.cross_entropy(y, np.array([[0.0, 1.0]])).item() == pytest.approx(-np.log(1e-7))
    assert ops.cross_entropy(y, np.array([[1.0, 0.0]])).item() == 0
    grad = ops.cross_entropy_backward(y, np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(grad, [[0, -1e7]])


def test_softmax_of_the_book() -> None:
    """Saito 2016, 3.5: [0.3, 2.9, 4.0]."""
    y = ops.softmax(np.array([0.3, 2.9, 4.0]))
    assert y.round(8).tolist() == [0.01821127, 0.24519181, 0.73659691]
    assert y.sum() == pytest.approx(1, abs=1e-15)


def test_a_hopelessly_wrong_prediction_keeps_its_exact_loss_and_gradient() -> None:
    """Here the probability is 0 even in float64; through the logits nothing is lost."""
    z, t = np.array([[1e4, -1e4]]), np.array([[0.0, 1.0]])
    assert ops.softmax_cross_entropy(z, t).item() == 2e4
    assert ops.softmax_cross_entropy_backward(z, t).tolist() == [[1.0, -1.0]]


def test_a_class_that_is_no_target_may_have_the_logit_minus_infinity() -> None:
    z, t = np.array([[0.0, -np.inf, 0.0]]), np.array([[0.5, 0.0, 0.5]])
    assert ops.softmax_cross_entropy(z, t).item() == pytest.approx(np.log(2), rel=1e-15)
    assert ops.softmax_cross_entropy_backward(z, t).tolist() == [[0.0, 0.0, 0.0]]
    assert np.isnan(ops.softmax_cross_entropy(np.array([[0.0, np.nan]]), np.eye(2)[:1])).all()


def test_against_scipy() -> None:
    z = 20 * np.random.Generator(np.random.Philox(key=1)).normal(size=(50, 7))
    np.testing.assert_allclose(ops.softmax(z), special.softmax(z, axis=-1), rtol=1e-13)
    np.testing.assert_allclose(ops.log_softmax(z), special.log_softmax(z, axis=-1), rtol=1e-13)
    t = special.softmax(z[::-1], axis=-1)
    expected = special.rel_entr(t, ops.softmax(z)).sum(-1) + special.entr(t).sum(-1)
    np.testing.assert_allclose(ops.softmax_cross_entropy(z, t), expected, rtol=1e-12)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float32, 1e-5), (np.float64, 1e-13)])
def test_log_softmax_against_many_digits(dtype, rtol) -> None:
    mpmath = pytest.importorskip("mpmath")
    z = np.array([[0.1, -30.0, 12.5, 12.25], [-1e4, 1e4, 0.0, 9999.5]], dtype)
    y = ops.log_softmax(z)
    with mpmath.workdps(60):
        for row, given in zip(y, z.tolist(), strict=True):
            total = mpmath.log(sum(mpmath.exp(v) for v in given))
            exact = [float(mpmath.mpf(v) - total) for v in given]
            np.testing.assert_allclose(row, exact, rtol=rtol)


def test_the_joint_gradient_is_that_of_the_two_in_turn() -> None:
    z = np.random.Generator(np.random.Philox(key=2)).normal(size=(5, 4))
    t = np.eye(4)[[0, 3, 1, 1, 2]]
    y = ops.softmax(z)
    in_turn = ops.softmax_backward(ops.cross_entropy_backward(y, t), y)
    np.testing.assert_allclose(ops.softmax_cross_entropy_backward(z, t), in_turn, atol=1e-14)
    np.testing.assert_allclose(ops.softmax_cross_entropy_backward(z, t), y - t, atol=1e-15)


def test_one_class() -> None:
    z = np.array([[3.0], [-2.0]])
    assert ops.softmax(z).tolist() == [[1], [1]]
    assert ops.softmax_backward(np.ones((2, 1)), ops.softmax(z)).tolist() == [[0], [0]]
    assert ops.softmax_cross_entropy(z, np.ones((2, 1))).tolist() == [0, 0]
