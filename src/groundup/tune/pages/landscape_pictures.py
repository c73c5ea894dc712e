"""The figures of a study over its two most important hyper-parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from groundup.report import style
from groundup.report.chart import chart
from groundup.report.isolines import isolines
from groundup.report.parts import Band, Box, Dots, Line, Part, Tiles
from groundup.report.rulers import Ruler
from groundup.tune.dimensions import Dimension
from groundup.tune.history import Trial
from groundup.tune.methods.narrowing import Narrowing, boxes
from groundup.tune.pages import words
from groundup.tune.pages.knowledge import Knowledge
from groundup.tune.pages.pictures import hints, values_ruler
from groundup.tune.pages.rulers import position, ruler_of, value_at
from groundup.tune.space import Settings, Space
from groundup.tune.study import Study
from groundup.tune.surrogate import Surrogate
from groundup.typing import Array

_TILES: Final = 28  # a side
_LEVELS: Final = 6
_STEPS: Final = 120  # along a single axis
_HEIGHT: Final = 400.0


def landscape(study: Study, known: Knowledge) -> list[Markup]:
    """What the surrogate expects over the two most important axes, and how unsure it is

    All other hyper-parameters are held at the best trial's. Of a single axis it is a line with a
    band. Nothing where no axis has numbers, or where there are too few trials.
    """
    if known.surrogate is None or study.best is None or not known.axes:
        return []
    if len(known.axes) == 1:
        return [_profile(study, study.best, known.surrogate, known.axes[0])]
    plane = _Plane(study, *known.axes)
    predicted = known.surrogate.predict(plane.settings(study.best))
    mean, std = (heights.reshape(_TILES, _TILES) for heights in predicted)
    mean = _possible(study, mean)
    measure, low_is_good = study.plan.measure, study.plan.search.best == "low"
    ends = [measure.words(float(end)) for end in (mean.min(), mean.max())]
    spread = [measure.difference(float(end)).lstrip("+") for end in (std.min(), std.max())]
    values = " … ".join(reversed(ends) if low_is_good else ends)
    deviations = f"{' … '.join(spread)} {measure.of_differences}"
    return [
        plane.picture([*plane.heights(values, _shares(mean, low_is_good)), *plane.trials()],
                      f"Expected {words.metric(study)}"),
        plane.picture([*plane.heights(deviations, _shares(std)), *plane.trials()],
                      "Standard deviation of that"),
    ]  # fmt: skip


def _profile(study: Study, best: Trial, surrogate: Surrogate, path: str) -> Markup:
    """What is expected along one axis."""
    dimension = study.plan.search.space.dimensions[path]
    x = ruler_of(words.short_names(study)[path], dimension)
    places = [x.scale.value(k / _STEPS) for k in range(_STEPS + 1)]
    settings = [{**best.settings, path: value_at(dimension, place)} for place in places]
    mean, std = surrogate.predict(settings)
    line, low, high = (_possible(study, mean + k * std) for k in (0, -1, 1))
    known = [trial for trial in study.history.trials if trial.value is not None]
    tried = [trial for trial in known if path in trial.settings]
    values = [float(trial.value or 0.0) for trial in tried]
    dots = [position(dimension, trial.settings[path]) for trial in tried]
    parts = [
        Band("± a standard deviation", "blue", places, low, high),
        Line("expected", "blue", places, line),
        Dots("trials", "ink", dots, values, "dot", hints(study, tried), 2.6),
    ]
    y = values_ruler(study, [*values, *low, *high])
    return chart(x, y, parts, title=f"Expected {words.metric(study)}", width=style.PAGE_WIDTH)


def _possible(study: Study, heights: Array) -> Array:
    """A model knows no bounds, but an accuracy has some."""
    return heights.clip(0.0, 1.0) if study.plan.measure.unit else heights


def landscape_words(study: Study, known: Knowledge) -> str:
    """What the picture shows, and what is held."""
    names = words.short_names(study)
    held = [
        f"{names[path]} {words.setting_words(value)}"
        for path, value in (study.best.settings if study.best else {}).items()
        if path not in known.axes
    ]
    others = f" All else is held at the best trial's: {', '.join(held)}." if held else ""
    return (
        "A Gaussian process was fitted to the trials that have a value. It says what to expect of "
        f"settings that nobody tried, and how far it may be wrong.{others}"
    )


def shrinking_box(study: Study, known: Knowledge) -> Markup | None:
    """The box of each round over the two most important axes; None if nothing was narrowed."""
    search = study.plan.search
    if not isinstance(search.method, Narrowing) or len(known.axes) < 2:
        return None
    plane = _Plane(study, *known.axes)
    found = boxes(search.space, study.history, search.method)
    drawn = [plane.box(box, number) for number, box in enumerate(found, start=1)]
    parts = [*filter(None, drawn), *plane.trials()]
    return plane.picture(parts, "The box shrinks to where the best trials lie")


def _shares(heights: Array, low_is_high: bool = False) -> Array:
    """Heights from 0 to 1, perhaps upside down."""
    low, high = float(heights.min()), float(heights.max())
    shares = (heights - low) / (high - low) if high > low else np.zeros_like(heights)
    return 1 - shares if low_is_high else shares


@dataclass(frozen=True)
class _Plane:
    """Two hyper-parameters of a study as axes, by their paths."""

    study: Study
    across: str
    up: str

    def dimension(self, path: str) -> Dimension:
        return self.study.plan.search.space.dimensions[path]

    def ruler(self, path: str) -> Ruler:
        return ruler_of(words.short_names(self.study)[path], self.dimension(path))

    def places(self, path: str, shares: Sequence[float] | Array) -> list[float]:
        """What lies at these shares of an axis."""
        scale = self.ruler(path).scale
        return [scale.value(float(u)) for u in shares]

    def settings(self, best: Trial) -> list[Settings]:
        """Those in the middle of each tile, row by row from below."""
        x, y = (
            [value_at(self.dimension(path), at) for at in self.places(path, _middles())]
            for path in (self.across, self.up)
        )
        return [{**best.settings, self.across: a, self.up: b} for b in y for a in x]

    def picture(self, parts: Sequence[Part], title: str) -> Markup:
        rulers = self.ruler(self.across), self.ruler(self.up)
        return chart(rulers[0], rulers[1], parts, title=title, height=_HEIGHT)

    def heights(self, name: str, shares: Array) -> list[Part]:
        """Tiles with lines of equal height; `shares` (N, N) are from 0 to 1."""
        edges = np.linspace(0, 1, _TILES + 1)
        x, y = self.places(self.across, edges), self.places(self.up, edges)
        lines = (
            line
            for level in np.linspace(0, 1, _LEVELS + 2)[1:-1]
            for line in isolines(_middles(), _middles(), shares, float(level))
        )
        return [
            Tiles(name, "blue", x, y, shares),
            *(
                Line("", "paper", self.places(self.across, line[:, 0]),
                     self.places(self.up, line[:, 1]), width=1.0, opacity=0.6)
                for line in lines
            ),
        ]  # fmt: skip

    def box(self, space: Space, number: int) -> Box | None:
        """A round's part of the plane; None if it has one of the axes no more."""
        if not {self.across, self.up} <= set(space.dimensions):
            return None
        x, y = (ruler_of("", space.dimensions[path]).scale for path in (self.across, self.up))
        name = "the box, round by round"
        return Box(name, "blue", (x.low, x.high), (y.low, y.high), f"round {number}", opacity=0.08)

    def trials(self) -> list[Part]:
        """Those that have a value, the best in a color of its own."""
        best = None if self.study.best is None else self.study.best.number
        known = [
            trial
            for trial in self.study.history.trials
            if trial.value is not None and {self.across, self.up} <= set(trial.settings)
        ]
        others = [trial for trial in known if trial.number != best]
        chosen = [trial for trial in known if trial.number == best]
        parts: list[Part] = [self._dots(others, "trials", "ink", 2.2)]
        return [*parts, self._dots(chosen, "the best", "orange", 5.0)] if chosen else parts

    def _dots(self, trials: Sequence[Trial], name: str, color: str, radius: float) -> Dots:
        x, y = (
            [position(self.dimension(path), trial.settings[path]) for trial in trials]
            for path in (self.across, self.up)
        )
        about = hints(self.study, trials, marks=2)
        return Dots(name, color, x, y, "dot", about, radius, opacity=0.85)


def _middles() -> Array:
    """(N,) of the tiles, as shares of an axis."""
    return (np.arange(_TILES) + 0.5) / _TILES
