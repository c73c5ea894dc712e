"""Chain: names, nesting, what probes see, and how far backward goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

import groundup as gu
from groundup import (
    L1,
    L2,
    BatchNormalization,
    Chain,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Identity,
    MaxPooling2D,
    Mode,
    PReLU,
    ReLU,
    Stream,
    Tanh,
)
from groundup.errors import InputError, ShapeError
from groundup.layers.layer import EMPTY, Init, Layer
from groundup.nn import leaves
from groundup.nn.losses import MeanSquaredError
from groundup.ops.gradcheck import directional_error


@dataclass(frozen=True)
class Spy(Layer):
    """Passes everything on and writes down how it was called."""

    calls: list[Any] = field(default_factory=list)

    def init(self, rng: Stream, in_shape: Any) -> Init:
        return Init(EMPTY, EMPTY, in_shape)

    def forward(self, params: Any, state: Any, x: Any, mode: Mode) -> Any:
        self.calls.append(("forward", mode))
        return x, None, state

    def backward(self, params: Any, cache: Any, dy: Any, mode: Mode) -> Any:
        self.calls.append(("backward", mode))
        return dy, EMPTY


@dataclass(frozen=True)
class SpyDense(Dense):
    """A dense layer that writes down whether its dx was asked for and made."""

    calls: list[Any] = field(default_factory=list, kw_only=True)

    def backward(self, params: Any, cache: Any, dy: Any, mode: Mode) -> Any:
        dx, grads = super().backward(params, cache, dy, mode)
        self.calls.append((mode.need_dx, dx is not None))
        return dx, grads


class Onlooker:
    """A probe that keeps a copy of everything."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, Any]] = []

    def see(self, layer: str, what: str, array: Any) -> None:
        self.seen.append((layer, what, np.array(array)))

    def __getitem__(self, key: tuple[str, str]) -> Any:
        found = [array for layer, what, array in self.seen if (layer, what) == key]
        assert len(found) == 1, key
        return found[0]


def normal(*shape: int, name: str = "test") -> Any:
    return Stream(7, name=name).normal(shape)


def run(chain: Chain, x: Any, dy: Any = None, mode: Mode | None = None) -> Any:
    mode = mode or Mode()
    made = chain.init(Stream(0), x.shape[1:])
    y, cache, state = chain.forward(made.params, made.state, x, mode)
    dx, grads = chain.backward(made.params, cache, np.ones_like(y) if dy is None else dy, mode)
    return y, dx, grads, state


# Names


@pytest.mark.parametrize(
    ("layers", "names"),
    [
        ([], ()),
        ([Dense(2), ReLU(), Dense(3)], ("dense_1", "relu_1", "dense_2")),
        ([Dense(2, name="first"), Dense(3)], ("first", "dense_2")),
        ([Conv2D(1, 1), MaxPooling2D(1)], ("conv2d_1", "max_pooling2d_1")),
        ([PReLU(), PReLU(), Tanh()], ("prelu_1", "prelu_2", "tanh_1")),
        ([Chain([Dense(1)]), Dense(1), Chain([])], ("chain_1", "dense_1", "chain_2")),
        ([gu.Activation("relu"), ReLU()], ("activation_1", "relu_1")),
    ],
)
def test_a_layer_is_called_by_its_given_name_or_its_kind_and_ordinal(
    layers: Any, names: Any
) -> None:
    assert Chain(layers).names == names


@pytest.mark.parametrize(
    "layers",
    [
        [Dense(1, name="a"), ReLU(name="a")],
        [Dense(1), ReLU(name="dense_1")],
        [Dense(1, name="dense_2"), Dense(1)],
    ],
)
def test_two_layers_of_one_name_are_refused(layers: Any) -> None:
    with pytest.raises(InputError, match=r"two layers are called '\w+'. Give one another name="):
        Chain(layers)


@pytest.mark.parametrize("name", ["a/b", "/", 3, True])
def test_a_name_must_be_one_word_of_a_path(name: Any) -> None:
    with pytest.raises(InputError, match=r"name="):
        Chain([Dense(1, name=name)])


@pytest.mark.parametrize("wrong", [Dense, "dense", None, 3, lambda x: x])
def test_what_is_no_layer_is_refused(wrong: Any) -> None:
    with pytest.raises(InputError, match="is no layer: expected objects such as"):
        Chain([Dense(2), wrong])


@pytest.mark.parametrize("wrong", [Dense(1), 3, None])
def test_a_chain_is_made_of_a_list(wrong: Any) -> None:
    with pytest.raises(InputError, match="expected a list of layers"):
        Chain(wrong)


def test_a_chain_is_a_value() -> None:
    layers = [Dense(2), ReLU()]
    chain = Chain(layers)
    layers.append(Dense(3))
    assert chain.names == ("dense_1", "relu_1")
    assert chain == Chain((Dense(2), ReLU())) != Chain((Dense(3), ReLU()))


# Init


def test_parameters_state_and_decay_are_nested_by_name() -> None:
    chain = Chain([Dense(4), BatchNormalization(), ReLU(), Chain([Dense(3), Dropout(0.5)])])
    made = chain.init(Stream(0), (5,))
    assert [(path, a.shape) for path, a in leaves(made.params)] == [
        ("dense_1/W", (5, 4)),
        ("dense_1/b", (4,)),
        ("batch_normalization_1/gamma", (4,)),
        ("batch_normalization_1/beta", (4,)),
        ("chain_1/dense_1/W", (4, 3)),
        ("chain_1/dense_1/b", (3,)),
    ]
    assert set(made.state) == {"batch_normalization_1"}
    assert made.decay == ("dense_1/W", "chain_1/dense_1/W")
    assert made.out_shape == (3,)


def test_a_layer_of_another_kind_moves_nobodys_first_weights() -> None:
    plain = Chain([Dense(4), Dense(3)]).init(Stream(0), (5,))
    more = Chain([Dense(4), BatchNormalization(), Dropout(0.1), Dense(3)]).init(Stream(0), (5,))
    for name in ("dense_1", "dense_2"):
        np.testing.assert_array_equal(plain.params[name]["W"], more.params[name]["W"])


def test_equal_layers_start_from_different_weights() -> None:
    made = Chain([Dense(5), Dense(5), Chain([Dense(5)])]).init(Stream(0), (5,))
    weights = dict(leaves(made.params))
    first, second, third = (weights[f"{p}/W"] for p in ("dense_1", "dense_2", "chain_1/dense_1"))
    assert not np.isclose(first, second).any()
    assert not np.isclose(first, third).any()


def test_an_input_shape_that_does_not_fit_names_the_layer() -> None:
    chain = Chain([Dense(4), Dense(3, input_shape=(5,))])
    with pytest.raises(ShapeError, match=r"Dense\(units=3\): input_shape=\(5,\), but .*\(4,\)"):
        chain.init(Stream(0), (6,))


def test_a_shape_that_a_layer_cannot_take_names_layer_shape_and_remedy() -> None:
    with pytest.raises(ShapeError, match=r"Dense\(units=3\).*\(N, 2, 4, 4\).*Put Flatten\(\)"):
        Chain([Conv2D(2, 3), Dense(3)]).init(Stream(0), (1, 6, 6))


# Forward and backward


def test_forward_is_the_layers_one_after_another() -> None:
    chain = Chain([Dense(4), Tanh(), Chain([Dense(3)])])
    x = normal(6, 5)
    y, *_ = run(chain, x)
    weights = dict(leaves(chain.init(Stream(0), (5,)).params))
    expected = np.tanh(x @ weights["dense_1/W"]) @ weights["chain_1/dense_1/W"]
    np.testing.assert_allclose(y, expected, rtol=1e-13)


def test_an_empty_chain_is_the_identity() -> None:
    x = normal(2, 3)
    y, dx, grads, state = run(Chain([]), x, dy=2 * x)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(dx, 2 * x)
    assert not grads
    assert not state


def test_mode_and_its_stream_reach_every_layer_narrowed_to_its_name() -> None:
    inner, outer = Spy(name="inner"), Spy(name="outer")
    chain = Chain([outer, Chain([inner], name="part")])
    stream = Stream(3, "dropout").at(epoch=1, step=2)
    run(chain, normal(2, 3), mode=Mode(train=True, rng=stream))
    for spy, name in ((outer, "outer"), (inner, "part/inner")):
        assert [what for what, _ in spy.calls] == ["forward", "backward"]
        for _, mode in spy.calls:
            assert mode.train
            assert mode.rng == stream.named(name)


def test_state_is_returned_and_never_assigned() -> None:
    chain = Chain([Chain([BatchNormalization()]), ReLU()])
    made = chain.init(Stream(0), (3,))
    x = normal(8, 3)
    _, _, state = chain.forward(made.params, made.state, x, Mode(train=True))
    inner = ("chain_1", "batch_normalization_1", "mean")
    before, after = made.state, state
    for key in inner:
        before, after = before[key], after[key]
    np.testing.assert_array_equal(before, 0)
    np.testing.assert_allclose(after, 0.1 * x.mean(axis=0), rtol=1e-12)


def test_neither_x_nor_dy_is_written_to() -> None:
    chain = Chain([Dense(4), BatchNormalization(), ReLU(), Dropout(0.5), Dense(2), gu.Softmax()])
    x, dy = normal(6, 5), normal(6, 2)
    x.flags.writeable = dy.flags.writeable = False
    run(chain, x, dy, Mode(train=True))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_stays(dtype: Any) -> None:
    chain = Chain([Conv2D(2, 3, activation="relu"), Flatten(), Dense(4), BatchNormalization()])
    network, vector, state = gu.build(chain, (1, 5, 5), dtype=dtype)
    x = normal(3, 1, 5, 5).astype(dtype)
    params, running = network.params.views(vector), network.state.views(state)
    y, cache, after = chain.forward(params, running, x, Mode(train=True))
    dx, grads = chain.backward(params, cache, y, Mode(train=True))
    for array in (y, dx, *(a for tree in (grads, after) for _, a in leaves(tree))):
        assert array.dtype == dtype


# need_dx


def test_without_need_dx_backward_ends_at_the_first_layer_with_parameters() -> None:
    below, dense, between, last = Spy(name="below"), SpyDense(4), Spy(name="between"), SpyDense(2)
    chain = Chain([below, ReLU(), dense, between, last])
    _, dx, grads, _ = run(chain, normal(3, 5), mode=Mode(need_dx=False))
    assert dx is None
    assert [what for what, _ in below.calls] == ["forward"]
    assert dense.calls == [(False, False)]
    assert [mode.need_dx for what, mode in between.calls if what == "backward"] == [True]
    assert last.calls == [(True, True)]
    assert set(grads) == {"spy_dense_1", "spy_dense_2"}


def test_with_need_dx_every_layer_is_asked() -> None:
    below, dense = Spy(name="below"), SpyDense(4)
    _, dx, _, _ = run(Chain([below, dense]), normal(3, 5))
    assert [what for what, _ in below.calls] == ["forward", "backward"]
    assert dense.calls == [(True, True)]
    assert dx.shape == (3, 5)


def test_a_nested_chain_is_spared_its_dx_as_well() -> None:
    below, dense, second = Spy(name="below"), SpyDense(4), SpyDense(3)
    chain = Chain([Spy(name="first"), Chain([below, dense]), second])
    run(chain, normal(3, 5), mode=Mode(need_dx=False))
    assert [what for what, _ in below.calls] == ["forward"]
    assert dense.calls == [(False, False)]
    assert second.calls == [(True, True)]


def test_a_nested_chain_above_others_must_give_its_dx() -> None:
    dense = SpyDense(4)
    run(Chain([Dense(5), Chain([dense])]), normal(3, 5), mode=Mode(need_dx=False))
    assert dense.calls == [(True, True)]


def test_a_chain_without_parameters_has_nothing_to_go_back_for() -> None:
    spy = Spy()
    _, dx, grads, _ = run(Chain([spy, ReLU()]), normal(2, 3), mode=Mode(need_dx=False))
    assert dx is None
    assert not grads
    assert [what for what, _ in spy.calls] == ["forward"]


def test_the_gradients_are_the_same_with_and_without_dx() -> None:
    chain = Chain([Flatten(), Dense(4, "tanh"), BatchNormalization(), Dense(2)])
    x, dy = normal(5, 1, 2, 3), normal(5, 2)
    mode = Mode(train=True)
    _, _, with_dx, _ = run(chain, x, dy, mode)
    _, _, without, _ = run(chain, x, dy, replace(mode, need_dx=False))
    for (path, a), (other, b) in zip(leaves(with_dx), leaves(without), strict=True):
        assert path == other
        np.testing.assert_array_equal(a, b)


# Probes


def test_a_probe_sees_what_flows_between_the_layers() -> None:
    chain = Chain([Dense(4), ReLU(), Dense(2)])
    x, dy, probe = normal(3, 5), normal(3, 2), Onlooker()
    y, dx, _, _ = run(chain, x, dy, Mode(probe=probe))
    weights = dict(leaves(chain.init(Stream(0), (5,)).params))
    z = x @ weights["dense_1/W"]
    passed = dy @ weights["dense_2/W"].T
    expected = {
        ("dense_1", "x"): x,
        ("dense_1", "y"): z,
        ("relu_1", "x"): z,
        ("relu_1", "y"): np.maximum(z, 0),
        ("dense_2", "x"): np.maximum(z, 0),
        ("dense_2", "y"): y,
        ("dense_2", "dy"): dy,
        ("dense_2", "dx"): passed,
        ("relu_1", "dy"): passed,
        ("relu_1", "dx"): passed * (z > 0),
        ("dense_1", "dy"): passed * (z > 0),
        ("dense_1", "dx"): dx,
    }
    assert [(layer, what) for layer, what, _ in probe.seen] == list(expected)
    for key, array in expected.items():
        np.testing.assert_allclose(probe[key], array, rtol=1e-12, err_msg=str(key))


def test_a_probe_changes_nothing_and_sees_no_dx_that_is_not_made() -> None:
    chain = Chain([Dense(4, "relu"), Dense(2)])
    x, dy, probe = normal(3, 5), normal(3, 2), Onlooker()
    plain = run(chain, x, dy, Mode(need_dx=False))
    seen = run(chain, x, dy, Mode(need_dx=False, probe=probe))
    np.testing.assert_array_equal(plain[0], seen[0])
    for (_, a), (_, b) in zip(leaves(plain[2]), leaves(seen[2]), strict=True):
        np.testing.assert_array_equal(a, b)
    assert ("dense_1", "dx") not in [(layer, what) for layer, what, _ in probe.seen]


def test_a_probe_tells_the_layers_of_nested_chains_apart() -> None:
    probe = Onlooker()
    chain = Chain([Dense(4), Chain([Dense(3), ReLU()]), Chain([Dense(2)])])
    run(chain, normal(3, 5), mode=Mode(probe=probe))
    layers = {layer for layer, _, _ in probe.seen}
    params = chain.init(Stream(0), (5,)).params
    assert {path.rsplit("/", 1)[0] for path, _ in leaves(params)} <= layers
    assert probe["chain_1/dense_1", "y"].shape == (3, 3)
    assert probe["chain_2/dense_1", "y"].shape == (3, 2)


# Penalties, costs


def test_penalties_are_named_by_the_path_of_their_parameter() -> None:
    inner = Chain([Dense(2, kernel_regularizer=L1(0.1)), ReLU()])
    chain = Chain([Dense(3), inner, Dense(2, kernel_regularizer=L2(0.2))])
    expected: Mapping[str, Any] = {"chain_1/dense_1/W": L1(0.1), "dense_2/W": L2(0.2)}
    assert chain.penalties() == expected


def test_multiply_adds_are_the_sum_over_layers() -> None:
    chain = Chain([Conv2D(2, 3), ReLU(), Flatten(), Chain([Dense(10)])])
    assert chain.multiply_adds((1, 6, 6), (10,)) == 2 * 4 * 4 * 9 + 32 * 10


# The gradient of everything at once

DENSE = [
    Dense(7, "tanh", kernel_regularizer=L2(0.3)),
    BatchNormalization(),
    PReLU(),
    Dropout(0.3),
    Chain([Dense(6, "sigmoid", kernel_regularizer=L1(0.01)), BatchNormalization()]),
    Dense(4),
]
CONVOLUTIONAL = [
    Conv2D(3, 3, padding=1, activation="elu", kernel_regularizer=L2(0.1)),
    BatchNormalization(),
    PReLU(),
    gu.AveragePooling2D(2),
    Chain([Conv2D(4, 2, kernel_regularizer=L2(0.1)), gu.LeakyReLU(), MaxPooling2D(2)]),
    Flatten(),
    Dropout(0.2),
    Dense(4),
]


@pytest.mark.parametrize(
    ("layers", "in_shape", "labels"),
    [
        (DENSE, (5,), False),
        ([*DENSE, gu.Softmax()], (5,), True),
        (CONVOLUTIONAL, (2, 6, 6), False),
        ([*CONVOLUTIONAL, gu.Softmax()], (2, 6, 6), True),
    ],
    ids=["dense-mse", "dense-softmax", "conv-mse", "conv-softmax"],
)
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("draw", range(2))
def test_gradient_of_loss_and_penalty_agrees_with_the_numerical_one(
    layers: Any, in_shape: Any, labels: bool, train: bool, draw: int
) -> None:
    chain = Chain(layers)
    network, vector, running = gu.build(chain, in_shape, seed=draw, dtype=np.float64)
    stream = Stream(draw, name="gradient")
    vector += 0.1 * stream.named("move").normal(vector.shape)
    running += 0.1 * stream.named("state").uniform(running.shape)
    x = stream.named("x").normal((9, *in_shape))
    t = stream.named("t").integers(0, 4, 9) if labels else stream.named("t").normal((9, 4))
    loss = gu.CategoricalCrossentropy() if labels else MeanSquaredError()
    weight = stream.named("weight").uniform(9, 0.5, 2)
    state = network.state.views(running)
    mode = Mode(train=train, rng=Stream(draw, "dropout").at(epoch=1, step=3))

    def total(parameters: Any, inputs: Any) -> float:
        y, _, _ = chain.forward(network.params.views(parameters), state, inputs, mode)
        return loss.forward(y, t, weight)[0] + network.penalty(parameters)

    params = network.params.views(vector)
    y, cache, _ = chain.forward(params, state, x, mode)
    _, remembered = loss.forward(y, t, weight)
    dx, grads = chain.backward(params, cache, loss.backward(remembered), mode)
    gradient = network.params.flatten(grads)
    network.add_penalty_gradient(vector, gradient)

    for i in range(3):
        v = stream.named(f"direction_{i}").normal(vector.shape)
        assert directional_error(lambda p: total(p, x), vector, gradient, v) < 1e-6
        u = stream.named(f"input_{i}").normal(x.shape)
        assert directional_error(lambda z: total(vector, z), x, dx, u) < 1e-6


def test_identity_layers_change_no_gradient() -> None:
    x, dy = normal(3, 5), normal(3, 2)
    plain = run(Chain([Dense(2)]), x, dy)
    more = run(Chain([Identity(), Dense(2), Identity()]), x, dy)
    np.testing.assert_array_equal(plain[1], more[1])
    np.testing.assert_array_equal(plain[2]["dense_1"]["W"], more[2]["dense_1"]["W"])
