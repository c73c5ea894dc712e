"""The figures of a study over its space: what the value depends on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from markupsafe import Markup

from groundup.report import style
from groundup.report.bars import bars
from groundup.report.chart import chart
from groundup.report.numbers import count, percent
from groundup.report.panels import panels
from groundup.report.parallel_coordinates import Trace, parallel_coordinates
from groundup.report.parts import Dots, Part
from groundup.tune.dimensions import Categorical, Dimension, Integer
from groundup.tune.history import Trial
from groundup.tune.importance import Importance
from groundup.tune.pages import words
from groundup.tune.pages.pictures import MARKS, hints, values_ruler
from groundup.tune.pages.rulers import position, ruler_of
from groundup.tune.study import Study

_BEST: Final = 5  # lines in a color of their own
_FEW: Final = 12  # whole numbers, which stand apart on an axis
_SPREAD: Final = 0.6  # of a choice's place, over which its dots lie
_COLUMNS: Final = 3
_MOST_LINES: Final = 200  # that can be told from each other
_GAP: Final = 22.0


def parallel(study: Study) -> Markup | None:
    """An axis for each hyper-parameter and one for the value; None before the first trial ended."""
    ended = [trial for trial in study.history.trials if trial.state != "running"]
    if not ended:
        return None
    names = words.short_names(study)
    dimensions = study.plan.search.space.dimensions
    rulers = [ruler_of(names[path], dimension) for path, dimension in dimensions.items()]
    values = [trial.value for trial in ended if trial.value is not None]
    rulers.append(values_ruler(study, values))
    shares = _shares(study)
    best = {trial.number for trial in words.ranked(study)[:_BEST]}
    worst_first = sorted(ended, key=lambda trial: shares.get(trial.number, -1.0))
    others = [trial for trial in worst_first if trial.number not in best]
    chosen = [trial for trial in worst_first if trial.number in best]
    shown = [*others[:: -(-len(ended) // _MOST_LINES)], *chosen]
    traces = [
        Trace(
            [*_places(dimensions, trial, shares.get(trial.number, 0.0)), trial.value],
            **_look(trial, best, shares), hint=about,
        )
        for trial, about in zip(shown, hints(study, shown), strict=True)
    ]  # fmt: skip
    told = {
        f"orange: the {f'{len(best)} ' * (len(best) > 1)}best": best,
        "blue: the better, the darker": len(values) > len(best),
        "dashed: failed": len(values) < len(ended),
        f"{len(shown)} of {count(len(ended))} trials shown": len(shown) < len(ended),
    }
    return parallel_coordinates(
        rulers, traces, title="Every trial as a line through its settings to its value",
        subtitle="; ".join(said for said, holds in told.items() if holds),
    )  # fmt: skip


def _shares(study: Study) -> dict[int, float]:
    """By number the place of every trial with a value among them, 0 the worst and 1 the best."""
    known = [trial for trial in study.history.trials if trial.value is not None]
    order = sorted(known, key=study.history.loss, reverse=True)
    return {trial.number: k / max(len(order) - 1, 1) for k, trial in enumerate(order)}


def _look(trial: Trial, best: set[int], shares: Mapping[int, float]) -> dict[str, Any]:
    if trial.number in best:
        return {"color": "orange", "width": 2.0, "opacity": 0.95}
    if trial.value is None:
        return {"color": MARKS["failed"][0], "opacity": 0.5, "dashed": True}
    return {"color": "blue", "opacity": 0.08 + 0.62 * shares[trial.number] ** 2}


def _places(dimensions: Mapping[str, Dimension], trial: Trial, share: float) -> list[float | None]:
    """On each axis where the line passes; at a choice the better ones pass higher."""
    return [
        position(dimension, trial.settings[path])
        + (_SPREAD * (share - 0.5) if _is_coarse(dimension) else 0.0)
        if path in trial.settings
        else None
        for path, dimension in dimensions.items()
    ]


def slices(study: Study) -> Markup | None:
    """The value over each hyper-parameter alone; None before there is a value."""
    known = [trial for trial in study.history.trials if trial.value is not None]
    if not known:
        return None
    dimensions = study.plan.search.space.dimensions
    names, columns = words.short_names(study), min(_COLUMNS, len(dimensions))
    width = (style.PAGE_WIDTH - (columns - 1) * _GAP) / columns
    y = replace(values_ruler(study, [float(trial.value or 0.0) for trial in known]), name="")
    drawn = [
        chart(ruler_of("", dimension), y, _cloud(study, known, path, dimension),
              title=names[path], subtitle="", width=width, height=240)
        for path, dimension in dimensions.items()
    ]  # fmt: skip
    return panels(
        drawn, columns, title=f"{words.metric(study).capitalize()} by each hyper-parameter",
        subtitle="dots: finished; rings: stopped", gap=_GAP,
    )  # fmt: skip


def _cloud(study: Study, known: Sequence[Trial], path: str, dimension: Dimension) -> list[Part]:
    parts: list[Part] = []
    for state, (color, shape) in MARKS.items():
        these = [one for one in known if one.state == state and path in one.settings]
        x = [position(dimension, one.settings[path]) + _aside(one, dimension) for one in these]
        y = [math.nan if one.value is None else one.value for one in these]
        about = hints(study, these, len(study.plan.search.space.dimensions) + 1)
        parts.append(Dots("", color, x, y, shape, about, radius=2.8, opacity=0.6))
    return parts


def _is_coarse(dimension: Dimension) -> bool:
    """Whether there are so few values that many trials share one."""
    if isinstance(dimension, Integer):
        return not dimension.log and dimension.high - dimension.low < _FEW
    return isinstance(dimension, Categorical)


def _aside(trial: Trial, dimension: Dimension) -> float:
    """Beside the middle of a value, by the golden ratio, so that equal ones can be told."""
    if not _is_coarse(dimension):
        return 0.0
    return _SPREAD * ((trial.number * 0.6180339887498949) % 1.0 - 0.5)


def importance_picture(
    study: Study, shares: Sequence[Importance], width: float = style.CHART[0]
) -> Markup:
    """How much of the value's variance each hyper-parameter explains, with intervals."""
    names = words.short_names(study)
    return bars(
        [names[one.name] for one in shares], [one.share for one in shares],
        title="What the value depends on",
        subtitle="bars and numbers: share of the variance explained; whiskers: 95 % interval",
        intervals=[(one.low, one.high) for one in shares], words=percent, width=width,
    )  # fmt: skip
