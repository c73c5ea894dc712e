"""How long each row of a program takes.

A level is timed as it always runs, by all threads; what it took is divided among its rows, which
run side by side, in proportion to what each of them takes on one thread.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numba

from groundup.ops.cpu.memory import call, words
from groundup.ops.cpu.program import Part, Program
from groundup.ops.tape import Row

LONG_ENOUGH = 100e-6  # seconds, beside which a call from Python does not matter
MOST = 100  # times that a short row is repeated


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _repeat(row, units, pieces, by_sample, times):
    """All units of a row, as `crew.perform` goes through them, by this thread."""
    for _ in range(times):
        for piece in range(pieces):
            first, end = piece * units // pieces, (piece + 1) * units // pieces
            step = 1 if by_sample else end - first
            for unit in range(first, end, max(step, 1)):
                call(words(row)[0], row + 8, unit, unit + step, 0)


def seconds(action: Callable[..., Any], *arguments: Any) -> float:
    """How long a call takes."""
    begin = perf_counter()
    action(*arguments)
    return perf_counter() - begin


def row_seconds(program: Program, repeats: int) -> list[tuple[Row, float]]:
    """Each row with the seconds of a run that are due to it, medians over `repeats`

    The program has run before, and where its batch lies is still true.
    """
    levels = program.levels()
    runs = [[seconds(program.run, i, i + 1) for i in range(len(levels))] for _ in range(repeats)]
    made: list[tuple[Row, float]] = []
    for parts, *times in zip(levels, *runs, strict=True):
        alone = [_alone(part, repeats) for part in parts]
        share = median(times) / sum(alone)
        made += [(part.row, share * each) for part, each in zip(parts, alone, strict=True)]
    return made


def _alone(part: Part, repeats: int) -> float:
    """Seconds of a row on one thread."""
    work = part.address, part.units, part.pieces, part.by_sample
    once = max(min(seconds(_repeat, *work, 1) for _ in range(2)), 1e-9)
    times = min(max(int(LONG_ENOUGH / once), 1), MOST)
    return median(seconds(_repeat, *work, times) for _ in range(repeats)) / times
