"""How results are shown: text in columns, or one JSON object."""

import io
import json
import logging
import math
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from groundup.errors import StorageError


def accept_any_text() -> None:
    """Let names that the terminal cannot show appear as escapes instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            with suppress(OSError):  # what could not be written before is tried again here
                stream.reconfigure(errors="backslashreplace")


def discard_unwritable() -> None:
    """Have what could not be written flushed to nowhere, or Python complains when it ends."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
            continue
        with suppress(OSError, ValueError, AttributeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def show(text: str) -> None:
    """Write a result to stdout."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StorageError(f"cannot write the result: {error.strerror}.") from error


def show_json(value: Mapping[str, Any]) -> None:
    """Write a result as one JSON object; NaN and infinities, which JSON lacks, become null."""
    show(json.dumps(_without_nan(value), indent=2, allow_nan=False))


def note(text: str) -> None:
    """Say something about the work to stderr; where nobody can hear it, the work goes on."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Columns beside one another, the first `left` of them flush left, the others flush right.

    >>> print(table(["class", "samples"], [["seven", "35"], ["8", "7"]]))
    class  samples
    seven       35
    8            7
    """
    from rich.cells import cell_len  # letters of some scripts take two places

    lines = [columns, *rows]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(columns))]
    padded = []
    for line in lines:
        cells = []
        for i, cell in enumerate(line):
            gap = " " * (widths[i] - cell_len(cell))
            cells.append(cell + gap if i < left else gap + cell)
        padded.append("  ".join(cells).rstrip())
    return "\n".join(padded)


def facts(pairs: Mapping[str, str]) -> str:
    """Names and values, one pair a line.

    >>> print(facts({"seed": "0", "epochs": "20"}))
    seed    0
    epochs  20
    """
    width = max(map(len, pairs))
    indented = {
        name: value.replace("\n", "\n" + " " * (width + 2)) for name, value in pairs.items()
    }
    return "\n".join(f"{name:<{width}}  {value}" for name, value in indented.items())


def percent(share: float | None) -> str:
    """
    >>> percent(0.97772), percent(None)
    ('97.8 %', '-')
    """
    return "-" if share is None or math.isnan(share) else f"{100 * share:.1f} %"


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return value


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        note(record.getMessage())


def show_notes(quiet: bool) -> None:
    """What the library has to say besides, such as that it compiles its kernels, on stderr."""
    logger = logging.getLogger("groundup")
    logger.handlers = [_Notes(logging.WARNING if quiet else logging.INFO)]
    logger.setLevel(logging.INFO)
