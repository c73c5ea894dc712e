"""The figures of a study over trials, epochs and time."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from markupsafe import Markup

from groundup.report import style
from groundup.report.chart import chart
from groundup.report.numbers import count, percent
from groundup.report.parts import Dots, Line, Part, Shape
from groundup.report.ranked_curves import Curves, ranked_curves
from groundup.report.rulers import Ruler, ruler
from groundup.report.scales import wide
from groundup.tune.history import Trial
from groundup.tune.pages import words
from groundup.tune.study import Study

MOST_CURVES: Final = 20
_TENFOLD: Final = 10.0  # losses so different have a log axis, as it is the low ones that count
_INK: Final = 40.0  # of all curves together, so that very many are not one blot
_MOST_HINTS: Final = 1000  # marks of a picture, so that a page stays light
MARKS: Final[Mapping[str, tuple[str, Shape]]] = {
    "finished": ("blue", "dot"),
    "stopped": ("ochre", "ring"),
    "failed": ("wine", "cross"),
}
"""The color and the shape of a trial's mark on all pictures."""


def values_ruler(study: Study, values: Sequence[float]) -> Ruler:
    """The axis of what is searched for."""
    unit = study.plan.measure.unit
    known = [value for value in values if math.isfinite(value)]
    log = not unit and bool(known) and 0 < _TENFOLD * min(known) <= max(known)
    return ruler(words.metric(study), known, unit=unit, log=log)


def hints(study: Study, trials: Sequence[Trial], marks: int = 1) -> list[str]:
    """What each trial's mark says to the pointer; nothing where there are very many marks."""
    if marks * len(study.history) > _MOST_HINTS:
        return [""] * len(trials)
    return [_hint(study, trial, brief=marks > 1) for trial in trials]


def _hint(study: Study, trial: Trial, *, brief: bool) -> str:
    said = "" if trial.value is None else f" {study.plan.measure.words(trial.value)}"
    told = f"Trial {trial.number}, {trial.state}{said}"
    return told if brief else f"{told}: {words.settings_words(study, trial)}"


def history_picture(study: Study, width: float = style.PAGE_WIDTH) -> Markup:
    """The value of every trial by its number, and the best so far."""
    trials = study.history.trials
    y = values_ruler(study, [trial.value for trial in trials if trial.value is not None])
    x = _numbers(study)
    parts: list[Part] = [_best_so_far(study)] if study.best else []
    for state, (color, shape) in MARKS.items():
        these = [trial for trial in trials if trial.state == state]
        if these:
            heights = [y.scale.low if trial.value is None else trial.value for trial in these]
            numbers = [trial.number for trial in these]
            parts.append(Dots(state, color, numbers, heights, shape, hints(study, these)))
    return chart(x, y, parts, title="Every trial, and the best so far", width=width)


def _numbers(study: Study) -> Ruler:
    """The axis of the trials' numbers."""
    return ruler("trial", [], whole=True, limits=(-0.5, max(len(study.history), 1) - 0.5))


def _best_so_far(study: Study) -> Line:
    """A step wherever a finished trial was better than all before."""
    x: list[float] = []
    y: list[float] = []
    best = math.inf
    for trial in study.history.trials:
        loss = study.history.loss(trial)
        if trial.state == "finished" and loss < best:
            x += [trial.number] * (2 if x else 1)
            y += [*y[-1:], study.history.sign * loss]
            best = loss
    if x:
        x.append(len(study.history) - 0.5)
        y.append(y[-1])
    return Line("best so far", "orange", x, y)


def best_curves(study: Study) -> Markup | None:
    """The learning curves of the best trials, as the book has them; None where there are none."""
    ranked = [trial for trial in words.ranked(study) if len(trial.curve) > 1][:MOST_CURVES]
    if not ranked:
        return None
    measure = study.plan.measure
    curves = [
        Curves(f"{place}. trial {one.number}, {_short(study, one)}", one.curve, one.train_curve)
        for place, one in enumerate(ranked, start=1)
    ]
    which = "The best trial" if len(curves) == 1 else f"The {len(curves)} best trials"
    return ranked_curves(
        curves, title=which, subtitle=f"{measure.name} on validation and training data",
        unit=measure.unit, y_limits=(0.0, 1.0) if measure.unit else (None, None),
    )  # fmt: skip


def _short(study: Study, trial: Trial) -> str:
    value = trial.curve[-1] if trial.value is None else trial.value
    return percent(value) if study.plan.measure.unit else study.plan.measure.words(value)


def all_curves(study: Study, width: float = style.PAGE_WIDTH) -> Markup | None:
    """Every trial's validation curve, and where trials were stopped; None if none was."""
    with_curves = [trial for trial in study.history.trials if trial.curve]
    stopped = [trial for trial in with_curves if trial.state == "stopped"]
    if not stopped:
        return None
    y = values_ruler(study, [value for trial in with_curves for value in trial.curve])
    x = ruler("epoch", [1, study.plan.search.epochs], whole=True)
    faint = min(0.35, max(0.05, _INK / len(with_curves)))
    parts: list[Part] = [
        Line(
            "", MARKS["finished" if trial.state == "finished" else "stopped"][0],
            range(1, len(trial.curve) + 1), trial.curve, 1.0, faint, hint=about,
        )
        for trial, about in zip(with_curves, hints(study, with_curves), strict=True)
    ]  # fmt: skip
    ends = [trial.curve[-1] for trial in stopped]
    at = [len(trial.curve) for trial in stopped]
    parts.append(
        Dots("stopped there", MARKS["stopped"][0], at, ends, "ring", hints(study, stopped))
    )
    best = study.best
    if best is not None and best.curve:
        place = range(1, len(best.curve) + 1)
        parts.append(Line(f"trial {best.number}, the best", "orange", place, best.curve))
    title = f"{count(len(stopped))} of {count(len(with_curves))} trials were stopped, which saved "\
            f"{percent(words.saved(study))} of the epochs"  # fmt: skip
    return chart(x, y, parts, title=title, width=width, height=340)


def times(study: Study, width: float = style.CHART[0]) -> Markup | None:
    """What every trial took; None if that isn't known of two at least."""
    known = [trial for trial in study.history.trials if trial.seconds > 0]
    if len(known) < 2:
        return None
    seconds = [trial.seconds for trial in known]
    y = ruler("seconds", seconds, log=wide(seconds), limits=(None if wide(seconds) else 0.0, None))
    x = _numbers(study)
    parts = [
        Dots(state, color, [one.number for one in these], [one.seconds for one in these], shape,
             hints(study, these))
        for state, (color, shape) in MARKS.items()
        if (these := [trial for trial in known if trial.state == state])
    ]  # fmt: skip
    return chart(x, y, parts, title="Time of each trial", width=width)
