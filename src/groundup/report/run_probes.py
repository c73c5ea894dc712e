"""What the layers saw while a run learned: their outputs, gradients, updates, and idle units."""

import math
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from groundup.report import numbers
from groundup.report.layer_charts import (
    CHARTS,
    MOST,
    LayerChart,
    hidden,
    layer_chart,
    layer_colors,
    outputs_chart,
    weighted,
)
from groundup.report.page import Section, beside
from groundup.report.run_summary import RunSummary
from groundup.train.probes.curves import loss_noise
from groundup.train.probes.exam import Exam, LayerExam

_SHOWN = ("gradient", "update", "dead", "saturated", "shift_mean")


def layers_seen(run: RunSummary) -> Section | None:
    """The section; None for a run without probes."""
    if not run.exams:
        return None
    first, last = run.exams[0], run.exams[-1]
    charts = [_distributions(exam) for exam in ((first,) if first is last else (first, last))]
    if len(run.exams) > 1:
        charts += _over_updates(run.exams)
    note = (
        f"Looks at {numbers.count(last.samples)} training samples each, forward and back. Watch "
        "for outputs that shrink or grow from layer to layer, gradients that differ by orders of "
        "magnitude, and units that have fallen silent. "
    )
    if len(weighted(last)) > MOST:
        note += f"{MOST} of the layers are drawn, evenly spread. "
    return Section("What the layers saw", beside(*charts), note + _noise(run))


def _noise(run: RunSummary) -> str:
    noise = loss_noise(run.batch_losses)
    if not math.isfinite(noise):
        return ""
    return f"The loss of single batches scatters by {numbers.number(noise, 2)} around its trend."


def _distributions(exam: Exam) -> Markup:
    """The histogram of every hidden layer's output, one below the other."""
    return outputs_chart(exam, layer_colors(exam, hidden(exam)))


def _over_updates(exams: Sequence[Exam]) -> Iterator[Markup]:
    """A chart for each of `_SHOWN` of which there are values, from the first update on."""
    for chart in (CHARTS[field] for field in _SHOWN):
        known = {one.layer for exam in exams for one in exam.layers if _has(one, chart)}
        colors = layer_colors(
            exams[0], [one.layer for one in exams[0].layers if one.layer in known]
        )
        if colors:
            yield layer_chart(chart, exams[1:], colors)


def _has(one: LayerExam, chart: LayerChart) -> bool:
    """Whether there is anything to be seen: an update never moves what the first layer sees."""
    value = getattr(one, chart.field)
    return value is not None and (value != 0 or chart.share)
