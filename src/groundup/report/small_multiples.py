"""Many small charts of lines over the same axes, to be compared at a glance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from groundup.report import axes, scales, style, svg
from groundup.report.scales import Linear, Range
from groundup.report.series import Drawing, Series, Unit

_GAP = (18.0, 34.0)


@dataclass(frozen=True)
class _Frame:
    """The scales of one panel in pixels."""

    x: Linear
    y: Linear

    @property
    def window(self) -> dict[str, float]:
        return {
            "x": self.x.start - 1.5,
            "y": self.y.end - 1.5,
            "width": self.x.end - self.x.start + 3,
            "height": self.y.start - self.y.end + 3,
        }


def small_multiples(
    charts: Mapping[str, Sequence[Series]],
    columns: int,
    *,
    title: str,
    subtitle: str = "",
    x_label: str = "",
    y_limits: Range = (None, None),
    unit: Unit = "",
    panel: tuple[float, float] = (200.0, 104.0),
) -> Markup:
    """A small chart for each title; what a line is, is said once above, in its color

    Lines of one name have one color, and are dashed in all panels or in none.

    >>> charts = {str(n): [Series("training", [1, 2], [0.1, n])] for n in range(4)}
    >>> drawing = small_multiples(charts, 2, title="Four")
    >>> drawing.count('class="panel'), drawing.count(">training<")
    (4, 1)
    """
    every = [line for lines in charts.values() for line in lines]
    names = {line.name: line for line in reversed(every)}
    given = dict(zip(dict.fromkeys(line.name for line in every), _cycle(len(names)), strict=True))
    colors = {name: names[name].color or color for name, color in given.items()}
    low_high = scales.linear(_values(every), 1, 0, limits=y_limits, rounded=True)
    x_low_high = scales.linear([float(x) for line in every for x in line.x], 0, 1)
    y_words = scales.tick_labels(low_high.ticks(3), unit)
    left = max((svg.text_width(word, "small") for word in y_words), default=0.0) + 8
    width = left + columns * panel[0] + (columns - 1) * _GAP[0] + 6
    head, top = axes.heading(title, subtitle, width)
    body = [*head, *_key(colors, names, top)]
    top += 26
    for i, (name, lines) in enumerate(charts.items()):
        row, column = divmod(i, columns)
        x0, y0 = left + column * (panel[0] + _GAP[0]), top + 16 + row * (panel[1] + _GAP[1])
        frame = _Frame(
            Linear(x_low_high.low, x_low_high.high, x0, x0 + panel[0]),
            Linear(low_high.low, low_high.high, y0 + panel[1], y0),
        )
        words = y_words if column == 0 else None
        body.append(_panel(name, lines, frame, colors, words, lowest=i + columns >= len(charts)))
    rows = -(-len(charts) // columns)
    bottom = top + rows * (panel[1] + _GAP[1]) + (16 if x_label else 0)
    if x_label:
        body.append(
            svg.text(width - 6, bottom - 2, x_label, size="small", color="muted", anchor="end")
        )
    about = f"{len(charts)} charts of {', '.join(colors)}."
    return svg.figure(title, about, width, bottom + 2, body)


def _cycle(count: int) -> list[str]:
    return [style.SERIES[i % len(style.SERIES)] for i in range(count)]


def _values(lines: Iterable[Series]) -> list[float]:
    return [float(y) for line in lines for ys in (line.y, line.lower, line.upper)
            if ys is not None for y in ys]  # fmt: skip


def _key(colors: Mapping[str, str], lines: Mapping[str, Series], y: float) -> list[Markup]:
    """The names of the lines, each after a piece of it."""
    parts, x = [], 0.0
    for name, color in colors.items():
        dashes = style.DASHES if lines[name].dashed else None
        piece: dict[str, str | float | None] = {"stroke": color, "stroke_dasharray": dashes}
        parts.append(svg.tag("line", x1=x, y1=y + 2, x2=x + 24, y2=y + 2, stroke_width=2, **piece))
        parts.append(svg.text(x + 30, y + 6, name, color=color, bold=True))
        x += 30 + svg.text_width(name, bold=True) + 22
    return parts


def _panel(
    name: str,
    lines: Sequence[Series],
    frame: _Frame,
    colors: Mapping[str, str],
    y_words: Sequence[str] | None,
    *,
    lowest: bool,
) -> Markup:
    left, right, bottom = frame.x.start, frame.x.end, frame.y.start
    parts = [svg.text(left, frame.y.end - 5, name, size="small")]
    for n, tick in enumerate(frame.y.ticks(3)):
        y = frame.y(tick)
        parts.append(svg.line(left, y, right, y))
        if y_words:
            words = y_words[n]
            parts.append(
                svg.text(left - 6, y + 4, words, size="small", color="muted", anchor="end")
            )
    x = axes.fitted(frame.x)
    shown = x if lowest else axes.Axis(x.scale, x.ticks, [""] * len(x.ticks))
    parts += axes.x_axis(shown, bottom, "", right + 6)
    window = frame.window
    view = " ".join(map(svg.num, window.values()))
    drawings = [Drawing(line, colors[line.name], frame.x, frame.y) for line in lines]
    inside = [part for drawing in reversed(drawings) for part in drawing.lines()]
    parts.append(svg.tag("svg", *inside, viewBox=view, **window))
    parts += [part for drawing in drawings for part in drawing.crosses(bottom, "")]
    return svg.tag("g", *parts, class_="panel")
