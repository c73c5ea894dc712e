"""Parallel coordinates: an axis for each quantity side by side, and a line for each sample.

[Inselberg 1985, "The plane with parallel coordinates"]
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import axes, style, svg
from groundup.report.axes import Axis
from groundup.report.rulers import Ruler

_ABSENT: Final = 26.0  # pixels below an axis, where lines pass that have no value on it
_LEFT: Final = 64.0  # for the words of the first axis
_RIGHT: Final = 44.0  # for the name of the last


@dataclass(frozen=True)
class Trace:
    """One line.

    Args:
        values: one for each axis; None where it has none.
        color: a name of `style.COLORS`.
        width, opacity: how much it is to be seen.
        dashed: whether it is of another kind.
        hint: what a browser shows while the pointer rests on it.
        name: in the key above; "" for none.
    """

    values: Sequence[float | None]
    color: str = style.SERIES[0]
    width: float = 1.2
    opacity: float = 1.0
    dashed: bool = False
    hint: str = ""
    name: str = ""


def parallel_coordinates(
    rulers: Sequence[Ruler],
    traces: Sequence[Trace],
    *,
    title: str,
    subtitle: str = "",
    width: float = style.PAGE_WIDTH,
    height: float = 360.0,
) -> Markup:
    """A line through all axes for each trace, later ones above

    A line that has no value on an axis passes below it, and ends before the last one.

    >>> from groundup.report.rulers import choices, ruler
    >>> axes = [choices("optimizer", ["sgd", "adam"]), ruler("accuracy", [0.0, 1.0])]
    >>> drawing = parallel_coordinates(axes, [Trace([0.5, 0.8]), Trace([1.5, None])], title="Two")
    >>> drawing.count('class="trace'), ">adam<" in drawing
    (2, True)
    """
    wrong = next((one for one in traces if len(one.values) != len(rulers)), None)
    if wrong is not None:
        raise InputError(
            f"parallel_coordinates: a trace of {len(wrong.values)} values for {len(rulers)} axes."
        )
    head, top = axes.heading(title, subtitle, width)
    top += 40  # for names in two lines
    absent = any(value is None for one in traces for value in one.values[:-1])
    bottom = height - (_ABSENT + 18 if absent else 10)
    gap = (width - _LEFT - _RIGHT) / max(len(rulers) - 1, 1)
    places = [_LEFT + gap * k for k in range(len(rulers))]
    standing = [ruler.over(bottom, top, count=5) for ruler in rulers]
    below = bottom + _ABSENT
    body = [
        *head,
        *(_trace(one, places, standing, below) for one in traces),
        *(_missing(traces, k, x, below) for k, x in enumerate(places[:-1])),
    ]
    for ruler, axis, x in zip(rulers, standing, places, strict=True):
        body += _axis(ruler.name, axis, x, gap, width)
    if not traces:
        body.append(axes.empty("no values", 0, width, (top + bottom) / 2))
    names = ", ".join(ruler.name for ruler in rulers)
    return svg.figure(title, f"{len(traces)} lines over {names}.", width, height, body)


def _axis(name: str, axis: Axis, x: float, gap: float, width: float) -> list[Markup]:
    """The line with its ticks; words have an edge of paper, as lines run below them."""
    scale = axis.scale
    parts = [svg.line(x, scale.start, x, scale.end, color="ink", width=1.2)]
    lines = svg.wrap(name, min(gap - 8, 2 * x, 2 * (width - x)), "small", bold=True)[:2]
    for k, words in enumerate(reversed(lines)):
        parts.append(svg.tag(
            "text", svg.hint(name), words, x=x, y=scale.end - 13 - 15 * k, fill="ink",
            text_anchor="middle", font_size=style.SIZES["small"], font_weight="600",
        ))  # fmt: skip
    for tick, words in zip(axis.ticks, axis.words, strict=True):
        y = scale(tick)
        parts.append(svg.line(x - 4, y, x, y, color="ink"))
        parts.append(_haloed(x - 8, y + 4, words, min(gap, 140.0) - 20))
    return parts


def _haloed(x: float, y: float, words: str, room: float) -> Markup:
    short = svg.shorten(words, room, "small")
    return svg.tag(
        "text", svg.hint(words) if short != words else "", short, x=x, y=y, text_anchor="end",
        font_size=style.SIZES["small"], fill="muted", stroke="paper", stroke_width=3.5,
        paint_order="stroke", stroke_linejoin="round",
    )  # fmt: skip


def _trace(trace: Trace, places: Sequence[float], standing: Sequence[Axis], below: float) -> Markup:
    points = []
    for k, (x, axis, value) in enumerate(zip(places, standing, trace.values, strict=True)):
        there = value is not None and axis.scale.drawable(value)
        if there or k < len(places) - 1:
            y = axis.scale(value) if there and value is not None else below
            points.append((x, y if math.isfinite(y) else below))
    return svg.tag(
        "path", svg.hint(trace.hint) if trace.hint else "", d=_curve(points), fill="none",
        stroke=trace.color, stroke_width=trace.width, stroke_opacity=round(trace.opacity, 2),
        stroke_dasharray=style.DASHES if trace.dashed else None, class_="trace",
    )  # fmt: skip


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """A smooth line that is level on every axis, so that the eye can follow it there."""
    if not points:
        return ""
    d = f"M{svg.num(points[0][0])} {svg.num(points[0][1])}"
    for (a, b), (c, e) in pairwise(points):
        bend = 0.4 * (c - a)
        d += f"C{svg.num(a + bend)} {svg.num(b)} {svg.num(c - bend)} {svg.num(e)} " \
             f"{svg.num(c)} {svg.num(e)}"  # fmt: skip
    return d


def _missing(traces: Sequence[Trace], k: int, x: float, below: float) -> Markup:
    """What stands below an axis that some lines have no value on."""
    if all(one.values[k] is not None for one in traces):
        return Markup("")
    return svg.text(x, below + 14, "not there", size="tiny", color="muted", anchor="middle")
