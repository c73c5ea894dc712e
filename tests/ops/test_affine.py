"""The products and the forward pass that the source notes print."""

import numpy as np
import pytest

from groundup import ops


def test_dot_products_of_the_notes() -> None:
    W = np.array([[1, 3, 5], [2, 4, 6]])
    assert ops.affine(np.array([1, 2]), W, None).tolist() == [5, 11, 17]
    A, B = np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 8]])
    assert ops.affine(A, B, None).tolist() == [[19, 22], [43, 50]]


def test_three_layer_forward_pass_of_the_notes() -> None:
    """2-3-2-2 with sigmoids; every printed digit of every intermediate value."""
    x = np.array([[1.0, 0.5]])
    W1, b1 = np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]), np.array([0.1, 0.2, 0.3])
    W2, b2 = np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]), np.array([0.1, 0.2])
    W3, b3 = np.array([[0.1, 0.3], [0.2, 0.4]]), np.array([0.1, 0.2])
    a1 = ops.affine(x, W1, b1)
    z1 = ops.sigmoid(a1)
    a2 = ops.affine(z1, W2, b2)
    z2 = ops.sigmoid(a2)
    y = ops.affine(z2, W3, b3)
    assert a1.round(8).tolist() == [[0.3, 0.7, 1.1]]
    assert z1.round(8).tolist() == [[0.57444252, 0.66818777, 0.75026011]]
    assert a2.round(8).tolist() == [[0.51615984, 1.21402696]]
    assert z2.round(8).tolist() == [[0.62624937, 0.7710107]]
    assert y.round(8).tolist() == [[0.31682708, 0.69627909]]


def test_backward_by_hand() -> None:
    x, W = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0, -1.0], [2.0, 5.0, 0.5]])
    dy = np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 1.0]])
    dx, dW, db = ops.affine_backward(dy, x, W)
    assert dx.tolist() == [[1 - 3, 2 + 10 + 1.5], [-1 - 1, -2 + 0.5]]
    assert dW.tolist() == [[1 - 3, 2, 3 + 3], [2 - 4, 4, 6 + 4]]
    assert db.tolist() == [0.0, 2.0, 4.0]


def test_gates_of_the_perceptron() -> None:
    """AND, NAND, OR by one step unit, XOR by two layers: the notes' first chapter."""
    inputs = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])

    def gate(x: np.ndarray, w: list[float], b: float) -> np.ndarray:
        return ops.step(ops.affine(x, np.array(w)[:, None], np.array([b])))

    nand = gate(inputs, [-0.5, -0.5], 0.7)
    either = gate(inputs, [0.5, 0.5], -0.2)
    assert gate(inputs, [0.5, 0.5], -0.7).ravel().tolist() == [0, 0, 0, 1]
    assert nand.ravel().tolist() == [1, 1, 1, 0]
    assert either.ravel().tolist() == [0, 1, 1, 1]
    both = gate(np.hstack([nand, either]), [0.5, 0.5], -0.7)
    assert both.ravel().tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(("N", "D", "M"), [(1, 1, 1), (0, 3, 2), (7, 5, 3)])
def test_shapes(N: int, D: int, M: int) -> None:
    x, W, b = np.ones((N, D)), np.ones((D, M)), np.zeros(M)
    assert ops.affine(x, W, b).shape == (N, M)
    dx, dW, db = ops.affine_backward(np.ones((N, M)), x, W)
    assert (dx.shape, dW.shape, db.shape) == ((N, D), (D, M), (M,))
