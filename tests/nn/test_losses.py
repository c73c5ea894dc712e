"""Losses: printed numbers of the book, gradients by numbers, weights, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.errors import DataError, InputError, ShapeError, UnknownName
from groundup.nn.losses import (
    CategoricalCrossentropy,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    SumSquaredError,
    losses,
)
from groundup.registry import build, describe

BOOK_T = np.eye(10)[[2]]
BOOK_Y = np.array(
    [
        [0.1, 0.05, 0.6, 0.0, 0.05, 0.1, 0.0, 0.1, 0.0, 0.0],
        [0.1, 0.05, 0.1, 0.0, 0.05, 0.1, 0.0, 0.6, 0.0, 0.0],
    ]
)
REGRESSION = [MeanSquaredError(), SumSquaredError(), MeanAbsoluteError(), Huber(0.7)]
CLASSIFICATION = [
    CategoricalCrossentropy(),
    CategoricalCrossentropy(label_smoothing=0.2),
    CategoricalCrossentropy(from_logits=True),
    CategoricalCrossentropy(from_logits=True, label_smoothing=0.2),
]


def draw(loss, N, width, rng, dtype=np.float64):
    """Predictions and targets that `loss` accepts."""
    if not isinstance(loss, CategoricalCrossentropy):
        return rng.normal(size=(N, width)).astype(dtype), rng.normal(size=(N, width))
    z = rng.normal(size=(N, width))
    y = z if loss.from_logits else np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return y.astype(dtype), rng.integers(0, width, N)


def test_the_book_s_numbers():
    for y, squared, entropy in zip(BOOK_Y, (0.0975, 0.5975), (0.5108, 2.3026), strict=True):
        assert SumSquaredError()(BOOK_T, y[None]) == pytest.approx(squared, abs=5e-5)
        assert CategoricalCrossentropy()(BOOK_T, y[None]) == pytest.approx(entropy, abs=5e-5)
    batch = np.repeat(BOOK_T, 2, axis=0)
    assert CategoricalCrossentropy()(batch, BOOK_Y) == pytest.approx((0.510826 + 2.302585) / 2)
    assert CategoricalCrossentropy()([2, 2], BOOK_Y) == CategoricalCrossentropy()(batch, BOOK_Y)


def test_values_by_hand():
    y, t = np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[0.0, 2.0], [3.0, -1.5]])
    assert MeanSquaredError()(t, y) == pytest.approx(((1 + 0) / 2 + (9 + 0.25) / 2) / 2)
    assert SumSquaredError()(t, y) == pytest.approx((0.5 + 4.625) / 2)
    assert MeanAbsoluteError()(t, y) == pytest.approx((0.5 + 1.75) / 2)
    assert Huber(1.0)(t, y) == pytest.approx((0.5 / 2 + (2.5 + 0.125) / 2) / 2)
    assert Huber(2.0)(t, y) == pytest.approx((0.5 / 2 + (4.0 + 0.125) / 2) / 2)


def test_weights_multiply_samples_and_n_still_divides():
    y, t = np.array([[1.0], [2.0], [4.0]]), np.zeros((3, 1))
    assert MeanSquaredError()(t, y, [1, 0, 2]) == pytest.approx((1 + 0 + 32) / 3)
    value, cache = MeanSquaredError().forward(y, t, np.array([1, 0, 2]))
    assert isinstance(value, float)
    np.testing.assert_allclose(
        MeanSquaredError().backward(cache), [[2 / 3], [0], [2 * 2 * 4 / 3]], rtol=1e-15
    )


@pytest.mark.parametrize("loss", REGRESSION + CLASSIFICATION, ids=str)
@settings(max_examples=15, deadline=None)
@given(
    N=st.integers(1, 6), width=st.integers(2, 5), weighted=st.booleans(), seed=st.integers(0, 999)
)
def test_backward_is_the_gradient_of_the_value(loss, N, width, weighted, seed):
    rng = np.random.default_rng(seed)
    y, t = draw(loss, N, width, rng)
    weight = rng.uniform(0, 2, N) if weighted else None
    _, cache = loss.forward(y, t, weight)
    dy = loss.backward(cache)
    direction, h = rng.normal(size=y.shape), 1e-6
    if isinstance(loss, MeanAbsoluteError | Huber):
        direction[np.abs(np.abs(y - t) - getattr(loss, "delta", 0)) < 1e-4] = 0  # the kinks
    if not getattr(loss, "from_logits", True):
        direction -= direction.mean(axis=1, keepdims=True)
        h = 1e-2 * h
    ahead, behind = (loss.forward(y + s * h * direction, t, weight)[0] for s in (1, -1))
    assert np.sum(dy * direction) == pytest.approx((ahead - behind) / (2 * h), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("loss", REGRESSION + CLASSIFICATION, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_inputs_stay(loss, dtype):
    y, t = draw(loss, 4, 3, np.random.default_rng(0), dtype)
    y.flags.writeable = t.flags.writeable = False
    for weight in (None, np.ones(4)):
        _, cache = loss.forward(y, t, weight)
        dy = loss.backward(cache)
        assert dy.dtype == dtype
        assert dy.shape == y.shape


def test_numbers_of_numpy_do_not_widen_arrays():
    y = np.ones((2, 2), np.float32)
    for loss, t in ((Huber(np.float64(0.1)), y * 3), (CategoricalCrossentropy(), [0, 1])):
        loss = replace(loss, label_smoothing=np.float64(0.1)) if type(t) is list else loss
        _, cache = loss.forward(y / 2, t)
        assert loss.backward(cache).dtype == np.float32


def test_the_sum_is_taken_in_float64():
    y = np.full((3_000_001, 1), 0.1, np.float32)
    value, _ = SumSquaredError().forward(y, np.zeros_like(y))
    assert value == pytest.approx(float(np.float32(0.1)) ** 2 / 2, rel=1e-7)


@pytest.mark.parametrize("loss", REGRESSION, ids=str)
def test_flat_targets_meet_columns(loss):
    y, t = np.array([[1.0], [2.0]]), np.array([0.5, 4.0])
    assert loss(t, y) == loss(t[:, None], y) == loss(t, y[:, 0]) == loss(t[:, None], y[:, 0])
    _, cache = loss.forward(y, t)
    assert loss.backward(cache).shape == (2, 1)


def test_images_are_outputs_too():
    y, t = np.ones((2, 1, 3, 3)), np.zeros((2, 1, 3, 3))
    value, cache = MeanSquaredError().forward(y, t, np.array([1.0, 0.0]))
    assert value == 0.5
    np.testing.assert_allclose(MeanSquaredError().backward(cache)[:, 0, 0, 0], [1 / 9, 0])


def test_labels_equal_their_one_hot_form():
    y = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]])
    loss = CategoricalCrossentropy(label_smoothing=0.1)
    labels = np.array([1, 0], np.uint8)
    assert loss(labels, y) == loss(labels[:, None], y) == loss(np.eye(3)[labels], y)
    assert loss(np.eye(3, dtype=bool)[labels], y) == loss(labels, y)


def test_logits_survive_where_probabilities_round():
    loss = CategoricalCrossentropy(from_logits=True)
    value, cache = loss.forward(np.array([[1000.0, 0.0]]), np.array([1]))
    assert value == 1000.0
    np.testing.assert_array_equal(loss.backward(cache), [[1.0, -1.0]])
    assert CategoricalCrossentropy()([1], [[1.0, 0.0]]) == pytest.approx(-np.log(1e-7))


def test_soft_targets_of_logits_and_probabilities_agree():
    rng = np.random.default_rng(1)
    z, t = rng.normal(size=(5, 4)), rng.dirichlet(np.ones(4), 5)
    y = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert CategoricalCrossentropy(from_logits=True)(t, z) == pytest.approx(
        CategoricalCrossentropy()(t, y), rel=1e-14
    )


@pytest.mark.parametrize(
    ("t", "error", "words"),
    [
        (np.array([0, 3]), DataError, "label 3 of sample 1"),
        (np.array([-1, 0]), DataError, "label -1 of sample 0"),
        (np.array([0.0, 1.0]), DataError, "float64"),
        (np.array([True, False]), DataError, "bool"),
        (np.array(["a", "b"]), DataError, "whole numbers"),
        (np.array([255, 0], np.uint8), DataError, "label 255"),
        (np.array([0, 1, 2]), ShapeError, "got (3,)"),
        (np.eye(4)[:2], ShapeError, "got (2, 4)"),
        (np.array([[0.5, 0.5, 0.5], [1, 0, 0]]), DataError, "sample 0"),
        (np.array([[1.0, 0, 0], [np.nan, 0, 1]]), DataError, "sample 1"),
        (np.array([[1.5, -0.5, 0], [1, 0, 0]]), DataError, "sample 0"),
        (np.array([["a"] * 3] * 2), DataError, "numbers"),
    ],
)
def test_impossible_class_targets(t, error, words):
    y = np.full((2, 3), 1 / 3)
    with pytest.raises(error) as caught:
        CategoricalCrossentropy().forward(y, t)
    assert words in str(caught.value)
    assert "CategoricalCrossentropy" in str(caught.value)


@pytest.mark.parametrize("y", [np.ones((2, 1)), np.ones(2), np.ones((2, 3, 4)) / 3])
def test_predictions_that_are_no_classes(y):
    with pytest.raises(ShapeError, match="C >= 2"):
        CategoricalCrossentropy().forward(y, np.array([0, 0]))


@pytest.mark.parametrize("y", [[[2.0, -1.0]], [[0.9, 0.9]], [[0.1, 0.2]]])
def test_logits_taken_for_probabilities(y):
    with pytest.raises(InputError, match="from_logits=True"):
        CategoricalCrossentropy()([0], y)
    CategoricalCrossentropy(from_logits=True)([0], y)


def test_nan_predictions_give_nan():
    assert np.isnan(CategoricalCrossentropy()([0], [[np.nan, np.nan]]))
    assert np.isnan(MeanSquaredError()([0.0], [np.nan]))


@pytest.mark.parametrize("loss", REGRESSION, ids=str)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 2), (2, 1), (2, 2, 1)])
def test_targets_of_another_shape(loss, shape):
    with pytest.raises(ShapeError, match=r"\(2, 2\)"):
        loss.forward(np.zeros((2, 2)), np.zeros(shape))


def test_other_refusals():
    with pytest.raises(ShapeError, match="at least one sample"):
        MeanSquaredError().forward(np.zeros((0, 1)), np.zeros((0, 1)))
    with pytest.raises(DataError):
        MeanSquaredError()(["a"], [1.0])
    with pytest.raises(ShapeError, match="one weight a sample"):
        MeanSquaredError()([1.0, 2.0], [1.0, 2.0], [1.0])
    for weight in ([1.0, -1.0], [1.0, np.nan], [np.inf, 1.0]):
        with pytest.raises(InputError, match="weights"):
            MeanSquaredError()([1.0, 2.0], [1.0, 2.0], weight)
    for bad in (0, -1, np.nan, np.inf, True, "1"):
        with pytest.raises(InputError, match="delta"):
            Huber(bad)
    for bad in (-0.1, 1.0, np.nan):
        with pytest.raises(InputError, match="label_smoothing"):
            CategoricalCrossentropy(label_smoothing=bad)


def test_names():
    for names, cls in {
        ("mse", "mean_squared_error", "MSE"): MeanSquaredError,
        ("sse", "sum_squared_error"): SumSquaredError,
        ("mae", "mean_absolute_error"): MeanAbsoluteError,
        ("huber",): Huber,
        (
            "categorical_crossentropy",
            "sparse_categorical_crossentropy",
        ): CategoricalCrossentropy,
    }.items():
        assert all(type(losses.resolve(name)) is cls for name in names)
    with pytest.raises(UnknownName, match="Did you mean"):
        losses.resolve("categorical_crossentrpy")
    loss = Huber(delta=2.0)
    assert build(describe(loss)) == loss
