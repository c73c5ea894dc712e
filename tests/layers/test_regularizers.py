"""Regularizers: values, gradients by numbers, spellings, and what is refused."""

import numpy as np
import pytest

from groundup.errors import DataError, InputError, UnknownName
from groundup.layers.regularizers import L1, L1L2, L2, regularizers
from groundup.registry import build, describe

W = np.array([[0.5, -2.0], [3.0, -0.25]])


@pytest.mark.parametrize(
    ("regularizer", "penalty"),
    [
        (L1(0.1), 0.1 * 5.75),
        (L2(0.1), 0.1 / 2 * 13.3125),
        (L1L2(0.1, 0.2), 0.1 * 5.75 + 0.2 / 2 * 13.3125),
        (L1L2(), 0.0),
    ],
    ids=str,
)
def test_penalty_and_gradient(regularizer, penalty):
    assert regularizer.penalty(W) == pytest.approx(penalty, rel=1e-14)
    assert isinstance(regularizer.penalty(W), float)
    direction, h = np.array([[1.0, 2.0], [-0.5, 0.7]]), 1e-6
    slope = (regularizer.penalty(W + h * direction) - regularizer.penalty(W - h * direction)) / (
        2 * h
    )
    assert np.sum(regularizer.gradient(W) * direction) == pytest.approx(slope, abs=1e-9)


@pytest.mark.parametrize("regularizer", [L1(0.1), L2(np.float64(0.1)), L1L2(0.1, 0.1)], ids=str)
def test_pure_and_dtype(regularizer):
    w = W.astype(np.float32)
    w.flags.writeable = False
    gradient = regularizer.gradient(w)
    assert gradient.dtype == np.float32
    assert gradient.shape == w.shape
    assert not np.shares_memory(gradient, w)


@pytest.mark.parametrize("regularizer", [L1(0.1), L2(0.1), L1L2(0.1, 0.1)], ids=str)
def test_numbers_of_any_kind_are_weights(regularizer):
    w = [[1, -2], [3, 0]]
    assert regularizer.penalty(w) == regularizer.penalty(np.array(w, np.float64)) > 0
    wanted = regularizer.gradient(np.array(w, np.float64))
    np.testing.assert_array_equal(regularizer.gradient(w), wanted)
    for method in (regularizer.penalty, regularizer.gradient):
        with pytest.raises(DataError, match="w has dtype"):
            method(["a"])


def test_a_weight_of_zero_is_left_alone():
    assert L1(1.0).gradient(np.zeros(3)).tolist() == [0, 0, 0]


def test_sums_in_float64():
    w = np.full(3_000_001, 0.1, np.float32)
    assert L2(2.0).penalty(w) == pytest.approx(3_000_001 * float(np.float32(0.1)) ** 2, rel=1e-7)


def test_squares_in_float64():
    """In float32 they would overflow, or vanish."""
    for size in (1e30, 1e-30):
        w = np.array([size, -size], np.float32)
        assert L2(1.0).penalty(w) == pytest.approx(size**2, rel=1e-6)


def test_spellings():
    assert regularizers.resolve("l2:1e-4") == L2(1e-4)
    assert regularizers.resolve("L1:0.5") == L1(0.5)
    assert regularizers.resolve("l2") == L2(0.01)
    assert regularizers.resolve("l1_l2") == regularizers.resolve("L1L2") == L1L2()
    assert regularizers.resolve({"kind": "l1l2", "l1": 0.1}) == L1L2(l1=0.1)
    assert build(describe(L1L2(0.1, 0.2))) == L1L2(0.1, 0.2)
    for bad in ("l2:", "l2:much", "l3:1e-4", "l2:nan", "l2:-1"):
        with pytest.raises(InputError):
            regularizers.resolve(bad)
    with pytest.raises(UnknownName, match="Did you mean"):
        regularizers.resolve("l1-l2")


@pytest.mark.parametrize("bad", [-1e-9, np.nan, np.inf, "0.1", True, None])
def test_strengths_out_of_range(bad):
    for make in (L1, L2, lambda x: L1L2(l1=x), lambda x: L1L2(l2=x)):
        with pytest.raises(InputError, match="expected a finite number of at least 0"):
            make(bad)
