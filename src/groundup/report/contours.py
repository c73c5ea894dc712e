"""A landscape seen from above, by lines of equal height, with paths that somebody walked on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.report import axes, scales, style, svg
from groundup.report.axes import Axis
from groundup.report.isolines import isolines
from groundup.report.numbers import number
from groundup.report.scales import Linear
from groundup.typing import Array

Look: TypeAlias = dict[str, str | float | None]


@dataclass(frozen=True)
class Trail:
    """A path step by step: its name, its points, and a name of `style.COLORS`."""

    name: str
    x: Sequence[float] | Array
    y: Sequence[float] | Array
    color: str = style.SERIES[0]


@dataclass(frozen=True)
class Area:
    """A part of the plane: what it is called, its outline, and a name of `style.COLORS`."""

    name: str
    x: Sequence[float] | Array
    y: Sequence[float] | Array
    color: str = style.SERIES[2]


@dataclass(frozen=True)
class Landscape:
    """Heights z (N, M) over x (M,) and y (N,), and which of them are drawn as lines."""

    x: Array
    y: Array
    z: Array
    levels: Sequence[float]

    def __post_init__(self) -> None:
        if self.z.shape != (len(self.y), len(self.x)):
            raise ShapeError(
                f"Landscape: z of shape {self.z.shape}; expected ({len(self.y)}, {len(self.x)}), "
                "a row for each y and a column for each x."
            )


def contours(
    land: Landscape,
    trails: Sequence[Trail] = (),
    areas: Sequence[Area] = (),
    *,
    title: str,
    subtitle: str = "",
    x_label: str = "x",
    y_label: str = "y",
    width: float = style.CHART[0],
    height: float = style.CHART[1],
) -> Markup:
    """Lines of equal height, and each trail with a dot at every step, a ring where it begins

    Areas lie below, tinted; what lies outside the landscape is cut off.

    >>> x = np.linspace(-1, 1, 9)
    >>> bowl = Landscape(x, x, x**2 + x[:, None] ** 2, levels=[0.25, 0.5])
    >>> drawing = contours(bowl, [Trail("down", [0.9, 0.0], [0.0, 0.0])], title="A bowl")
    >>> drawing.count('class="level'), drawing.count("<circle")
    (2, 3)
    """
    head, top = axes.heading(title, subtitle, width)
    bottom = height - axes.below(x_label)
    up = Linear(float(land.y[0]), float(land.y[-1]), bottom, top)
    ticks = up.ticks(4)
    words = scales.tick_labels(ticks)
    left = Axis(up, ticks, words).widest() + 14
    across = Linear(float(land.x[0]), float(land.x[-1]), left, width - 10)
    inside = [
        *(_area(area, across, up) for area in areas),
        *(_level(land, level, across, up) for level in land.levels),
        *(part for trail in trails for part in _trail(trail, across, up)),
    ]
    box = {"x": left, "y": top, "width": width - 10 - left, "height": bottom - top}
    view = " ".join(svg.num(box[name]) for name in ("x", "y", "width", "height"))
    marks = [
        svg.text(left - 6, up(tick) + 4, word, size="small", color="muted", anchor="end")
        for tick, word in zip(ticks, words, strict=True)
    ]
    body = [
        *head,
        svg.tag("svg", *inside, viewBox=view, **box),
        *marks,
        svg.text(0, top + 9, y_label, size="small", color="muted"),
        *axes.x_axis(axes.fitted(across), bottom, x_label, width),
    ]
    ends = "; ".join(f"{t.name} ends at ({number(t.x[-1])}, {number(t.y[-1])})" for t in trails)
    return svg.figure(title, f"Lines of equal height. {ends or 'No path'}.", width, height, body)


def _level(land: Landscape, level: float, across: Linear, up: Linear) -> Markup:
    lines = isolines(land.x, land.y, land.z, level)
    d = "".join(_d([(across(a), up(b)) for a, b in line.tolist()]) for line in lines)
    look: Look = {"stroke": "muted", "stroke_opacity": 0.45, "stroke_width": 0.9, "fill": "none"}
    return svg.tag("path", svg.hint(number(level)), d=d, class_="level", **look)


def _area(area: Area, across: Linear, up: Linear) -> Markup:
    d = _d([(across(a), up(b)) for a, b in zip(area.x, area.y, strict=True)]) + "Z"
    look: Look = {"fill": area.color, "fill_opacity": 0.14, "stroke": area.color}
    return svg.tag("path", svg.hint(area.name), d=d, class_="area", stroke_width=1.2, **look)


def _trail(trail: Trail, across: Linear, up: Linear) -> list[Markup]:
    places = [
        (float(np.clip(across(a), -1e4, 1e4)), float(np.clip(up(b), -1e4, 1e4)))
        for a, b in zip(trail.x, trail.y, strict=True)
        if np.isfinite(a) and np.isfinite(b)
    ]
    look: Look = {"fill": "none", "stroke": trail.color, "stroke_linejoin": "round"}
    begin: Look = {"fill": "paper", "stroke": trail.color, "stroke_width": 1.6}
    return [
        svg.tag("path", d=_d(places), stroke_width=1.4, **look),
        *(svg.tag("circle", cx=a, cy=b, r=2.2, fill=trail.color) for a, b in places),
        *(svg.tag("circle", cx=a, cy=b, r=4, **begin) for a, b in places[:1]),
    ]


def _d(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{svg.num(x)} {svg.num(y)}" for x, y in points) if points else ""
