"""Dropout, given its mask."""

import numpy as np

from groundup import ops

X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
KEEP = np.array([[True, False, True], [False, False, True]])


def test_forward_and_backward_use_the_same_mask_and_scale() -> None:
    assert ops.dropout(X, KEEP, 2.0).tolist() == [[2, 0, 6], [0, 0, -12]]
    assert ops.dropout_backward(X, KEEP, 2.0).tolist() == [[2, 0, 6], [0, 0, -12]]


def test_keeping_everything_is_the_identity() -> None:
    assert (ops.dropout(X, np.ones_like(KEEP), 1.0) == X).all()
    assert (ops.dropout_backward(X, 1, 1.0) == X).all()


def test_a_scale_never_widens_the_dtype() -> None:
    x = X.astype(np.float32)
    assert ops.dropout(x, KEEP, np.float64(1.25)).dtype == np.float32
    assert ops.dropout_backward(x, KEEP, np.float64(1.25)).dtype == np.float32
