"""Bars: one number for each name, and histograms of many numbers."""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import axes, scales, style, svg
from groundup.report.axes import Axis
from groundup.report.numbers import count, number
from groundup.report.scales import Range
from groundup.typing import Array

_ROW = 26.0


def bars(
    names: Sequence[str],
    values: Sequence[float],
    *,
    title: str,
    subtitle: str = "",
    intervals: Sequence[tuple[float, float]] | None = None,
    words: Callable[[float], str] = number,
    color: str = style.SERIES[0],
    width: float = style.CHART[0],
) -> Markup:
    """A horizontal bar for each name, its value at its end, perhaps with an interval around it.

    >>> ">0.98<" in bars(["adam", "sgd"], [0.98, 0.95], title="Accuracy")
    True
    """
    if len(values) != len(names) or (intervals is not None and len(intervals) != len(names)):
        raise InputError(f"bars: {len(names)} names need as many values and intervals.")
    head, top = axes.heading(title, subtitle, width)
    spans = list(intervals) if intervals is not None else [(value, value) for value in values]
    room = min(max((svg.text_width(name) for name in names), default=0.0) + 10, 0.4 * width)
    shown = [words(value) for value in values]
    after = max((svg.text_width(word) for word in shown), default=0.0) + 10
    ends = [0.0, *values, *(end for span in spans for end in span)]
    # A negative bar has its value to the left, so both sides need the room.
    before = after if min((end for end in ends if math.isfinite(end)), default=0) < 0 else 0.0
    scale = scales.linear(ends, room + before, width - after)
    parts = [svg.line(scale(0), top, scale(0), top + _ROW * len(names), color="muted")]
    for index, (name, value, span) in enumerate(zip(names, values, spans, strict=True)):
        y = top + _ROW * (index + 0.5)
        parts.append(_named(name, room, y))
        parts += _bar(scale, value, span, y, shown[index], color)
    if not names:
        parts = [axes.empty("no values", 0, width, top + _ROW)]
    described = "; ".join(f"{name}: {word}" for name, word in zip(names, shown, strict=True))
    height = top + _ROW * max(len(names), 2) + 8
    return svg.figure(title, f"Bars. {described}.", width, height, [*head, *parts])


def _named(name: str, room: float, y: float) -> Markup:
    short = svg.shorten(name, room - 10)
    return svg.tag(
        "text", svg.hint(name) if short != name else "", short,
        x=room - 10, y=y + 4.5, fill="ink", font_size=style.SIZES["text"], text_anchor="end",
    )  # fmt: skip


def _bar(
    scale: scales.Linear, value: float, span: tuple[float, float], y: float, words: str, color: str
) -> list[Markup]:
    if not math.isfinite(value):
        return [svg.text(scale(0) + 6, y + 4.5, words, color="muted")]
    zero, end = scale(0), scale(value)
    parts = [
        svg.tag("rect", x=min(zero, end), y=y - 8, width=abs(end - zero), height=16, fill=color)
    ]
    far = end
    if span[0] != span[1] and all(map(math.isfinite, span)):
        low, high = sorted(map(scale, span))
        far = max(end, high) if value >= 0 else min(end, low)
        parts.append(svg.line(low, y, high, y, color="ink", width=1.5))
        parts += [svg.line(x, y - 4, x, y + 4, color="ink", width=1.5) for x in (low, high)]
    anchor, offset = ("start", 6) if value >= 0 else ("end", -6)
    parts.append(svg.text(far + offset, y + 4.5, words, anchor=anchor))
    return parts


def histogram(
    values: Sequence[float] | Array,
    *,
    title: str,
    x_label: str = "",
    bins: int = 40,
    limits: Range = (None, None),
    color: str = style.SERIES[0],
    width: float = style.CHART[0],
    height: float = style.CHART[1],
) -> Markup:
    """How often values fall into each of `bins` equal pieces of the range.

    What is not finite, or lies outside `limits`, is not drawn but counted in the subtitle.

    >>> ">3 values<" in histogram([0.0, 0.5, 0.6], title="Activations")
    True
    """
    if bins < 1:
        raise InputError(f"histogram(bins={bins}): expected at least 1.")
    every = np.asarray(values, np.float64).ravel()
    finite = every[np.isfinite(every)]
    x = scales.linear([finite.min(), finite.max()] if finite.size else [], 0, 1, limits=limits)
    heights, edges = np.histogram(finite, bins=bins, range=(x.low, x.high))
    subtitle = _counted(every.size, every.size - finite.size, finite.size - int(heights.sum()))
    head, top = axes.heading(title, subtitle, width)
    bottom = height - axes.below(x_label)
    y_scale = scales.linear([0, max(1, heights.max())], bottom, top, rounded=True)
    y_ticks = y_scale.ticks(whole=True) if heights.any() else []
    y = Axis(y_scale, y_ticks, scales.tick_labels(y_ticks))
    left = y.widest() + 8
    scale = scales.Linear(x.low, x.high, left, width - 8)
    x_axis = axes.fitted(scale) if finite.size else Axis(scale, [], [])
    parts = [
        svg.tag(
            "rect", svg.hint(f"{number(low)} to {number(high)}: {count(n)}"),
            x=scale(low), y=y_scale(n), width=max(scale(high) - scale(low) - 0.7, 0.5),
            height=bottom - y_scale(n), fill=color,
        )
        for n, (low, high) in zip(heights.tolist(), pairwise(edges.tolist()), strict=True)
        if n
    ]  # fmt: skip
    body = [
        *axes.y_axis(y, left, width - 8),
        *parts,
        *axes.x_axis(x_axis, bottom, x_label, width),
    ]
    if not parts:
        body.append(axes.empty("no values", left, width, (top + bottom) / 2))
    return svg.figure(title, f"Histogram. {subtitle}.", width, height, [*head, *body])


def _counted(total: int, not_finite: int, outside: int) -> str:
    words = [f"{count(total)} value{'s' if total != 1 else ''}"]
    words += [f"{count(not_finite)} not finite"] if not_finite else []
    words += [f"{count(outside)} outside"] if outside else []
    return ", ".join(words)
