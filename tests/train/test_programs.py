"""Compiled training: the same losses, weights and predictions as layer by layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import groundup as gu
from groundup import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPooling2D,
    Sequential,
    ops,
)
from groundup.data.batches import batches
from groundup.errors import Diverged
from groundup.layers import Init, Mode
from groundup.nn.chain import Chain
from groundup.nn.losses import CategoricalCrossentropy
from groundup.train.programs import Programs

N = 45  # in batches of 16, the last is smaller, and odd


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bool]]:
    """For each training step since: was it compiled?"""
    taken: list[bool] = []
    real = Programs.step

    def step(self: Programs, *given: Any) -> Any:
        made = real(self, *given)
        taken.append(made is not None)
        return made

    monkeypatch.setattr(Programs, "step", step)
    yield taken


def by_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing is compiled."""
    monkeypatch.setattr(Programs, "step", lambda *_: None)
    monkeypatch.setattr(Programs, "forward", lambda *_, **__: None)


def data(shape: tuple[int, ...], dtype: Any = np.float32, count: int = N) -> Any:
    rng = np.random.default_rng(0)
    if dtype == np.uint8:
        return rng.integers(0, 256, size=(count, *shape), dtype=np.uint8)
    return rng.normal(size=(count, *shape)).astype(dtype)


LABELS = np.random.default_rng(1).integers(0, 3, N)
TARGETS = np.random.default_rng(2).normal(size=(N, 3)).astype(np.float32)
WEIGHTS = np.random.default_rng(3).uniform(0, 2, N)


def train(layers: Any, x: Any, y: Any = LABELS, **options: Any) -> dict[str, Any]:
    """Three epochs; what comes out of them."""
    loss = options.pop("loss", "categorical_crossentropy")
    preprocess = options.pop("preprocess", ())
    optimizer = options.pop("optimizer", gu.SGD(0.05))
    metrics = options.pop("metrics", ["accuracy"] if y is LABELS else [])
    model = Sequential(layers, seed=1, preprocess=preprocess)
    model.compile(optimizer, loss, metrics)
    options = {"epochs": 3, "batch_size": 16, "verbose": 0, **options}
    history = model.fit(x, y, validation_data=(x[:21], y[:21]), **options).history
    scores = model.evaluate(x, y, batch_size=20)
    return {
        "history": history,
        "scores": dict(scores),
        "weights": model.get_weights(),
        "predictions": [model.predict(x), model.predict(x[:7]), model.predict(x, batch_size=13)],
    }


def assert_alike(fast: Any, slow: Any, tolerance: float = 2e-5) -> None:
    assert fast["history"].keys() == slow["history"].keys()
    for name, values in slow["history"].items():
        np.testing.assert_allclose(fast["history"][name], values, rtol=tolerance, err_msg=name)
    np.testing.assert_allclose(
        list(fast["scores"].values()), list(slow["scores"].values()), rtol=tolerance
    )
    for name in ("weights", "predictions"):
        for a, b in zip(fast[name], slow[name], strict=True):
            assert a.shape == b.shape
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance, err_msg=name)


def both(
    monkeypatch: pytest.MonkeyPatch, layers: Any, x: Any, y: Any = LABELS, **options: Any
) -> tuple[Any, Any]:
    fast = train(layers, x, y, **options)
    with monkeypatch.context() as patch:
        by_layers(patch)
        return fast, train(layers, x, y, **options)


ROW, IMAGE, COLOR = (7,), (1, 9, 8), (3, 9, 8)
HEAD = Dense(3, "softmax")
FAMILY: dict[str, tuple[Any, tuple[int, ...]]] = {
    "one layer": ([HEAD], ROW),
    "wide": ([Dense(70, "relu"), Dense(33, "relu"), HEAD], ROW),
    "deep": ([Dense(11, "relu"), Dense(9, "tanh"), Dense(10, "sigmoid"), HEAD], ROW),
    "large": ([Dense(600, "relu"), Dense(450, "relu"), HEAD], ROW),
    "leaky": ([Dense(11, gu.LeakyReLU(0.2)), HEAD], ROW),
    "linear": ([Dense(11), HEAD], ROW),
    "activations as layers": ([Dense(11), gu.ReLU(), Dense(5), Activation("tanh"), HEAD], ROW),
    "no bias": ([Dense(11, "relu", use_bias=False), Dense(3, "softmax", use_bias=False)], ROW),
    "rescaled": ([gu.Rescaling((2.0,) * 7, 0.3), Dense(11), gu.Rescaling(0.2), HEAD], ROW),
    "rescaled images": ([gu.Rescaling(0.5, 1.0), Conv2D(4, 2), Flatten(), HEAD], IMAGE),
    "logits": ([Dense(11, "relu"), Dense(3), gu.Softmax()], ROW),
    "normalized": ([Dense(11), BatchNormalization(), gu.ReLU(), HEAD], ROW),
    "normalized first": ([BatchNormalization(unbiased=True), Dense(11, "tanh"), HEAD], ROW),
    "dropout": ([Dense(11, "relu"), Dropout(0.4), Dense(13, "tanh"), Dropout(0.2), HEAD], ROW),
    "dropout as the book": ([Dropout(0.2, "book"), Dense(11, "relu"), HEAD], ROW),
    "dropout of nothing": ([Dense(11, "relu"), Dropout(0.0), HEAD], ROW),
    "nested": ([Chain([Dense(11, "relu"), Chain([Dropout(0.3), Dense(9)])]), HEAD], ROW),
    "images as rows": ([Flatten(), Dense(11, "relu"), HEAD], COLOR),
    "convolution": ([Conv2D(5, 3, activation="relu"), Flatten(), HEAD], IMAGE),
    "linear convolution": ([Conv2D(5, (2, 3), use_bias=False), Flatten(), HEAD], IMAGE),
    "same": ([Conv2D(5, 3, padding="same", activation="tanh"), Flatten(), HEAD], COLOR),
    "stride": (
        [Conv2D(5, 3, 2, "same", "relu"), Conv2D(4, 2, 2, rounding="floor"), Flatten(), HEAD],
        COLOR,
    ),
    "pooled": (
        [Conv2D(6, 2, padding="same", activation="relu"), MaxPooling2D((3, 2)), Flatten(), HEAD],
        COLOR,
    ),
    "pooled, then relu": (
        [Conv2D(6, 2), MaxPooling2D(2, rounding="floor"), gu.ReLU(), Flatten(), HEAD],
        COLOR,
    ),
    "average": (
        [Conv2D(6, 2, activation="relu"), AveragePooling2D(2, rounding="floor"), Flatten(), HEAD],
        COLOR,
    ),
    "pooling first": ([MaxPooling2D((3, 2)), Conv2D(4, 2), Flatten(), HEAD], IMAGE),
    "book's convolution": (
        [
            Conv2D(6, 3, padding="same", activation="relu"),
            BatchNormalization(),
            Conv2D(7, 3, padding="same", activation="relu"),
            MaxPooling2D(2, rounding="floor"),
            Dropout(0.3),
            Flatten(),
            Dense(20, "relu"),
            Dropout(0.5),
            HEAD,
        ],
        COLOR,
    ),
}


@pytest.mark.parametrize("name", FAMILY)
def test_a_family_of_networks(monkeypatch: Any, steps: Any, name: str) -> None:
    layers, shape = FAMILY[name]
    fast, slow = both(monkeypatch, layers, data(shape))
    assert steps == [True] * 9
    assert_alike(fast, slow)
    assert fast["history"]["loss"][-1] != fast["history"]["loss"][0]


@pytest.mark.parametrize("shape", [ROW, IMAGE, COLOR])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.int64, ">f4"])
@pytest.mark.parametrize("preprocess", [[], ["rescale"], ["standardize"]])
def test_inputs_and_what_is_done_to_them(
    monkeypatch: Any, steps: Any, shape: Any, dtype: Any, preprocess: Any
) -> None:
    x = (data(shape) * 3).astype(dtype) if dtype != np.uint8 else data(shape, np.uint8)
    if dtype == np.uint8 and not preprocess:
        x = x // 64
    layers = [Flatten(), Dense(8, "tanh"), HEAD] if len(shape) > 1 else [Dense(8, "tanh"), HEAD]
    fast, slow = both(monkeypatch, layers, x, preprocess=preprocess)
    assert steps == [True] * 9
    assert_alike(fast, slow)


@pytest.mark.parametrize("view", ["reversed", "transposed", "every second"])
def test_inputs_with_gaps(monkeypatch: Any, steps: Any, view: str) -> None:
    x = data((7, 2 * 7)).astype(np.float32)
    x = {"reversed": x[::-1], "transposed": x.transpose(0, 2, 1), "every second": x[:, :, ::2]}[
        view
    ]
    assert_alike(*both(monkeypatch, [Flatten(), Dense(8, "tanh"), HEAD], x))
    assert all(steps)


ONE_HOT = np.eye(3, dtype=np.float32)[LABELS]
LOSSES: dict[str, dict[str, Any]] = {
    "smoothed": {"loss": CategoricalCrossentropy(label_smoothing=0.1)},
    "weighted": {"sample_weight": WEIGHTS},
    "smoothed and weighted": {
        "loss": CategoricalCrossentropy(label_smoothing=0.2),
        "sample_weight": WEIGHTS,
    },
    "classes weighted": {"class_weight": {0: 1.0, 1: 3.0, 2: 0.5}},
    "one-hot": {"y": ONE_HOT},
    "whole one-hot": {"y": ONE_HOT.astype(int)},
    "soft": {"y": 0.8 * ONE_HOT + np.float32(0.2 / 3)},
    "other metrics": {"metrics": ["accuracy", gu.metrics.TopKAccuracy(2)]},
    "no metrics": {"metrics": []},
    "bytes as labels": {"y": LABELS.astype(np.uint8)},
    "a column of labels": {"y": LABELS[:, None]},
}


@pytest.mark.parametrize("name", LOSSES)
def test_classification(monkeypatch: Any, steps: Any, name: str) -> None:
    options = dict(LOSSES[name])
    y = options.pop("y", LABELS)
    assert_alike(*both(monkeypatch, [Dense(11, "relu"), HEAD], data(ROW), y, **options))
    assert steps == [True] * 9


@pytest.mark.parametrize("loss", ["mse", "mae", "sse", "huber"])
@pytest.mark.parametrize("weight", [None, WEIGHTS])
@pytest.mark.parametrize("units", [1, 3])
def test_regression(monkeypatch: Any, steps: Any, loss: str, weight: Any, units: int) -> None:
    y = TARGETS if units == 3 else TARGETS[:, 0]
    layers = [Dense(11, "tanh"), BatchNormalization(), Dense(units)]
    assert_alike(*both(monkeypatch, layers, data(ROW), y, loss=loss, sample_weight=weight))
    assert steps == [True] * 9


def test_logits_given_by_the_network(monkeypatch: Any, steps: Any) -> None:
    loss = CategoricalCrossentropy(from_logits=True)
    assert_alike(*both(monkeypatch, [Dense(11, "relu"), Dense(3)], data(ROW), loss=loss))
    assert all(steps)


def test_penalties(monkeypatch: Any, steps: Any) -> None:
    layers = [Dense(11, "relu", kernel_regularizer=gu.L2(0.1)), HEAD]
    fast, slow = both(monkeypatch, layers, data(ROW))
    assert_alike(fast, slow)
    assert all(steps)
    assert fast["history"]["penalty"]


OPTIMIZERS = [
    gu.SGD(0.1),
    gu.SGD(1),
    gu.Momentum(0.05),
    gu.Nesterov(0.05),
    gu.SGD(0.1, momentum=0.8, velocity="gradient"),
    gu.Adagrad(0.1),
    gu.RMSprop(0.01),
    gu.Adam(0.01),
    gu.AdamW(0.01, weight_decay=0.1),
    gu.SGD(0.1, global_clipnorm=0.1),
    gu.SGD(gu.schedules.StepDecay(1, drop=0.5, every=2)),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: repr(o)[:40])
def test_optimizers(monkeypatch: Any, steps: Any, optimizer: Any) -> None:
    layers = [Dense(11, "tanh"), HEAD]
    assert_alike(*both(monkeypatch, layers, data(ROW), optimizer=optimizer), 2e-4)
    assert all(steps)


# What is not compiled, and what must not be noticed


@dataclass(frozen=True)
class Square(Layer):
    def init(self, rng: Any, in_shape: Any) -> Init:
        return Init({}, {}, in_shape)

    def forward(self, params: Any, state: Any, x: Any, mode: Mode) -> Any:
        return x * x, x, state

    def backward(self, params: Any, cache: Any, dy: Any, mode: Mode) -> Any:
        return dy * 2 * cache, {}


@dataclass(frozen=True)
class Perhaps(Square):
    """A ReLU in some steps, decided by the layer's own draw."""

    def forward(self, params: Any, state: Any, x: Any, mode: Mode) -> Any:
        if mode.train and mode.rng.of("dropout").uniform(1)[0] < 0.5:
            y = ops.relu(x)
            return y, y, state
        return x, None, state

    def backward(self, params: Any, cache: Any, dy: Any, mode: Mode) -> Any:
        return (dy if cache is None else ops.relu_backward(dy, cache)), {}


@dataclass(frozen=True)
class Twins(Square):
    """Two parameters with one gradient."""

    def init(self, rng: Any, in_shape: Any) -> Init:
        return Init({"a": np.ones((7, 4)), "b": np.ones((7, 4))}, {}, (4,))

    def forward(self, params: Any, state: Any, x: Any, mode: Mode) -> Any:
        return ops.affine(x, params["a"], None), x, state

    def backward(self, params: Any, cache: Any, dy: Any, mode: Mode) -> Any:
        dx, dW, _ = ops.affine_backward(dy, cache, params["a"], mode.need_dx)
        return dx, {"a": dW, "b": dW}


SLOW: dict[str, tuple[Any, tuple[int, ...]]] = {
    "arithmetic": ([Dense(11), Square(), HEAD], ROW),
    "draws": ([Dense(11), Perhaps(), HEAD], ROW),
    "one gradient for two": ([Twins(), HEAD], ROW),
    "elu": ([Dense(11, "elu"), HEAD], ROW),
    "prelu": ([Dense(11), gu.PReLU(), HEAD], ROW),
    "softmax within": ([Dense(11, "softmax"), HEAD], ROW),
    "softmax of images": ([Conv2D(3, 2, activation="softmax"), Flatten(), HEAD], IMAGE),
    "population": ([Dense(11), BatchNormalization(statistics="population"), HEAD], ROW),
    "overhanging": ([Conv2D(3, 2, padding=2, activation="relu"), Flatten(), HEAD], IMAGE),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_cannot_be_written_down_trains_as_ever(
    monkeypatch: Any, steps: Any, name: str
) -> None:
    layers, shape = SLOW[name]
    fast, slow = both(monkeypatch, layers, data(shape))
    assert steps == [False] * 9
    assert_alike(fast, slow)


def test_images_as_output(monkeypatch: Any, steps: Any) -> None:
    """They lie otherwise in a program than a user expects."""
    layers, x = [Conv2D(4, 2), gu.ReLU()], data(COLOR)
    y = np.random.default_rng(5).normal(size=(N, 4, 8, 7)).astype(np.float32)
    fast, slow = both(monkeypatch, layers, x, y, loss="mse")
    assert_alike(fast, slow)
    assert fast["predictions"][0].shape == y.shape


def test_a_network_without_parameters(monkeypatch: Any, steps: Any) -> None:
    assert_alike(*both(monkeypatch, [Flatten()], data((3, 1)), TARGETS, loss="mse"))


def test_float64_is_never_compiled(steps: Any) -> None:
    model = Sequential([Dense(5, "relu"), HEAD], dtype="float64")
    model.compile("sgd", "categorical_crossentropy")
    model.fit(data(ROW), LABELS, verbose=0)
    assert not any(steps)


def test_references_by_choice_are_never_compiled(monkeypatch: Any, steps: Any) -> None:
    monkeypatch.setattr("groundup.train.programs.kernels_enabled", lambda: False)
    train([HEAD], data(ROW))
    assert not any(steps)


def test_programs_are_kept_for_some_sizes_and_given_back(monkeypatch: Any) -> None:
    known: list[int] = []
    real = Programs.forget_steps

    def forget(self: Programs) -> None:
        known.append(len(self._steps))
        real(self)

    monkeypatch.setattr(Programs, "forget_steps", forget)
    model = Sequential([Dense(5, "relu"), HEAD])
    model.compile("sgd", "categorical_crossentropy")
    model.fit(data(ROW), LABELS, batch_size=16, verbose=0)
    assert known[-1] == 2  # 16 and the odd last
    assert not model.learner.programs._steps
    learner = model.learner
    for size in range(2, 9):
        for batch in batches(data(ROW), LABELS, size, transform=learner.prepare):
            learner.step(batch, Mode(train=True))
    assert len(learner.programs._steps) <= 4
    assert None not in learner.programs._steps.values()


def test_weights_set_from_outside_are_seen() -> None:
    """A program reads the parameters where they are."""
    x = data(ROW)
    model = Sequential([Dense(5, "relu"), BatchNormalization(), HEAD])
    model.build(ROW)
    first = model.predict(x)
    weights = model.get_weights()
    model.set_weights([w + np.float32(0.5) for w in weights])
    assert not np.allclose(model.predict(x), first)
    model.set_weights(weights)
    np.testing.assert_array_equal(model.predict(x), first)


# What is not finite


def diverge(layers: Any, x: Any, y: Any = LABELS, **options: Any) -> tuple[str, list[Any]]:
    """The words of Diverged, and the weights that it leaves."""
    model = Sequential(layers, seed=1)
    model.compile(options.pop("optimizer", gu.SGD(0.05)), options.pop("loss", "mse"))
    model.build(x.shape[1:])
    with pytest.raises(Diverged) as caught:
        model.fit(x, y, batch_size=16, epochs=20, verbose=0, shuffle=False)
    return str(caught.value), model.get_weights()


NETS = {
    "dense": [Dense(8, "relu"), BatchNormalization(), Dense(3)],
    "classifier": [Dense(8, "relu"), Dense(3, "softmax")],
}


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_data_that_is_not_finite(monkeypatch: Any, steps: Any, net: str, value: float) -> None:
    """Set after what `fit` checks: the second batch of the first epoch."""
    x = data(ROW)
    real = Programs.step
    loss, y = ("mse", TARGETS) if net == "dense" else ("categorical_crossentropy", LABELS)

    def spoil(self: Programs, learner: Any, batch: Any, mode: Mode) -> Any:
        if mode.rng.step == 1:
            batch.source[batch.indices[3], 2] = value
        return real(self, learner, batch, mode)

    monkeypatch.setattr(Programs, "step", spoil)
    message, weights = diverge(NETS[net], x.copy(), y, loss=loss)
    assert steps == [True, True]
    with monkeypatch.context() as patch:
        patch.setattr(Programs, "step", lambda *given: (spoil(*given), None)[1])
        other, expected = diverge(NETS[net], x.copy(), y, loss=loss)
    assert message == other
    assert "epoch 1, step 2" in message
    for a, b in zip(weights, expected, strict=True):
        assert np.isfinite(a).all()
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(
    ("net", "rate"), [("dense", 1e5), ("dense", 1e20), ("classifier", 1e20), ("classifier", 1e37)]
)
def test_a_learning_rate_that_is_too_large(monkeypatch: Any, net: str, rate: float) -> None:
    loss, y = ("mse", TARGETS) if net == "dense" else ("categorical_crossentropy", LABELS)
    options = {"loss": loss, "optimizer": gu.SGD(rate)}
    message, weights = diverge(NETS[net], data(ROW), y, **options)
    by_layers(monkeypatch)
    other, _ = diverge(NETS[net], data(ROW), y, **options)
    assert message == other
    assert all(np.isfinite(w).all() for w in weights)


@pytest.mark.parametrize("target", [1e25, 3e38])
def test_a_loss_that_overflows(monkeypatch: Any, target: float) -> None:
    """Every output is finite: the words are those that say so, whichever way it was found."""
    y = TARGETS.copy()
    y[20, 1] = target
    net = [Dense(8, "tanh"), Dense(3)]
    message, weights = diverge(net, data(ROW), y)
    by_layers(monkeypatch)
    other, expected = diverge(net, data(ROW), y)
    assert message == other
    for a, b in zip(weights, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)
