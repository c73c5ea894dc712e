"""7-simple-convnet: the first convolutional network, and its filters before and after learning."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import (
    Claim,
    Experiment,
    Figure,
    Result,
    Say,
    Setting,
    long_table,
)
from groundup.lab.reproduce.overfitting import accuracy_charts, accuracy_table, follow, last_values
from groundup.lab.reproduce.training import network
from groundup.nn.optimizers import Adam
from groundup.nn.zoo import SimpleConvNet
from groundup.report import gallery
from groundup.train.sequential import Sequential
from groundup.typing import Array

ROW: Final = 10
"""Filters side by side."""
NAME: Final = "SimpleConvNet"


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(60_000, 2_000), test=setting.pick(10_000, 1_000))
    epochs, every = setting.pick((5, 1), (10, 2))
    layers = SimpleConvNet(init="std:0.01").layers(data.in_shape, 10)
    model = network(layers, Adam(), setting.seed)
    model.build(data.in_shape)
    before = _filters(model)
    seen = {NAME: follow(model, data, epochs, every=every)}
    both = {"before": before, "after": _filters(model)}
    tables = {
        "accuracies": accuracy_table(seen),
        "filters": long_table(np.stack(list(both.values())), "when", "filter", "row", "column"),
    }
    alike = {f"neighbors alike {when}": _alike(W) for when, W in both.items()}
    return Result(tables, last_values(seen) | alike | {"enough": setting.pick(0.98, 0.75)})


def _filters(model: Sequential) -> Array:
    """A copy of the filters, (F, KH, KW)."""
    return model.learner.params["conv2d_1"]["W"][:, 0].astype(np.float64)


def _alike(W: Array) -> float:
    """How much weights of a filter are like those beside them: a correlation, mean over filters

    0 for weights without order, up to 1 for slow changes from light to dark.
    """
    around = W - W.mean(axis=(1, 2), keepdims=True)
    across = (around[:, :, 1:] * around[:, :, :-1]).mean(axis=(1, 2))
    down = (around[:, 1:] * around[:, :-1]).mean(axis=(1, 2))
    return float(((across + down) / 2 / (around**2).mean(axis=(1, 2))).mean())


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    filters = results[0].column("filters", "value").reshape(2, -1, 5, 5)
    low = filters.min(axis=(2, 3), keepdims=True)
    shades = (filters - low) / (filters.max(axis=(2, 3), keepdims=True) - low)
    rows = [
        (say(when) if start == 0 else "", list(one[start : start + ROW]))
        for when, one in zip(("before", "after"), shades, strict=True)
        for start in range(0, len(one), ROW)
    ]
    title = say("Filters before and after learning")
    shown = gallery.draw(gallery.Gallery(title, "", [""] * ROW, rows))
    note = say("Each from its least weight (black) to its largest (white): noise before, then "
               "edges and blobs.")  # fmt: skip
    curves = accuracy_charts(results, [NAME], say, width=560)
    return [
        Figure("filters", shown, note),
        Figure(
            "accuracies", curves[0], say("Mean of all seeds, bands from the least to the most.")
        ),
    ]


EXPERIMENT: Final = Experiment(
    key="7-simple-convnet",
    title="A convolutional network, and its filters",
    source="Saito 2016, 7.5 and 7.6.1; the notes",
    text="Convolution (30 filters of 5x5), ReLU, pooling, 100 hidden units: the network learns "
    "with Adam, and its filters take on an order that they did not have.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "At least 98 % of the test images are told right; 75 % in the quick form.",
            lambda r: r.values[f"test, {NAME}"] >= r.values["enough"],
            "A very high accuracy for a network so small.",
        ),
        Claim(
            "Training and test accuracy lie less than 8 points apart.",
            lambda r: abs(r.values[f"gap, {NAME}"]) < 0.08,
            "Both are very high.",
        ),
        Claim(
            "Before learning neighbors in a filter are no more alike than chance has it.",
            lambda r: abs(r.values["neighbors alike before"]) < 0.15,
            "Filters begin at random: there is no order in black and white.",
        ),
        Claim(
            "After it they are alike: a correlation of 0.25 or more.",
            lambda r: r.values["neighbors alike after"] >= 0.25,
            "Learned filters show an order, such as edges and blobs.",
        ),
    ),
    deviations=(
        "5 epochs instead of 20.",
        "“Order” is measured, as the correlation of neighboring weights; the book shows pictures.",
    ),
)
