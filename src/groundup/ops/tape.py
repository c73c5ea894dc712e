"""What a network computes, written down instead of done.

An op that is given a `Value` in the place of an array computes nothing: it writes rows on the
value's tape, each the call of one kernel, and returns values for what these will make. So layers,
which only hand arrays from op to op, need not know whether a step is carried out or written down;
once it is written down, `ops.cpu.program` carries it out again and again without any Python.

A value is no array: what a layer does to it besides calling ops raises a TypeError or an
AttributeError, and the step is then carried out as it always was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np

from groundup.typing import Array, Shape

# What one thread does in a microsecond, roughly: only the order of magnitude matters.
MULTIPLY_ADDS, NUMBERS = 100_000, 8_000

# How a row's work is cut: by images, one at a time and with all rows of the level that are also cut
# so; by ranges of samples, likewise; or into a number of units of its own.
Over: TypeAlias = Literal["images", "samples"] | int


class Untraceable(TypeError):
    """What was asked cannot be written down."""


@dataclass(eq=False)
class Value:
    """An array to be computed, or one whose place is known when the program runs.

    Args:
        tape: where it is written.
        shape: as the ops see it.
        item: bytes of an element: 4 for float32, 1 for bytes, 8 for words.
        images: (N, C, H, W) that lie channels-last in memory, with a margin of zeros around.
        scratch: memory that each thread has for itself, for as long as one row takes.
        array: the memory, if it exists already.
        maker: the row that computes it.
    """

    tape: "Tape"
    shape: Shape
    item: int = 4
    images: bool = False
    scratch: bool = False
    array: Array | None = None
    maker: "Row | None" = None
    margin: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    dtype = np.dtype(np.float32)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def over(self) -> Over:
        """How a row is cut that goes through this value sample by sample."""
        return "images" if self.images else "samples"

    def with_margin(self, top: int, bottom: int, left: int, right: int) -> "Value":
        """The same; there will be at least so many rows and columns of zeros around its images."""
        asked = (top, bottom, left, right)
        self.margin[:] = map(max, self.margin, asked)
        return self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Value):
            return self is other
        raise Untraceable("a value that is still to be computed cannot be compared")

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise Untraceable("a value that is still to be computed is neither true nor false")


@dataclass(eq=False)
class Row:
    """The call of a kernel: its words are the places of `reads` and `writes`, then `numbers`."""

    kernel: Any
    reads: tuple[Value, ...]
    writes: tuple[Value, ...]
    numbers: tuple[Any, ...]
    over: Over
    cost: float  # microseconds of one thread
    layer: str
    multiply_adds: int
    samples: int
    level: int = 0


@dataclass(frozen=True)
class Slot:
    """A word that is set anew for each run of the program."""

    name: str


@dataclass(eq=False)
class Tape:
    """The rows written so far; `layer` names whose they are."""

    rows: list[Row] = field(default_factory=list)
    layer: str = ""
    lowest: int = 0  # the level that rows have at least

    def value(
        self, shape: Sequence[int], *, item: int = 4, images: bool = False, scratch: bool = False
    ) -> Value:
        """A value for a row to write."""
        return Value(self, tuple(shape), item, images, scratch)

    def hold(self, array: Array) -> Value:
        """An array that stays where it is, read anew in each run."""
        return Value(self, array.shape, array.itemsize, array=array)

    def zeros(self, count: int) -> Value:
        """`count` zeros."""
        return self.hold(np.zeros(count, np.float32))

    def new_level(self) -> int:
        """Rows written from now on come after all before; how many levels there were."""
        self.lowest = 1 + max((row.level for row in self.rows), default=-1)
        return self.lowest

    def emit(
        self,
        kernel: Any,
        reads: Sequence[Value],
        writes: Sequence[Value],
        *numbers: Any,
        over: Over,
        multiply_adds: int = 0,
        moved: int = 0,
        samples: int | None = None,
    ) -> None:
        """Write a row; multiply_adds and numbers moved tell how long it takes

        samples: how many there are, where that is not the length of the first value written.
        """
        if samples is None:
            samples = writes[0].shape[0] if writes else 0
        cost = multiply_adds / MULTIPLY_ADDS + moved / NUMBERS
        values = tuple(reads), tuple(writes)
        row = Row(kernel, *values, numbers, over, cost, self.layer, multiply_adds, samples)
        row.level = self.lowest
        for value in reads:
            maker = value.maker
            if maker is not None:
                together = maker.over == over and isinstance(over, str)
                row.level = max(row.level, maker.level + (0 if together else 1))
        for value in writes:
            value.maker = row
        self.rows.append(row)
