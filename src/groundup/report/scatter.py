"""Scatter charts: a dot for every sample, and a line where the dots would lie at best."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import axes, scales, style, svg
from groundup.report.axes import Axis
from groundup.report.numbers import count, number
from groundup.report.scales import Range
from groundup.typing import Array

_MOST = 2000  # dots, so that a page stays light
_MOST_HINTS = 500


def scatter(
    x: Sequence[float] | Array,
    y: Sequence[float] | Array,
    *,
    title: str,
    x_label: str,
    y_label: str,
    line: Literal["diagonal", "zero"] | None = None,
    limits: Range = (None, None),
    color: str = style.SERIES[0],
    width: float = style.CHART[0],
    height: float = style.CHART[1],
) -> Markup:
    """A dot at each (x, y); `line` is y = x, with both axes alike, or y = 0

    `limits` are the ends of both axes; by default the values' own.
    Of very many samples every so manieth is drawn; that, and values that are not finite, the
    subtitle tells.

    >>> chart = scatter([1, 2], [1, 3], title="Fit", x_label="x", y_label="y", line="zero")
    >>> chart.count("<circle")
    2
    """
    points = np.stack([_values(x), _values(y)], axis=1) if len(x) == len(y) else None
    if points is None:
        raise InputError(f"scatter: {len(x)} values of x and {len(y)} of y; expected as many.")
    known = points[np.isfinite(points).all(axis=1)]
    step = -(-len(known) // _MOST) or 1
    drawn = known[::step]
    head, top = axes.heading(title, _subtitle(y_label, len(points), len(known), len(drawn)), width)
    bottom = height - axes.below(x_label)
    ends: list[Any] = [known.ravel()] * 2 if line == "diagonal" else [known[:, 0], known[:, 1]]
    heights = [*ends[1], 0.0] if line == "zero" else ends[1]
    y_scale = scales.linear(_with_margin(heights), bottom, top, limits=limits)
    ticks = y_scale.ticks() if len(known) else []
    y_axis = Axis(y_scale, ticks, scales.tick_labels(ticks))
    left, right = y_axis.widest() + 8, width - 8
    x_scale = scales.linear(_with_margin(ends[0]), left, right, limits=limits)
    x_axis = axes.fitted(x_scale) if len(known) else Axis(x_scale, [], [])
    body = [
        *axes.y_axis(y_axis, left, right),
        *axes.x_axis(x_axis, bottom, x_label, width),
        *_dots(drawn, x_scale, y_scale, (x_label, y_label), color),
        *_ideal(line if len(known) else None, x_scale, y_scale),
    ]
    if not len(known):
        body.append(axes.empty("no values", left, right, (top + bottom) / 2))
    words = f"Scatter chart of {y_label} over {x_label}, {count(len(known))} samples."
    return svg.figure(title, words, width, height, [*head, *body])


def _values(given: Sequence[float] | Array) -> Array:
    return np.asarray(given, np.float64).ravel()


def _with_margin(values: Sequence[float] | Array) -> list[float]:
    """The ends of the values with some room around them, so that no dot lies on an edge."""
    if not len(values):
        return []
    low, high = float(min(values)), float(max(values))
    room = 0.04 * (high - low)
    return [low - room, high + room]


def _subtitle(y_label: str, total: int, known: int, drawn: int) -> str:
    words = [y_label]
    words += [f"{count(drawn)} of {count(known)} samples shown"] if drawn < known else []
    words += [f"{count(total - known)} not finite"] if known < total else []
    return ", ".join(words)


def _dots(
    points: Array, x: scales.Linear, y: scales.Linear, names: tuple[str, str], color: str
) -> list[Markup]:
    hinted = len(points) <= _MOST_HINTS
    return [
        svg.tag(
            "circle", svg.hint(f"{names[0]} {number(a)}, {names[1]} {number(b)}") if hinted else "",
            cx=x(a), cy=y(b), r=2.6, fill=color, fill_opacity=0.55 if hinted else 0.3,
        )
        for a, b in points.tolist()
    ]  # fmt: skip


def _ideal(line: str | None, x: scales.Linear, y: scales.Linear) -> list[Markup]:
    if line == "diagonal":
        return [svg.line(x(x.low), y(x.low), x(x.high), y(x.high), color="ink", width=1.2)]
    if line == "zero":
        return [svg.line(x.start, y(0.0), x.end, y(0.0), color="ink", width=1.2)]
    return []
