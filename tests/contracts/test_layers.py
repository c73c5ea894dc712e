"""The laws every registered layer keeps: over drawn shapes, training and inference, both dtypes.

A new layer is tested by being registered; if it needs arguments, `EXAMPLES` names some.

L1 `init` predicts `out_shape`          L5 all randomness comes from mode.rng
L2 x, dy, params, state: never written  L6 state is returned, never assigned
L3 grads look like params               L7 the gradient is the numerical one
L4 float32 stays float32                L8 no hidden factor: backward is linear in dy
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import groundup.nn.average  # registers Average
import groundup.nn.chain  # registers Chain
from groundup.errors import UnknownOption
from groundup.layers import (
    ELU,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DReLU,
    Dense,
    DenseReLU,
    Dropout,
    Flatten,
    LeakyReLU,
    MaxPooling2D,
    PReLU,
    ReLU,
    Rescaling,
    Softmax,
    layers,
)
from groundup.layers.layer import Layer, Mode
from groundup.ops.gradcheck import directional_error
from groundup.rng import Stream

Average, Chain = groundup.nn.average.Average, groundup.nn.chain.Chain
CHAIN = Chain(
    [
        Conv2D(3, 2, padding="same", use_bias=False),  # whose gradient below BN would be 0
        BatchNormalization(),
        ReLU(),
        Dropout(0.3),
        Flatten(),
        Dense(4, activation="tanh", name="features"),
        PReLU(),
        Dense(3, use_bias=False),
    ]
)


@dataclass(frozen=True)
class Example:
    """A layer, the ranks of x (with N) that it takes, and its least image size and batch."""

    layer: Layer
    ranks: tuple[int, ...] = (2, 3, 4)
    least: int = 1
    batch: int = 1


EXAMPLES: Mapping[str, list[Example]] = {
    "Activation": [Example(Activation("sigmoid")), Example(Activation(LeakyReLU(0.3)))],
    "Average": [
        Example(Average([CHAIN, Chain([Flatten(), Dense(3)])]), (4,), batch=2),
        Example(Average([Dense(2, activation="softmax"), Chain([Dense(3), Dense(2)])]), (2,)),
    ],
    "AveragePooling2D": [
        Example(AveragePooling2D(2, rounding="floor"), (4,), least=2),
        Example(AveragePooling2D((3, 2), 1, "same"), (4,)),
        Example(AveragePooling2D(3, 2, 1, "floor"), (4,)),
        Example(AveragePooling2D(3, (1, 2), "same", count_padding=True), (4,)),
    ],
    "BatchNormalization": [
        Example(BatchNormalization(), (2, 4), batch=2),
        Example(BatchNormalization(statistics="population"), (2, 4), batch=2),
        Example(BatchNormalization(0.5, 1e-3, unbiased=True), (2, 4), batch=2),
    ],
    "Chain": [
        Example(CHAIN, (4,), batch=2),
        Example(Chain([]), (2, 4)),
        Example(Chain([Chain([Dense(3), ReLU()]), Dense(2)]), (2,)),
    ],
    "Conv2D": [
        Example(Conv2D(2, 3), (4,), least=3),
        Example(Conv2D(3, (1, 2), strides=2, padding=1, rounding="floor"), (4,)),
        Example(Conv2D(2, (3, 2), (2, 3), "same", activation="tanh", use_bias=False), (4,)),
        Example(Conv2D(1, 1, activation="relu"), (4,)),
    ],
    "Conv2DReLU": [
        Example(Conv2DReLU(2, 3, activation="relu"), (4,), least=3),
        Example(Conv2DReLU(3, 2, 2, 1, "relu", use_bias=False, rounding="floor"), (4,)),
    ],
    "Dense": [
        Example(Dense(3), (2,)),
        Example(Dense(1, activation="softmax", use_bias=False), (2,)),
        Example(Dense(4, "relu", kernel_initializer="he_normal", bias_initializer="ones"), (2,)),
    ],
    "DenseReLU": [
        Example(DenseReLU(4, "relu"), (2,)),
        Example(DenseReLU(1, "relu", use_bias=False), (2,)),
    ],
    "Dropout": [Example(Dropout(0.4)), Example(Dropout(0.4, "book")), Example(Dropout(0.0))],
    "ELU": [Example(ELU(0.7))],
    "LeakyReLU": [Example(LeakyReLU()), Example(LeakyReLU(np.float64(0.3)))],
    "MaxPooling2D": [
        Example(MaxPooling2D(2, rounding="floor"), (4,), least=2),
        Example(MaxPooling2D((3, 2), 1, "same"), (4,)),
        Example(MaxPooling2D(3, 2, 1, "floor"), (4,)),
    ],
    "PReLU": [Example(PReLU()), Example(PReLU("ones", shared=True))],
    "Rescaling": [Example(Rescaling()), Example(Rescaling(0.3, -2))],
    "Softmax": [Example(Softmax())],
}
# Its derivative is 0 by decree of nature, its numerical one infinite at 0: L7 has nothing to say.
WITHOUT_SLOPE = {"Step"}

LAYERS = [cls for cls in layers if cls.__module__.startswith("groundup.")]


def examples(cls: type[Layer]) -> list[Example]:
    """Those of the table; else the layer without arguments, if it can be without."""
    try:
        return EXAMPLES.get(cls.__name__) or [Example(cls())]
    except UnknownOption:
        return []  # test_every_registered_layer_has_an_example will say so


CASES = [
    pytest.param(example, id=f"{cls.__name__}-{i}")
    for cls in LAYERS
    for i, example in enumerate(examples(cls))
]
MODES = [pytest.param(True, id="train"), pytest.param(False, id="inference")]
law = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


# --- drawing inputs


def tree_map(f: Callable[[Any], Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: tree_map(f, value) if isinstance(value, Mapping) else f(value)
        for key, value in tree.items()
    }


def leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for key, value in tree.items():
        found |= (
            leaves(value, (*path, key)) if isinstance(value, Mapping) else {(*path, key): value}
        )
    return found


def replaced(tree: Mapping[str, Any], path: tuple[str, ...], leaf: Any) -> dict[str, Any]:
    head, *rest = path
    return {**tree, head: replaced(tree[head], tuple(rest), leaf) if rest else leaf}


def frozen(array: np.ndarray, dtype: Any = None) -> np.ndarray:
    copy = np.array(array, dtype)
    copy.flags.writeable = False
    return copy


class Situation:
    """A layer with parameters, state, x and dy, everything read-only."""

    def __init__(
        self, example: Example, shape: tuple[int, ...], seed: int, train: bool, dtype: Any
    ) -> None:
        self.layer, self.seed, self.dtype = example.layer, seed, dtype
        self.made = self.layer.init(Stream(seed).named("layer"), shape[1:])
        noise = np.random.Generator(np.random.Philox(key=seed))
        # Moved off their initial values, where a zero bias would hide a wrong gradient.
        self.params = tree_map(
            lambda a: frozen(a + 0.3 * noise.normal(size=a.shape), dtype), self.made.params
        )
        self.state = tree_map(
            lambda a: frozen(a + noise.integers(1, 4, a.shape), dtype), self.made.state
        )
        self.x = frozen(noise.normal(size=shape), dtype)
        self.dy = frozen(noise.normal(size=(shape[0], *self.made.out_shape)), dtype)
        self.mode = Mode(train, Stream(seed, "dropout").named("layer").at(epoch=1, step=2))

    def forward(self, **changed: Any) -> tuple[np.ndarray, Any, Mapping[str, Any]]:
        given = {"params": self.params, "state": self.state, "x": self.x, "mode": self.mode}
        return self.layer.forward(**given | changed)

    def backward(self, dy: np.ndarray | None = None, **changed: Any) -> Any:
        _, cache, _ = self.forward(**changed)
        given = {"params": self.params, "mode": self.mode} | changed
        dy = self.dy if dy is None else dy
        return self.layer.backward(given["params"], cache, dy, given["mode"])


@st.composite
def situations(draw, example: Example, train: bool, dtype: Any = np.float64) -> Situation:
    """Any rank that the layer takes, odd and unit sizes included."""
    rank = draw(st.sampled_from(example.ranks))
    batch = draw(st.integers(example.batch, 5))
    inner = [draw(st.integers(example.least if i else 1, 6)) for i in range(rank - 1)]
    seed = draw(st.integers(0, 2**32))
    return Situation(example, (batch, *inner), seed, train, dtype)


# --- the laws


@pytest.mark.parametrize("cls", LAYERS, ids=lambda cls: cls.__name__)
def test_every_registered_layer_has_an_example(cls) -> None:
    assert examples(cls), f"{cls.__name__} needs arguments: add some to EXAMPLES"
    assert all(type(example.layer) is cls for example in examples(cls))


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_l1_init_predicts_the_shape_of_y(example, train, data) -> None:
    s = data.draw(situations(example, train))
    y, _, _ = s.forward()
    assert y.shape == (len(s.x), *s.made.out_shape)
    assert all(type(n) is int for n in s.made.out_shape)


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_l2_l6_nothing_given_is_written_to(example, train, data) -> None:
    """All arrays are read-only, so an attempt raises; their bits are compared besides."""
    s = data.draw(situations(example, train))
    given = [s.x, s.dy, *leaves(s.params).values(), *leaves(s.state).values()]
    before = [a.tobytes() for a in given]
    names = {key: value for key, value in vars(s.layer).items() if not key.startswith("_")}
    _, cache, after = s.forward()
    s.layer.backward(s.params, cache, s.dy, s.mode)
    assert [a.tobytes() for a in given] == before
    for key, value in names.items():
        assert vars(s.layer)[key] is value
    # L6: the same entries, of the same shapes; unchanged outside training
    assert {k: v.shape for k, v in leaves(after).items()} == {
        k: v.shape for k, v in leaves(s.state).items()
    }
    if not train:
        for path, value in leaves(after).items():
            assert (value == leaves(s.state)[path]).all()


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_l3_gradients_look_like_parameters(example, train, data) -> None:
    s = data.draw(situations(example, train))
    dx, grads = s.backward()
    assert dx.shape == s.x.shape
    assert {k: v.shape for k, v in leaves(grads).items()} == {
        k: v.shape for k, v in leaves(s.params).items()
    }
    names = {"/".join(path) for path in leaves(s.params)}
    assert set(s.made.decay) <= names
    assert set(s.layer.penalties()) <= names


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_l4_dtype_in_is_dtype_out(example, train, dtype, data) -> None:
    s = data.draw(situations(example, train, dtype))
    y, _, after = s.forward()
    dx, grads = s.backward()
    for array in (y, dx, *leaves(after).values(), *leaves(grads).values()):
        assert array.dtype == dtype
    for array in (*leaves(s.made.params).values(), *leaves(s.made.state).values()):
        assert array.dtype == np.float64  # networks cast, so that both dtypes start alike


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_float32_is_float64_rounded(example, train, data) -> None:
    """The same situation in both dtypes, the same random draws included."""
    s = data.draw(situations(example, train))
    rough = Situation(example, s.x.shape, s.seed, train, np.float32)
    # Where a float64 x lies within rounding of a kink or a tie, the two may go different ways.
    exact = Situation(example, s.x.shape, s.seed, train, np.float32)
    exact.params, exact.state = (
        tree_map(np.float64, rough.params),
        tree_map(np.float64, rough.state),
    )
    exact.x, exact.dy = np.float64(rough.x), np.float64(rough.dy)
    y, _, after = rough.forward()
    wanted, _, wanted_after = exact.forward()
    np.testing.assert_allclose(y, wanted, rtol=1e-3, atol=1e-3)
    for path, value in leaves(after).items():
        np.testing.assert_allclose(value, leaves(wanted_after)[path], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_l5_the_same_stream_gives_the_same_bits(example, train, data) -> None:
    s = data.draw(situations(example, train))
    (y, _, after), (again, _, after_again) = s.forward(), s.forward()
    assert y.tobytes() == again.tobytes()
    for path, value in leaves(after).items():
        assert value.tobytes() == leaves(after_again)[path].tobytes()
    (dx, grads), (dx_again, grads_again) = s.backward(), s.backward()
    assert dx.tobytes() == dx_again.tobytes()
    for path, value in leaves(grads).items():
        assert value.tobytes() == leaves(grads_again)[path].tobytes()
    first = s.layer.init(Stream(s.seed).named("layer"), s.x.shape[1:])
    for path, value in leaves(s.made.params).items():
        assert value.tobytes() == leaves(first.params)[path].tobytes()


@pytest.mark.parametrize("moment", [{"epoch": 2}, {"step": 3}, {"sample": 1}])
@pytest.mark.parametrize("scaling", ["inverted", "book"])
def test_l5_another_moment_draws_anew(scaling, moment) -> None:
    for layer in (Dropout(0.5, scaling), Chain([Dropout(0.5, scaling)])):
        x, mode = np.ones((8, 50)), Mode(True, Stream(0, "dropout").named("dropout_1"))
        there = Mode(True, mode.rng.at(**moment))
        here, _, _ = layer.forward({}, {}, x, mode)
        assert (layer.forward({}, {}, x, mode)[0] == here).all()
        assert (layer.forward({}, {}, x, there)[0] != here).any()
        # and `mode.train` reaches it
        assert np.ptp(layer.forward({}, {}, x, Mode(False, mode.rng))[0]) == 0


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@settings(law, max_examples=12)
@given(data=st.data())
def test_l7_the_gradient_is_the_numerical_one(example, train, data) -> None:
    """Along a random direction, for a random cotangent: with dy = 1 the gradients of softmax and
    batch normalization are 0, and a wrong backward would pass."""
    if type(example.layer).__name__ in WITHOUT_SLOPE:
        pytest.skip("a step has no slope")
    s = data.draw(situations(example, train))
    dx, grads = s.backward()
    noise = np.random.Generator(np.random.Philox(key=s.seed + 1))

    def check(f: Callable[[np.ndarray], np.ndarray], at: np.ndarray, gradient: np.ndarray) -> None:
        direction = noise.normal(size=at.shape)

        def loss(a: np.ndarray) -> float:
            return float(np.sum(f(a) * s.dy))

        assert directional_error(loss, at, gradient, direction) <= 5e-7

    check(lambda x: s.forward(x=x)[0], s.x, dx)
    for path, gradient in leaves(grads).items():
        check(
            lambda a, path=path: s.forward(params=replaced(s.params, path, a))[0],
            leaves(s.params)[path],
            gradient,
        )


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_l8_backward_is_linear_in_dy(example, train, data) -> None:
    """No hidden 1/N, no clipping: what a loss hands down arrives as it is."""
    s = data.draw(situations(example, train))
    other = np.random.Generator(np.random.Philox(key=s.seed + 2)).normal(size=s.dy.shape)
    (dx1, grads1), (dx2, grads2) = s.backward(), s.backward(other)
    dx, grads = s.backward(2.5 * s.dy + other)
    np.testing.assert_allclose(dx, 2.5 * dx1 + dx2, rtol=1e-9, atol=1e-9)
    for path, value in leaves(grads).items():
        wanted = 2.5 * leaves(grads1)[path] + leaves(grads2)[path]
        np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_without_dx_the_gradients_are_the_same(example, train, data) -> None:
    s = data.draw(situations(example, train))
    spared = Mode(s.mode.train, s.mode.rng, need_dx=False)
    dx, grads = s.backward()
    dx_spared, grads_spared = s.backward(mode=spared)
    assert dx_spared is None or dx_spared.shape == dx.shape
    for path, value in leaves(grads).items():
        assert value.tobytes() == leaves(grads_spared)[path].tobytes()


@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_in_inference_samples_do_not_see_each_other(example, data) -> None:
    """One sample alone gives what it gives in company: no statistics of the batch leak in."""
    s = data.draw(situations(example, train=False))
    y, _, _ = s.forward()
    for n in range(len(s.x)):
        alone, _, _ = s.forward(x=frozen(s.x[n : n + 1]))
        np.testing.assert_allclose(alone[0], y[n], rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("train", MODES)
@pytest.mark.parametrize("example", CASES)
@law
@given(data=st.data())
def test_memory_order_does_not_matter(example, train, data) -> None:
    s = data.draw(situations(example, train))
    strided = np.repeat(s.x, 2, axis=-1)[..., ::2]
    assume(not strided.flags.c_contiguous)
    y, _, _ = s.forward()
    for x in (strided, np.asfortranarray(s.x)):
        np.testing.assert_allclose(s.forward(x=x)[0], y, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("example", CASES)
def test_an_empty_batch_stays_empty(example) -> None:
    shape = (0, *itertools.repeat(5, max(example.ranks) - 1))
    s = Situation(example, shape, 0, False, np.float64)
    y, _, _ = s.forward()
    assert y.shape == (0, *s.made.out_shape)
    dx, grads = s.backward()
    assert dx.shape == shape
    assert not any(g.any() for g in leaves(grads).values())


@pytest.mark.parametrize("example", CASES)
def test_multiply_adds_is_a_whole_number(example) -> None:
    in_shape = (5,) * (max(example.ranks) - 1)
    count = example.layer.multiply_adds(in_shape, example.layer.init(Stream(0), in_shape).out_shape)
    assert type(count) is int
    assert count >= 0


@pytest.mark.parametrize("cls", LAYERS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("shape", [784, (0,), (-1, 2), (2.0,), ("3",), (True,), "784", {784}])
def test_an_impossible_input_shape_is_refused(cls, shape) -> None:
    options = {"Activation": ["relu"], "Chain": [[]], "Conv2D": [2, 3], "Dense": [2]}
    options |= {"Average": [[ReLU()]], "Dropout": [0.5], "Conv2DReLU": [2, 3], "DenseReLU": [2]}
    with pytest.raises(ValueError, match=r"input_shape=.*expected positive whole numbers without"):
        cls(*options.get(cls.__name__, []), input_shape=shape)


@pytest.mark.parametrize("name", ["", "a/b", 3, True])
def test_an_impossible_name_is_refused(name) -> None:
    with pytest.raises(ValueError, match=r"name=.*expected a word without a slash"):
        ReLU(name=name)
