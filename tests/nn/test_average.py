"""The average of layers; that it keeps the laws of layers, the contract tests show."""

import numpy as np
import pytest

from groundup import L2, Dense, Dropout, Mode, ReLU, Stream
from groundup.errors import InputError, ShapeError
from groundup.nn import Average, Chain, build

X = np.array([[1.0, -2.0], [0.5, 3.0]])


def test_it_is_the_mean_of_the_outputs() -> None:
    layer = Average([Dense(3), Dense(3), Dense(3)])
    params = layer.init(Stream(0), (2,)).params
    y, _, _ = layer.forward(params, {}, X, Mode())
    alone = [X @ params[f"dense_{k}"]["W"] + params[f"dense_{k}"]["b"] for k in (1, 2, 3)]
    np.testing.assert_allclose(y, sum(alone) / 3, rtol=1e-15)


def test_each_gets_its_share_of_the_slope() -> None:
    layer = Average([Chain([Dense(2)], name="a"), Chain([ReLU()], name="b")])
    params = {"a": {"dense_1": {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": np.zeros(2)}}}
    _, cache, _ = layer.forward(params, {}, X, Mode())
    dx, grads = layer.backward(params, cache, np.ones((2, 2)), Mode())
    # dy/2 through W, and through the ReLU where x > 0
    np.testing.assert_allclose(dx, np.array([[1.5, 3.5], [1.5, 3.5]]) + 0.5 * (X > 0))
    np.testing.assert_allclose(grads["a"]["dense_1"]["b"], [1.0, 1.0])
    assert set(grads) == {"a"}


def test_members_draw_from_streams_of_their_own() -> None:
    layer = Average([Dropout(0.5), Dropout(0.5)])
    mode = Mode(train=True, rng=Stream(0, "dropout").named("ensemble"))
    y, _, _ = layer.forward({}, {}, np.ones((50, 4)), mode)
    assert set(np.unique(y)) == {0.0, 1.0, 2.0}  # both dropped, one, none


def test_names_decay_and_penalties_are_nested() -> None:
    layer = Average([Chain([Dense(3, kernel_regularizer=L2(0.1))], name="one"), Dense(3)])
    made = layer.init(Stream(0), (2,))
    assert made.decay == ("one/dense_1/W", "dense_1/W")
    assert list(layer.penalties()) == ["one/dense_1/W"]
    assert layer.multiply_adds((2,), (3,)) == 12
    network, vector, _ = build(Chain([layer]), (2,))
    assert (vector.size, network.params.decayed) == (18, 12)


def test_shapes_must_agree() -> None:
    with pytest.raises(ShapeError, match=r"dense_2 gives \(4,\).*dense_1 \(3,\)"):
        Average([Dense(3), Dense(4)]).init(Stream(0), (2,))
    with pytest.raises(InputError, match="at least one layer"):
        Average([])
