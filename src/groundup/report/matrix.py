"""Confusion matrices and heat maps.

A cell's strength of color tells its value, its hue tells the kind (right or wrong, above or below
zero), and where there is room the number stands in it.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from markupsafe import Markup

from groundup.errors import ShapeError
from groundup.report import style
from groundup.report.cells import Cell, Labels, draw_cells
from groundup.report.numbers import count, number, percent
from groundup.typing import Array


def confusion_matrix(counts: Array, labels: Sequence[str], *, title: str = "") -> Markup:
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
            _confusion_cell(int(counts[row, column]), int(totals[row]), row == column, truth, guess)
            for column, guess in enumerate(labels)
        ]
        for row, truth in enumerate(labels)
    ]
    right = np.diagonal(counts)
    around = Labels(
        labels, labels, "true ↓", "predicted →",
        row_notes=_shares(right, totals), row_notes_are="recall, %",
        column_notes=_shares(right, counts.sum(axis=0)), column_notes_are="precision, %",
    )  # fmt: skip
    description = f"Confusion matrix: {count(right.sum())} of {count(counts.sum())} right."
    return draw_cells(cells, around, title=title, description=description)


def _confusion_cell(n: int, total: int, right: bool, truth: str, guess: str) -> Cell:
    share = n / total if total else 0.0
    hue = style.RIGHT if right else style.WRONG
    hint = f"{truth} as {guess}: {count(n)} of {count(total)} ({percent(share)})"
    return Cell(hue, math.sqrt(share), count(n) if n else "", hint)


def _shares(parts: Array, totals: Array) -> list[str]:
    pairs = zip(parts.tolist(), totals.tolist(), strict=True)
    # Rounded down, so that 100 means all.
    return [str(100 * part // total) if total else "–" for part, total in pairs]


def heatmap(
    values: Array,
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    title: str = "",
    axes: tuple[str, str] = ("", ""),
    words: Callable[[float], str] = number,
) -> Markup:
    """Numbers as colors: blue above zero, orange below, the strongest for the largest size.

    values: (R, C), without color where not finite. `axes` says what rows and columns are.
    Raises ShapeError for another shape.

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
                style.WRONG if value < 0 else style.RIGHT,
                abs(value) / largest if math.isfinite(value) else 0.0,
                words(value),
                f"{row}, {column}: {words(value)}",
            )
            for value, column in zip(line, column_labels, strict=True)
        ]
        for line, row in zip(values.tolist(), row_labels, strict=True)
    ]
    return draw_cells(
        cells, Labels(row_labels, column_labels, *axes), title=title,
        description=f"Heat map of {expected[0]} rows and {expected[1]} columns.",
    )  # fmt: skip
