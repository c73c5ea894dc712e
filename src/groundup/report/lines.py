"""Line charts: each line is labeled at its end in its own color, so there is no legend to look up.

A value that is not finite (or not positive on a logarithmic axis) leaves a gap, never a false line;
a small cross on the base line marks where a gap begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from groundup.report import axes, labels, scales, series, style, svg
from groundup.report.axes import Axis
from groundup.report.labels import Label
from groundup.report.scales import Linear, Range
from groundup.report.series import Drawing, Series, Unit


@dataclass(frozen=True)
class Mark:
    """A ring around one point, with what a browser shows while the pointer rests on it."""

    x: float
    y: float
    words: str


def line_chart(
    lines: Sequence[Series],
    *,
    title: str,
    x_label: str = "",
    y_label: str = "",
    x_log: bool = False,
    y_log: bool = False,
    y_limits: Range = (None, None),
    unit: Unit = "",
    whole_x: bool = False,
    marks: Sequence[Mark] = (),
    width: float = style.CHART[0],
    height: float = style.CHART[1],
) -> Markup:
    """A chart of lines over a common x; `unit="%"` shows shares between 0 and 1 as percent.

    >>> chart = line_chart([Series("training", [1, 2, 3], [0.9, 0.4, 0.2])], title="Loss")
    >>> chart.startswith("<svg"), ">training<" in chart
    (True, True)
    """
    head, top = axes.heading(title, y_label, width)
    bottom = max(height - axes.below(x_label), top + labels.GAP * max(len(lines), 4))
    y = _y_axis(lines, (bottom, top), y_log, y_limits, unit)
    names = [
        Label(line.name, _last(line, unit), color)
        for line, color in zip(lines, _colors(lines), strict=True)
    ]
    left, right = y.widest() + 8, width - labels.room(names, 0.45 * width)
    x = _x_axis(lines, (left, right), x_log, whole_x)
    drawings = [
        Drawing(line, name.color, x.scale, y.scale) for line, name in zip(lines, names, strict=True)
    ]
    ends = [
        Label(name.name, name.value, name.color, drawing.end())
        for name, drawing in zip(names, drawings, strict=True)
    ]
    inside = [part for drawing in reversed(drawings) for part in drawing.lines()]
    body = [
        *head,
        *axes.y_axis(y, left, right),
        *axes.x_axis(x, bottom, x_label, width),
        *(part for drawing in drawings for part in drawing.crosses(bottom, x_label)),
        _window(inside, left, top, right, bottom),
        *labels.draw(ends, right, width, top, bottom),
        *(_ring(mark, x.scale, y.scale) for mark in marks),
        *(part for drawing in drawings for part in drawing.dots(x_label, unit)),
    ]
    if not any(label.end for label in ends):
        body.append(axes.empty("no values", left, right, (top + bottom) / 2))
    words = "; ".join(f"{label.name} ends at {label.value}" for label in ends)
    full_height = bottom + axes.below(x_label)
    return svg.figure(title, f"Line chart. {words or 'No lines'}.", width, full_height, body)


def _colors(lines: Sequence[Series]) -> list[str]:
    """The colors asked for, and the next free one for each line that asks for none."""
    colors: list[str] = []
    given = 0
    for line in lines:
        colors.append(line.color or style.SERIES[given % len(style.SERIES)])
        given += line.color is None
    return colors


def _y_axis(
    lines: Sequence[Series], pixels: tuple[float, float], log: bool, limits: Range, unit: Unit
) -> Axis:
    groups = (heights for line in lines for heights in (line.y, line.lower, line.upper))
    values = [float(value) for heights in groups if heights is not None for value in heights]
    scale = (
        scales.log(values, *pixels, limits=limits)
        if log
        else scales.linear(values, *pixels, limits=limits, rounded=True)
    )
    ticks = scale.ticks() if any(map(scale.drawable, values)) else []
    return Axis(scale, ticks, scales.tick_labels(ticks, unit))


def _x_axis(lines: Sequence[Series], pixels: tuple[float, float], log: bool, whole: bool) -> Axis:
    values = [float(value) for line in lines for value in line.x]
    scale = scales.log(values, *pixels) if log else scales.linear(values, *pixels)
    known = any(map(scale.drawable, values))
    return axes.fitted(scale, whole=whole) if known else Axis(scale, [], [])


def _last(line: Series, unit: Unit) -> str:
    return series.value(line.y[-1], unit) if len(line.y) else "no value"


def _ring(mark: Mark, x: Linear, y: Linear) -> Markup:
    if not (x.low <= mark.x <= x.high and y.low <= mark.y <= y.high):
        return Markup("")
    return svg.tag(
        "circle", svg.hint(mark.words), cx=x(mark.x), cy=y(mark.y), r=4.5,
        fill="paper", stroke="ink", stroke_width=1.5,
    )  # fmt: skip


def _window(
    inside: Sequence[Markup], left: float, top: float, right: float, bottom: float
) -> Markup:
    """An inner drawing in the same coordinates that cuts off what lies outside the axes."""
    pad = 1.5
    x, y, width, height = left - pad, top - pad, right - left + 2 * pad, bottom - top + 2 * pad
    box = " ".join(map(svg.num, (x, y, width, height)))
    return svg.tag("svg", *inside, x=x, y=y, width=width, height=height, viewBox=box)
