"""A field of arrows: which way it goes at each point of the plane, and how steeply."""

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.report import axes, scales, style, svg
from groundup.report.axes import Axis
from groundup.report.numbers import number
from groundup.report.scales import Linear
from groundup.typing import Array

_LONGEST = 0.95  # of an arrow, in steps of the grid
_HEAD = 4.5  # pixels


def arrows(
    x: Sequence[float] | Array,
    y: Sequence[float] | Array,
    across: Array,
    up: Array,
    *,
    title: str,
    subtitle: str = "",
    x_label: str = "x",
    y_label: str = "y",
    color: str = style.SERIES[0],
    width: float = style.CHART[0],
    height: float = style.CHART[1],
) -> Markup:
    """An arrow at each point of a grid; the longest has about the length of the grid's steps

    Args:
        x, y: the places of the columns (M,) and of the rows (N,), rising.
        across, up: what the arrows point along in x and in y, (N, M) each; one of length 0 is a
            dot.

    >>> drawing = arrows([0, 1], [0, 1], np.ones((2, 2)), np.eye(2), title="A field")
    >>> drawing.count('class="arrow')
    4
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if across.shape != (len(y), len(x)) or up.shape != across.shape:
        raise ShapeError(
            f"arrows: expected two arrays ({len(y)}, {len(x)}), got {across.shape} and {up.shape}."
        )
    head, top = axes.heading(title, subtitle, width)
    bottom = height - axes.below(x_label)
    margin = [0.6 * float(np.diff(one).max()) for one in (x, y)]
    rows = Linear(float(y[0]) - margin[1], float(y[-1]) + margin[1], bottom, top)
    ticks = rows.ticks(4)
    words = scales.tick_labels(ticks)
    left = Axis(rows, ticks, words).widest() + 14
    columns = Linear(float(x[0]) - margin[0], float(x[-1]) + margin[0], left, width - 10)
    # In pixels, so that an arrow points the way it seems to: y grows upward there.
    dx = across * (columns(1.0) - columns(0.0))
    dy = up * (rows(1.0) - rows(0.0))
    steps = (columns(float(x[1])) - columns(float(x[0])), rows(float(y[0])) - rows(float(y[1])))
    scale = _LONGEST * min(steps) / (float(np.hypot(dx, dy).max()) or 1.0)
    body = [
        *head,
        *(
            svg.text(left - 6, rows(tick) + 4, word, size="small", color="muted", anchor="end")
            for tick, word in zip(ticks, words, strict=True)
        ),
        svg.text(0, top + 9, y_label, size="small", color="muted"),
        *axes.x_axis(axes.fitted(columns), bottom, x_label, width),
        *(
            _arrow(columns(a), rows(b), dx[i, j] * scale, dy[i, j] * scale, color,
                   f"({number(a)}, {number(b)}): ({number(across[i, j])}, {number(up[i, j])})")
            for i, b in enumerate(y.tolist())
            for j, a in enumerate(x.tolist())
        ),
    ]  # fmt: skip
    return svg.figure(title, f"{across.size} arrows.", width, height, body)


def _arrow(x: float, y: float, dx: float, dy: float, color: str, words: str) -> Markup:
    """From (x, y), with a head of two strokes; a dot where it has no length."""
    length = float(np.hypot(dx, dy))
    hint = svg.hint(words)
    if length < 0.5:
        return svg.tag("circle", hint, cx=x, cy=y, r=1.4, fill=color, class_="arrow")
    ex, ey = dx / length, dy / length
    size = min(_HEAD, 0.5 * length)
    ends = [(x + dx - size * (ex - s * 0.6 * ey), y + dy - size * (ey + s * 0.6 * ex))
            for s in (-1, 1)]  # fmt: skip
    (ax, ay), (bx, by) = ends
    d = (
        f"M{svg.num(x)} {svg.num(y)}L{svg.num(x + dx)} {svg.num(y + dy)}"
        f"M{svg.num(ax)} {svg.num(ay)}L{svg.num(x + dx)} {svg.num(y + dy)}"
        f"L{svg.num(bx)} {svg.num(by)}"
    )
    return svg.tag(
        "path", hint, d=d, fill="none", stroke=color, stroke_width=1.4, stroke_linejoin="round",
        class_="arrow",
    )  # fmt: skip
