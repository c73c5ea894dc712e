"""Line charts: each line is labeled at its end in its own color, so there is no legend to look up.

A value that is not finite (or not positive on a logarithmic axis) leaves a gap, never a false line;
a small cross on the base line marks where a gap begins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import axes, labels, scales, style, svg
from groundup.report.axes import Axis
from groundup.report.labels import Label
from groundup.report.numbers import number, percent
from groundup.report.scales import Linear, Range

Unit = Literal["", "%"]
Point = tuple[float, float]
_MOST_HINTS = 200
_FAR = 1e4  # pixels; what lies farther outside is drawn as if it lay here


@dataclass(frozen=True)
class Series:
    """One line: a name, its points, and perhaps a band around it (`lower` to `upper`).

    `color` is a name of `style.COLORS`; None takes the next of `style.SERIES`.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    color: str | None = None
    dashed: bool = False
    lower: Sequence[float] | None = None
    upper: Sequence[float] | None = None

    def __post_init__(self) -> None:
        for field in ("x", "lower", "upper"):
            values = getattr(self, field)
            if values is not None and len(values) != len(self.y):
                raise InputError(
                    f"Series({self.name!r}): {field} has {len(values)} values and y {len(self.y)}; "
                    "expected as many."
                )
        if (self.lower is None) != (self.upper is None):
            raise InputError(f"Series({self.name!r}): a band needs both lower and upper.")


@dataclass(frozen=True)
class Mark:
    """A ring around one point, with what a browser shows while the pointer rests on it."""

    x: float
    y: float
    words: str


@dataclass(frozen=True)
class _Line:
    """A series with its color, on its scales."""

    series: Series
    color: str
    x: Linear
    y: Linear

    def segments(self, heights: Sequence[float]) -> Iterator[list[Point]]:
        """The points in pixels, in pieces between the gaps."""
        piece: list[Point] = []
        for x, y in zip(self.series.x, heights, strict=True):
            if self.x.drawable(x) and self.y.drawable(y):
                piece.append((_near(self.x(x)), _near(self.y(y))))
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece

    def end(self) -> Point | None:
        """Where the line ends, in pixels."""
        pieces = list(self.segments(self.series.y))
        return pieces[-1][-1] if pieces else None


def line_chart(
    series: Sequence[Series],
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
    bottom = max(height - axes.below(x_label), top + labels.GAP * max(len(series), 4))
    y = _y_axis(series, (bottom, top), y_log, y_limits, unit)
    colors = _colors(series)
    names = [
        Label(one.name, _last(one, y.scale, unit), color)
        for one, color in zip(series, colors, strict=True)
    ]
    left, right = y.widest() + 8, width - labels.room(names, 0.45 * width)
    x = _x_axis(series, (left, right), x_log, whole_x)
    lines = [_Line(one, color, x.scale, y.scale) for one, color in zip(series, colors, strict=True)]
    ends = [
        Label(label.name, label.value, label.color, line.end())
        for label, line in zip(names, lines, strict=True)
    ]
    inside = [part for line in reversed(lines) for part in _drawn(line)]
    inside += [_ring(mark, x.scale, y.scale) for mark in marks]
    inside += [part for line in lines for part in _hints(line, x_label, unit)]
    body = [
        *head,
        *axes.y_axis(y, left, right),
        *axes.x_axis(x, bottom, x_label),
        *(part for line in lines for part in _crosses(line, bottom, x_label)),
        _window(inside, left, top, right, bottom),
        *labels.draw(ends, right, width, top, bottom),
    ]
    if not any(label.end for label in ends):
        body.append(axes.empty("no values", left, right, (top + bottom) / 2))
    words = "; ".join(f"{label.name} ends at {label.value or 'no value'}" for label in ends)
    height = bottom + axes.below(x_label)
    return svg.figure(title, f"Line chart. {words}.", width, height, body)


def _colors(series: Sequence[Series]) -> list[str]:
    """The colors asked for, and the next free one for each series that asks for none."""
    colors: list[str] = []
    given = 0
    for one in series:
        colors.append(one.color or style.SERIES[given % len(style.SERIES)])
        given += one.color is None
    return colors


def _y_axis(
    series: Sequence[Series], pixels: tuple[float, float], log: bool, limits: Range, unit: Unit
) -> Axis:
    groups = (heights for one in series for heights in (one.y, one.lower, one.upper))
    values = [float(value) for heights in groups if heights is not None for value in heights]
    scale = (
        scales.log(values, *pixels, limits=limits)
        if log
        else scales.linear(values, *pixels, limits=limits, rounded=True)
    )
    ticks = scale.ticks()
    return Axis(scale, ticks, scales.tick_labels(ticks, unit))


def _x_axis(series: Sequence[Series], pixels: tuple[float, float], log: bool, whole: bool) -> Axis:
    values = [float(value) for one in series for value in one.x]
    scale = scales.log(values, *pixels) if log else scales.linear(values, *pixels)
    ticks = scale.ticks(max(2, int((pixels[1] - pixels[0]) // 60)), whole=whole)
    return Axis(scale, ticks, scales.tick_labels(ticks))


def _value(value: float, unit: Unit) -> str:
    return percent(value) if unit == "%" else number(value)


def _last(series: Series, y: Linear, unit: Unit) -> str:
    known = [value for value in series.y if y.drawable(value)]
    return _value(known[-1], unit) if known else ""


def _near(pixel: float) -> float:
    return min(max(pixel, -_FAR), _FAR)


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{svg.num(x)} {svg.num(y)}" for x, y in points)


def _thin(points: list[Point]) -> list[Point]:
    """Of the points in one column of pixels only the first, lowest, highest and last.

    Nothing of the drawing changes, but a million steps fit into one page.
    """
    columns: dict[int, list[Point]] = {}
    for point in points:
        columns.setdefault(int(point[0]), []).append(point)
    if len(points) <= 4 * len(columns):
        return points
    kept = []
    for column in columns.values():
        heights = [point[1] for point in column]
        wanted = {0, heights.index(min(heights)), heights.index(max(heights)), len(column) - 1}
        kept += [column[index] for index in sorted(wanted)]
    return kept


def _drawn(line: _Line) -> Iterator[Markup]:
    """The band, the line, and a dot for each point that stands alone."""
    series = line.series
    if series.lower is not None and series.upper is not None:
        yield from _band(line, series.lower, series.upper)
    for piece in line.segments(series.y):
        if len(piece) == 1:
            ((x, y),) = piece
            yield svg.tag("circle", cx=x, cy=y, r=3, fill=line.color)
        else:
            yield svg.tag(
                "path", d=_path(_thin(piece)), fill="none", stroke=line.color, stroke_width=2,
                stroke_linejoin="round", stroke_linecap="round",
                stroke_dasharray=style.DASHES if series.dashed else None,
            )  # fmt: skip


def _band(line: _Line, lower: Sequence[float], upper: Sequence[float]) -> Iterator[Markup]:
    whole = [low if line.y.drawable(high) else high for low, high in zip(lower, upper, strict=True)]
    tall = [high if line.y.drawable(low) else low for low, high in zip(lower, upper, strict=True)]
    for below, above in zip(line.segments(whole), line.segments(tall), strict=True):
        outline = [*_thin(below), *reversed(_thin(above))]
        yield svg.tag("path", d=_path(outline) + "Z", fill=line.color, fill_opacity=0.16)


def _ring(mark: Mark, x: Linear, y: Linear) -> Markup:
    if not (x.drawable(mark.x) and y.drawable(mark.y)):
        return Markup("")
    return svg.tag(
        "circle", svg.hint(mark.words), cx=_near(x(mark.x)), cy=_near(y(mark.y)), r=4.5,
        fill="paper", stroke="ink", stroke_width=1.5,
    )  # fmt: skip


def _hints(line: _Line, x_label: str, unit: Unit) -> Iterator[Markup]:
    """Dots that show themselves and their value under the pointer."""
    if len(line.series.y) > _MOST_HINTS:
        return
    for x, y in zip(line.series.x, line.series.y, strict=True):
        if line.x.drawable(x) and line.y.drawable(y):
            words = f"{line.series.name}, {x_label or 'x'} {number(x)}: {_value(y, unit)}"
            yield svg.tag(
                "circle", svg.hint(words), cx=_near(line.x(x)), cy=_near(line.y(y)), r=5,
                fill=line.color, opacity=0, class_="hint",
            )  # fmt: skip


def _crosses(line: _Line, bottom: float, x_label: str) -> Iterator[Markup]:
    before = True
    for x, y in zip(line.series.x, line.series.y, strict=True):
        drawable = line.y.drawable(y)
        if before and not drawable and line.x.drawable(x):
            at = line.x(x)
            yield svg.tag(
                "path", svg.hint(f"{line.series.name}, {x_label or 'x'} {number(x)}: {number(y)}"),
                d=_path([(at - 3, bottom - 3), (at + 3, bottom + 3)])
                + _path([(at - 3, bottom + 3), (at + 3, bottom - 3)]),
                stroke=line.color, stroke_width=1.5,
            )  # fmt: skip
        before = drawable


def _window(
    inside: Sequence[Markup], left: float, top: float, right: float, bottom: float
) -> Markup:
    """An inner drawing in the same coordinates that cuts off what lies outside the axes."""
    pad = 6
    x, y, width, height = left - pad, top - pad, right - left + 2 * pad, bottom - top + 2 * pad
    box = " ".join(map(svg.num, (x, y, width, height)))
    return svg.tag("svg", *inside, x=x, y=y, width=width, height=height, viewBox=box)
