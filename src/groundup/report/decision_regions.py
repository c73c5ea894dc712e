"""Decision regions of perceptrons in the plane: what is 0, what is 1, and the lines between."""

from collections.abc import Callable, Sequence

import numpy as np
from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.layers.perceptron import Gate
from groundup.report import axes, scales, svg
from groundup.report.axes import Axis
from groundup.typing import Array

ONE, ZERO = "blue", "orange"
SIDE = 176.0  # so that four figures stand side by side on a page
_ROOM = 0.5  # around the samples
Polygon = list[tuple[float, float]]


def decision_regions(
    decide: Callable[[Array], Array],
    lines: Sequence[Gate],
    x: Array,
    t: Sequence[int] | Array,
    *,
    title: str,
    subtitle: str = "",
    earlier: Sequence[Gate] = (),
) -> Markup:
    """Where a classifier that is made of gates says 1 and where 0, with the samples

    The gates' lines cut the plane into cells; each has one answer, which is asked at its middle.
    Samples of class 1 are triangles, of class 0 circles; a cross marks those that are wrong. What
    lies on a gate's own line is 0 to that gate.

    Args:
        decide: the answers, 0 or 1, to points (N, 2).
        lines: all gates of two inputs that `decide` is made of.
        x: samples, (N, 2).
        t: their classes, 0 or 1, (N,).
        earlier: gates whose lines are drawn faintly, such as those of earlier epochs.

    >>> from groundup.layers.perceptron import AND, INPUTS
    >>> drawing = decision_regions(AND.by_bias, [AND], INPUTS, AND.table(), title="AND")
    >>> drawing.count("<polygon"), drawing.count('class="sample')
    (2, 4)
    """
    x, t = np.asarray(x, np.float64), np.asarray(t)
    if x.ndim != 2 or x.shape[1] != 2 or t.shape != x.shape[:1] or not len(x):
        raise ShapeError(
            f"decision_regions: expected samples (N, 2) and N classes, got {x.shape} and {t.shape}."
        )
    head, top = axes.heading(title, subtitle, SIDE + 40)
    low, high = x.min(axis=0) - _ROOM, x.max(axis=0) + _ROOM
    across = scales.Linear(low[0], high[0], 40.0, 40.0 + SIDE)
    up = scales.Linear(low[1], high[1], top + SIDE, top)
    window = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
    wrong = np.asarray(decide(x)).astype(bool) != t.astype(bool)
    body = [
        *(_region(cell, decide, across, up) for cell in _cells(window, lines)),
        *(_line(gate, window, across, up, faint=True) for gate in earlier),
        *(_line(gate, window, across, up, faint=False) for gate in lines),
        *_frame(across, up),
        *(
            _sample(across(a), up(b), bool(right), bool(missed), f"({a:g}, {b:g})")
            for (a, b), right, missed in zip(x.tolist(), t, wrong, strict=True)
        ),
    ]
    words = f"Decision regions: {len(x)} samples, {int(wrong.sum())} of them on the wrong side."
    return svg.figure(title, words, SIDE + 44, top + SIDE + 40, [*head, *body])


def _cells(window: Polygon, gates: Sequence[Gate]) -> list[Polygon]:
    """The window, cut along every gate's line."""
    cells = [window]
    for gate in gates:
        if not any(gate.w):
            continue  # it says the same everywhere
        halves = [half for cell in cells for half in (_side(cell, gate, 1), _side(cell, gate, -1))]
        cells = [half for half in halves if len(half) > 2]
    return cells


def _side(polygon: Polygon, gate: Gate, sign: int) -> Polygon:
    """The part of a convex polygon on one side of the line.   [Sutherland & Hodgman 1974]"""
    heights = [sign * _height(gate, point) for point in polygon]
    kept: Polygon = []
    for n, (point, height) in enumerate(zip(polygon, heights, strict=True)):
        before, previous = polygon[n - 1], heights[n - 1]
        if (height > 0) != (previous > 0):
            s = previous / (previous - height)
            kept.append(
                (before[0] + s * (point[0] - before[0]), before[1] + s * (point[1] - before[1]))
            )
        if height > 0:
            kept.append(point)
    return kept


def _height(gate: Gate, point: tuple[float, float]) -> float:
    """b + w·x at a point."""
    return gate.bias + gate.w[0] * point[0] + gate.w[1] * point[1]


def _region(
    cell: Polygon, decide: Callable[[Array], Array], across: scales.Linear, up: scales.Linear
) -> Markup:
    middle = np.mean(cell, axis=0)
    color = ONE if np.asarray(decide(middle[None]))[0] else ZERO
    points = " ".join(f"{svg.num(across(a))},{svg.num(up(b))}" for a, b in cell)
    return svg.tag("polygon", points=points, fill=color, fill_opacity=0.16)


def _line(
    gate: Gate, window: Polygon, across: scales.Linear, up: scales.Linear, *, faint: bool
) -> Markup:
    """Where b + w·x = 0 crosses the window; nothing where it does not."""
    corners = _side(window, gate, 1)
    ends = [point for point in corners if abs(_height(gate, point)) < 1e-9 * max(map(abs, gate.w))]
    if len(ends) != 2:
        return Markup("")
    (a, b), (c, d) = ends
    color, width = ("muted", 0.8) if faint else ("ink", 1.8)
    return svg.line(across(a), up(b), across(c), up(d), color=color, width=width)


def _frame(across: scales.Linear, up: scales.Linear) -> list[Markup]:
    ticks = [Axis(scale, found, scales.tick_labels(found)) for scale in (across, up)
             for found in [scale.ticks(3)]]  # fmt: skip
    left = [
        svg.text(across.start - 8, up(tick) + 4, words, size="small", color="muted", anchor="end")
        for tick, words in zip(ticks[1].ticks, ticks[1].words, strict=True)
    ]
    name = svg.text(across.start - 8, up.end + 10, "x₂", size="small", color="muted", anchor="end")
    return [*axes.x_axis(ticks[0], up.start, "x₁", across.end + 4), *left, name]


def _sample(x: float, y: float, one: bool, missed: bool, words: str) -> Markup:
    shape = (
        svg.tag("path", d=f"M{svg.num(x)} {svg.num(y - 8)}l7.5 13.5h-15z", fill=ONE)
        if one
        else svg.tag("circle", cx=x, cy=y, r=6.5, fill="paper", stroke=ZERO, stroke_width=2.6)
    )
    cross = f"M{svg.num(x - 10)} {svg.num(y - 10)}l20 20m0 -20l-20 20"
    parts = [svg.hint(f"{words} is {int(one)}{', on the wrong side' if missed else ''}"), shape]
    if missed:
        parts.append(svg.tag("path", d=cross, fill="none", stroke="ink", stroke_width=2))
    return svg.tag("g", *parts, class_="sample wrong-side" if missed else "sample")
