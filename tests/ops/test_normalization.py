"""Batch normalization against its formulas, and at the edges of floating point."""

import numpy as np
import pytest

from groundup import ops

EPS = 1e-5


def values(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.Generator(np.random.Philox(key=seed)).normal(2.0, 3.0, size=shape)


@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 5, 2), (1, 2, 3, 3), (2, 1)])
def test_statistics_per_feature_or_channel(shape) -> None:
    x = values(*shape)
    mean, var = ops.batch_statistics(x)
    for c in range(shape[1]):
        column = x[:, c].ravel()
        assert mean[c] == pytest.approx(sum(column) / len(column), rel=1e-13)
        by_hand = sum((v - mean[c]) ** 2 for v in column) / len(column)
        assert var[c] == pytest.approx(by_hand, rel=1e-13)
    assert mean.shape == var.shape == (shape[1],)


def test_forward_by_hand() -> None:
    x = np.array([[1.0, 10.0], [3.0, 30.0]])
    mean, var = ops.batch_statistics(x)
    assert mean.tolist() == [2, 20]
    assert var.tolist() == [1, 100]
    gamma, beta = np.array([2.0, 3.0]), np.array([0.5, -1.0])
    y, xhat, inv_std = ops.batch_norm(x, gamma, beta, mean, var, 0.44)
    np.testing.assert_allclose(inv_std, [1 / 1.2, 1 / np.sqrt(100.44)], rtol=1e-15)
    np.testing.assert_allclose(xhat[:, 0], [-1 / 1.2, 1 / 1.2], rtol=1e-15)
    np.testing.assert_allclose(y[:, 0], [0.5 - 2 / 1.2, 0.5 + 2 / 1.2], rtol=1e-15)


def test_images_are_normalized_per_channel_not_per_pixel() -> None:
    """The book's own code takes C·H·W means; the paper and everybody else, C."""
    x = values(4, 3, 5, 2)
    rows = x.transpose(0, 2, 3, 1).reshape(-1, 3)
    for a, b in zip(ops.batch_statistics(x), ops.batch_statistics(rows), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
    gamma, beta = values(3, seed=2), values(3, seed=3)
    y = ops.batch_norm(x, gamma, beta, *ops.batch_statistics(x), EPS)[0]
    flat = ops.batch_norm(rows, gamma, beta, *ops.batch_statistics(rows), EPS)[0]
    np.testing.assert_allclose(y.transpose(0, 2, 3, 1).reshape(-1, 3), flat, rtol=1e-12)


def test_result_has_mean_beta_and_deviation_gamma() -> None:
    x, gamma, beta = values(50, 4), np.array([1.0, 2.0, 0.5, -3.0]), np.arange(4.0)
    y = ops.batch_norm(x, gamma, beta, *ops.batch_statistics(x), 1e-12)[0]
    np.testing.assert_allclose(y.mean(axis=0), beta, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), abs(gamma), rtol=1e-9)


def test_backward_by_the_computational_graph() -> None:
    """Step by step as in the paper and the notes' graph, not by the shortened formula."""
    x, gamma, dy = values(6, 3), values(3, seed=2), values(6, 3, seed=3)
    mean, var = ops.batch_statistics(x)
    _, xhat, inv_std = ops.batch_norm(x, gamma, np.zeros(3), mean, var, EPS)
    dx, dgamma, dbeta = ops.batch_norm_backward(dy, xhat, inv_std, gamma, True)
    m = len(x)
    dxhat = dy * gamma
    dvar = np.sum(dxhat * (x - mean), axis=0) * -0.5 * (var + EPS) ** -1.5
    dmean = -np.sum(dxhat, axis=0) / np.sqrt(var + EPS) + dvar * np.mean(-2 * (x - mean), axis=0)
    expected = dxhat / np.sqrt(var + EPS) + dvar * 2 * (x - mean) / m + dmean / m
    np.testing.assert_allclose(dx, expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(dgamma, np.sum(dy * xhat, axis=0), rtol=1e-14)
    np.testing.assert_allclose(dbeta, np.sum(dy, axis=0), rtol=1e-14)


def test_with_running_statistics_dx_is_a_plain_product() -> None:
    dy, xhat, inv_std, gamma = values(4, 3), values(4, 3), abs(values(3)), values(3, seed=2)
    dx, _, _ = ops.batch_norm_backward(dy, xhat, inv_std, gamma, False)
    np.testing.assert_allclose(dx, dy * gamma * inv_std, rtol=1e-15)


def test_a_constant_feature_stays_finite() -> None:
    x = np.full((5, 2), 7.0)
    y, xhat, inv_std = ops.batch_norm(x, np.ones(2), np.ones(2), *ops.batch_statistics(x), EPS)
    assert (y == 1).all()
    assert (inv_std == 1 / np.sqrt(EPS)).all()
    dx, _, _ = ops.batch_norm_backward(values(5, 2), xhat, inv_std, np.ones(2), True)
    assert np.isfinite(dx).all()


def test_a_large_mean_does_not_drown_the_variance() -> None:
    """E[x²] - E[x]² would lose everything in float32; the two-pass variance does not."""
    x = (1e4 + values(1000, 2)).astype(np.float32)
    _, var = ops.batch_statistics(x)
    np.testing.assert_allclose(var, x.astype(np.float64).var(axis=0), rtol=1e-3)
