"""Matrices of numbers as colored cells: confusion matrices and heat maps.

A cell's strength of color tells its value, its hue tells the kind (right or wrong, above or below
zero), and where there is room the number stands in it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.report import axes, style, svg
from groundup.report.numbers import count, number, percent
from groundup.typing import Array

_MOST_WITH_NUMBERS = 40
_ROOM = 150.0  # the most that a label takes


@dataclass(frozen=True)
class Cell:
    """One cell: hue, strength of color from 0 to 1, the words in it and those under the pointer."""

    hue: str
    strength: float
    words: str
    hint: str


@dataclass(frozen=True)
class _Grid:
    """Where the cells lie."""

    left: float
    top: float
    width: float
    height: float
    font: str

    def center(self, row: float, column: float) -> tuple[float, float]:
        return self.left + (column + 0.5) * self.width, self.top + (row + 0.5) * self.height


def confusion_matrix(
    counts: Array, labels: Sequence[str], *, title: str = "", most: int = 100
) -> Markup:
    """How often each true class (row) was predicted as each class (column).

    A cell is colored by its share of its row, in one hue where prediction and truth agree and in
    another where they do not, with the square root taken so that rare mistakes are seen. To the
    right stands each class's recall, below its precision.

    counts: (C, C) whole numbers, rows the truth. Raises ShapeError for another shape.

    >>> "cat as dog: 2 of 10" in confusion_matrix(np.array([[8, 2], [0, 5]]), ["cat", "dog"])
    True
    """
    counts = np.asarray(counts)
    size = len(labels)
    if counts.shape != (size, size):
        raise ShapeError(
            f"confusion_matrix: expected counts of shape ({size}, {size}) for {size} labels, "
            f"got {counts.shape}."
        )
    totals = counts.sum(axis=1)
    cells = [
        [
            _confusion_cell(int(n), int(total), truth, guess)
            for n, guess in zip(row, labels, strict=True)
        ]
        for row, total, truth in zip(counts, totals, labels, strict=True)
    ]
    right = np.diagonal(counts)
    return draw_cells(
        cells, labels, labels, title=title,
        corner=("true ↓", "predicted →"),
        row_notes=("recall, %", _shares(right, totals)),
        column_notes=("precision, %", _shares(right, counts.sum(axis=0))),
        description=f"Confusion matrix: {count(right.sum())} of {count(counts.sum())} right.",
    )  # fmt: skip


def _confusion_cell(n: int, total: int, truth: str, guess: str) -> Cell:
    share = n / total if total else 0.0
    hue = style.RIGHT if truth == guess else style.WRONG
    hint = f"{truth} as {guess}: {count(n)} of {count(total)} ({percent(share)})"
    return Cell(hue, math.sqrt(share), count(n) if n else "", hint)


def _shares(parts: Array, totals: Array) -> list[str]:
    pairs = zip(parts.tolist(), totals.tolist(), strict=True)
    # Rounded down, so that 100 means all.
    return [str(math.floor(100 * part / total)) if total else "–" for part, total in pairs]


def heatmap(
    values: Array,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    title: str = "",
    corner: tuple[str, str] = ("", ""),
    words: Callable[[float], str] = number,
) -> Markup:
    """Numbers as colors: blue above zero, orange below, the strongest for the largest size.

    values: (R, C). What is not finite stays without color. Raises ShapeError for another shape.

    >>> ">0.9<" in heatmap(np.array([[0.9, 0.1]]), ["adam"], ["lr 0.1", "lr 1"])
    True
    """
    values = np.asarray(values, np.float64)
    expected = (len(row_labels), len(column_labels))
    if values.shape != expected:
        raise ShapeError(f"heatmap: expected values of shape {expected}, got {values.shape}.")
    largest = np.abs(values[np.isfinite(values)]).max(initial=0.0) or 1.0
    cells = [
        [
            Cell(
                style.SERIES[0] if value >= 0 else style.SERIES[1],
                abs(value) / largest if math.isfinite(value) else 0.0,
                words(value),
                f"{row}, {column}: {words(value)}",
            )
            for value, column in zip(line, column_labels, strict=True)
        ]
        for line, row in zip(values.tolist(), row_labels, strict=True)
    ]
    return draw_cells(
        cells, row_labels, column_labels, title=title, corner=corner,
        description=f"Heat map of {expected[0]} rows and {expected[1]} columns.",
    )  # fmt: skip


def draw_cells(
    cells: Sequence[Sequence[Cell]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    title: str,
    description: str,
    corner: tuple[str, str] = ("", ""),
    row_notes: tuple[str, Sequence[str]] = ("", ()),
    column_notes: tuple[str, Sequence[str]] = ("", ()),
) -> Markup:
    """The picture of a matrix: labels around colored cells, notes to the right and below."""
    head, top = axes.heading(title, "", 480)
    grid, tilted = _layout(cells, row_labels, column_labels, corner, column_notes[0], top)
    rows, columns = len(row_labels), len(column_labels)
    bottom = grid.top + rows * grid.height
    edge = grid.left + columns * grid.width
    parts = [_cell(cell, grid, r, c) for r, row in enumerate(cells) for c, cell in enumerate(row)]
    parts += [_row_label(words, grid, row) for row, words in enumerate(row_labels)]
    parts += [
        _column_label(words, grid, column, tilted) for column, words in enumerate(column_labels)
    ]
    parts += _corner(corner, grid, top)
    parts += _notes(row_notes, column_notes, grid, edge, bottom)
    if not (rows and columns):
        parts = [axes.empty("no values", 0, 480, top + 20)]
    overhang = 0.72 * max(map(_label_width, column_labels), default=0.0) if tilted else 0.0
    notes = 16 + svg.text_width(row_notes[0], "small") if row_notes[0] else 1.0
    width = max(edge + max(overhang, notes), 480 if title else 0, 0 if columns else 480)
    height = (bottom + (24 if column_notes[0] else 2)) if rows and columns else top + 40
    return svg.figure(title or description, description, width, height, [*head, *parts])


def _label_width(words: str) -> float:
    return min(svg.text_width(words, "small"), _ROOM)


def _layout(
    cells: Sequence[Sequence[Cell]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    corner: tuple[str, str],
    note: str,
    top: float,
) -> tuple[_Grid, bool]:
    """The size of the cells, and whether the labels above them are tilted."""
    columns = max(len(column_labels), 1)
    numbered = columns <= _MOST_WITH_NUMBERS
    side = min(max(430 / columns, 21), 48) if numbered else 11.0
    font = "text" if side >= 34 else "tiny"
    widest = max((svg.text_width(cell.words, font) for row in cells for cell in row), default=0.0)
    width = max(side, widest + 6) if numbered else side
    above = max(map(_label_width, column_labels), default=0.0)
    tilted = above > width - 4
    label_height = 0.72 * above + 10 if tilted else 20.0
    left = max(map(_label_width, row_labels), default=0.0)
    left = max(left, *(svg.text_width(words, "small") for words in (corner[0], note))) + 10
    return _Grid(left, top + (20 if corner[1] else 0) + label_height, width, side, font), tilted


def _cell(cell: Cell, grid: _Grid, row: int, column: int) -> Markup:
    x, y = grid.center(row, column)
    strength = min(max(cell.strength, 0.0), 1.0)
    numbered = grid.height > 12
    return svg.tag(
        "g",
        svg.hint(cell.hint),
        svg.tag(
            "rect", x=x - grid.width / 2 + 0.5, y=y - grid.height / 2 + 0.5,
            width=grid.width - 1, height=grid.height - 1, fill="panel",
        ),
        svg.tag(
            "rect", x=x - grid.width / 2 + 0.5, y=y - grid.height / 2 + 0.5,
            width=grid.width - 1, height=grid.height - 1, fill=cell.hue, fill_opacity=strength,
        ) if strength else "",
        svg.text(
            x, y + 0.36 * style.SIZES[grid.font], cell.words, size=grid.font,
            color="paper" if strength > INK_UNTIL else "ink", anchor="middle",
        ) if cell.words and numbered else "",
    )  # fmt: skip


INK_UNTIL = 0.6
"""The strength of color above which a number is written in the color of the paper."""


def _row_label(words: str, grid: _Grid, row: int) -> Markup:
    _, y = grid.center(row, 0)
    size = "small" if grid.height >= 14 else "tiny"
    short = svg.shorten(words, _ROOM, "small")
    return svg.text(grid.left - 8, y + 4, short, size=size, anchor="end")


def _column_label(words: str, grid: _Grid, column: int, tilted: bool) -> Markup:
    x, _ = grid.center(0, column)
    size = "small" if grid.width >= 14 else "tiny"
    short = svg.shorten(words, _ROOM, "small")
    y = grid.top - 7
    if tilted:
        return svg.text(x + 3, y, short, size=size, rotate=-45)
    return svg.text(x, y, short, size=size, anchor="middle")


def _corner(corner: tuple[str, str], grid: _Grid, top: float) -> list[Markup]:
    row_title, column_title = corner
    parts = []
    if row_title:
        parts.append(
            svg.text(
                grid.left - 8, grid.top - 7, row_title, size="small", color="muted", anchor="end"
            )
        )
    if column_title:
        parts.append(svg.text(grid.left, top + 8, column_title, size="small", color="muted"))
    return parts


def _notes(
    row_notes: tuple[str, Sequence[str]],
    column_notes: tuple[str, Sequence[str]],
    grid: _Grid,
    edge: float,
    bottom: float,
) -> list[Markup]:
    """A number for each row to the right and for each column below, with their names."""
    parts = []
    size = "small" if grid.font == "text" else "tiny"
    if row_notes[0]:
        parts.append(svg.text(edge + 8, bottom + 16, row_notes[0], size="small", color="muted"))
    if column_notes[0]:
        name = svg.text(
            grid.left - 8, bottom + 16, column_notes[0], size="small", color="muted", anchor="end"
        )
        parts.append(name)
    for row, words in enumerate(row_notes[1]):
        y = grid.center(row, 0)[1] + 4
        parts.append(svg.text(edge + 8, y, words, size=size, color="muted"))
    for column, words in enumerate(column_notes[1]):
        x = grid.center(0, column)[0]
        parts.append(svg.text(x, bottom + 16, words, size=size, color="muted", anchor="middle"))
    return parts
