"""Which samples train, which validate, which test: seeded, and fair to every class.

Sizes follow the largest-remainder rule, first over the parts, then within a part over the classes,
so that every part has the exact size asked for and each class its share to within one sample.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from groundup.checks import BETWEEN, as_array, as_number, as_numbers
from groundup.errors import DataError, InputError, ShapeError
from groundup.rng import Stream

Index = NDArray[np.int64]


def train_validation_split(
    labels: ArrayLike, fraction: float, stream: Stream
) -> tuple[Index, Index]:
    """The indices (train, validation), with `fraction` of the samples in the second.

    As `stratified_split(labels, (1 - fraction, fraction), stream)`.

    >>> train, validation = train_validation_split([0] * 8 + [1] * 2, 0.5, Stream(seed=0))
    >>> train.size, validation.size, (validation >= 8).sum().item()
    (5, 5, 1)
    """
    fraction = as_number(fraction, "fraction", BETWEEN)
    train, validation = stratified_split(labels, (1 - fraction, fraction), stream)
    return train, validation


def stratified_split(
    labels: ArrayLike, fractions: Sequence[float], stream: Stream
) -> tuple[Index, ...]:
    """Split 0 … N-1 into one sorted index array per fraction; together they hold every index once.

    labels: (N,) whole numbers or text, each class shared out in proportion; or real-valued targets
    (N,) or (N, K), which are split without regard to their values. A class with enough samples has
    at least one in every part; one with fewer fills the first parts first. Raises InputError for
    fractions that are not positive or do not sum to 1, or that leave a part empty.

    >>> parts = stratified_split([0, 1] * 5, (0.6, 0.2, 0.2), Stream(seed=1))
    >>> [part.size for part in parts]
    [6, 2, 2]
    """
    kinds = _classes_of(as_array(labels, "labels"))
    sizes = _part_sizes(kinds.size, fractions)
    order = stream.of("split").at(epoch=0, step=0, sample=0).permutation(kinds.size)
    grouped = order[np.argsort(kinds[order], kind="stable")]  # by class, in random order within
    counts = np.bincount(kinds)
    rows = _shares(counts, sizes)  # (parts, classes)
    ends = np.cumsum(rows, axis=0) + (np.cumsum(counts) - counts)
    starts = ends - rows
    return tuple(
        np.sort(np.concatenate([grouped[a:b] for a, b in zip(low, high, strict=True)]))
        for low, high in zip(starts, ends, strict=True)
    )


def _classes_of(labels: NDArray[np.generic]) -> Index:
    if labels.ndim == 0 or labels.size == 0:
        raise InputError(f"labels of shape {labels.shape}: nothing to split, expected (N,).")
    if labels.dtype.kind not in "biufSUO":
        raise DataError(
            f"labels of type {labels.dtype}: expected whole numbers or text as classes, or floats."
        )
    if labels.dtype.kind == "f" and labels.ndim < 3:
        return np.zeros(len(labels), np.int64)
    if labels.ndim != 1:
        raise ShapeError(
            f"labels of shape {labels.shape} and type {labels.dtype}: expected (N,), one class a "
            "sample, or floats (N,) or (N, K)."
        )
    try:
        classes: Index = np.unique(labels, return_inverse=True)[1].astype(np.int64, copy=False)
    except TypeError as error:  # of objects that cannot be put in order
        raise DataError(f"labels of type object: expected one kind of class ({error}).") from None
    return classes


def _part_sizes(count: int, fractions: Sequence[float]) -> NDArray[np.int64]:
    shares = as_numbers(fractions, "fractions").astype(np.float64)
    if shares.ndim != 1 or not (shares > 0).all() or abs(shares.sum() - 1) > 1e-9:
        raise InputError(f"fractions {fractions!r}: expected positive numbers that sum to 1.")
    ideal = count * shares
    sizes = np.floor(ideal).astype(np.int64)
    # Rounded, so that equal shares tie in spite of float noise; the first part wins a tie.
    remainder = np.round(ideal - sizes, 6)
    sizes[np.argsort(-remainder, kind="stable")[: count - sizes.sum()]] += 1
    if (sizes == 0).any():
        raise InputError(
            f"{count} labels in parts of {', '.join(f'{share:g}' for share in shares)}: a part "
            "would be empty. Expected a larger fraction of it, or more samples."
        )
    return sizes


def _shares(counts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of each class go into each part, (parts, classes); the last part chooses first."""
    left = counts.copy()
    rows = np.empty((sizes.size, counts.size), np.int64)
    for part in range(sizes.size - 1, 0, -1):
        rows[part] = _draw(left, int(sizes[part]), others=part)
        left -= rows[part]
    rows[0] = left
    return rows


def _draw(left: NDArray[np.int64], total: int, others: int) -> NDArray[np.int64]:
    """`total` samples in proportion to `left`, leaving one of each class to each other part."""
    low = (left > others).astype(np.int64)
    high = np.maximum(left - others, 0)
    if low.sum() > total:
        low[:] = 0
    if high.sum() < total:
        high = left
    count = int(left.sum())
    chosen = np.clip(total * left // count, low, high)
    while (missing := total - int(chosen.sum())) != 0:
        remainder = total * left - chosen * count  # in whole numbers, so that ties are exact
        if missing > 0:
            chosen[np.where(chosen < high, remainder, np.iinfo(np.int64).min).argmax()] += 1
        else:
            chosen[np.where(chosen > low, remainder, np.iinfo(np.int64).max).argmin()] -= 1
    return chosen
