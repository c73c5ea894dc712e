"""Charts of what probes see: what layers give out, and their numbers over the updates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

from groundup.report import numbers, style
from groundup.report.lines import line_chart
from groundup.report.ridges import Ridge, ridges
from groundup.report.series import Series
from groundup.train.probes.exam import Exam, LayerExam

T = TypeVar("T")
MOST = len(style.SERIES)  # layers in one chart
_OUTPUTS = ("", "softmax")  # after no hidden layer


@dataclass(frozen=True)
class LayerChart:
    """What is drawn of the layers: a field of `LayerExam`, in words, and what it might be near.

    Args:
        field, title, words: what is drawn, in a few words and in more.
        guide: a value to compare with, and how it is called.
        share: whether it is shown in percent.
        log: whether sizes are compared, on a logarithmic axis; else the axis begins at 0.
    """

    field: str
    title: str
    words: str
    guide: tuple[str, float] | None = None
    share: bool = False
    log: bool = True


_SPREAD = "‖W - W̄‖ / ‖W‖, with W̄ the mean over the units"
CHARTS: Mapping[str, LayerChart] = {
    chart.field: chart
    for chart in (
        LayerChart("gradient", "Gradient of the weights", "root mean square of dL/dW"),
        # The rule of thumb: Karpathy, "CS231n", 2015, part 3.
        LayerChart(
            "update", "Update to weights", "‖ΔW‖ / ‖W‖ of single updates", ("rule of thumb", 1e-3)
        ),
        LayerChart(
            "dead", "Dead units", "share with nothing above 0 for 300 samples",
            share=True, log=False,
        ),
        LayerChart(
            "saturated", "Saturated outputs", "share at an end of the range", share=True, log=False
        ),
        LayerChart(
            "shift_mean", "Internal covariate shift", "|Δμ| / σ of a layer's input, single updates"
        ),
        LayerChart("weight", "Weights", "root mean square"),
        LayerChart(
            "spread", "How unlike a layer's units are", _SPREAD, ("drawn at random", 1.0), log=False
        ),
    )
}  # fmt: skip
"""By the field of `LayerExam`."""


def layer_chart(chart: LayerChart, exams: Sequence[Exam], colors: Mapping[str, str]) -> Markup:
    """One number of each layer over the updates

    Args:
        chart: which number.
        exams: at least one.
        colors: of the layers to draw, by their names.
    """
    lines = [
        Series(name, *over_updates(exams, name, chart.field), color)
        for name, color in colors.items()
    ]
    if chart.guide is not None:
        name, height = chart.guide
        ends = [exams[0].updates, exams[-1].updates]
        lines.append(Series(name, ends, [height] * 2, color="muted", dashed=True))
    return line_chart(
        lines, title=chart.title, y_label=chart.words, x_label="update", whole_x=True,
        unit="%" if chart.share else "", y_log=chart.log,
        y_limits=(None, None) if chart.log else (0.0, None),
    )  # fmt: skip


def outputs_chart(exam: Exam, colors: Mapping[str, str]) -> Markup:
    """The histogram of what each of these layers gives out, one below the other."""
    layers = {one.layer: one for one in exam.layers}
    rows = [_ridge(layers[name], color) for name, color in colors.items()]
    finite = [row for row in rows if math.isfinite(row.low) and math.isfinite(row.high)]
    return ridges(finite, title=f"Outputs {when(exam)}", x_label="y")


def layer_colors(exam: Exam, names: Sequence[str], first: Sequence[str] = ()) -> dict[str, str]:
    """Which of these layers to draw, in the colors that they have in every chart

    Args:
        exam: all layers.
        names: those that can be drawn.
        first: those that are drawn before others.
    """
    chosen = _chosen(exam, weighted(exam), first)
    drawn = chosen if set(names) & set(chosen) else _chosen(exam, names, first)
    colors = dict(zip(drawn, style.SERIES, strict=False))
    return {name: color for name, color in colors.items() if name in names}


def _chosen(exam: Exam, names: Sequence[str], first: Sequence[str]) -> list[str]:
    kept = dict.fromkeys([*(name for name in first if name in names), *evenly(names)])
    order = [one.layer for one in exam.layers]
    return sorted(list(kept)[:MOST], key=order.index)


def _ridge(one: LayerExam, color: str) -> Ridge:
    """Of ReLU without what lies at 0, beside which nothing else would be seen; that is told."""
    counts, words = one.counts, f"std {numbers.number(one.std, 2)}"
    if one.activation == "relu":
        words += f", {numbers.percent(counts[0] / max(sum(counts), 1), 100)} at 0"
        counts = (0, *counts[1:])
    return Ridge(one.layer, one.low, one.high, counts, words, color)


def over_updates(exams: Sequence[Exam], layer: str, field: str) -> tuple[list[float], list[float]]:
    """Updates, and a number of the layer in each exam that has it."""
    known = [
        (float(exam.updates), float(value))
        for exam in exams
        for one in exam.layers
        if one.layer == layer and (value := getattr(one, field)) is not None
    ]
    return [x for x, _ in known], [y for _, y in known]


def evenly(all_of_them: Sequence[T], most: int = MOST) -> list[T]:
    """At most so many, first and last among them.

    >>> evenly("abcdefgh", 3)
    ['a', 'e', 'h']
    """
    if len(all_of_them) <= most:
        return list(all_of_them)
    step = (len(all_of_them) - 1) / (most - 1)
    return [all_of_them[math.floor(i * step + 0.5)] for i in range(most)]


def hidden(exam: Exam) -> list[str]:
    """The layers with an activation, or where there are none those with weights."""
    names = [one.layer for one in exam.layers if one.activation not in _OUTPUTS]
    return names or weighted(exam)


def weighted(exam: Exam) -> list[str]:
    """The layers with weights."""
    return [one.layer for one in exam.layers if one.weight is not None]


def when(exam: Exam) -> str:
    """
    >>> when(Exam(280, 1, 100, 2.3, 0.1, ()))
    'after 280 updates'
    """
    if not exam.updates:
        return "at the beginning"
    return f"after {numbers.count(exam.updates)} updates"
