"""What there is to know of a data set before a network learns from it: faults above all.

Samples are looked at a few megabytes at a time, and remembered by 8 bytes each, so a set that does
not fit in memory can be inspected, too.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from groundup.data.dataset import Dataset, Task
from groundup.data.rows import chunks
from groundup.typing import Array, Shape

_Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Feature:
    """What numbers one column holds; mean and (population's) standard deviation in float64."""

    name: str
    low: float
    high: float
    mean: float
    std: float

    @property
    def constant(self) -> bool:
        """Whether it never varies."""
        return self.low == self.high


@dataclass(frozen=True)
class Part:
    """The training or the test part.

    counts: samples of each class, (C,), none for regression; targets: a `Feature` for each target,
    none for classification; repeated: samples that are there before; contradicting: those of them
    that have another target than the first.
    """

    samples: int
    counts: tuple[int, ...]
    targets: tuple[Feature, ...]
    repeated: int
    contradicting: int


@dataclass(frozen=True)
class Leak:
    """A test sample that is a training sample, too: their indices, and whether targets agree."""

    test: int
    train: int
    same_target: bool


@dataclass(frozen=True)
class Inspection:
    """What `inspect_data` found.

    features: of the training data, one a column, or one a pixel and channel; outside: features
    whose test values leave the range of the training data; duplicates: groups of columns (not of
    pixels) that are the same; leaks: by index of the test sample.
    """

    name: str
    task: Task
    in_shape: Shape
    dtype: str
    classes: tuple[str, ...]
    features: tuple[Feature, ...]
    outside: tuple[str, ...]
    duplicates: tuple[tuple[str, ...], ...]
    training: Part
    test: Part
    leaks: tuple[Leak, ...]
    notes: tuple[str, ...]

    @property
    def constant(self) -> tuple[str, ...]:
        """The features that never vary in the training data."""
        return tuple(feature.name for feature in self.features if feature.constant)

    @property
    def pictures(self) -> bool:
        """Whether samples are images (C, H, W)."""
        return len(self.in_shape) == 3


def inspect_data(data: Dataset) -> Inspection:
    """Look through a data set for what misleads a network, or its judge

    Samples, and columns, are the same if all their values are. They are compared by hashes of 64
    bits: among a million there is a false alarm with a probability below 10⁻⁷.

    >>> x, y = np.array([[0.0, 7.0], [2.0, 7.0], [2.0, 7.0]]), np.array([0, 1, 0])
    >>> found = inspect_data(Dataset("small", x, y, x[:1], y[:1], ("no", "yes")))
    >>> found.constant, found.training.repeated, found.training.contradicting
    (('feature 2',), 1, 1)
    >>> found.leaks
    (Leak(test=0, train=0, same_target=True),)
    """
    names = feature_names(data)
    features = _columns(data.x_train, names)
    held = _columns(data.x_test, names)
    outside = (
        feature.name
        for feature, other in zip(features, held, strict=True)
        if other.low < feature.low or other.high > feature.high
    )
    dtype = np.result_type(data.x_train.dtype, data.x_test.dtype)
    train, test = (row_hashes(x, dtype) for x in (data.x_train, data.x_test))
    return Inspection(
        name=data.name,
        task=data.task,
        in_shape=data.in_shape,
        dtype=str(data.x_train.dtype),
        classes=data.classes,
        features=features,
        outside=tuple(outside),
        duplicates=tuple(_duplicates(data.x_train, names)) if len(data.in_shape) == 1 else (),
        training=_part(data, data.y_train, train),
        test=_part(data, data.y_test, test),
        leaks=tuple(_leaks(data, train, test)),
        notes=data.notes,
    )


def feature_names(data: Dataset) -> tuple[str, ...]:
    """Those of the data, or numbers: "feature 3" of a table, "row 2, column 3" of an image."""
    if data.features:
        return data.features
    if len(data.in_shape) == 1:
        return tuple(f"feature {i + 1}" for i in range(data.in_shape[0]))
    several = data.in_shape[0] > 1
    return tuple(
        f"{f'channel {c + 1}, ' if several else ''}row {h + 1}, column {w + 1}"
        for c, h, w in np.ndindex(*data.in_shape)
    )


def row_hashes(x: Array, dtype: DTypeLike) -> _Hashes:
    """A hash of each row of x (N, …) as numbers of `dtype`, (N,): equal for equal rows."""
    hashes = np.empty(len(x), np.uint64)
    for begin, chunk in chunks(x):
        rows = _canonical(chunk.astype(dtype, copy=False)).reshape(len(chunk), -1)
        hashes[begin : begin + len(chunk)] = [
            int.from_bytes(hashlib.blake2b(row.tobytes(), digest_size=8).digest(), "little")
            for row in rows
        ]
    return hashes


def _canonical(x: Array) -> Array:
    """Contiguous, and without -0.0, which equals 0.0 but has other bits."""
    return np.ascontiguousarray(x + 0 if x.dtype.kind == "f" else x)


def _columns(x: Array, names: Sequence[str]) -> tuple[Feature, ...]:
    """Statistics of every column in two passes, as a sum of squares alone would lose digits."""
    first = x[:1].reshape(-1).astype(np.float64)
    low, high, total = first.copy(), first.copy(), np.zeros_like(first)
    for _, chunk in chunks(x):
        rows = chunk.reshape(len(chunk), -1).astype(np.float64)
        low, high = np.minimum(low, rows.min(axis=0)), np.maximum(high, rows.max(axis=0))
        total += (rows - first).sum(axis=0)
    mean, squares = first + total / len(x), np.zeros_like(first)
    with np.errstate(over="ignore"):
        for _, chunk in chunks(x):
            squares += ((chunk.reshape(len(chunk), -1) - mean) ** 2).sum(axis=0)
    columns = zip(names, low, high, mean, np.sqrt(squares / len(x)), strict=True)
    return tuple(Feature(name, *map(float, values)) for name, *values in columns)


def _duplicates(x: Array, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Groups of columns with the same values in every row."""
    hashers = [hashlib.blake2b(digest_size=8) for _ in names]
    for _, chunk in chunks(x):
        for hasher, column in zip(hashers, _canonical(chunk.T), strict=True):
            hasher.update(column)
    groups: dict[bytes, list[str]] = {}
    for name, hasher in zip(names, hashers, strict=True):
        groups.setdefault(hasher.digest(), []).append(name)
    yield from (tuple(group) for group in groups.values() if len(group) > 1)


def _part(data: Dataset, y: Array, hashes: _Hashes) -> Part:
    _, first, group = np.unique(hashes, return_index=True, return_inverse=True)
    original = first[group]  # of every sample the first that is the same
    differs = (y != y[original]).reshape(len(y), -1).any(axis=1)
    classes = len(data.classes)
    counts = tuple(np.bincount(y, minlength=classes).tolist()) if classes else ()
    values = y.reshape(len(y), -1)
    names = data.targets or tuple(f"target {i + 1}" for i in range(values.shape[1]))
    return Part(
        samples=len(y),
        counts=counts,
        targets=() if classes else _columns(values, names),
        repeated=len(y) - len(first),
        contradicting=int(differs.sum()),
    )


def _leaks(data: Dataset, train: _Hashes, test: _Hashes) -> Iterator[Leak]:
    known, first = np.unique(train, return_index=True)
    places = np.minimum(np.searchsorted(known, test), len(known) - 1)
    for index in np.flatnonzero(known[places] == test):
        row = int(first[places[index]])
        same = bool((data.y_test[index] == data.y_train[row]).all())
        yield Leak(int(index), row, same)
