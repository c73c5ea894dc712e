"""Tables of numbers, such as CSV files: features in columns, and a target in one or more."""

from array import array
from collections.abc import Mapping, Sequence

import numpy as np

from groundup.data.rows import chunks
from groundup.data.samples import Samples
from groundup.data.sheet import MISSING, Column, Sheet, open_sheet
from groundup.errors import DataError, ShapeError, did_you_mean
from groundup.storage import AnyPath
from groundup.typing import Array

Target = Column | Sequence[Column] | None
_LARGEST = np.finfo(np.float32).max
_MAX_LABEL = 200  # letters


def read_table(path: AnyPath, target: Target = None) -> Samples:
    """The samples of a table: x float64 (N, D) of all columns but the target, the last by default.

    target: a column by its name or its position (1 is the first, -1 the last), or several. Raises
    DataError, which names row and column, for missing values, text among numbers, numbers beyond
    float32, rows of another length, names that come twice, and what is no table.
    """
    sheet = open_sheet(path)
    wanted = _targets(sheet, -1 if target is None else target)
    features = [i for i in range(sheet.width) if i not in wanted]
    if not features:
        raise DataError(
            f"{sheet.where}: no column beside the target: expected features and a target, divided "
            "by comma, semicolon, tab or bar."
        )
    return _read(sheet, features, wanted)


def read_known(
    path: AnyPath, features: Sequence[str], count: int, target: Target = None, *, labeled: bool
) -> Samples:
    """The samples of a table for a network that knows its columns: x (N, D) in the network's order.

    features: the names that it knows, or none; count: D. labeled: read the target, too: by default
    the one column that is no feature, or the last where columns have no names. Raises as
    `read_table`, and DataError for a column that is missing.
    """
    sheet = open_sheet(path)
    if features:
        places = [_known(sheet, name, features) for name in features]
        others = [i for i in range(sheet.width) if i not in places]
        if labeled and target is None and len(others) != 1:
            raise DataError(
                f"{sheet.where}: {len(others)} columns are no features of the network: which one "
                "is the target? Name it with --target."
            )
        wanted = (others if target is None else _targets(sheet, target)) if labeled else []
    else:
        more = labeled or sheet.width == count + 1
        wanted = _targets(sheet, -1 if target is None else target) if more else []
        places = [i for i in range(sheet.width) if i not in wanted]
        wanted = wanted if labeled else []
        if len(places) != count:
            raise ShapeError(
                f"{sheet.where}: {sheet.width} columns; the network takes {count} features"
                f"{' beside the target' if labeled else ''}."
            )
    return _read(sheet, places, wanted, _remarks(sheet, places, wanted))


def _known(sheet: Sheet, name: str, features: Sequence[str]) -> int:
    if not sheet.header:
        raise DataError(
            f"{sheet.where}: no names in its first row: the network knows its columns by name. Let "
            f"the file begin with the names, as {', '.join(features[:3])}, …"
        )
    if name not in sheet.header:
        raise DataError(
            f"{sheet.where}: no column {name!r}, which the network was trained on. "
            f"{did_you_mean(name, sheet.header)}"
        )
    return sheet.header.index(name)


def _remarks(sheet: Sheet, places: list[int], wanted: list[int]) -> tuple[str, ...]:
    """What was done with the columns, where it is not plain."""
    remarks = []
    if places != sorted(places):
        remarks.append(
            f"{sheet.where}: its columns stand in another order than in training; they were taken "
            "by their names."
        )
    left = [sheet.name(i) for i in range(sheet.width) if i not in (*places, *wanted)]
    if left:
        few = ", ".join(left[:5]) + (", …" if len(left) > 5 else "")
        remarks.append(f"{sheet.where}: left out what is no feature of the network: {few}.")
    return tuple(remarks)


def _targets(sheet: Sheet, target: Column | Sequence[Column]) -> list[int]:
    given = [target] if isinstance(target, str | int) else list(target)
    wanted = [sheet.find(column) for column in given]
    if not wanted or len(set(wanted)) < len(wanted):
        raise DataError(f"{sheet.where}: target {given}: expected one column, or several.")
    return wanted


def _read(
    sheet: Sheet, features: list[int], wanted: list[int], remarks: tuple[str, ...] = ()
) -> Samples:
    values, labels, numbers = array("d"), list[list[str]](), array("q")
    for number, cells in sheet.rows:
        if len(cells) != sheet.width:
            count = f"{len(cells)} cell{'s' * (len(cells) != 1)}"
            raise DataError(
                f"{sheet.where}: row {number} has {count}: expected {sheet.width}, as the first "
                "row has."
            )
        chosen = [cells[i] for i in features]
        try:
            row = list(map(float, chosen))
        except ValueError:
            row = [_number(sheet, number, cells, i) for i in features]
        if "_" in "".join(chosen):  # Python reads 1_000
            row = [_number(sheet, number, cells, i) for i in features]
        values.extend(row)
        if wanted:
            labels.append([cells[i].strip() for i in wanted])
        numbers.append(number)
    if not numbers:
        raise DataError(f"{sheet.where}: a header and no rows: expected samples below it.")
    x = np.frombuffer(values).reshape(len(numbers), len(features))
    _check(sheet, x, features, labels, wanted, numbers)
    y = np.array(labels).reshape(len(numbers), -1)
    return Samples(
        x,
        y[:, 0] if len(wanted) == 1 else _as_numbers(sheet, y, wanted, numbers),
        lambda n: f"{sheet.where}: row {numbers[n]}",
        tuple(sheet.header[i] for i in features) if sheet.header else (),
        tuple(sheet.header[i] for i in wanted) if sheet.header else (),
        (*sheet.notes, *remarks),
    )


def _number(
    sheet: Sheet, number: int, cells: Sequence[str] | Mapping[int, str], column: int
) -> float:
    """A cell as a number, NaN where it is missing."""
    cell = cells[column].strip()
    if cell.lower() in MISSING:
        return float("nan")
    try:
        if "_" not in cell:
            return float(cell)
    except ValueError:
        pass
    hint = "Text has to be told in numbers first."
    if cell == (sheet.header[column] if sheet.header else None):
        hint = "The header stands there again: remove it."
    elif cell.replace(",", "").replace(".", "").strip("+-").isdecimal():
        hint = "Write decimals with a point, and nothing between thousands."
    where = f"{sheet.where}: row {number}, column {sheet.name(column)}"
    raise DataError(f"{where}: {cell[:40]!r} is no number. {hint}")


def _check(
    sheet: Sheet, x: Array, features: list[int], labels: list[list[str]], wanted: list[int],
    numbers: Sequence[int],
) -> None:  # fmt: skip
    """Refuse missing values, all told at once, and numbers that are too large for the network."""
    missing = np.zeros(sheet.width, np.int64)
    first: list[tuple[int, int]] = []
    for begin, part in chunks(x):
        beyond = np.abs(part) > _LARGEST
        if beyond.any():
            n, i = (int(k) for k in np.argwhere(beyond)[0])
            raise DataError(
                f"{sheet.where}: row {numbers[begin + n]}, column {sheet.name(features[i])}: a "
                "number beyond float32: expected finite numbers."
            )
        holes = np.isnan(part)
        missing[features] += holes.sum(axis=0)
        first += [(begin + int(n), features[int(i)]) for n, i in np.argwhere(holes)[:1]]
    for n, cells in enumerate(labels):
        for column, cell in zip(wanted, cells, strict=True):
            if len(cell) > _MAX_LABEL or "\0" in cell:
                raise DataError(
                    f"{sheet.where}: row {numbers[n]}, column {sheet.name(column)}: a label of "
                    f"{len(cell)} characters, {cell[:20]!r} …: expected at most {_MAX_LABEL}, and "
                    "none of them NUL."
                )
            if cell.lower() in MISSING:
                missing[column] += 1
                first.append((n, column))
    if first:
        n, column = min(first)
        counts = [f"{sheet.name(int(i))} {missing[i]}" for i in np.flatnonzero(missing)[:10]]
        raise DataError(
            f"{sheet.where}: row {numbers[n]}, column {sheet.name(column)}: a missing value; "
            f"{missing.sum()} in all, by column {', '.join(counts)}. Fill them in, or remove their "
            "rows or columns."
        )


def _as_numbers(sheet: Sheet, y: Array, wanted: list[int], numbers: Sequence[int]) -> Array:
    """Several targets, (N, K): numbers all of them."""
    return np.array(
        [
            [
                _number(sheet, numbers[n], dict(zip(wanted, row, strict=True)), column)
                for column in wanted
            ]
            for n, row in enumerate(y.tolist())
        ]
    )
