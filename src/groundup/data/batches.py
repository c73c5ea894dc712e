"""An epoch as a sequence of mini-batches: every sample once, the odd last batch included.

Samples stay in memory as they came, often as one byte a pixel, and become floats one batch at a
time. The order is a pure function of (seed, epoch), so nothing about it is ever saved: an epoch
that was interrupted after k batches goes on by `start=k`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from groundup.checks import as_array, as_weights, as_whole
from groundup.data.augment import Augment
from groundup.data.order import Shuffle, as_shuffle, epoch_order
from groundup.data.rows import as_samples
from groundup.errors import DataError, InputError, ShapeError
from groundup.rng import Stream
from groundup.typing import Array

Cast = Callable[[Array, NDArray[np.int64]], Array]


@dataclass(frozen=True)
class Batch:
    """Some samples: x (B, …) floats, y (B, …), their weights (B,) or None, and which they are.

    x is made when it is asked for: who can do so in one pass over `source`, all raw samples (N, …),
    may leave it unmade.
    """

    source: Array
    y: Array
    weight: Array | None
    indices: NDArray[np.int64]
    prepare: Cast
    plain: bool = True  # x depends on nothing but the raw samples

    @cached_property
    def x(self) -> Array:
        return self.prepare(self.source.take(self.indices, axis=0), self.indices)

    def __len__(self) -> int:
        return len(self.indices)

    def __iter__(self) -> Iterator[Any]:
        """x, y, weight, indices"""
        yield from (self.x, self.y, self.weight, self.indices)


def batches(
    x: Array,
    y: Array,
    batch_size: int,
    stream: Stream | None = None,
    *,
    sample_weight: Array | None = None,
    start: int = 0,
    shuffle: Shuffle = True,
    augment: Augment | None = None,
    transform: Callable[[Array], Array] | None = None,
    dtype: DTypeLike = np.float32,
) -> Iterator[Batch]:
    """One epoch of x (N, …) and y (N, …) in batches of `batch_size`, shuffled by `stream`.

    stream: narrowed to the epoch by the caller, `stream.at(epoch=e)`; None keeps the order, and so
    does shuffle=False, where the stream is for `augment` alone: variants of the raw images;
    shuffle="stratified" gives every batch the classes in proportion, see `epoch_order`. start: how
    many batches to leave out at the front. transform: from raw samples to floats, such as the
    scaling by 255; without it x is only cast to `dtype`. Real-valued y and the weights are
    cast too, labels are not. Raises InputError, ShapeError and DataError before the first batch.

    >>> x, y = np.arange(10, dtype=np.uint8).reshape(5, 2), np.array([0, 1, 0, 1, 0])
    >>> for xb, t, *_ in batches(x, y, 2):
    ...     print(xb.tolist(), t.tolist())
    [[0.0, 1.0], [2.0, 3.0]] [0, 1]
    [[4.0, 5.0], [6.0, 7.0]] [0, 1]
    [[8.0, 9.0]] [0]
    >>> [batch.y.size for batch in batches(x, y, 2, Stream(seed=0).at(epoch=3), start=1)]
    [2, 1]
    """
    size = as_whole(batch_size, "batch_size")
    first = as_whole(start, "start", 0) * size
    x, y = as_samples(x), as_array(y, "y")
    if x.dtype.kind not in "biuf" or not x.ndim:
        raise DataError(f"x of type {x.dtype} and shape {x.shape}: expected real numbers, (N, …).")
    if not 0 < len(x) == len(y):
        raise ShapeError(
            f"x holds {len(x)} samples and y {len(y)}: expected as many, and more than none."
        )
    y = y.astype(dtype, copy=False) if y.dtype.kind == "f" else y
    weight = None if sample_weight is None else _weights(sample_weight, len(x), dtype)
    cast = _preparation(transform or (lambda raw: raw.astype(dtype, copy=False)), augment, stream)
    shuffle = as_shuffle(shuffle)
    if stream is None or not shuffle:
        return _in_order(x, y, weight, first, size, cast, augment is None)
    order = epoch_order(y, stream, shuffle)
    return _shuffled(x, y, weight, order[first:], size, cast, augment is None)


def _preparation(
    transform: Callable[[Array], Array], augment: Augment | None, stream: Stream | None
) -> Cast:
    """From raw samples and their indices to floats."""
    if augment is None:
        return lambda raw, index: transform(raw)
    if stream is None:
        raise InputError("batches: augment draws from a stream. Pass Stream(seed).at(epoch=e).")
    return lambda raw, index: transform(augment(raw, index, stream))


def _in_order(
    x: Array,
    y: Array,
    weight: Array | None,
    first: int,
    size: int,
    cast: Cast,
    plain: bool,
) -> Iterator[Batch]:
    for begin in range(first, len(x), size):
        part = slice(begin, begin + size)
        index = np.arange(begin, min(begin + size, len(x)))
        chosen = None if weight is None else weight[part]
        yield Batch(x, y[part], chosen, index, cast, plain)


def _shuffled(
    x: Array,
    y: Array,
    weight: Array | None,
    order: NDArray[np.int64],
    size: int,
    cast: Cast,
    plain: bool,
) -> Iterator[Batch]:
    for begin in range(0, len(order), size):
        index = order[begin : begin + size]
        chosen = None if weight is None else weight.take(index)
        yield Batch(x, y.take(index, axis=0), chosen, index, cast, plain)


def _weights(given: Array, count: int, dtype: DTypeLike) -> Array:
    return as_weights(given, count).astype(dtype, copy=False)
