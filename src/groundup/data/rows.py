"""Samples that stay on the disk: rows of a file are read when they are asked for.

An array in memory is split by copying rows. One that does not fit is split by remembering which
rows; `select`, `as_samples` and `chunks` do the one or the other, so nobody else need know.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from groundup.checks import as_array
from groundup.typing import Array, Shape

Index: TypeAlias = NDArray[np.int64]
_CHUNK = 2**22  # bytes looked through at a time


class Source(Protocol):
    """Where rows come from: an array (M, …), or what answers `source[index]` (n, …) as one does."""

    @property
    def shape(self) -> Shape: ...
    @property
    def dtype(self) -> "np.dtype[Any]": ...
    def __getitem__(self, index: Index, /) -> Array: ...


class Rows:
    """Rows that are read when they are asked for, x[n] = source[index[n]]; else as an array (N, …).

    index: (N,) the places of these rows, or None for all in order. `numpy.asarray` of it reads
    everything.

    >>> rows = Rows(np.arange(6).reshape(3, 2)).select(np.array([2, 0]))
    >>> rows.shape, rows[:1].tolist(), rows.take([1, 1]).tolist(), int(rows.max())
    ((2, 2), [[4, 5]], [[0, 1], [0, 1]], 5)
    """

    def __init__(self, source: Source, index: Index | None = None) -> None:
        self._source, self._index = source, index

    def select(self, index: Any) -> "Rows":
        """These rows, still on the disk."""
        return Rows(self._source, self._places(np.asarray(index)))

    def seen(self, view: Callable[[Array], Array]) -> "Rows":
        """The same rows, each batch of them as `view` makes it, such as with a channel axis."""
        return Rows(_Seen(self._source, view), self._index)

    @property
    def shape(self) -> Shape:
        return (len(self), *self._source.shape[1:])

    @property
    def dtype(self) -> "np.dtype[Any]":
        return self._source.dtype

    @property
    def ndim(self) -> int:
        return len(self._source.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self._source.shape[0] if self._index is None else len(self._index)

    def __getitem__(self, key: Any) -> Array:
        first, *rest = key if isinstance(key, tuple) else (key,)
        if isinstance(first, slice):
            places = self._places(np.arange(*first.indices(len(self))))
        else:
            places = self._places(np.asarray(first))
        rows = np.asarray(self._source[places.reshape(-1)])
        found = rows.reshape(places.shape + rows.shape[1:])
        return found[(*(slice(None),) * places.ndim, *rest)] if rest else found

    def take(self, index: Any, axis: int = 0) -> Array:
        """The rows `index`, as `numpy.take` along the first axis."""
        if axis != 0:
            raise ValueError(f"take: axis {axis}; rows are along axis 0.")
        return self[np.asarray(index)]

    def min(self) -> Any:
        return min(chunk.min() for _, chunk in chunks(self))

    def max(self) -> Any:
        return max(chunk.max() for _, chunk in chunks(self))

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    def _places(self, index: NDArray[Any]) -> Index:
        """Where in the file the rows `index` of these are."""
        index = np.flatnonzero(index) if index.dtype == bool else index.astype(np.int64)
        if index.size and not -len(self) <= index.min() <= index.max() < len(self):
            raise IndexError(f"rows {index.min()} to {index.max()} of {len(self)}.")
        index = np.where(index < 0, index + len(self), index)
        return index if self._index is None else self._index[index]


class _Seen:
    """A source whose rows go through a view."""

    def __init__(self, source: Source, view: Callable[[Array], Array]) -> None:
        none = view(source[np.arange(0)])
        self.shape, self.dtype = (source.shape[0], *none.shape[1:]), none.dtype
        self._source, self._view = source, view

    def __getitem__(self, index: Index, /) -> Array:
        return self._view(self._source[index])


def select(x: Any, index: Any) -> Array:
    """x[index] along the first axis: a copy, or of rows on the disk the note which they are."""
    chosen: Array = x.select(index) if isinstance(x, Rows) else x[index]  # type: ignore[assignment]
    return chosen


def as_samples(x: Any, what: str = "x") -> Array:
    """x as an array; rows on the disk stay there."""
    return x if isinstance(x, Rows) else as_array(x, what)  # type: ignore[return-value]


def chunks(x: Any) -> Iterator[tuple[int, Array]]:
    """(where it begins, some rows) over all of x (N, …), a few megabytes at a time.

    >>> [(begin, len(part)) for begin, part in chunks(np.zeros((3, 2**19)))]
    [(0, 1), (1, 1), (2, 1)]
    """
    row = max(1, math.prod(x.shape[1:]) * x.dtype.itemsize)
    step = max(1, _CHUNK // row)
    for begin in range(0, len(x), step):
        yield begin, x[begin : begin + step]
