"""Layers spelled out in small operations agree with the layers written by hand."""

import numpy as np
import pytest

from groundup import (
    BatchNormalization,
    CategoricalCrossentropy,
    Dense,
    Mode,
    Sigmoid,
    Stream,
    Variable,
)
from groundup.layers.graph import flows, textbook

TRAIN = Mode(train=True)


def normal(name, *shape):
    return Stream(0).named(name).normal(shape)


def hand(layer, params, x, dy):
    """y and all gradients of a layer."""
    state = layer.init(Stream(0), x.shape[1:]).state
    y, cache, _ = layer.forward(params, state, x, TRAIN)
    dx, grads = layer.backward(params, cache, dy, TRAIN)
    return {"y": y, "x": dx, **grads}


def close(found, expected):
    assert np.abs(found - expected).max() < 1e-10
    assert found.shape == expected.shape


@pytest.mark.parametrize("N", [2, 7])
def test_batch_normalization(N):
    x, dy = 3 * normal("x", N, 3) + 1, normal("dy", N, 3)
    params = {"gamma": normal("gamma", 3), "beta": normal("beta", 3)}
    expected = hand(BatchNormalization(epsilon=1e-5), params, x, dy)
    leaves = {"x": Variable(x), **{key: Variable(value) for key, value in params.items()}}
    y = textbook.batch_normalization(leaves["x"], leaves["gamma"], leaves["beta"])
    y.backward(dy)
    close(y.value, expected["y"])
    for key, leaf in leaves.items():
        close(leaf.grad, expected[key])
    assert max(flow.error for flow in flows(y)) < 1e-6


def test_affine():
    x, dy = normal("x", 5, 4), normal("dy", 5, 3)
    params = {"W": normal("W", 4, 3), "b": normal("b", 3)}
    expected = hand(Dense(3), params, x, dy)
    X, W, b = Variable(x), Variable(params["W"]), Variable(params["b"])
    y = textbook.affine(X, W, b)
    y.backward(dy)
    for found, key in ((y.value, "y"), (X.grad, "x"), (W.grad, "W"), (b.grad, "b")):
        close(found, expected[key])


def test_sigmoid():
    x, dy = normal("x", 4, 3), normal("dy", 4, 3)
    expected = hand(Sigmoid(), {}, x, dy)
    X = Variable(x)
    y = textbook.sigmoid(X)
    y.backward(dy)
    close(y.value, expected["y"])
    close(X.grad, expected["x"])
    symbols = ["÷", "+", "exp", "× −1"]
    node, found = y, []
    while node.operation is not None:
        found.append(node.operation.symbol)
        node = node.inputs[-1]
    assert found == symbols


def test_softmax_with_loss():
    z, t = 3 * normal("z", 6, 4), np.eye(4)[[0, 1, 2, 3, 0, 1]]
    loss = CategoricalCrossentropy(from_logits=True)
    value, cache = loss.forward(z, t)
    Z = Variable(z)
    L = textbook.softmax_with_loss(Z, t)
    L.backward()
    assert float(L.value) == pytest.approx(value, abs=1e-12)
    close(Z.grad, loss.backward(cache))
