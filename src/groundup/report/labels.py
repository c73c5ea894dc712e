"""Direct labels: the name of each line beside its end, moved apart where they would overlap."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from groundup.report import style, svg
from groundup.report.isotonic import isotonic

GAP = 16.0  # pixels from one label to the next
_OFFSET = 10.0  # from the chart's edge to the labels
_FAR = 40.0  # a line that ends so far from the edge is not linked with its label


@dataclass(frozen=True)
class Label:
    """A line's name and last value in words, and where the line ends (None: nothing was drawn)."""

    name: str
    value: str
    color: str
    end: tuple[float, float] | None = None


def room(labels: Sequence[Label], most: float) -> float:
    """The width of the margin that the labels need, at most so much."""
    widest = max((_width(label) for label in labels), default=0.0)
    return min(widest + _OFFSET, most) if labels else 8.0


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places nearest to the wanted ones (least squares) that are `gap` apart in [low, high].

    With the gaps subtracted this is isotonic regression.

    >>> spread([50.0, 51.0, 90.0], gap=10, low=0, high=100)
    [45.5, 55.5, 90.0]
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    flat = isotonic([wanted[index] - rank * gap for rank, index in enumerate(order)])
    last = max(low, high - (len(wanted) - 1) * gap)
    places = [0.0] * len(wanted)
    for rank, index in enumerate(order):
        places[index] = min(max(flat[rank], low), last) + rank * gap
    return places


def draw(
    labels: Sequence[Label], left: float, right: float, top: float, bottom: float
) -> list[Markup]:
    """The labels between left and right; a fine line leads to one that was moved."""
    wanted = [label.end[1] if label.end else bottom for label in labels]
    places = spread(wanted, GAP, top, bottom)
    parts: list[Markup] = []
    for label, y in zip(labels, places, strict=True):
        x = left + _OFFSET
        if label.end:
            parts += _link(label.end, label.color, left, x - 3, y)
        parts.append(_words(label, x, y + 4.5, right - x))
    return parts


def _link(end: tuple[float, float], color: str, edge: float, x: float, y: float) -> list[Markup]:
    """From a line's end to its label: a fine line if near; if far, only a dot at the end."""
    if edge - end[0] > _FAR:
        return [svg.tag("circle", cx=end[0], cy=end[1], r=3, fill=color)]
    if abs(y - end[1]) > 3:
        return [svg.line(end[0] + 3, end[1], x, y, color="muted", width=0.7)]
    return []


def _width(label: Label) -> float:
    value = svg.text_width(f" {label.value}") if label.value else 0.0
    return svg.text_width(label.name, bold=True) + value


def _words(label: Label, x: float, y: float, width: float) -> Markup:
    value = f" {label.value}" if label.value else ""
    name = svg.shorten(label.name, width - svg.text_width(value), bold=True)
    return svg.tag(
        "text",
        svg.hint(label.name) if name != label.name else "",
        svg.tag("tspan", name, fill=label.color, font_weight="600"),
        svg.tag("tspan", value, fill="muted") if value else "",
        x=x,
        y=y,
        font_size=style.SIZES["text"],
    )
