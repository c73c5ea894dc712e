"""The threads that carry out a program: whoever is free takes the next piece of work.

A program is levels of pieces; the pieces of one level may be done in any order. One thread leads:
it opens a level, takes pieces like everybody else, and opens the next when all are done. The others
follow: they watch a ticket, a single word that says (which level, how many pieces, which is next),
and take a piece by adding 1 to it. So nobody waits for a thread that the operating system has put
aside: the leader alone would do all of it. What comes out does not depend on who did what.

Followers watch until the program is done and a fraction of a millisecond more, since the next may
follow at once; then they sleep in Python until they are woken.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numba
import numpy as np
from numba.core import types

from groundup.errors import InputError
from groundup.ops.cpu.memory import (
    add,
    call,
    give_way,
    load,
    pause,
    procedure,
    store,
    words,
)

# The control block, in words; what is written by different threads lies in different cache lines.
TICKET, DONE, RUNNING, PROGRAM, LEVEL, SIZE = 0, 8, 16, 24, 25, 32
# A ticket: level << 40 | pieces << 20 | next. So 2**20 - 1 pieces at most, threads included.
PIECES_AT, LEVEL_AT, FIELD = 20, 40, (1 << 20) - 1
PATIENCE = 10_000  # pauses until a follower sleeps, some 200 to 500 µs
POLITENESS = 300  # pauses until a waiting thread lets others of the machine run


@numba.njit(inline="always")
def perform(program, level, piece, slot):
    """One piece: all rows of its segment, sample by sample or for a range of units.

    program: address of the table of levels, rows of (first segment, pieces, shared); it is followed
    by what `program` lays out. A segment: (first row, rows, by sample, units, pieces, first
    piece); a row: address of the kernel, then its words.
    """
    table = words(program)
    levels, segments, rows, width = words(table[0]), words(table[1]), table[2], table[3]
    at = levels[3 * level] * 6
    while piece >= segments[at + 5] + segments[at + 4]:
        at += 6
    row, count, by_sample = segments[at], segments[at + 1], segments[at + 2]
    units, pieces, piece = segments[at + 3], segments[at + 4], piece - segments[at + 5]
    first, end = piece * units // pieces, (piece + 1) * units // pieces
    step = 1 if by_sample else end - first
    for unit in range(first, end, max(step, 1)):
        for r in range(row, row + count):
            address = rows + 8 * width * r
            call(words(address)[0], address + 8, unit, unit + step, slot)


@procedure(*[types.int64] * 4, types.boolean)
def lead(control, program, first, end, alone):
    """Carry out the levels first … end - 1 of a program."""
    table = words(program)
    levels = words(table[0])
    state = words(control)
    if not alone:
        store(control + 8 * RUNNING, 1)
    for level in range(first, end):
        pieces, shared = levels[3 * level + 1], levels[3 * level + 2]
        if alone or not shared:
            for piece in range(pieces):
                perform(program, level, piece, 0)
            continue
        state[PROGRAM], state[LEVEL] = program, level
        store(control + 8 * DONE, 0)
        number = (load(control + 8 * TICKET) >> LEVEL_AT) + 1
        store(control + 8 * TICKET, (number & FIELD) << LEVEL_AT | pieces << PIECES_AT)
        while True:
            piece = add(control + 8 * TICKET, 1) & FIELD
            if piece >= pieces:
                break
            perform(program, level, piece, 0)
            add(control + 8 * DONE, 1)
        waited = 0
        while load(control + 8 * DONE) < pieces:
            waited += 1
            pause() if waited % POLITENESS else give_way()
    if not alone:
        store(control + 8 * RUNNING, 0)


@procedure(types.int64, types.int64)
def follow(control, slot):
    """Take pieces until there have been none for a while."""
    state = words(control)
    waited = 0
    while waited < PATIENCE:
        ticket = load(control + 8 * TICKET)
        if ticket & FIELD < (ticket >> PIECES_AT) & FIELD:
            ticket = add(control + 8 * TICKET, 1)
            piece = ticket & FIELD
            if piece < (ticket >> PIECES_AT) & FIELD:
                perform(state[PROGRAM], state[LEVEL], piece, slot)
                add(control + 8 * DONE, 1)
            waited = 0
        # Within a program there will be more to do.
        waited = waited + 1 if load(control + 8 * RUNNING) == 0 else waited % POLITENESS + 1
        pause() if waited % POLITENESS else give_way()


class Crew:
    """A leader, which is whoever calls `run`, and `size - 1` followers, started when needed."""

    def __init__(self, size: int) -> None:
        self.size = self.limit = size
        block = np.zeros(SIZE + 8, np.int64)
        self._control = block[-block.ctypes.data // 8 % 8 :][:SIZE]  # from a cache line on
        self._address = int(self._control.ctypes.data)
        self._busy = threading.Lock()
        self._beds: list[Any] = []
        self._asleep: list[bool] = []

    def run(self, program: int, first: int, end: int, shared: bool) -> None:
        """Carry out levels of the program at an address; alone if nobody else is free or needed."""
        if not shared or self.limit < 2 or not self._busy.acquire(blocking=False):
            lead(self._address, program, first, end, True)
            return
        try:
            self._wake()
            lead(self._address, program, first, end, False)
        finally:
            self._busy.release()

    def _wake(self) -> None:
        while len(self._beds) < self.limit - 1:
            self._hire()
        for i in range(self.limit - 1):
            if self._asleep[i]:
                self._asleep[i] = False
                self._beds[i].release()

    def _hire(self) -> None:
        bed, slot = threading.Lock(), len(self._beds) + 1
        bed.acquire()
        self._beds.append(bed)
        self._asleep.append(True)
        name = f"groundup-{slot}"
        threading.Thread(target=self._serve, args=(bed, slot), name=name, daemon=True).start()

    def _serve(self, bed: Any, slot: int) -> None:
        while True:
            bed.acquire()
            follow(self._address, slot)
            self._asleep[slot - 1] = True


def _allowed() -> int:
    """The cores of this process, or fewer if GROUNDUP_THREADS says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    asked = os.environ.get("GROUNDUP_THREADS")
    if asked is None:
        return cores or 1
    if not asked.isdecimal() or int(asked) < 1:
        raise InputError(f"GROUNDUP_THREADS={asked!r}: expected a whole number of at least 1.")
    return min(int(asked), cores or 1)


crew = Crew(_allowed())


def count() -> int:
    """How many threads kernels may use."""
    return crew.limit


@contextmanager
def limited(most: int) -> Iterator[None]:
    """Kernels use at most this many threads meanwhile."""
    before = crew.limit
    crew.limit = min(most, before)
    try:
        yield
    finally:
        crew.limit = before


def _forget() -> None:
    """A forked process has no followers."""
    limit = crew.limit
    crew.__init__(crew.size)
    crew.limit = limit


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
