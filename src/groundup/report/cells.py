"""Matrices as colored cells, with labels around them and notes to the right and below."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from groundup.report import axes, style, svg

INK_UNTIL = 0.84
"""The strength of color above which a number is written in the color of the paper."""
_MOST_WITH_NUMBERS = 40
_ROOM = 150.0  # the most that a label takes
_LEGIBLE = 14.0  # in narrower columns no words can stand side by side


@dataclass(frozen=True)
class Cell:
    """One cell: hue, strength of color from 0 to 1, the words in it and those under the pointer."""

    hue: str
    strength: float
    words: str
    hint: str


@dataclass(frozen=True)
class Labels:
    """The words around a matrix: what rows and columns are, each one's label and note."""

    rows: Sequence[str]
    columns: Sequence[str]
    rows_are: str = ""
    columns_are: str = ""
    row_notes: Sequence[str] = ()
    column_notes: Sequence[str] = ()
    row_notes_are: str = ""
    column_notes_are: str = ""


@dataclass(frozen=True)
class _Grid:
    """Where the cells lie, and how far the labels above them are turned."""

    left: float
    top: float
    width: float
    height: float
    right: float
    bottom: float
    angle: int
    font: str

    def center(self, row: int, column: int) -> tuple[float, float]:
        return self.left + (column + 0.5) * self.width, self.top + (row + 0.5) * self.height


def draw_cells(
    cells: Sequence[Sequence[Cell]], labels: Labels, *, title: str, description: str
) -> Markup:
    """The picture of a matrix; a cell without color and words is left empty."""
    head, top = axes.heading(title, "", style.CHART[0])
    if not (labels.rows and labels.columns):
        body = [axes.empty("no values", 0, style.CHART[0], top + 20)]
        return svg.figure(title or description, description, style.CHART[0], top + 40, head + body)
    grid = _layout(cells, labels, top)
    body = [
        *_ground(grid, len(labels.rows), len(labels.columns)),
        *(
            _cell(cell, grid, *grid.center(row, column))
            for row, line in enumerate(cells)
            for column, cell in enumerate(line)
            if cell.words or cell.strength > 0
        ),
        *_row_words(labels, grid),
        *_column_words(labels, grid, top),
    ]
    turned = 0.72 * max(map(_label_width, labels.columns)) if grid.angle == -45 else 0.0
    notes = svg.text_width(labels.row_notes_are, "small") + 8
    width = grid.right + max(turned - grid.width / 2, notes, 1.0)
    height = grid.bottom + (24 if labels.column_notes_are or labels.row_notes_are else 2)
    width = max(width, style.CHART[0] if title else 0)
    return svg.figure(title or description, description, width, height, [*head, *body])


def _label_width(words: str) -> float:
    return min(svg.text_width(words, "small"), _ROOM)


def _layout(cells: Sequence[Sequence[Cell]], labels: Labels, top: float) -> _Grid:
    most = max(len(labels.columns), len(labels.rows))
    numbered = most <= _MOST_WITH_NUMBERS
    side = min(max(430 / most, 21.0), 48.0) if numbered else 11.0
    font = "text" if side >= 34 else "tiny"
    widest = max(svg.text_width(cell.words, font) for line in cells for cell in line)
    width = max(side, widest + 6) if numbered else side
    above = max(map(_label_width, labels.columns))
    if len(labels.columns) * (above + 10) <= 430:
        width = max(width, above + 10)  # few columns: wide enough for their labels
    angle = 0 if above <= width - 4 else -45 if width >= _LEGIBLE else -90
    label_height = {0: 20.0, -45: 0.72 * above + 12, -90: above + 10}[angle]
    beside = [_label_width(words) for words in labels.rows]
    beside += [
        svg.text_width(words, "small") for words in (labels.rows_are, labels.column_notes_are)
    ]
    left, start = max(beside) + 10, top + (18 if labels.columns_are else 0) + label_height
    right, bottom = left + len(labels.columns) * width, start + len(labels.rows) * side
    return _Grid(left, start, width, side, right, bottom, angle, font)


def _ground(grid: _Grid, rows: int, columns: int) -> list[Markup]:
    """The empty matrix: a panel, ruled in the color of the paper."""
    size = {"width": grid.right - grid.left, "height": grid.bottom - grid.top}
    lines = "".join(
        f"M{svg.num(grid.left)} {svg.num(grid.top + row * grid.height)}H{svg.num(grid.right)}"
        for row in range(1, rows)
    ) + "".join(
        f"M{svg.num(grid.left + column * grid.width)} {svg.num(grid.top)}V{svg.num(grid.bottom)}"
        for column in range(1, columns)
    )
    panel = svg.tag("rect", x=grid.left, y=grid.top, fill="panel", **size)
    return [panel, svg.tag("path", d=lines, stroke="paper", stroke_width=1)] if lines else [panel]


def _cell(cell: Cell, grid: _Grid, x: float, y: float) -> Markup:
    strength = min(max(cell.strength, 0.0), 1.0)
    left, top = x - grid.width / 2 + 0.5, y - grid.height / 2 + 0.5
    box = {"x": left, "y": top, "width": grid.width - 1, "height": grid.height - 1}
    color = "paper" if strength > INK_UNTIL else "ink"
    baseline = y + 0.36 * style.SIZES[grid.font]
    words = svg.text(x, baseline, cell.words, size=grid.font, color=color, anchor="middle")
    return svg.tag(
        "g",
        svg.hint(cell.hint),
        svg.tag("rect", fill=cell.hue, fill_opacity=strength, **box),
        words if cell.words and grid.height > _LEGIBLE else "",
    )


def _muted(x: float, y: float, words: str, size: str = "small", anchor: str = "start") -> Markup:
    return svg.text(x, y, words, size=size, color="muted", anchor=anchor)


def _row_words(labels: Labels, grid: _Grid) -> list[Markup]:
    parts = [
        _muted(grid.left - 8, grid.top - 7, labels.rows_are, anchor="end"),
        _muted(grid.right + 8, grid.bottom + 16, labels.row_notes_are),
    ]
    size = "small" if grid.height >= _LEGIBLE else "tiny"
    for row, words in enumerate(labels.rows):
        y = grid.center(row, 0)[1] + 4
        short = svg.shorten(words, _ROOM, "small")
        parts.append(svg.text(grid.left - 8, y, short, size=size, anchor="end"))
    small = "small" if grid.font == "text" else "tiny"
    for row, words in enumerate(labels.row_notes):
        parts.append(_muted(grid.right + 8, grid.center(row, 0)[1] + 4, words, small))
    return parts


def _column_words(labels: Labels, grid: _Grid, top: float) -> list[Markup]:
    parts = [_muted(grid.left, top + 8, labels.columns_are)]
    size = "small" if grid.width >= _LEGIBLE else "tiny"
    for column, words in enumerate(labels.columns):
        x = grid.center(0, column)[0] + {0: 0, -45: 3, -90: 4}[grid.angle]
        anchor = "start" if grid.angle else "middle"
        short = svg.shorten(words, _ROOM, "small")
        parts.append(svg.text(x, grid.top - 7, short, size=size, anchor=anchor, rotate=grid.angle))
    if grid.width >= _LEGIBLE:
        small = "small" if grid.font == "text" else "tiny"
        parts.append(_muted(grid.left - 8, grid.bottom + 16, labels.column_notes_are, anchor="end"))
        for column, words in enumerate(labels.column_notes):
            x = grid.center(0, column)[0]
            parts.append(_muted(x, grid.bottom + 16, words, small, "middle"))
    return parts
