"""The axes of a symmetric matrix: strictly the same as LAPACK's, to rounding, and without BLAS."""

import numpy as np
import pytest

from groundup.ops import dispatch
from groundup.ops.reference.eigen import by_rotations, eigh


def covariance(D, rank, scale=1.0):
    rng = np.random.default_rng(D)
    x = rng.normal(size=(rank, D)) * np.exp(3 * rng.normal(size=D))
    return scale * (x.T @ x)


def beside(diagonal, others):
    """A matrix that is tridiagonal already."""
    return np.diag(diagonal) + np.diag(others, 1) + np.diag(others, -1)


@pytest.mark.parametrize(
    "A",
    [
        covariance(1, 1),
        covariance(2, 2),
        covariance(7, 3),
        covariance(40, 60),
        covariance(40, 5),
        covariance(12, 20, 1e300),
        covariance(12, 20, 1e-300),
        np.eye(5),
        np.zeros((4, 4)),
        np.diag([3.0, 1.0, 3.0, 0.0]),
        np.array([[0.0, 1.0], [1.0, 0.0]]),
        beside([0.0, 0.0, 0.0, 0.0], [1.0, 2.0, -1.0]),
        beside([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 0.0, -2.0, 1e-9]),
        beside([1e-200, 1.0, 1e-200], [1e-170, 1e-180]),
        beside([0.0, 0.0, 1.0, 0.0], [1e-170, 1e-160, 1e-170]),
    ],
)
def test_values_and_axes(A):
    values, U = by_rotations(A)
    size = np.abs(np.linalg.eigvalsh(A)).max() or 1.0
    np.testing.assert_allclose(np.sort(values) / size, np.linalg.eigvalsh(A / size), atol=1e-14)
    np.testing.assert_allclose(U.T @ U, np.eye(len(A)), atol=1e-13)
    np.testing.assert_allclose((U * (values / size)) @ U.T, A / size, atol=1e-13)


def test_which_of_the_two(monkeypatch):
    A = covariance(9, 9)
    values, axes = eigh(A)
    expected, others = np.linalg.eigh(A)
    assert (values == expected).all()
    assert (axes == others).all()
    monkeypatch.setattr("groundup.ops.reference.eigen.strict", lambda: True)
    monkeypatch.setattr(np.linalg, "eigh", None)
    values, _ = eigh(A)
    assert (np.diff(values) > 0).all()
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-13 * expected.max())
    assert not dispatch.strict()
