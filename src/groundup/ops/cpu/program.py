"""A tape made ready to run: memory for its values, and its rows as a table of numbers.

Rows on one level do not need each other's results, or only for the same sample. Those that go
sample by sample are carried out together: one sample passes through all of them while it is in the
cache, and what no other level reads lies in the same few kilobytes for each sample.
"""

import os
import struct
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import numpy as np

from groundup.ops.cpu.crew import crew
from groundup.ops.cpu.tile import ROWS
from groundup.ops.tape import Row, Slot, Tape, Value
from groundup.typing import Array

ALIGNED = 64  # bytes of a cache line
LARGE = 2**18  # bytes of weights from which on they should pass a core's cache only once
TOGETHER = 128  # samples that pass through such weights while they are near themselves
WORTH_FETCHING = 2.5  # microseconds of one thread in a piece, at least
WORTH_SHARING = 6.0  # microseconds of one thread below which the others are left alone


@dataclass(frozen=True)
class Place:
    """Where a value lies: bytes from the beginning of the memory, and to the next of each kind."""

    origin: int
    sample: int = 0
    slot: int = 0
    row: int = 0


@dataclass(frozen=True)
class Part:
    """A row as it is carried out: where its words lie, and how its work is cut (see `crew`)."""

    row: Row
    address: int
    by_sample: bool
    units: int
    pieces: int


class Program:
    """A tape linked for this machine.

    Args:
        tape: what is to be computed.
        bound: arrays that values are written to, besides those that the tape holds.
        fresh: values whose place is given for each run, by `place`.

    lock: held while it runs, and by who has to say more than one thing before.
    """

    def __init__(
        self, tape: Tape, bound: Mapping[Value, Array] | None = None, fresh: Iterable[Value] = ()
    ) -> None:
        self.tape, self._slots = tape, crew.size
        self._bound = dict(bound or {})
        self._fresh = set(fresh)
        self.lock = threading.RLock()
        _programs.add(self)
        levels = self._by = _by_level(_used(tape.rows, set(self._bound) | self._fresh))
        places, size = self._places(levels)
        memory = np.zeros(size + ALIGNED, np.uint8)
        self._memory = memory[-memory.ctypes.data % ALIGNED :]
        self.bytes = size
        ordered = [row for segments in levels for segment in segments for row in segment]
        self._write(ordered, places)
        self._lay_out(levels)

    def run(self, first: int = 0, end: int | None = None) -> None:
        """Carry out the rows of levels first … end - 1, by default all."""
        end = self._count if end is None else end
        with self.lock:
            crew.run(self._address, first, end, self._shared)

    def set(self, name: str, word: int) -> None:
        """Set the words of that name for the runs to come."""
        for at in self._named[name]:
            self._flat[at] = word

    def place(self, value: Value, address: int) -> None:
        """Tell where a fresh value lies for the runs to come."""
        for at in self._moving[value]:
            self._flat[at] = address

    def levels(self) -> list[list[Part]]:
        """The rows of each level, in the order in which they are carried out."""
        width, address = self._code.strides[0], int(self._code.ctypes.data)
        made: list[list[Part]] = []
        for level in self._by:
            parts = []
            for segment in level:
                for row in segment:
                    parts.append(Part(row, address, segment[0].over == "images", *_cut(segment)))
                    address += width
            made.append(parts)
        return made

    def _places(self, levels: Sequence[Sequence[Sequence[Row]]]) -> tuple[dict[Value, Place], int]:
        """A place for each value, and the bytes of all of them."""
        local = _local_values(levels) - self._bound.keys() - self._fresh
        places: dict[Value, Place] = {}
        size = 0
        for row in (row for level in levels for segment in level for row in segment):
            for value in (*row.reads, *row.writes):
                if value in places:
                    continue
                place, length = _layout(value, value in local)
                if value.array is None and value not in self._bound and value not in self._fresh:
                    place = Place(size + place.origin, place.sample, place.slot, place.row)
                    length *= self._slots if value in local else 1
                    size += -(-length // ALIGNED) * ALIGNED
                places[value] = place
        return places, size

    def _write(self, rows: Sequence[Row], places: Mapping[Value, Place]) -> None:
        """The rows as numbers: the kernel's address, four words a value, then the numbers."""
        width = max(1 + 4 * len(r.reads + r.writes) + len(r.numbers) for r in rows)
        self._code = np.zeros((len(rows), width), np.int64)
        self._flat = self._code.reshape(-1)
        self._named: defaultdict[str, list[int]] = defaultdict(list)
        self._moving: defaultdict[Value, list[int]] = defaultdict(list)
        start = int(self._memory.ctypes.data)
        for i, row in enumerate(rows):
            words: list[int] = [row.kernel.address]
            for value in (*row.reads, *row.writes):
                place = places[value]
                array = self._bound.get(value, value.array)
                origin = place.origin + (start if array is None else int(array.ctypes.data))
                if value in self._fresh:
                    self._moving[value].append(i * width + len(words))
                words += [origin, place.sample, place.slot, place.row]
            for number in row.numbers:
                if isinstance(number, Slot):
                    self._named[number.name].append(i * width + len(words))
                    number = 0
                if isinstance(number, float):
                    number = bits(number)
                words.append(int(number))
            self._code[i, : len(words)] = words

    def _lay_out(self, levels: Sequence[Sequence[Sequence[Row]]]) -> None:
        """The tables that the crew reads: levels, segments, and where they and the rows lie."""
        table, row = [], 0
        segments: list[tuple[int, ...]] = []
        for level in levels:
            first, pieces = len(segments), 0
            for segment in level:
                over = segment[0].over
                units, cut = _cut(segment)
                segments.append((row, len(segment), over == "images", units, cut, pieces))
                row += len(segment)
                pieces += cut
            cost = sum(r.cost for segment in level for r in segment)
            table.append((first, pieces, cost > WORTH_SHARING and pieces > 1))
        self._levels = np.array(table, np.int64)
        self._segments = np.array(segments, np.int64)
        tables = (self._levels, self._segments, self._code)
        addresses = [int(array.ctypes.data) for array in tables]
        self._table = np.array([*addresses, self._code.shape[1]], np.int64)
        self._address, self._count = int(self._table.ctypes.data), len(levels)
        self._shared = bool(self._levels[:, 2].any())


def _used(rows: Sequence[Row], wanted: set[Value]) -> list[Row]:
    """The rows whose results anybody reads."""
    needed, kept = set(wanted), []
    for row in reversed(rows):
        if not row.writes or not needed.isdisjoint(row.writes):
            needed.update(row.reads)
            kept.append(row)
    return kept[::-1]


def bits(number: float) -> int:
    """A float64 as the word of the same bits."""
    word: int = struct.unpack("<q", struct.pack("<d", number))[0]
    return word


def _by_level(rows: Sequence[Row]) -> list[list[list[Row]]]:
    """Rows by level, in each level by segment: those cut alike together, others alone."""
    levels: list[dict[Any, list[Row]]] = [{} for _ in range(1 + max(row.level for row in rows))]
    for row in rows:
        key = row.over if isinstance(row.over, str) else row
        levels[row.level].setdefault(key, []).append(row)
    # The longest first: who comes last should have little left to wait for.
    return [
        sorted(level.values(), key=lambda segment: -sum(row.cost for row in segment))
        for level in levels
    ]


def _local_values(levels: Sequence[Sequence[Sequence[Row]]]) -> set[Value]:
    """Images that only one segment knows."""
    users: defaultdict[Value, set[int]] = defaultdict(set)
    for level in levels:
        for segment in level:
            for row in segment:
                for value in (*row.reads, *row.writes):
                    users[value].add(id(segment))
    return {
        value
        for value, segments in users.items()
        if value.scratch
        or (value.images and value.maker and value.maker.over == "images" and len(segments) == 1)
    }


def _layout(value: Value, local: bool) -> tuple[Place, int]:
    """The place of a value in memory of its own, and how many bytes that is (of one slot)."""
    if value.scratch:
        size = -(-value.size * value.item // ALIGNED) * ALIGNED
        return Place(0, slot=size), size
    if not value.images:
        each = value.size // value.shape[0] * value.item if value.shape else 0
        return Place(0, sample=each), value.size * value.item
    N, C, H, W = value.shape
    top, bottom, left, right = value.margin
    pixel = C * value.item
    row = (left + W + right) * pixel
    image = (top + H + bottom) * row
    origin = top * row + left * pixel
    if local:
        # The next slot begins on a cache line of its own.
        image = -(-image // ALIGNED) * ALIGNED
        return Place(origin, slot=image, row=row), image
    return Place(origin, sample=image, row=row), N * image


def _cut(segment: Sequence[Row]) -> tuple[int, int]:
    """(units, pieces) of a segment: pieces long enough to be worth fetching."""
    over = segment[0].over
    if over == "images":
        N = segment[0].samples
        return N, pieces_of(N)
    worth = max(1, int(sum(row.cost for row in segment) / WORTH_FETCHING))
    if isinstance(over, int):
        return over, min(over, worth)
    N = segment[0].samples
    values = (value for row in segment for value in row.reads)
    sizes = [value.size * value.item for value in values if value.shape[:1] != (N,)]
    weights = max(sizes, default=0)
    if weights > LARGE:
        return N, min(max(min(crew.size, N), -(-N // TOGETHER)), worth)
    return N, min(-(-N // ROWS), worth)


def pieces_of(N: int) -> int:
    """Into how many pieces N images are cut; the sums over each are added in their order."""
    return max(min(N, 8), min(N // 12, 64))


_programs: WeakSet[Program] = WeakSet()


def _unlock() -> None:
    """In a forked process nobody runs them, whoever did when it was forked."""
    for program in _programs:
        program.lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock)
