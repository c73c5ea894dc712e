"""Losses and their gradients, by NumPy and by the compiled end of a training step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.errors import InputError, ShapeError
from groundup.layers import Activation, Dense
from groundup.layers.graph import Variable, exp, log, maximum, sigmoid, tanh
from groundup.layers.layer import Mode
from groundup.nn.losses import (
    CategoricalCrossentropy,
    Huber,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    SumSquaredError,
)
from groundup.nn.scaled_loss import ScaledLoss
from groundup.train import Sequential
from groundup.train.learner import Examples
from groundup.typing import Array
from trust.numbers.extreme.case import DTYPES, INF, NAN, Case, Refused, both

LOGITS = CategoricalCrossentropy(from_logits=True)
SMOOTH = CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
PROBABILITIES = CategoricalCrossentropy()
LN2 = 0.6931471805599453  # log 2


@dataclass(frozen=True)
class Judged:
    """Predictions of some samples, their targets, the loss and its gradient."""

    loss: Loss
    y: list[list[float]]
    t: Any
    value: float
    gradient: list[list[float]]
    weight: list[float] | None = None


OF_LOGITS: Mapping[str, Judged] = {
    "±1e4, right": Judged(LOGITS, [[1e4, -1e4]], [0], 0.0, [[0, 0]]),
    "±1e4, wrong": Judged(LOGITS, [[1e4, -1e4]], [1], 2e4, [[1, -1]]),
    "±1e30, wrong": Judged(LOGITS, [[1e30, -1e30]], [1], 2e30, [[1, -1]]),
    "equal ones of 1e4": Judged(LOGITS, [[1e4, 1e4]], [0], LN2, [[-0.5, 0.5]]),
    "equal ones of -1e4": Judged(LOGITS, [[-1e4, -1e4]], [1], LN2, [[0.5, -0.5]]),
    "equal ones of 1e8": Judged(LOGITS, [[1e8, 1e8]], [1], LN2, [[0.5, -0.5]]),
    "equal ones of 1e30": Judged(LOGITS, [[1e30, 1e30]], [0], LN2, [[-0.5, 0.5]]),
    "1e5 and one less": Judged(
        LOGITS,
        [[1e5, 1e5 - 1]],
        [0],
        float(np.log1p(np.exp(-1.0))),
        [[-1 / (1 + np.e), 1 / (1 + np.e)]],
    ),
    "sure of the right class, by 20": Judged(
        LOGITS,
        [[20.0, 0.0]],
        [0],
        float(np.log1p(np.exp(-20.0))),
        [[-1 / (1 + np.exp(20.0)), 1 / (1 + np.exp(20.0))]],
    ),
    "denormal ones": Judged(LOGITS, [[1e-40, -1e-40]], [0], LN2, [[-0.5, 0.5]]),
    "-infinity for another class": Judged(LOGITS, [[0.0, -INF]], [0], 0.0, [[0, 0]]),
    "±1e4, right, smoothed": Judged(SMOOTH, [[1e4, -1e4]], [0], 1e3, [[0.05, -0.05]]),
    "±1e4, wrong, smoothed": Judged(SMOOTH, [[1e4, -1e4]], [1], 1.9e4, [[0.95, -0.95]]),
    "two samples, one hopeless": Judged(
        LOGITS, [[1e4, -1e4], [0.0, 0.0]], [1, 0], (2e4 + LN2) / 2, [[0.5, -0.5], [-0.25, 0.25]]
    ),
    "a hopeless sample of weight 0": Judged(
        LOGITS, [[1e4, -1e4], [0.0, 0.0]], [1, 0], LN2, [[0, 0], [-0.5, 0.5]], [0.0, 2.0]
    ),
    "only weights of 0": Judged(LOGITS, [[3.0, 1.0]], [1], 0.0, [[0, 0]], [0.0]),
    "NaN": Judged(LOGITS, [[NAN, 0.0]], [1], NAN, [[NAN, NAN]]),
}
OTHERS: Mapping[str, Judged] = {
    "cross-entropy of the probability 0": Judged(
        PROBABILITIES, [[1.0, 0.0]], [1], float(-np.log(1e-7)), [[0, -1e7]]
    ),
    "cross-entropy of the probability 1": Judged(PROBABILITIES, [[1.0, 0.0]], [0], 0.0, [[-1, 0]]),
    "cross-entropy of a denormal probability": Judged(
        PROBABILITIES, [[1.0, 1e-40]], [1], float(-np.log(1e-7)), [[0, -1e7]]
    ),
    "cross-entropy of soft targets, one of them 0": Judged(
        PROBABILITIES, [[1.0, 0.0]], [[1.0, 0.0]], 0.0, [[-1, 0]]
    ),
    "soft targets and logits of ±1e4": Judged(
        LOGITS, [[1e4, -1e4]], [[0.25, 0.75]], 1.5e4, [[0.75, -0.75]]
    ),
    "MSE of what is met": Judged(MeanSquaredError(), [[5.0]], [[5.0]], 0.0, [[0]]),
    "MSE of 1e15": Judged(MeanSquaredError(), [[1e15]], [[0.0]], 1e30, [[2e15]]),
    "SSE of 1e15": Judged(SumSquaredError(), [[1e15]], [[0.0]], 5e29, [[1e15]]),
    "MSE of a denormal difference": Judged(MeanSquaredError(), [[1e-40]], [[0.0]], 0.0, [[2e-40]]),
    "MAE of what is met": Judged(MeanAbsoluteError(), [[2.0]], [[2.0]], 0.0, [[0]]),
    "MAE of ±1e30": Judged(MeanAbsoluteError(), [[1e30, -1e30]], [[0.0, 0.0]], 1e30, [[0.5, -0.5]]),
    "MAE of a denormal difference": Judged(MeanAbsoluteError(), [[1e-40]], [[0.0]], 1e-40, [[1.0]]),
    "Huber of ±1e30": Judged(Huber(2.0), [[1e30], [-1e30]], [[0.0], [0.0]], 2e30, [[1.0], [-1.0]]),
    "Huber at δ": Judged(Huber(2.0), [[2.0]], [[0.0]], 2.0, [[2.0]]),
    "Huber of infinity": Judged(Huber(2.0), [[INF]], [[0.0]], INF, [[2.0]]),
    "a scaled loss, s of 1e30": Judged(ScaledLoss("mse", 1e30), [[3e30]], [[1e30]], 4.0, [[4e-30]]),
    "a scaled loss, s of 1e-30": Judged(
        ScaledLoss("mae", 1e-30), [[3e-30]], [[1e-30]], 2.0, [[1e30]]
    ),
}


def _values() -> Iterator[Case]:
    for group, table in (("logits: ", OF_LOGITS), ("", OTHERS)):
        for name, judged in table.items():
            near = 1e-44 if "denormal" in name else 1e-38
            for dtype, word in ((d, w) for w, d in DTYPES.items()):
                yield Case(
                    f"loss of {group}{name}, {word}",
                    lambda j=judged, d=dtype: _value(j, d),
                    judged.value,
                    atol=near if group == "" else float(np.finfo(dtype).eps),
                )
                yield Case(
                    f"slope of {group}{name}, {word}",
                    lambda j=judged, d=dtype: _slope(j, d),
                    judged.gradient,
                    atol=near if group == "" else float(np.finfo(dtype).eps),
                )


def _value(judged: Judged, dtype: Any) -> Any:
    return dtype(judged.loss.forward(np.array(judged.y, dtype), judged.t, judged.weight)[0])


def _slope(judged: Judged, dtype: Any) -> Array:
    _, cache = judged.loss.forward(np.array(judged.y, dtype), judged.t, judged.weight)
    return judged.loss.backward(cache)


# --- by a program: a dense layer that gives its input, and what the step says of loss and gradient


def _compiled() -> Iterator[Case]:
    for name, judged in OF_LOGITS.items():
        if any(not np.isfinite(row).all() for row in judged.y):
            continue  # such inputs are refused long before
        expected = [judged.value, *np.sum(judged.gradient, axis=0)]
        yield Case(
            f"loss and slope of logits: {name}, kernel",
            lambda j=judged: step(j),
            expected,
            atol=2.0**-23,
        )


def step(judged: Judged) -> Array:
    """The loss, and its gradient by the biases, which is the sum of dL/dy over the samples."""
    C = len(judged.y[0])
    model = Sequential([Dense(C, input_shape=(C,))])
    model.compile("sgd", judged.loss)
    model.set_weights([np.eye(C), np.zeros(C)])
    learner = model.learner
    weight = None if judged.weight is None else np.array(judged.weight, np.float32)
    given = Examples(np.array(judged.y, np.float32), np.array(judged.t), weight)
    (batch,) = learner.batches(given, len(judged.y), shuffle=False)
    compiled = learner.programs.step(learner, batch, Mode(train=True, need_dx=False))
    assert compiled is not None
    sums = compiled()
    assert sums is not None
    db = learner.network.params.views(learner.gradient)["dense_1"]["b"]
    return np.array([sums["loss"] / len(batch), *db], np.float32)


# --- saturated outputs, and what is refused


def _saturated() -> Iterator[Case]:
    """A sigmoid or tanh whose slope is 0 gives no NaN, but nothing to learn from either."""
    for kind, y in (("sigmoid", 1.0), ("tanh", 1.0)):

        def found(dtype: Any, kind: str = kind) -> Array:
            layer, x = Activation(kind), np.array([[1e4]], dtype)
            y, cache, _ = layer.forward({}, {}, x, Mode())
            _, remembered = MeanSquaredError().forward(y, np.array([[-3.0]]))
            dx, _ = layer.backward({}, cache, MeanSquaredError().backward(remembered), Mode())
            assert dx is not None
            return np.stack([y, dx])

        yield from both(f"{kind} of 1e4 below a squared error", found, [[[y]], [[0.0]]])


def _refused() -> Iterator[Case]:
    y = np.array([[0.5, 0.5]])
    refusals: Mapping[str, tuple[Any, Refused]] = {
        "no samples": (
            lambda: LOGITS.forward(np.zeros((0, 2)), np.zeros(0, int)),
            Refused(ShapeError, "at least one sample"),
        ),
        "one class": (
            lambda: LOGITS.forward(np.zeros((2, 1)), [0, 0]),
            Refused(ShapeError, "two outputs for yes and no"),
        ),
        "a label beyond the classes": (
            lambda: LOGITS.forward(y, [2]),
            Refused(InputError, "expected 0 <= label < 2"),
        ),
        "a target of NaN": (
            lambda: LOGITS.forward(y, [[NAN, 1.0]]),
            Refused(InputError, "no distribution"),
        ),
        "a target of infinity": (
            lambda: LOGITS.forward(y, [[INF, 0.0]]),
            Refused(InputError, "no distribution"),
        ),
        "logits where probabilities are expected": (
            lambda: PROBABILITIES.forward(np.array([[1e4, -1e4]]), [0]),
            Refused(InputError, "from_logits=True"),
        ),
        "a weight of infinity": (
            lambda: LOGITS.forward(y, [0], [INF]),
            Refused(InputError, "finite"),
        ),
        "a weight below 0": (
            lambda: LOGITS.forward(y, [0], [-1e-300]),
            Refused(InputError, "finite"),
        ),
        "a scale of 1e-60": (lambda: ScaledLoss("mse", 1e-60), Refused(InputError, "float32")),
        "a scale of 1e39": (lambda: ScaledLoss("mse", 1e39), Refused(InputError, "float32")),
        "Huber's δ of 0": (lambda: Huber(0.0), Refused(InputError, "above 0")),
        "Huber's δ of infinity": (lambda: Huber(INF), Refused(InputError, "finite")),
        "a smoothing of 1": (
            lambda: CategoricalCrossentropy(label_smoothing=1.0),
            Refused(InputError, "1 excluded"),
        ),
    }
    for name, (found, refusal) in refusals.items():
        yield Case(f"refused by a loss: {name}", found, refusal)


def _graph() -> Iterator[Case]:
    """Formulas of variables: a place without a finite value or slope is told."""
    refusals: Mapping[str, tuple[Any, str]] = {
        "log(0)": (lambda: log(Variable(0.0)), "log of values in 0 … 0"),
        "1 / 0": (lambda: 1 / Variable(0.0), "no finite value"),
        "exp(1e4)": (lambda: exp(Variable(1e4)), "not too large"),
        "the slope of √0": (lambda: (Variable(0.0) ** 0.5).backward(), "no finite slope"),
    }
    for name, (found, words) in refusals.items():
        yield Case(f"refused by a graph: {name}", found, Refused(InputError, words))
    slopes: Mapping[str, tuple[Any, float, float]] = {
        "σ(-1e4)": (sigmoid, -1e4, 0.0),
        "exp(-1e4)": (exp, -1e4, 0.0),
        "tanh(1e4)": (tanh, 1e4, 0.0),
        "x⁰ at 0": (lambda x: x**0, 0.0, 0.0),
        "x² at 1e150": (lambda x: x**2, 1e150, 2e150),
        "max(x, 0) at 0": (lambda x: maximum(x, 0.0), 0.0, 0.5),
    }
    for name, (function, x, slope) in slopes.items():
        yield Case(f"slope in a graph: {name}", lambda f=function, x=x: _slope_at(f, x), slope)


def _slope_at(function: Any, x: float) -> Any:
    variable = Variable(x)
    function(variable).backward()
    return variable.grad


def cases() -> list[Case]:
    return [*_values(), *_compiled(), *_saturated(), *_refused(), *_graph()]
