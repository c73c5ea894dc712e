"""keras-init: the outputs of one dense layer, by initial values and activation."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.outputs import layer_outputs
from groundup.layers import Dense
from groundup.report import numbers, style
from groundup.report.histogram_grid import Bins, histogram_grid
from groundup.report.panels import panels
from groundup.rng import Stream
from groundup.typing import Array

INPUTS: Final = 784
UNITS: Final = 256
BINS: Final = 30
INITS: Final[Mapping[str, str]] = {
    "normal, std 1": "std:1",
    "Glorot normal": "glorot_normal",
    "Glorot uniform": "glorot_uniform",
}
ACTIVATIONS: Final[Mapping[str, tuple[float, float] | None]] = {
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "ReLU": None,
}
"""With their range; that of ReLU has no end."""


def run(setting: Setting) -> Result:
    x = Stream(setting.seed, "init", "inputs").uniform((1, INPUTS))
    rows, values = [], {}
    for init, name in INITS.items():
        for activation, span in ACTIVATIONS.items():
            layer = Dense(
                UNITS, activation, kernel_initializer=name, bias_initializer="zeros", name="dense"
            )
            y = layer_outputs([layer], x, setting.seed)["dense"][0]
            rows += [(init, activation, value) for value in y.tolist()]
            values[f"largest {init} {activation}"] = float(np.abs(y).max())
            if span:
                at_ends = (y < span[0] + 0.05) | (y > span[1] - 0.05)
                values[f"ends {init} {activation}"] = float(at_ends.mean())
    table = dict(zip(("init", "activation", "output"), zip(*rows, strict=True), strict=True))
    return Result({"outputs": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    result = results[0]
    inits, kinds, y = (result.column("outputs", c) for c in ("init", "activation", "output"))
    drawings = []
    for (activation, span), color in zip(ACTIVATIONS.items(), style.SERIES, strict=False):
        found = [y[(inits == init) & (kinds == activation)] for init in INITS]
        cells = [[_bins(part, span, say)] for part in found]
        drawings.append(
            histogram_grid(
                cells,
                list(map(say, INITS)),
                [""],
                span,
                title=activation,
                most=0.3,
                color=color,
                cell=(190.0, 60.0),
            )
        )
    note = say("256 outputs for one input of 784 values; those of ReLU begin at 0.")
    return [Figure("outputs", panels(drawings, 3), note)]


def _bins(y: Array, span: tuple[float, float] | None, say: Say) -> Bins:
    limits = span or (0.0, float(y.max()))
    words = f"std {numbers.number(float(y.std()), 2)}"
    if span is None:
        words += f", {say('largest')} {numbers.number(limits[1], 2)}"
    return Bins(np.histogram(y, BINS, limits)[0].tolist(), words)


def _ends(init: str, activation: str) -> str:
    return f"ends {init} {activation}"


EXPERIMENT: Final = Experiment(
    key="keras-init",
    title="One layer's outputs, by initial values",
    source="the Keras notes; Krohn 2019, chapter 9",
    text="One input goes through a dense layer with biases of 0. Weights drawn with std 1 saturate "
    "its units; Glorot's do not.",
    run=run,
    draw=draw,
    claims=(
        *(
            Claim(
                f"With std 1 more than half of the outputs of {activation} lie at its ends.",
                lambda r, a=activation: r.values[_ends("normal, std 1", a)] > 0.5,  # type: ignore[misc]
                "Neurons saturate with the standard normal distribution.",
            )
            for activation in ("sigmoid", "tanh")
        ),
        *(
            Claim(
                f"With Glorot's values, normal or uniform, hardly any of {activation} does.",
                lambda r, a=activation: all(  # type: ignore[misc]
                    r.values[_ends(f"Glorot {kind}", a)] < 0.1 for kind in ("normal", "uniform")
                ),
                "Initialization makes saturation less likely.",
            )
            for activation in ("sigmoid", "tanh")
        ),
        Claim(
            "With std 1 the largest output of ReLU is more than ten times that with Glorot's.",
            lambda r: (
                r.values["largest normal, std 1 ReLU"]
                > 10
                * max(r.values[f"largest Glorot {kind} ReLU"] for kind in ("normal", "uniform"))
            ),
        ),
    ),
    deviations=(
        "The notes show pictures without numbers; 784 inputs and 256 units are those of the book "
        "that they follow.",
    ),
)
