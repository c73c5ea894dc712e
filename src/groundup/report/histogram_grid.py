"""Many small histograms in rows and columns over one axis, to be compared at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.report import axes, scales, style, svg
from groundup.report.scales import Linear

_GAP = (10.0, 20.0)


@dataclass(frozen=True)
class Bins:
    """How many values lie in each of the axis's equal parts, and what stands above, if anything."""

    counts: Sequence[int]
    words: str = ""


def histogram_grid(
    cells: Sequence[Sequence[Bins]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    limits: tuple[float, float] | None,
    *,
    title: str,
    subtitle: str = "",
    most: float = 1.0,
    color: str = style.SERIES[0],
    cell: tuple[float, float] = (150.0, 46.0),
) -> Markup:
    """A row of histograms for each label, all from the one limit to the other, or each on its own

    Each is as tall as the others, by its own tallest bar; only that a bar with more than the share
    `most` of the values is cut there, and a notch says so. Raises ShapeError where labels and rows
    are not of one number.

    >>> cells = [[Bins([1, 8, 1], "std 0.1"), Bins([5, 0, 5])]]
    >>> grid = histogram_grid(cells, ["he"], ["layer 1", "layer 2"], (-1, 1), title="Outputs")
    >>> grid.count('class="bars'), ">std 0.1<" in grid
    (2, True)
    """
    if len(cells) != len(row_labels) or any(len(row) != len(column_labels) for row in cells):
        raise ShapeError(
            f"histogram_grid: {len(cells)} rows of {[len(row) for row in cells]} histograms; "
            f"expected {len(row_labels)} of {len(column_labels)}, one for each label."
        )
    left = max((svg.text_width(label) for label in row_labels), default=0.0) + 14
    width = left + len(column_labels) * (cell[0] + _GAP[0])
    head, top = axes.heading(title, subtitle, width)
    top += 20
    body = list(head)
    for c, label in enumerate(column_labels):
        x = left + c * (cell[0] + _GAP[0])
        body.append(svg.text(x, top - 8, label, size="small", color="muted"))
    for r, (label, row) in enumerate(zip(row_labels, cells, strict=True)):
        base = top + r * (cell[1] + _GAP[1]) + cell[1] + 6
        body.append(svg.text(left - 14, base - 4, label, anchor="end"))
        for c, bins in enumerate(row):
            x = left + c * (cell[0] + _GAP[0])
            scale = Linear(*(limits or (0.0, 1.0)), x, x + cell[0])
            body += _cell(bins, scale, base, cell[1], most, color)
            if r == len(cells) - 1 and limits:
                body += _ends(scale, base)
    height = top + len(cells) * (cell[1] + _GAP[1]) + 16
    words = f"{len(cells)} times {len(column_labels)} histograms."
    return svg.figure(title, words, width, height, body)


def _cell(
    bins: Bins, x: Linear, base: float, height: float, most: float, color: str
) -> list[Markup]:
    total = max(sum(bins.counts), 1)
    tallest = min(max(max(bins.counts), 1) / total, most)
    step = (x.end - x.start) / len(bins.counts)
    bars, notches = [], []
    for i, count in enumerate(bins.counts):
        if count:
            tall = height * min(count / total, tallest) / tallest
            begin, wide = x.start + i * step, max(step - 0.5, 0.5)
            bars.append(f"M{svg.num(begin)} {svg.num(base)}v{svg.num(-tall)}h{svg.num(wide)}"
                        f"V{svg.num(base)}z")  # fmt: skip
            if count / total > tallest:
                notches.append(f"M{svg.num(begin - 2)} {svg.num(base - height + 7)}"
                               f"l{svg.num(wide + 4)} -4")  # fmt: skip
    return [
        svg.line(x.start, base, x.end, base, color="muted", width=0.8),
        svg.tag("path", d="".join(bars), fill=color, fill_opacity=0.9, class_="bars"),
        *(svg.tag("path", d=notch, stroke="paper", stroke_width=2) for notch in notches),
        svg.text(x.end, base - height - 3, bins.words, size="tiny", color="muted", anchor="end"),
    ]


def _ends(x: Linear, base: float) -> list[Markup]:
    """The axis under the last row: its ends, and the middle."""
    ticks = [x.low, (x.low + x.high) / 2, x.high]
    anchors = ("start", "middle", "end")
    return [
        svg.text(x(tick), base + 14, words, size="tiny", color="muted", anchor=anchor)
        for tick, words, anchor in zip(ticks, scales.tick_labels(ticks), anchors, strict=True)
    ]
