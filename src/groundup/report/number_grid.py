"""A small matrix of numbers as squares, some of them tinted: what a window sees, step by step."""

import numpy as np
from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.report import axes, svg
from groundup.report.numbers import number
from groundup.typing import Array

SIDE = 26.0
STRONG, FAINT = 0.42, 0.14
"""Strengths of a tint: what a step is about, and what was before."""


def number_grid(
    values: Array,
    *,
    title: str = "",
    subtitle: str = "",
    strong: Array | None = None,
    faint: Array | None = None,
    known: Array | None = None,
    edge: Array | None = None,
    color: str = "blue",
) -> Markup:
    """Numbers in squares, each with a tint or none

    Args:
        values: (R, C).
        title, subtitle: what stands above.
        strong: (R, C) of bool, which squares are tinted strongly; none by default.
        faint: (R, C) of bool, which others faintly.
        known: (R, C) of bool, which numbers are written; all by default.
        edge: (R, C) of bool, which squares are padding: drawn with dashes, their numbers pale.
        color: of the tint, a name of `style.COLORS`.

    Raises:
        ShapeError: an array of another shape.

    >>> values = np.arange(4).reshape(2, 2)
    >>> grid = number_grid(values, title="A", strong=values > 2, known=values > 0)
    >>> grid.count("<rect"), grid.count("<text")  # three numbers and the title
    (4, 4)
    """
    if values.ndim != 2:
        raise ShapeError(f"number_grid: values of shape {values.shape}; expected (R, C).")
    for name, given in {"strong": strong, "faint": faint, "known": known, "edge": edge}.items():
        if given is not None and given.shape != values.shape:
            raise ShapeError(
                f"number_grid: {name} of shape {given.shape}; expected {values.shape} as values."
            )
    rows, columns = values.shape
    width = max(
        columns * SIDE,
        svg.text_width(title, "title", bold=True),
        svg.text_width(subtitle, "small"),
    )
    head, top = axes.heading(title, subtitle, width + 1) if title or subtitle else ([], 1.0)
    body = list(head)
    for i, j in np.ndindex(rows, columns):
        x, y = 1 + j * SIDE, top + i * SIDE
        tint = STRONG if _at(strong, i, j) else FAINT if _at(faint, i, j) else 0.0
        body.append(_square(x, y, color, tint, dashed=_at(edge, i, j)))
        if known is None or _at(known, i, j):
            pale = "muted" if _at(edge, i, j) else "ink"
            body.append(_number(x, y, number(float(values[i, j])), pale))
    described = f"{rows} times {columns} numbers."
    return svg.figure(title or described, described, width + 2, top + rows * SIDE + 2, body)


def _square(x: float, y: float, color: str, tint: float, *, dashed: bool) -> Markup:
    return svg.tag(
        "rect", x=x, y=y, width=SIDE, height=SIDE, fill=color if tint else "paper",
        fill_opacity=tint or 1.0, stroke="muted", stroke_width=0.7, stroke_opacity=0.6,
        stroke_dasharray="2 2" if dashed else None,
    )  # fmt: skip


def _number(x: float, y: float, words: str, color: str) -> Markup:
    size = "small" if svg.text_width(words, "small") < SIDE - 2 else "tiny"
    middle = (x + SIDE / 2, y + SIDE / 2 + 4)
    return svg.text(*middle, words, size=size, anchor="middle", color=color)


def _at(which: Array | None, i: int, j: int) -> bool:
    return which is not None and bool(which[i, j])
