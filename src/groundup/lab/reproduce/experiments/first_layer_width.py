"""6-first-layer-width: whether a first hidden layer wider than the input helps."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.training import network, train
from groundup.nn.optimizers import Adam
from groundup.nn.zoo import MultiLayer
from groundup.report.lines import line_chart

SHARES: Final = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0)
"""Widths of the first hidden layer, in units of the number of inputs."""


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(20_000, 3_000), test=setting.pick(10_000, 2_000))
    inputs = int(np.prod(data.in_shape))
    reached = {"training": np.zeros(len(SHARES)), "test": np.zeros(len(SHARES))}
    parts = {"training": (data.x_train, data.y_train), "test": (data.x_test, data.y_test)}
    for i, share in enumerate(SHARES):
        layers = MultiLayer(units=[round(share * inputs), 64]).layers(data.in_shape, 10)
        model = network(layers, Adam(0.001), setting.seed)
        train(model, data, setting.pick(800, 150), 100)
        for part, (x, y) in parts.items():
            reached[part][i] = model.evaluate(x, y)["accuracy"]
    table = curve_table(reached, np.array(SHARES), ("part", "width", "accuracy"))
    test = reached["test"]
    values = {f"test, {share:g}": float(a) for share, a in zip(SHARES, test, strict=True)}
    return Result({"accuracy": table}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    chart = line_chart(
        mean_curves(results, "accuracy", say), title=say("Accuracy, by the first layer's width"),
        x_label=say("units for each input"), x_log=True, unit="%", width=640, height=340,
    )  # fmt: skip
    note = say("Mean of all seeds, bands from the least to the most.")
    return [Figure("width", chart, note)]


EXPERIMENT: Final = Experiment(
    key="6-first-layer-width",
    title="A first hidden layer wider than the input",
    source="the notes on hyper-parameters",
    text="Networks with a first hidden layer of a 32nd to twice as many units as there are inputs, "
    "and a second one of 64, learn with Adam for equally many updates.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "Twice as many units as inputs do better than an eighth as many.",
            lambda r: r.values["test, 2"] > r.values["test, 0.125"],
            "A first hidden layer larger than the input layer is effective.",
        ),
        Claim(
            "They do better by a point or more than half as many.",
            lambda r: r.values["test, 2"] > r.values["test, 0.5"] + 0.01,
            "The same.",
            expected=False,
            why="On MNIST accuracy rises with the width, but nothing special happens where the "
            "layer becomes as wide as the input: by then there is hardly anything left to gain.",
        ),
    ),
    deviations=("The notes only state it; the experiment is ours.",),
)
