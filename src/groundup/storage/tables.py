"""Rows as CSV and plain data as JSON, for spreadsheets and scripts."""

import csv
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from groundup.storage.atomic import write_text, writing
from groundup.storage.paths import AnyPath


def write_csv(
    path: AnyPath, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] | None = None
) -> None:
    """Write the rows, all or nothing; StorageError if that fails

    Args:
        path: of the file.
        rows: each with the same columns; None is an empty cell.
        columns: their names, for the case of no rows; by default those of the first.
    """
    listed = list(rows)
    if columns is None:
        columns = list(listed[0]) if listed else []
    with writing(path) as file:
        table = csv.DictWriter(file, columns, lineterminator="\n")
        table.writeheader()
        table.writerows(listed)


def write_json(path: AnyPath, data: Any) -> None:
    """Write plain data, all or nothing, a line for each; StorageError if that fails."""
    write_text(path, json.dumps(data, indent=2, allow_nan=False) + "\n")


def finite(data: Any) -> Any:
    """Plain data as JSON can hold them: what is not finite becomes None

    >>> finite({"loss": float("nan"), "curve": (1.0, float("inf"))})
    {'loss': None, 'curve': [1.0, None]}
    """
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {key: finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in data]
    return data
