"""The graph of a chain's layers has the values and gradients of the chain."""

import numpy as np
import pytest

from groundup import (
    BatchNormalization,
    CategoricalCrossentropy,
    Chain,
    Dense,
    Dropout,
    Mode,
    ReLU,
    Sigmoid,
    Stream,
)
from groundup.layers.graph import flows, of_layers, topological

CHAIN = Chain(
    [
        Dense(4, name="first"),
        BatchNormalization(),
        ReLU(),
        Dropout(0.3),
        Chain([Dense(3), Dense(3)]),
        Sigmoid(),
    ]
)
LOSS = CategoricalCrossentropy(from_logits=True)


def made(mode):
    chain = CHAIN.init(Stream(0), (5,))
    x, t = Stream(1).normal((6, 5)), np.array([0, 1, 2, 0, 1, 2])
    y, cache, _ = CHAIN.forward(chain.params, chain.state, x, mode)
    value, remembered = LOSS.forward(y, t)
    dx, grads = CHAIN.backward(chain.params, cache, LOSS.backward(remembered), mode)
    L = of_layers(CHAIN, chain.params, x, state=chain.state, loss=LOSS, t=t, mode=mode)
    L.backward()
    return L, value, dx, grads


@pytest.mark.parametrize("train", [True, False])
def test_it_agrees_with_the_chain(train):
    L, value, dx, grads = made(Mode(train=train, rng=Stream(3, "dropout")))
    nodes = {v.operation.symbol: v for v in topological(L) if v.operation is not None}
    assert list(nodes) == [
        "first",
        "batch_normalization_1",
        "relu_1",
        "dropout_1",
        "dense_1",
        "dense_2",
        "sigmoid_1",
        "categorical crossentropy",
    ]
    assert float(L.value) == pytest.approx(value, abs=1e-12)
    x, W, b = nodes["first"].inputs
    assert (x.name, W.name, b.name) == ("x", "W", "b")
    assert x.grad == pytest.approx(dx, abs=1e-12)
    assert W.grad == pytest.approx(grads["first"]["W"], abs=1e-12)
    _, gamma, beta = nodes["batch_normalization_1"].inputs
    inner = grads["batch_normalization_1"]
    assert gamma.grad == pytest.approx(inner["gamma"], abs=1e-12)
    assert beta.grad == pytest.approx(inner["beta"], abs=1e-12)
    last = nodes["dense_2"].inputs[1]
    assert last.grad == pytest.approx(grads["chain_1"]["dense_2"]["W"], abs=1e-12)


def test_the_numerical_gradient_agrees_layer_by_layer():
    L, *_ = made(Mode(train=True, rng=Stream(3, "dropout")))
    found = flows(L)
    assert len(found) == 16  # 1 of the loss, 3 of each of 4 layers with parameters, 3 of others
    assert all(flow.error < 1e-6 for flow in found)


def test_it_is_the_graph_of_a_training_step_unless_a_mode_is_given():
    tree = CHAIN.init(Stream(0), (5,))
    x = Stream(1).normal((6, 5))
    chain = Chain(CHAIN.layers[:3])
    values = [
        of_layers(chain, tree.params, x, state=tree.state, mode=mode).value
        for mode in (None, Mode(train=True), Mode(train=False))
    ]
    assert values[0].tobytes() == values[1].tobytes() != values[2].tobytes()


def test_targets_get_no_gradient():
    L, *_ = made(Mode(train=True))
    y, t = L.inputs
    assert y.grad is not None
    assert (t.name, t.grad) == ("t", None)


def test_without_a_loss_it_ends_with_the_output():
    chain = Chain([Dense(2)])
    params = {"dense_1": {"W": np.eye(2), "b": np.ones(2)}}
    y = of_layers(chain, params, [[1.0, 2.0]])
    assert y.value.tolist() == [[2, 3]]
    assert y.name == "y"
