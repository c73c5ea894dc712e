"""Dropout: its mask, its scale, its backward."""

import numpy as np
import pytest

from groundup import ops
from groundup.rng import Stream

X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
STREAM = Stream(3, "dropout").named("dropout_1").at(epoch=2, step=7)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_forward_and_backward_use_the_mask_of_the_stream(rate: float) -> None:
    y, keep = ops.dropout(X, STREAM, rate, 2.0)
    assert (keep == STREAM.keep_mask(X.shape, rate)).all()
    assert (y == X * keep * 2).all()
    assert (ops.dropout_backward(X, keep, 2.0) == y).all()


def test_keeping_everything_is_the_identity() -> None:
    y, keep = ops.dropout(X, STREAM, 0.0, 1.0)
    assert keep.all()
    assert (y == X).all()
    assert (ops.dropout_backward(X, 1, 1.0) == X).all()


def test_a_scale_never_widens_the_dtype() -> None:
    x = X.astype(np.float32)
    y, keep = ops.dropout(x, STREAM, 0.2, np.float64(1.25))
    assert y.dtype == np.float32
    assert ops.dropout_backward(x, keep, np.float64(1.25)).dtype == np.float32
