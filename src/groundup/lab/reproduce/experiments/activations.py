"""3-activations: the functions between the layers, and their derivatives."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.layers import ELU, Identity, LeakyReLU, PReLU, ReLU, Sigmoid, Softmax, Step, Tanh
from groundup.layers.layer import Layer, Mode
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.report.series import Series
from groundup.rng import Stream
from groundup.typing import Array

FUNCTIONS: Final[Mapping[str, Layer]] = {
    "Step": Step(),
    "Identity": Identity(),
    "Sigmoid": Sigmoid(),
    "Tanh": Tanh(),
    "ReLU": ReLU(),
    "Leaky ReLU": LeakyReLU(0.1),
    "PReLU": PReLU("constant:0.5"),
    "ELU": ELU(),
}
X: Final = np.linspace(-5, 5, 201)
_H: Final = 1e-5


def value(layer: Layer, x: Array) -> tuple[Array, Array]:
    """h(x) and h′(x), each element alone, by the layer's own forward and backward."""
    params = layer.init(Stream(0), (1,)).params
    y, cache, _ = layer.forward(params, {}, x[:, None], Mode())
    dx, _ = layer.backward(params, cache, np.ones_like(y), Mode())
    return y[:, 0], np.asarray(dx)[:, 0]


def run(setting: Setting) -> Result:
    ys, slopes = zip(*(value(layer, X) for layer in FUNCTIONS.values()), strict=True)
    smooth = np.abs(X) > 1e-9  # at 0 some have a corner
    values = {}
    for name, layer in FUNCTIONS.items():
        numerical = (value(layer, X + _H)[0] - value(layer, X - _H)[0]) / (2 * _H)
        wrong = np.abs(numerical - value(layer, X)[1])[smooth]
        values[f"error of the derivative, {name}"] = float(wrong.max())
    of = dict(zip(FUNCTIONS, slopes, strict=True))
    for name in ("Sigmoid", "Tanh", "Step"):
        values[f"largest derivative, {name}"] = float(of[name][smooth].max())
    values["smallest derivative, Sigmoid"] = float(of["Sigmoid"].min())
    for name in ("ReLU", "Leaky ReLU"):
        values[f"derivative at -3, {name}"] = float(of[name][np.argmin(np.abs(X + 3))])
    just_below = value(ELU(), np.array([-1e-7]))[1]
    values["corner of ELU"] = float(abs(1 - just_below[0]))
    shares = _softmax(X)
    values["sum of softmax"] = float(shares.sum())
    huge = _softmax(np.array([1010.0, 1000.0, 990.0]))
    values["softmax of 1010, 1000, 990 is finite"] = float(np.isfinite(huge).all())
    table = {
        "function": [name for name in FUNCTIONS for _ in X],
        "x": np.tile(X, len(FUNCTIONS)),
        "y": np.concatenate(ys),
        "derivative": np.concatenate(slopes),
    }
    return Result({"activations": table, "softmax": {"x": X, "y": shares}}, values)


def _softmax(x: Array) -> Array:
    y: Array = Softmax().forward({}, {}, x[None], Mode())[0][0]
    return y


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    names = results[0].column("activations", "function")
    charts = []
    for name in FUNCTIONS:
        x, y, slope = (
            results[0].column("activations", column)[names == name]
            for column in ("x", "y", "derivative")
        )
        lines = [Series("h(x)", x, y, "blue"), Series("h′(x)", x, slope, "orange", dashed=True)]
        charts.append(line_chart(lines, title=say(name), x_label="x", width=320, height=230))
    x, y = (results[0].column("softmax", column) for column in "xy")
    shares = Series("h(x)", x, y, "blue")
    charts.append(
        line_chart([shares], title=say("Softmax"), x_label="x", width=320, height=230)
    )  # of 201 inputs at once
    note = say(
        "Blue the function, orange its derivative. Leaky ReLU with slope 0.1, PReLU with 0.5; "
        "softmax of all the inputs together."
    )
    return [Figure("activations", panels(charts, 3), note)]


EXPERIMENT: Final = Experiment(
    key="3-activations",
    title="Activation functions and their derivatives",
    source="Saito 2016, 3.2 and 5.5; the notes on chapter 3",
    text="What a layer's sums go through. Each function is drawn with its derivative, as the "
    "layers themselves compute them.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Every derivative agrees with the numerical one, to 10⁻⁶.",
            lambda r: all(
                value < 1e-6 for name, value in r.values.items() if name.startswith("error")
            ),
        ),
        Claim(
            "The derivative of the step function is 0 everywhere.",
            lambda r: r.values["largest derivative, Step"] == 0,
            "A step function hardly reacts to small changes, which is why it is not used.",
        ),
        Claim(
            "The derivative of sigmoid is nowhere 0, and at most ¼; that of tanh at most 1.",
            lambda r: (
                r.values["smallest derivative, Sigmoid"] > 0
                and abs(r.values["largest derivative, Sigmoid"] - 0.25) < 1e-3
                and 0.99 < r.values["largest derivative, Tanh"] <= 1
            ),
            "The derivative of sigmoid is 0 at no place.",
        ),
        Claim(
            "ReLU's derivative is 0 for negative inputs, leaky ReLU's is not.",
            lambda r: (
                r.values["derivative at -3, ReLU"] == 0
                and abs(r.values["derivative at -3, Leaky ReLU"] - 0.1) < 1e-12
            ),
            "Leaky ReLU's derivative does not become 0 where x is negative.",
        ),
        Claim(
            "ELU bends smoothly at 0: its derivative has no jump.",
            lambda r: r.values["corner of ELU"] < 1e-6,
            "The derivative continues smoothly.",
        ),
        Claim(
            "What softmax gives out sums to 1, also for inputs of 1,000 and more.",
            lambda r: (
                abs(r.values["sum of softmax"] - 1) < 1e-12
                and r.values["softmax of 1010, 1000, 990 is finite"] == 1
            ),
            "Softmax is used at the output of a classifier.",
        ),
    ),
    seeds=1,
)
