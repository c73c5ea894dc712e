"""Accuracies on training and test data while a network learns: what overfitting is seen by."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from markupsafe import Markup

from groundup.data.dataset import Dataset
from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.experiment import Result, Say, Table
from groundup.nn.zoo import MultiLayer
from groundup.report.lines import line_chart
from groundup.report.style import SERIES
from groundup.train.sequential import Sequential
from groundup.typing import Array

SEVEN_LAYERS: Final = MultiLayer(depth=6)
"""Six hidden layers of 100 units and the last one: far more than 300 images need."""
FEW: Final = 300
PARTS: Final = ("training", "test")
MOST: Final = 10_000
"""Training images whose accuracy is taken."""


def follow(
    model: Sequential,
    data: Dataset,
    epochs: int,
    batch_size: int = 100,
    *,
    every: int = 5,
    augment: Any = None,
) -> dict[str, Array]:
    """The accuracy after every so many epochs, by part, and "epoch" itself; (epochs // every,) each

    Both are those of the network as it is used: without dropout and augmentation.
    """
    seen = range(every, epochs + 1, every)
    scores = []
    for epoch in seen:
        model.fit(
            data.x_train,
            data.y_train,
            batch_size=batch_size,
            initial_epoch=epoch - every,
            epochs=epoch,
            verbose=0,
            augment=augment,
        )
        scores.append([model.evaluate(x, y)["accuracy"] for x, y in _parts(data)])
    train, test = np.transpose(scores)
    return {"epoch": np.array(seen), "training": train, "test": test}


def accuracy_table(seen: Mapping[str, Mapping[str, Array]]) -> Table:
    """The accuracies of trainings, by name, as one table of "NAME, training" and "NAME, test"."""
    curves = {f"{name}, {part}": one[part] for name, one in seen.items() for part in PARTS}
    epochs = next(iter(seen.values()))["epoch"]
    return curve_table(curves, epochs, ("which", "epoch", "accuracy"))


def last_values(seen: Mapping[str, Mapping[str, Array]]) -> dict[str, float]:
    """Of each training both accuracies, the mean of its last tenth, and the gap between them."""
    values: dict[str, float] = {}
    for name, one in seen.items():
        tail = slice(-max(1, len(one["epoch"]) // 10), None)
        train, test = (float(one[part][tail].mean()) for part in PARTS)
        values |= {f"training, {name}": train, f"test, {name}": test, f"gap, {name}": train - test}
    return values


def accuracy_charts(
    results: Sequence[Result],
    names: Sequence[str],
    say: Say,
    table: str = "accuracies",
    *,
    width: float = 400,
) -> list[Markup]:
    """A chart for each training: its accuracy on training data and on test data."""
    charts = []
    for name in names:
        colors = dict(zip((f"{name}, {part}" for part in PARTS), SERIES, strict=False))
        lines = mean_curves(results, table, lambda which: say(which.split(", ")[-1]), colors)
        chart = line_chart(
            lines, title=say(name), x_label=say("epoch"), y_limits=(0.0, 1.0), unit="%",
            whole_x=True, width=width, height=240,
        )  # fmt: skip
        charts.append(chart)
    return charts


def _parts(data: Dataset) -> tuple[tuple[Array, Array], ...]:
    return (data.x_train[:MOST], data.y_train[:MOST]), (data.x_test, data.y_test)
