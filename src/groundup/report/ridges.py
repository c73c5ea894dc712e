"""Histograms one below the other over one axis: how values change from layer to layer."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import axes, scales, style, svg
from groundup.report.scales import Linear

_ROW = 38.0
_TALLEST = 30.0
_DETAIL = 100  # parts of the axis below which a histogram is a spike


@dataclass(frozen=True)
class Ridge:
    """One histogram that is counted already.

    Args:
        name: what stands to its left.
        low, high: its range.
        counts: how many values lie in each of the range's equal parts.
        words: what stands to its right, such as "std 0.1".
        color: a name of `style.COLORS`.
    """

    name: str
    low: float
    high: float
    counts: Sequence[int]
    words: str = ""
    color: str = style.SERIES[0]

    def __post_init__(self) -> None:
        if not self.counts:
            raise InputError(f"Ridge({self.name!r}): no counts; expected one for each part.")


def ridges(
    rows: Sequence[Ridge],
    *,
    title: str,
    subtitle: str = "",
    x_label: str = "",
    width: float = style.CHART[0],
) -> Markup:
    """The histograms over one axis, each as tall as the others: what is compared is where they lie.

    >>> picture = ridges([Ridge("dense_1", -1, 1, [1, 8, 1], "std 0.4")], title="Activations")
    >>> ">dense_1<" in picture, ">std 0.4<" in picture
    (True, True)
    """
    head, top = axes.heading(title, subtitle, width)
    before = min(max((svg.text_width(row.name) for row in rows), default=0.0) + 12, 0.3 * width)
    after = max((svg.text_width(row.words, "small") for row in rows), default=0.0) + 12
    ends = [end for row in rows for end in (row.low, row.high)]
    x = scales.linear(ends, before, width - after)
    bottom = top + _ROW * max(len(rows), 1)
    body = [part for i, row in enumerate(rows) for part in _row(row, x, top + _ROW * (i + 1))]
    if not rows:
        body = [axes.empty("no values", 0, width, top + _ROW / 2)]
    axis = axes.fitted(x) if rows else axes.Axis(x, [], [])
    base = axes.x_axis(axis, bottom + 6, x_label, width)
    described = "; ".join(f"{row.name}: {row.words}" for row in rows)
    height = bottom + 6 + axes.below(x_label)
    return svg.figure(title, f"Histograms. {described}.", width, height, [*head, *body, *base])


def _row(row: Ridge, x: Linear, base: float) -> list[Markup]:
    name = svg.shorten(row.name, x.start - 12)
    return [
        svg.line(x.start, base, x.end, base),
        svg.tag("path", d=_outline(row, x, base), fill=row.color, fill_opacity=0.85),
        svg.text(x.start - 12, base - 4, name, anchor="end"),
        svg.text(x.end + 12, base - 4, row.words, size="small", color="muted"),
    ]


def _outline(row: Ridge, x: Linear, base: float) -> str:
    """The histogram's steps, closed along the base line; one too narrow to be seen is a spike."""
    least = (x.high - x.low) / _DETAIL
    low, high = row.low, row.high
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    step, tallest = (x(high) - x(low)) / len(row.counts), max(max(row.counts), 1)
    points = [f"M{svg.num(x(low))} {svg.num(base)}"]
    for i, count in enumerate(row.counts):
        points.append(f"V{svg.num(base - _TALLEST * count / tallest)}")
        points.append(f"H{svg.num(x(low) + step * (i + 1))}")
    return "".join([*points, f"V{svg.num(base)}Z"])
