"""Dense: shapes, options, and what it says to impossible ones."""

import numpy as np
import pytest

from groundup.errors import InputError, ShapeError, UnknownOption
from groundup.layers import Conv2D, Dense, Mode, ReLU
from groundup.layers.regularizers import L2
from groundup.rng import Stream


def test_init() -> None:
    made = Dense(5).init(Stream(0).named("dense_1"), (7,))
    assert {key: value.shape for key, value in made.params.items()} == {"W": (7, 5), "b": (5,)}
    assert made.out_shape == (5,)
    assert made.decay == ("W",)
    assert not made.state
    assert not made.params["b"].any()
    wanted = Stream(0).named("dense_1").named("W").uniform((7, 5), -np.sqrt(0.5), np.sqrt(0.5))
    assert (made.params["W"] == wanted).all()  # Glorot: ±√(6/12)


def test_without_bias() -> None:
    layer = Dense(2, use_bias=False)
    made = layer.init(Stream(0), (3,))
    assert set(made.params) == {"W"}
    x = np.eye(3)
    y, cache, _ = layer.forward(made.params, {}, x, Mode())
    assert (y == made.params["W"]).all()
    dx, grads = layer.backward(made.params, cache, np.ones((3, 2)), Mode())
    assert set(grads) == {"W"}
    assert dx.shape == (3, 3)


def test_the_three_layers_of_the_notes() -> None:
    values = [
        ([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]], [0.1, 0.2, 0.3], "sigmoid"),
        ([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]], [0.1, 0.2], "sigmoid"),
        ([[0.1, 0.3], [0.2, 0.4]], [0.1, 0.2], "identity"),
    ]
    x = np.array([[1.0, 0.5]])
    for W, b, activation in values:
        params = {"W": np.array(W), "b": np.array(b)}
        x, _, _ = Dense(len(b), activation=activation).forward(params, {}, x, Mode())
    assert x.round(8).tolist() == [[0.31682708, 0.69627909]]


def test_an_image_is_refused_with_the_remedy() -> None:
    with pytest.raises(ShapeError) as caught:
        Dense(50).init(Stream(0), (1, 28, 28))
    assert str(caught.value) == (
        "Dense(units=50): expected x of rank 2 (N, D), got (N, 1, 28, 28). Put Flatten() before it."
    )
    with pytest.raises(ShapeError, match=r"Dense\(units=50, name='head'\): expected"):
        Dense(50, name="head").init(Stream(0), (1, 28, 28))


@pytest.mark.parametrize("units", [0, -1, 1.5, 3.0, None, "3", True, (3,)])
def test_impossible_units(units) -> None:
    with pytest.raises(InputError, match=r"Dense\(units=.*expected a whole number of at least 1"):
        Dense(units)


def test_units_may_come_from_numpy() -> None:
    assert Dense(np.int64(3)) == Dense(3)
    assert type(Dense(np.int64(3)).units) is int


def test_input_dim_is_short_for_input_shape() -> None:
    assert Dense(3, input_dim=4).input_shape == (4,)
    assert Dense(3, input_shape=[4]).input_shape == (4,)
    assert Dense(3, input_shape=(np.int64(4),)).input_shape == (4,)
    with pytest.raises(InputError, match="input_dim=0"):
        Dense(3, input_dim=0)


def test_the_classic_mistake_of_a_missing_comma() -> None:
    with pytest.raises(InputError) as caught:
        Dense(64, input_shape=(784))
    assert str(caught.value) == (
        "Dense(input_shape=784): expected positive whole numbers without the batch axis, "
        "such as (784,) or (1, 28, 28)."
    )


def test_keras_order_of_arguments() -> None:
    layer = Dense(64, "relu", False, "he_normal", "ones")
    assert layer == Dense(
        units=64,
        activation="relu",
        use_bias=False,
        kernel_initializer="he_normal",
        bias_initializer="ones",
    )


@pytest.mark.parametrize("wrong", [0.01, [], 1, object, ReLU()])
def test_impossible_regularizer(wrong) -> None:
    with pytest.raises(InputError, match="is no regularizer: expected an object or a name: l1, l2"):
        Dense(3, kernel_regularizer=wrong)


@pytest.mark.parametrize("given", ["l2:1e-4", {"kind": "L2", "l2": 1e-4}, L2(1e-4)])
def test_regularizers_by_name(given) -> None:
    assert Dense(3, kernel_regularizer=given).kernel_regularizer == L2(1e-4)
    assert Conv2D(3, 3, kernel_regularizer=given).kernel_regularizer == L2(1e-4)
    assert Dense(3, kernel_regularizer=L2).kernel_regularizer == L2(0.01)


def test_a_penalty_is_on_w() -> None:
    assert Dense(3, kernel_regularizer=L2(0.1)).penalties() == {"W": L2(0.1)}
    assert Dense(3).penalties() == {}


def test_multiply_adds() -> None:
    assert Dense(100).multiply_adds((784,), (100,)) == 78400


def test_a_misspelled_option() -> None:
    with pytest.raises(UnknownOption, match="Did you mean 'units'"):
        Dense(unit=3)
