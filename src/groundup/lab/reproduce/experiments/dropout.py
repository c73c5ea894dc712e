"""6-dropout: units are left out by chance while the network learns."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from groundup.data.dataset import Dataset
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.overfitting import (
    FEW,
    PARTS,
    accuracy_charts,
    accuracy_table,
    follow,
    last_values,
)
from groundup.lab.reproduce.training import network
from groundup.layers import Dense, Dropout, Flatten, Layer
from groundup.nn.optimizers import SGD
from groundup.report.lines import line_chart
from groundup.report.panels import panels
from groundup.report.series import Series
from groundup.report.style import SERIES

EPOCHS: Final = (300, 200)  # full and quick
RATES: Final = (0.1, 0.15, 0.2, 0.3, 0.5, 0.7)
FORMS: Final = ("book", "inverted")
SHOWN: Final = ("no dropout", "book 0.15", "inverted 0.15")


def layers(data: Dataset, rate: float, scaling: Any) -> list[Layer]:
    """Seven layers, 100 units in each hidden one, with dropout after every activation."""
    hidden = [
        layer
        for _ in range(6)
        for layer in (
            Dense(100, "relu", kernel_initializer="he"),
            Dropout(rate, scaling=scaling),
        )
    ]
    return [Flatten(), *hidden, Dense(10, "softmax", kernel_initializer="he")]


def run(setting: Setting) -> Result:
    data = handwriting(setting, train=FEW, test=setting.pick(10_000, 1_000))
    rates = setting.pick(RATES, (0.15, 0.3, 0.7))
    wanted = {f"{form} {rate}": (rate, form) for form in FORMS for rate in rates}
    seen = {}
    for name, (rate, form) in ({"no dropout": (0.0, FORMS[0])} | wanted).items():
        model = network(layers(data, rate, form), SGD(0.01), setting.seed)
        seen[name] = follow(model, data, setting.pick(*EPOCHS), every=20)
    values = last_values(seen)
    by_rate: dict[str, list[Any]] = {"form": [], "rate": [], "training": [], "test": []}
    for form in FORMS:
        for rate in (0.0, *rates):
            name = f"{form} {rate}" if rate else "no dropout"
            row = (form, rate, values[f"training, {name}"], values[f"test, {name}"])
            for column, value in zip(by_rate.values(), row, strict=True):
                column.append(value)
    shown = {name: seen[name] for name in SHOWN}
    return Result({"accuracies": accuracy_table(shown), "by rate": by_rate}, values)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    form, rate = (results[0].column("by rate", name) for name in ("form", "rate"))
    lines = []
    for one in FORMS:
        for part, color in zip(PARTS, SERIES, strict=False):
            ys = np.stack([r.column("by rate", part)[form == one] for r in results])
            name, x = f"{say(part)}, {say(one)}", rate[form == one]
            lines.append(Series(name, x, ys.mean(axis=0), color, one == "inverted"))
    chart = line_chart(
        lines, title=say("Accuracy in the end, by the share that is left out"),
        x_label=say("dropout rate"), y_limits=(0.0, 1.0), unit="%", width=720, height=340,
    )  # fmt: skip
    return [
        Figure(
            "accuracies",
            panels(accuracy_charts(results, SHOWN, say, width=318), 3),
            say("No dropout, and a rate of 0.15 in both forms. Mean of all seeds."),
        ),
        Figure(
            "rates", chart,
            say("The book scales by 1 − rate when it predicts; the inverted form by 1/(1 − rate) "
                "while it learns (dashed). Mean of all seeds."),
        ),
    ]  # fmt: skip


EXPERIMENT: Final = Experiment(
    key="6-dropout",
    title="Dropout",
    source="Saito 2016, 6.4.3",
    text="Seven layers learn 300 images with dropout after each hidden layer: units left out with "
    "rates from 0.1 to 0.7, in the form of the book and in the inverted form.",
    run=run,
    draw=draw,
    claims=(
        Claim(
            "A rate of 0.15 (book) makes the gap between training and test accuracy smaller.",
            lambda r: r.values["gap, book 0.15"] < r.values["gap, no dropout"],
            "The difference between the accuracies becomes smaller.",
        ),
        Claim(
            "With it not all training images are told right.",
            lambda r: r.values["training, book 0.15"] < 0.995,
            "Training accuracy does not reach 100 %.",
        ),
        Claim(
            "With it test images are told right less often: it does harm.",
            lambda r: r.values["test, book 0.15"] < r.values["test, no dropout"],
            "One of the notes: test accuracy has fallen, so the effect is adverse.",
        ),
        Claim(
            "A rate of 0.3 (book) makes test accuracy better.",
            lambda r: r.values["test, book 0.3"] > r.values["test, no dropout"],
            "Rates from 0.2 to 0.5 are suitable.",
            expected=False,
            why="Six hidden layers, each with dropout, and SGD at rate 0.01: after these epochs "
            "the network has hardly learned yet. It is the speed of learning that suffers.",
        ),
        Claim(
            "A rate of 0.7 hinders learning: training accuracy stays below half.",
            lambda r: r.values["training, book 0.7"] < 0.5,
            "If the rate is too high, it disturbs the learning.",
        ),
        Claim(
            "The inverted form learns faster: more training images are right with 0.3.",
            lambda r: r.values["training, inverted 0.3"] > r.values["training, book 0.3"],
            "Without scaling while learning each layer gives out less, and gradients shrink.",
        ),
    ),
    deviations=(
        "At test time outputs are scaled by the share that was kept; the notes say by the share "
        "that was left out.",
        "The inverted form is added.",
    ),
)
