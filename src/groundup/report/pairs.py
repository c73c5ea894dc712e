"""Pairs of measurements: each pair a line from before to after, beside it the mean difference."""

import math
from collections.abc import Sequence

from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import axes, scales, style, svg
from groundup.report.axes import Axis
from groundup.report.numbers import number
from groundup.report.scales import Linear


def paired(
    before: Sequence[float],
    after: Sequence[float],
    *,
    title: str,
    subtitle: str = "",
    names: tuple[str, str] = ("without", "with"),
    interval: tuple[float, float, float] | None = None,
    width: float = style.CHART[0],
    height: float = style.CHART[1],
) -> Markup:
    """A line for each pair, of one color where it falls and of another where it rises.

    To the right the mean difference after - before with its interval, beside a line at 0
    [Gardner & Altman 1986]. A value that is not finite is a cross above all others.

    Args:
        before, after: a number for each pair.
        names: of the two columns.
        interval: low end, mean and high end of the difference; None where it is not known.

    >>> picture = paired([2.3, 2.2], [0.4, 0.5], title="Loss", interval=(-2, -1.8, -1.6))
    >>> ">without<" in picture, ">difference<" in picture
    (True, True)
    """
    if len(before) != len(after):
        raise InputError(f"paired: {len(before)} values before and {len(after)} after.")
    head, top = axes.heading(title, subtitle, width)
    top, bottom = top + 10, height - axes.below(names[0])
    y = _values_axis([*before, *after], bottom, top)
    left, right = y.widest() + 8, (0.6 if interval else 1.0) * width - 8
    ends = (left + 0.2 * (right - left), right - 0.2 * (right - left))
    parts = [*head, *axes.y_axis(y, left, right)]
    for pair in zip(before, after, strict=True):
        parts += _pair(pair, ends, y.scale, top - 8)
    parts += [
        svg.text(x, bottom + 29, name, anchor="middle", bold=True)
        for x, name in zip(ends, names, strict=True)
    ]
    if interval is not None and all(map(math.isfinite, interval)):
        parts += _difference(interval, right + 20, width, bottom, top)
    fell = sum(b < a for a, b in zip(before, after, strict=True))
    described = f"Pairs. {fell} of {len(before)} fell from {names[0]} to {names[1]}."
    return svg.figure(title, described, width, height, parts)


def _values_axis(values: Sequence[float], bottom: float, top: float) -> Axis:
    known = [value for value in values if math.isfinite(value)]
    scale = (
        scales.log(known, bottom, top)
        if scales.wide(known)
        else scales.linear(known, bottom, top, rounded=True)
    )
    ticks = scale.ticks() if known else []
    return Axis(scale, ticks, scales.tick_labels(ticks))


def _pair(
    pair: tuple[float, float], ends: tuple[float, float], y: Linear, above: float
) -> list[Markup]:
    """The line between the two, and a dot or a cross at its ends."""
    a, b = pair
    falls = b < a or (math.isfinite(b) and not math.isfinite(a))
    color = style.RIGHT if falls else style.WRONG
    heights = [y(value) if y.drawable(value) else above for value in pair]
    drawn = svg.tag(
        "line", x1=ends[0], y1=heights[0], x2=ends[1], y2=heights[1],
        stroke=color, stroke_width=1.5, stroke_opacity=0.75,
    )  # fmt: skip
    return [
        drawn,
        *(
            _end(value, x, height, color)
            for value, x, height in zip(pair, ends, heights, strict=True)
        ),
    ]


def _end(value: float, x: float, y: float, color: str) -> Markup:
    words = svg.hint(number(value))
    if math.isfinite(value):
        return svg.tag("circle", words, cx=x, cy=y, r=3.5, fill=color)
    cross = f"M{svg.num(x - 4)} {svg.num(y - 4)}l8 8m0 -8l-8 8"
    return svg.tag("path", words, d=cross, stroke=color, stroke_width=1.5)


def _difference(
    interval: tuple[float, float, float], left: float, right: float, bottom: float, top: float
) -> list[Markup]:
    """The interval as an upright bar, its mean a dot, and the line where nothing differs."""
    low, mean, high = interval
    scale = scales.linear([0.0, *interval], bottom, top, rounded=True)
    ticks = scale.ticks()
    axis = Axis(scale, ticks, scales.tick_labels(ticks))
    edge = right - axis.widest() - 10
    middle, zero = (left + edge) / 2, scale(0)
    ends = [svg.line(middle - 5, scale(end), middle + 5, scale(end), color="ink", width=1.5)
            for end in (low, high)]  # fmt: skip
    return [
        *(svg.line(edge - 4, scale(tick), edge, scale(tick), color="muted") for tick in ticks),
        *(
            svg.text(right, scale(tick) + 4, words, size="small", color="muted", anchor="end")
            for tick, words in zip(ticks, axis.words, strict=True)
        ),
        svg.line(edge, top, edge, bottom, color="muted"),
        svg.tag("line", x1=left, y1=zero, x2=edge, y2=zero, stroke="muted",
                stroke_dasharray=style.DASHES),
        svg.line(middle, scale(low), middle, scale(high), color="ink", width=1.5),
        *ends,
        svg.tag("circle", cx=middle, cy=scale(mean), r=5, fill="ink"),
        svg.text(middle, bottom + 29, "difference", anchor="middle", bold=True),
    ]  # fmt: skip
