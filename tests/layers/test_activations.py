"""Activations as layers, and `activation=` of other layers."""

import itertools

import numpy as np
import pytest

from groundup.errors import InputError, UnknownName
from groundup.layers import (
    ELU,
    Activation,
    Conv2D,
    Dense,
    Dropout,
    Identity,
    LeakyReLU,
    Mode,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
    activations,
)
from groundup.rng import Stream

X = np.array([[-2.0, 0.0, 3.0], [1.0, -1.0, 0.5]])
NAMES = ["identity", "step", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softmax"]


def forward(layer, x=X, params=None, mode=None):
    return layer.forward(params or {}, {}, x, mode or Mode())


def test_the_activations_of_the_notes_are_all_here() -> None:
    assert activations.names() == NAMES


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Identity(), X),
        (Step(), (X > 0) * 1.0),
        (Sigmoid(), 1 / (1 + np.exp(-X))),
        (Tanh(), np.tanh(X)),
        (ReLU(), np.maximum(X, 0)),
        (LeakyReLU(), np.where(X > 0, X, 0.01 * X)),
        (LeakyReLU(0.3), np.where(X > 0, X, 0.3 * X)),
        (ELU(), np.where(X > 0, X, np.exp(X) - 1)),
        (ELU(2.0), np.where(X > 0, X, 2 * (np.exp(X) - 1))),
        (Softmax(), np.exp(X) / np.exp(X).sum(axis=1, keepdims=True)),
    ],
    ids=lambda v: type(v).__name__,
)
def test_values(layer, expected) -> None:
    np.testing.assert_allclose(forward(layer)[0], expected, rtol=1e-14)
    np.testing.assert_allclose(forward(Activation(layer))[0], expected, rtol=1e-14)


@pytest.mark.parametrize("name", NAMES)
def test_activation_by_name_is_that_layer(name) -> None:
    layer = activations.resolve(name)
    y, cache, _ = forward(Activation(name))
    wanted, wanted_cache, _ = forward(layer)
    assert (y == wanted).all()
    dy = X[::-1]
    dx, _ = Activation(name).backward({}, cache, dy, Mode())
    assert (dx == layer.backward({}, wanted_cache, dy, Mode())[0]).all()


def test_linear_is_the_identity() -> None:
    assert activations.resolve("linear") == Identity()
    assert Dense(2, activation="linear") == Dense(2)


# --- PReLU


def test_prelu_has_a_slope_per_feature_or_channel() -> None:
    assert PReLU().init(Stream(0), (5,)).params["slope"].tolist() == [0.25] * 5
    assert PReLU().init(Stream(0), (3, 8, 8)).params["slope"].tolist() == [0.25] * 3
    assert PReLU(shared=True).init(Stream(0), (3, 8, 8)).params["slope"].tolist() == [0.25]
    assert PReLU("zeros").init(Stream(0), (2,)).params["slope"].tolist() == [0, 0]
    assert PReLU().init(Stream(0), (5,)).decay == ()  # He et al.: no weight decay on the slope


def test_prelu_by_hand() -> None:
    slope = {"slope": np.array([0.5, 0.1, 2.0])}
    y, cache, _ = forward(PReLU(), params=slope)
    assert y.tolist() == [[-1.0, 0.0, 3.0], [1.0, -0.1, 0.5]]
    dx, grads = PReLU().backward(slope, cache, np.full((2, 3), 10.0), Mode())
    assert dx.tolist() == [[5.0, 1.0, 10.0], [10.0, 1.0, 10.0]]
    assert grads["slope"].tolist() == [-20.0, -10.0, 0.0]


def test_prelu_learns_its_slope() -> None:
    """A few steps of plain gradient descent find the slope that made the data."""
    layer, x = PReLU(shared=True), -np.arange(1.0, 5.0).reshape(4, 1)
    params = dict(layer.init(Stream(0), (1,)).params)
    for _ in range(100):
        y, cache, _ = layer.forward(params, {}, x, Mode(train=True))
        _, grads = layer.backward(params, cache, (y - 0.7 * x) / len(x), Mode(train=True))
        params["slope"] = params["slope"] - 0.1 * grads["slope"]
    assert params["slope"].item() == pytest.approx(0.7, abs=1e-6)


def test_prelu_is_no_inner_activation() -> None:
    makers = (Activation, lambda a: Dense(3, activation=a), lambda a: Conv2D(3, 3, activation=a))
    for make, given in itertools.product(makers, (PReLU(), PReLU, "PReLU", {"kind": "prelu"})):
        with pytest.raises(InputError) as caught:
            make(given)
        assert str(caught.value) == (
            "activation=PReLU(): it has a slope to learn, so it is a layer of its own. "
            "Put PReLU() after this layer."
        )


# --- activation= of Dense and Conv2D


@pytest.mark.parametrize("name", NAMES)
def test_dense_with_activation_is_dense_then_activation(name) -> None:
    fused, plain, after = Dense(3, activation=name), Dense(3), activations.resolve(name)
    params = plain.init(Stream(0), (3,)).params
    y, cache, _ = forward(fused, params=params)
    z, plain_cache, _ = forward(plain, params=params)
    wanted, after_cache, _ = forward(after, z)
    assert (y == wanted).all()
    dy = X[::-1]
    dx, grads = fused.backward(params, cache, dy, Mode())
    dz, _ = after.backward({}, after_cache, dy, Mode())
    wanted_dx, wanted_grads = plain.backward(params, plain_cache, dz, Mode())
    assert (dx == wanted_dx).all()
    assert all((grads[key] == wanted_grads[key]).all() for key in ("W", "b"))


def test_activation_takes_a_name_an_object_a_class_or_a_mapping() -> None:
    assert (
        Dense(2, activation="relu")
        == Dense(2, activation=ReLU())
        == Dense(2, activation=ReLU)
        == Dense(2, activation={"kind": "ReLU"})
        == Dense(2, activation=ReLU(name="a name that nobody needs"))
    )
    assert Dense(2, activation=LeakyReLU(0.3)) != Dense(2, activation="leaky_relu")


@pytest.mark.parametrize("wrong", ["rellu", "dense"])
def test_an_unknown_activation(wrong) -> None:
    for make in (Activation, lambda a: Dense(2, activation=a)):
        with pytest.raises(UnknownName, match=f"unknown activation '{wrong}'"):
            make(wrong)


@pytest.mark.parametrize("wrong", [Dropout(0.5), Dense(2), 3, np.tanh, Activation("relu")])
def test_what_is_no_activation(wrong) -> None:
    with pytest.raises(InputError, match="is no activation: expected an object or a name"):
        Activation(wrong)


# --- options


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), "0.1", None, True])
def test_slopes_must_be_numbers(wrong) -> None:
    with pytest.raises(InputError, match=r"LeakyReLU\(negative_slope=.*expected a finite number"):
        LeakyReLU(wrong)
    with pytest.raises(InputError, match=r"ELU\(alpha=.*expected a finite number"):
        ELU(wrong)


@pytest.mark.parametrize("layer", [LeakyReLU(np.float64(0.3)), ELU(np.float64(0.3))])
def test_a_numpy_scalar_does_not_widen_the_dtype(layer) -> None:
    """np.float64(0.3) times a float32 array is float64 in NumPy 2; 0.3 is not."""
    x = X.astype(np.float32)
    y, cache, _ = forward(layer, x)
    assert y.dtype == np.float32
    assert layer.backward({}, cache, x, Mode())[0].dtype == np.float32
