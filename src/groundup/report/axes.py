"""What all charts with axes share: heading, light grid, ticks and their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from groundup.report import svg
from groundup.report.scales import Linear, tick_labels

TICK_LENGTH = 4


@dataclass(frozen=True)
class Axis:
    """A scale, where its ticks stand, and what is written there."""

    scale: Linear
    ticks: Sequence[float]
    words: Sequence[str]

    def widest(self) -> float:
        """The width of the widest tick label in pixels."""
        return max((svg.text_width(word, "small") for word in self.words), default=0.0)


def fitted(scale: Linear, *, whole: bool = False) -> Axis:
    """The axis with as many ticks as have room for their words beside each other."""
    room = abs(scale.end - scale.start)
    for count in range(max(2, int(room // 45)), 1, -1):
        ticks = scale.ticks(count, whole=whole)
        axis = Axis(scale, ticks, tick_labels(ticks))
        gaps = (abs(scale(after) - scale(before)) for before, after in pairwise(ticks))
        if min(gaps, default=room) >= axis.widest() + 12:
            break
    return axis


def heading(title: str, subtitle: str, width: float) -> tuple[list[Markup], float]:
    """Title and subtitle from the top left corner, and the y where the room below them begins."""
    parts, y = [], 0.0
    for words in svg.wrap(title, width, "title", bold=True):
        y += 18
        parts.append(svg.text(0, y - 3, words, size="title", bold=True))
    for words in svg.wrap(subtitle, width, "small"):
        y += 17
        parts.append(svg.text(0, y - 2, words, size="small", color="muted"))
    return parts, y + 12


def y_axis(axis: Axis, left: float, right: float) -> list[Markup]:
    """A light line across the chart at every tick, its value to the left."""
    parts = []
    for tick, words in zip(axis.ticks, axis.words, strict=True):
        y = axis.scale(tick)
        parts.append(svg.line(left, y, right, y))
        parts.append(svg.text(left - 8, y + 4, words, size="small", color="muted", anchor="end"))
    return parts


def x_axis(axis: Axis, bottom: float, label: str, width: float) -> list[Markup]:
    """The base line with ticks, values and the name below, in a figure `width` pixels wide."""
    left, right = axis.scale.start, axis.scale.end
    parts = [svg.line(left, bottom, right, bottom, color="muted")]
    for tick, words in zip(axis.ticks, axis.words, strict=True):
        x = axis.scale(tick)
        parts.append(svg.line(x, bottom, x, bottom + TICK_LENGTH, color="muted"))
        half = svg.text_width(words, "small") / 2
        x = min(max(x, half), width - half)  # at the edge rather beside its tick than cut off
        parts.append(svg.text(x, bottom + 17, words, size="small", color="muted", anchor="middle"))
    if label:
        y = bottom + (34 if axis.words else 17)
        parts.append(svg.text(right, y, label, size="small", color="muted", anchor="end"))
    return parts


def below(label: str) -> float:
    """The height that `x_axis` needs under the base line."""
    return 40 if label else 23


def empty(words: str, left: float, right: float, y: float) -> Markup:
    """What stands where nothing can be drawn."""
    return svg.text((left + right) / 2, y, words, color="muted", anchor="middle")
