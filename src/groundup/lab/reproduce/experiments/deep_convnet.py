"""8-deep-convnet: six convolutions with dropout, and the digits that are still mistaken."""

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
from groundup.nn.zoo import DeepConvNet
from groundup.report import gallery
from groundup.report.panels import panels

NAME: Final = "DeepConvNet"
SHOWN: Final = 30
"""Mistaken digits in the picture, at most, those first of which the network was most sure."""
ROW: Final = 10


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=setting.pick(60_000, 1_500), test=setting.pick(10_000, 500))
    epochs, batch_size = setting.pick((8, 100), (5, 25))
    model = network(DeepConvNet().layers(data.in_shape, 10), Adam(), setting.seed)
    seen = {NAME: follow(model, data, epochs, batch_size, every=1)}
    said = model.predict(data.x_test)
    guess, sure = said.argmax(axis=1), said.max(axis=1).astype(np.float64)
    wrong = np.flatnonzero(guess != data.y_test)
    shown = wrong[np.argsort(-sure[wrong], kind="stable")][:SHOWN]
    mistakes = {
        "image": shown,
        "truth": data.y_test[shown],
        "said": guess[shown],
        "probability": sure[shown],
    }
    pictures = data.x_test[shown, 0] / data.x_test.max()
    values = last_values(seen) | {
        "mistakes": float(len(wrong)),
        "mean probability where right": float(sure[guess == data.y_test].mean()),
        "mean probability where wrong": float(sure[wrong].mean()) if len(wrong) else 0.0,
        "parameters": float(model.learner.vector.size),
        "test accuracy": float((guess == data.y_test).mean()),
        "enough": setting.pick(0.99, 0.7),
    }
    tables = {
        "accuracies": accuracy_table(seen),
        "mistakes": mistakes,
        "pictures": long_table(np.round(pictures, 3), "mistake", "row", "column"),
    }
    return Result(tables, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    first = results[0]
    truth, said, probability = (
        first.column("mistakes", name).tolist() for name in ("truth", "said", "probability")
    )
    curves = accuracy_charts(results, [NAME], say, width=560)[0]
    figures = [Figure("accuracies", curves, say("After every epoch."))]
    if truth:
        side = int(first.column("pictures", "row").max()) + 1
        pictures = first.column("pictures", "value").reshape(len(truth), side, -1)
        rows = [
            gallery.draw(
                gallery.Gallery(
                    say("mistaken digits"),
                    "",
                    [
                        f"{t} → {s}, {p:.0%}"
                        for t, s, p in zip(truth[at], said[at], probability[at], strict=True)
                    ],
                    [("", list(pictures[at]))],
                ),
                headed=False,
            )
            for start in range(0, len(truth), ROW)
            for at in [slice(start, start + ROW)]
        ]
        note = say("What it is → what the network says, and how sure it is; the surest first.")
        title = f"{say('Mistaken digits')}: {first.values['mistakes']:.0f}"
        figures.append(Figure("mistakes", panels(rows, 1, title=title, gap=6), note))
    return figures


EXPERIMENT: Final = Experiment(
    key="8-deep-convnet",
    title="A deeper network, and the digits that it mistakes",
    source="Saito 2016, 8.1.1",
    text="Six convolutions of 3x3, pooling after every second one, 50 hidden units, dropout, He's "
    "initial values, Adam: very few test images are mistaken, and they are shown.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "At least 99 % of the test images are told right; 70 % in the quick form.",
            lambda r: r.values["test accuracy"] >= r.values["enough"],
            "A very high accuracy: less than 1 % are mistaken.",
        ),
        Claim(
            "The network is less sure of the images that it mistakes than of the others.",
            lambda r: (
                r.values["mean probability where wrong"] < r.values["mean probability where right"]
            ),
            "The mistaken digits are hard to tell for people, too.",
        ),
    ),
    seeds=1,
    deviations=("8 epochs instead of 20.",),
)
