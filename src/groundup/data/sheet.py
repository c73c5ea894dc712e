"""How a table in text is written: its encoding, its delimiter, whether it has a header.

Rows are counted as a spreadsheet shows them: the header, if there is one, is row 1.
[RFC 4180; Python's csv module]
"""

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from groundup.data.text import open_text
from groundup.errors import DataError, did_you_mean
from groundup.storage import AnyPath, shown

Column: TypeAlias = str | int
Row: TypeAlias = tuple[int, list[str]]
DELIMITERS = "\t;|,"
MISSING = {"", "na", "n/a", "nan", "null", "?"}
_SNIFFED = 2**16  # letters


@dataclass(frozen=True)
class Sheet:
    """A table that is open: its columns, and its rows with their numbers, read once."""

    where: str
    header: tuple[str, ...]
    width: int
    rows: Iterator[Row]
    notes: tuple[str, ...]

    def name(self, column: int) -> str:
        """What messages call a column, counted from 0."""
        return repr(self.header[column]) if self.header else str(column + 1)

    def find(self, column: Column) -> int:
        """The place of a column that is given by name or by position, from 1 or back from -1."""
        if column in self.header:
            return self.header.index(str(column))
        text = str(column)
        if text.lstrip("-").isdecimal() and 1 <= abs(int(text)) <= self.width:
            return int(text) - 1 if int(text) > 0 else self.width + int(text)
        hint = did_you_mean(text, self.header) if self.header else "Name it by its position."
        raise DataError(
            f"{self.where}: no column {column!r}: expected a name, or a position from 1 to "
            f"{self.width}. {hint}"
        )


def open_sheet(path: AnyPath) -> Sheet:
    """Find out how a table is written; DataError for what is none."""
    where = shown(path)
    file, notes = open_text(path)
    try:
        start = file.read(_SNIFFED)
        whole = not file.read(1)
    except UnicodeDecodeError as error:
        raise DataError(f"{where}: not the encoding that its first bytes say ({error}).") from None
    file.seek(0)
    delimiter = _delimiter(start, whole)
    rows = _rows(file, delimiter, where)
    first = next(rows, None)
    if first is None:
        raise DataError(f"{where} is empty: expected rows of numbers.")
    second = next(rows, None)
    head = [first] if second is None else [first, second]
    cells = [cell.strip() for cell in first[1]]
    header = _header(cells, second[1] if second else None, f"{where}: row {first[0]}")
    if header:
        head = head[1:]
    return Sheet(where, header, len(cells), itertools.chain(head, rows), notes)


def _rows(file: io.TextIOWrapper, delimiter: str, where: str) -> Iterator[Row]:
    """Every row that holds something, with its number."""
    reader = csv.reader(file, delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if cells:
                yield number, cells
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(f"{where}: row {number + 1} cannot be read: {error}.") from None


def _delimiter(start: str, whole: bool) -> str:
    """The one that divides all rows into as many cells; else the one that finds most in the first.

    The comma comes last, as it may be a decimal comma between other delimiters.
    """
    found = {}
    for delimiter in DELIMITERS:
        lines = io.StringIO(start, newline="")
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
        except csv.Error:  # a cell longer than a program allows all its tables
            continue
        rows = [row for row in (rows if whole else rows[:-1] or rows) if row]
        counts = {len(row) for row in rows}
        if len(counts) == 1 and counts != {1}:
            return delimiter
        found[delimiter] = len(rows[0]) if rows else 0
    return max(found, key=lambda delimiter: found[delimiter]) if any(found.values()) else ","


def _header(first: list[str], second: list[str] | None, where: str) -> tuple[str, ...]:
    """The names in the first row, or none if it is a row of numbers."""
    numbers = [_is_number(cell) for cell in first]
    if any(numbers):
        for column, (cell, number) in enumerate(zip(first, numbers, strict=True)):
            over = second is not None and len(second) == len(first) and _is_number(second[column])
            if over and not number and cell.lower() not in MISSING:
                raise DataError(
                    f"{where}: {cell!r} in column {column + 1} stands over numbers, beside numbers:"
                    " is it a header or a wrong value? Let a header hold no plain numbers, or "
                    "correct it."
                )
        return ()
    if not any(cell.lower() not in MISSING for cell in first):
        return ()
    names = [cell or f"column {i}" for i, cell in enumerate(first, 1)]
    first_of: dict[str, int] = {}
    for i, name in enumerate(names, 1):
        if first_of.setdefault(name, i) != i:
            raise DataError(
                f"{where}: the columns {first_of[name]} and {i} are both called {name!r}: expected "
                "a name of its own for each."
            )
        if "\0" in name:
            raise DataError(f"{where}: column {i} has a NUL character in its name.")
    return tuple(names)


def _is_number(cell: str) -> bool:
    try:
        return float(cell) == float(cell)  # "nan" is no number
    except ValueError:
        return False
