"""How a run got where it is: one chart a metric, over the epochs."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from groundup.report import numbers, style
from groundup.report.lines import Mark, line_chart
from groundup.report.page import Section, beside, folded, paragraph, table
from groundup.report.run_summary import RunSummary
from groundup.report.scales import wide
from groundup.report.series import Series

Epochs = Sequence[Mapping[str, Any]]
"""The values of every epoch, by name."""
_NO_CURVE = ("epoch", "step", "seconds", "learning_rate", "penalty")


def learning(run: RunSummary) -> Section:
    if not run.epochs:
        return Section("Learning", paragraph("No epoch was finished."))
    keys = dict.fromkeys(key for epoch in run.epochs for key in epoch)
    charts = learning_charts(run.epochs)
    rates = _curve(run.epochs, "learning_rate")
    if len(set(rates[1])) > 1:
        series = [Series("rate", *rates, color=style.SERIES[2])]
        chart = line_chart(series, title="Learning rate", x_label="epoch", whole_x=True)
        charts.append(chart)
    validated = any(key.startswith("val_") for key in keys)
    note = "Training dashed, validation solid; a ring marks the best epoch. " if validated else ""
    note = f"Means over the members. {note}" if run.members else note
    if run.targets and run.config.get("train", {}).get("loss") == "mse":
        note += "A loss of 1 is that of always answering the mean of the training targets. "
    body = beside(*charts) + folded("Every epoch in numbers", _epoch_table(run, list(keys)))
    return Section("Learning", body, note + best_words(run.epochs))


def learning_charts(epochs: Epochs, width: float = style.CHART[0]) -> list[Markup]:
    """A chart of each metric, training and validation, from the values of every epoch."""
    keys = dict.fromkeys(key for epoch in epochs for key in epoch)
    metrics = dict.fromkeys(key.removeprefix("val_") for key in keys if key not in _NO_CURVE)
    return [_curves(epochs, metric, width) for metric in metrics]


def _curve(epochs: Epochs, key: str) -> tuple[list[float], list[float]]:
    """Epochs (from 1) and values, without the epochs that have none."""
    known = [
        (float(epoch.get("epoch") or place) + 1, float(value))
        for place, epoch in enumerate(epochs)
        if (value := epoch.get(key)) is not None
    ]
    return [x for x, _ in known], [y for _, y in known]


def _best_point(epochs: Epochs, key: str) -> tuple[float, float] | None:
    """Epoch and value of the best validation result, known for loss and accuracy."""
    pairs = zip(*_curve(epochs, key), strict=True)
    points = [(x, y) for x, y in pairs if math.isfinite(y)]
    rank: dict[str, Callable[[tuple[float, float]], float]] = {
        "val_loss": lambda point: point[1],
        "val_accuracy": lambda point: -point[1],
    }
    return min(points, key=rank[key]) if points and key in rank else None


def best_words(epochs: Epochs) -> str:
    """Where validation was best, in a sentence; "" for a training without validation."""
    words = []
    for key, name, form in (
        ("val_loss", "lowest validation loss", numbers.number),
        ("val_accuracy", "highest validation accuracy", numbers.percent),
    ):
        point = _best_point(epochs, key)
        if point:
            words.append(f"the {name} is {form(point[1])} in epoch {point[0]:.0f}")
    sentence = " and ".join(words)
    return f"{sentence[:1].upper()}{sentence[1:]}." if words else ""


def _curves(epochs: Epochs, metric: str, width: float) -> Markup:
    """Training and validation of one metric in one chart."""
    training, validation = _curve(epochs, metric), _curve(epochs, f"val_{metric}")
    series = [Series("validation", *validation, color=style.SERIES[0])] if validation[1] else []
    if training[1]:
        series.append(Series("training", *training, color=style.SERIES[0], dashed=bool(series)))
    values = [value for _, heights in (training, validation) for value in heights]
    share = metric.endswith("accuracy")
    best = _best_point(epochs, f"val_{metric}")
    return line_chart(
        series,
        title=metric.replace("_", " ").capitalize(),
        x_label="epoch",
        whole_x=True,
        unit="%" if share else "",
        y_limits=(None, 1.0) if share else (None, None),
        y_log=metric == "loss" and wide(values),
        marks=[Mark(*best, f"best: epoch {best[0]:.0f}")] if best else (),
        width=width,
    )


def _epoch_table(run: RunSummary, keys: Sequence[str]) -> Markup:
    columns = ["epoch", *(key for key in keys if key != "epoch")]
    rows = [
        [float(epoch.get("epoch") or place) + 1, *(epoch.get(key) for key in columns[1:])]
        for place, epoch in enumerate(run.epochs)
    ]
    return table(
        {name.replace("_", " "): numbers.count if name == "epoch" else _four for name in columns},
        rows,
    )


def _four(value: float) -> str:
    return numbers.number(value, 4)
