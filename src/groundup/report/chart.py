"""A chart over two rulers: parts drawn one over the other, with a key of what they are."""

from collections.abc import Sequence

from markupsafe import Markup

from groundup.report import axes, style, svg
from groundup.report.axes import Axis
from groundup.report.parts import Part
from groundup.report.rulers import Ruler

_KEY = 22.0  # pixels of a row of the key
_NAME = 18.0  # and of the name of y
_SAMPLE = 28.0


def chart(
    x: Ruler,
    y: Ruler,
    parts: Sequence[Part],
    *,
    title: str,
    subtitle: str = "",
    width: float = style.CHART[0],
    height: float = style.CHART[1],
) -> Markup:
    """The parts over both rulers, the first below all others

    The name of y stands above its axis; parts of one name stand in the key once.

    >>> from groundup.report.parts import Dots
    >>> from groundup.report.rulers import ruler
    >>> dots = Dots("finished", "blue", [0, 1], [0.5, 0.75])
    >>> drawing = chart(ruler("trial", [0, 1]), ruler("accuracy", [0.5, 1]), [dots], title="Trials")
    >>> drawing.count("<circle"), drawing.count(">finished<")   # two dots, and one in the key
    (3, 1)
    """
    head, top = axes.heading(title, subtitle, width)
    key, top = _key(parts, top, width)
    if y.name:
        head.append(svg.text(0, top + 3, y.name, size="small", color="muted"))
        top += _NAME
    bottom = height - axes.below(x.name)
    up = y.over(bottom, top, count=5)
    left, right = min(up.widest() + 8, 0.3 * width), width - 8
    across = _fitting(x.over(left, right))
    window = {"x": left - 4, "y": top - 4, "width": right - left + 8, "height": bottom - top + 8}
    inside = [drawn for part in parts for drawn in part.draw(across.scale, up.scale)]
    body = [
        *head,
        *key,
        *axes.y_axis(_shortened(up, left - 8), left, right),
        *axes.x_axis(across, bottom, x.name, width),
        svg.tag("svg", *inside, viewBox=" ".join(map(svg.num, window.values())), **window),
    ]
    if not inside:
        body.append(axes.empty("no values", left, right, (top + bottom) / 2))
    named = ", ".join(dict.fromkeys(part.name for part in parts if part.name))
    words = f"Chart of {y.name} over {x.name}{': ' if named else ''}{named}."
    return svg.figure(title, words, width, height, body)


def _key(parts: Sequence[Part], top: float, width: float) -> tuple[list[Markup], float]:
    """The named parts in rows, and where the room below begins."""
    drawn: list[Markup] = []
    x, y = 0.0, top
    named = {part.name: part for part in reversed(parts) if part.name}
    for name, part in reversed(named.items()):
        room = _SAMPLE + svg.text_width(name, "small") + 18
        if x and x + room > width:
            x, y = 0.0, y + _KEY
        drawn.append(part.sample(x, y))
        drawn.append(svg.text(x + _SAMPLE, y + 4, name, size="small", color="muted"))
        x += room
    return drawn, y + (_KEY if named else 0)


def _fitting(axis: Axis) -> Axis:
    """The words of an axis below a chart shortened to the room between two."""
    room = abs(axis.scale.end - axis.scale.start) / max(len(axis.ticks), 1) - 4
    return _shortened(axis, max(room, 24))


def _shortened(axis: Axis, room: float) -> Axis:
    return Axis(axis.scale, axis.ticks, [svg.shorten(word, room, "small") for word in axis.words])
