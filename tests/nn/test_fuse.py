"""Fusion: the same value and gradient, better."""

from typing import Any

import numpy as np
import pytest

import groundup as gu
from groundup import CategoricalCrossentropy, Chain, Dense, Mode, Stream
from groundup.nn import build, fuse, leaves
from groundup.nn.losses import MeanSquaredError

ENDS = {
    "dense": [Dense(4, "softmax")],
    "layer": [Dense(4), gu.Softmax()],
    "activation": [Dense(4), gu.Activation("softmax")],
    "named": [Dense(4, "softmax", name="out")],
    "dropout": [Dense(4), gu.Dropout(0.3), gu.Softmax()],
    "nested": [gu.ReLU(), Chain([Dense(5), Chain([Dense(4, "softmax")])])],
}
FRONT = [Dense(6, "tanh"), gu.BatchNormalization()]
MODE = Mode(train=True, rng=Stream(1, "dropout").at(epoch=2, step=1))


def value_and_gradient(
    chain: Chain, loss: Any, params: Any, state: Any, x: Any, t: Any, weight: Any = None
) -> Any:
    y, cache, after = chain.forward(params, state, x, MODE)
    value, remembered = loss.forward(y, t, weight)
    dx, grads = chain.backward(params, cache, loss.backward(remembered), MODE)
    return value, dx, dict(leaves(grads)), dict(leaves(after)), y


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weighted", [False, True])
def test_fused_and_unfused_agree(end: Any, smoothing: float, weighted: bool) -> None:
    chain = Chain([*FRONT, *end])
    loss = CategoricalCrossentropy(label_smoothing=smoothing)
    network, vector, running = build(chain, (5,), dtype=np.float64)
    params, state = network.params.views(vector), network.state.views(running)
    x, t = Stream(0).normal((8, 5)), Stream(0).integers(0, 4, 8)
    weight = Stream(0).uniform(8, 0.5, 2) if weighted else None
    fused = fuse(chain, loss)
    assert fused.loss == CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    plain = value_and_gradient(chain, loss, params, state, x, t, weight)
    other = value_and_gradient(fused.chain, fused.loss, params, state, x, t, weight)
    assert other[0] == pytest.approx(plain[0], rel=1e-12)
    np.testing.assert_allclose(other[1], plain[1], rtol=1e-9, atol=1e-14)
    for a, b in zip(plain[2:4], other[2:4], strict=True):
        assert list(a) == list(b)
        for path in a:
            np.testing.assert_allclose(b[path], a[path], rtol=1e-9, atol=1e-14, err_msg=path)
    np.testing.assert_allclose(fused.finish(other[4]), plain[4], rtol=1e-12)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_names_and_parameters_stay_the_users(end: Any) -> None:
    chain = Chain([*FRONT, *end])
    fused = fuse(chain, CategoricalCrossentropy()).chain
    assert fused.names == chain.names
    mine, theirs = chain.init(Stream(0), (5,)), fused.init(Stream(0), (5,))
    assert mine.decay == theirs.decay
    pairs = zip(leaves(mine.params), leaves(theirs.params), strict=True)
    for (path, array), (other, same) in pairs:
        assert path == other
        np.testing.assert_array_equal(array, same)


RELUS = {
    "within": ([Dense(6, "relu"), Dense(4, "relu")], (5,), ["DenseReLU", "DenseReLU"]),
    "after": ([Dense(6), gu.ReLU(), Dense(4)], (5,), ["DenseReLU", "Identity", "Dense"]),
    "by-name": (
        [Dense(6), gu.Activation("relu"), Dense(4)],
        (5,),
        ["DenseReLU", "Identity", "Dense"],
    ),
    "twice": ([Dense(6, "relu"), gu.ReLU(), Dense(4)], (5,), ["DenseReLU", "ReLU", "Dense"]),
    "apart": (
        [Dense(6), gu.BatchNormalization(), gu.ReLU(), Dense(4, "tanh"), gu.ReLU()],
        (5,),
        ["Dense", "BatchNormalization", "ReLU", "Dense", "ReLU"],
    ),
    "nested": ([Chain([Dense(6), gu.ReLU()]), Dense(4)], (5,), ["Chain", "Dense"]),
    "nested-apart": ([Chain([Dense(4)]), gu.ReLU()], (5,), ["Chain", "ReLU"]),
    "convolution": (
        [gu.Conv2D(3, 3, activation="relu"), gu.Conv2D(2, 2), gu.ReLU(), gu.Flatten()],
        (2, 6, 6),
        ["Conv2DReLU", "Conv2DReLU", "Identity", "Flatten"],
    ),
    "named": ([Dense(6, name="wide"), gu.ReLU(name="bend"), Dense(4)], (5,), None),
    "penalty": ([Dense(4, "relu", kernel_regularizer=gu.L2(0.1), use_bias=False)], (5,), None),
}


@pytest.mark.parametrize(("layers", "in_shape", "kinds"), RELUS.values(), ids=RELUS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_where_a_relu_joins_the_layer_before_it_and_where_not(
    layers: Any, in_shape: Any, kinds: Any, dtype: Any
) -> None:
    chain, loss = Chain(layers), MeanSquaredError()
    fused = fuse(chain, loss)
    if kinds is not None:
        assert [type(layer).__name__ for layer in fused.chain.layers] == kinds
    assert fused.chain.names == chain.names
    assert fused.chain.penalties() == chain.penalties()
    assert fused.loss == loss
    network, vector, running = build(chain, in_shape, dtype=dtype)
    params, state = network.params.views(vector), network.state.views(running)
    x = Stream(0).normal((8, *in_shape)).astype(dtype)
    t = Stream(1).normal((8, *network.out_shape)).astype(dtype)
    plain = value_and_gradient(chain, loss, params, state, x, t)
    other = value_and_gradient(fused.chain, loss, params, state, x, t)
    close = {"rtol": 1e-4, "atol": 1e-6} if dtype is np.float32 else {"rtol": 1e-10, "atol": 1e-14}
    assert other[0] == pytest.approx(plain[0], rel=close["rtol"])
    np.testing.assert_allclose(other[1], plain[1], **close)
    for a, b in zip(plain[2:4], other[2:4], strict=True):
        assert list(a) == list(b)
        for path in a:
            np.testing.assert_allclose(b[path], a[path], err_msg=path, **close)
    np.testing.assert_allclose(fused.finish(other[4]), plain[4], **close)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [30.0, 1e4])
def test_extreme_logits_keep_their_gradient_when_fused(dtype: Any, scale: float) -> None:
    chain = Chain([Dense(3, "softmax", use_bias=False)])
    params = {"dense_1": {"W": np.diag([scale, 0.0, -scale]).astype(dtype)}}
    x, t = np.eye(3, dtype=dtype)[[0]], np.array([2])  # as sure as can be, and wrong
    fused = fuse(chain, CategoricalCrossentropy())
    value, _, grads, _, _ = value_and_gradient(fused.chain, fused.loss, params, {}, x, t)
    assert value == pytest.approx(scale, rel=1e-6)
    np.testing.assert_allclose(grads["dense_1/W"][0], [1, 0, -1], atol=1e-6)
    value, _, grads, _, _ = value_and_gradient(chain, CategoricalCrossentropy(), params, {}, x, t)
    assert value == pytest.approx(-np.log(1e-7), rel=1e-6)  # ε speaks, no longer the logits
    assert abs(grads["dense_1/W"][0]).max() < 1e-3  # the gradient is lost


@pytest.mark.parametrize(
    ("layers", "loss"),
    [
        ([Dense(4)], CategoricalCrossentropy(from_logits=True)),
        ([Dense(4, "softmax")], CategoricalCrossentropy(from_logits=True)),
        ([Dense(4, "softmax")], MeanSquaredError()),
        ([Dense(4, "sigmoid")], CategoricalCrossentropy()),
        ([Dense(4, "softmax"), gu.Dropout(0.5)], CategoricalCrossentropy()),
        ([Dense(4, "softmax"), Chain([])], CategoricalCrossentropy()),
        ([], CategoricalCrossentropy()),
    ],
)
def test_what_is_no_softmax_with_cross_entropy_stays_as_it_is(layers: Any, loss: Any) -> None:
    chain = Chain(layers)
    fused = fuse(chain, loss)
    assert fused.chain == chain
    assert fused.loss == loss
    y = np.array([[1.0, 2.0]])
    assert fused.finish(y) is y


def test_the_convolutions_softmax_is_left_where_it_is_no_output_of_classes() -> None:
    chain = Chain([gu.Conv2D(4, 1, activation="softmax"), gu.Flatten()])
    assert fuse(chain, CategoricalCrossentropy()).chain == chain


RELU_PATTERNS = [
    [Dense(7, "relu"), Dense(4)],
    [Dense(7), gu.ReLU(), Dense(4)],
    [Dense(7), gu.Activation("relu"), Dense(4)],
    [Chain([Dense(7, "relu")]), Dense(4)],
]


@pytest.mark.parametrize("layers", RELU_PATTERNS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_relu_joins_the_layer_before_it(layers: Any, dtype: Any) -> None:
    chain, loss = Chain(layers), MeanSquaredError()
    fused = fuse(chain, loss).chain
    assert fused.names == chain.names
    assert "ReLU(" not in str([type(layer) for layer in fused.layers])
    assert "DenseReLU" in repr(fused)
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(5, 6)).astype(dtype), rng.normal(size=(5, 4)).astype(dtype)
    network, vector, _ = gu.build(chain, (6,), dtype=dtype)
    params, mode = network.params.views(vector), gu.Mode(train=True)
    for made, wanted in zip(
        run(fused, params, x, dy, mode), run(chain, params, x, dy, mode), strict=True
    ):
        assert made.dtype == dtype
        np.testing.assert_allclose(made, wanted, rtol=0, atol=1e-5 if dtype == np.float32 else 0)


def test_a_convolutions_relu_joins_it_and_the_pooling_stays() -> None:
    layers = [gu.Conv2D(3, 3, activation="relu"), gu.MaxPooling2D(2), gu.Flatten(), Dense(2)]
    chain = Chain(layers)
    fused = fuse(chain, MeanSquaredError()).chain
    kinds = [type(layer).__name__ for layer in fused.layers]
    assert kinds == ["Conv2DReLU", "MaxPooling2D", "Flatten", "Dense"]
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(4, 2, 6, 8)), rng.normal(size=(4, 2))
    network, vector, _ = gu.build(chain, (2, 6, 8), dtype=np.float64)
    params, mode = network.params.views(vector), gu.Mode(train=True)
    for made, wanted in zip(
        run(fused, params, x, dy, mode), run(chain, params, x, dy, mode), strict=True
    ):
        np.testing.assert_array_equal(made, wanted)


def run(chain: Chain, params: Any, x: Any, dy: Any, mode: Any) -> list[Any]:
    y, cache, _ = chain.forward(params, {}, x, mode)
    dx, grads = chain.backward(params, cache, dy, mode)
    return [y, dx, *(array for _, array in gu.nn.leaves(grads))]
