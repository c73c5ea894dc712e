"""What a reader of files finds, and how it becomes a data set: targets told apart, parts split.

Targets come as text or as numbers. Text names classes; so do whole numbers, unless there are very
many of them; other numbers are values. Classes are in the order of their UTF-8 bytes, or numbers in
theirs, whatever the order in the file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup.data.dataset import Dataset, Task
from groundup.data.labels import as_targets
from groundup.data.rows import select
from groundup.data.split import stratified_split
from groundup.errors import DataError, did_you_mean
from groundup.rng import Stream
from groundup.typing import Array

TEST_SHARE = 0.2
MAX_CLASSES = 1_000
MAX_NAMES = 100_000  # letters in all names of columns and classes: they go into the model's header
_FEW = 20  # so many different whole numbers are always taken for classes


@dataclass(frozen=True, eq=False)
class Samples:
    """Samples as a file has them.

    x: (N, …); y: (N,) text or numbers, or (N, K) numbers; place: says where sample n stands, with
    the file's name; test: the test part, if the files have one of their own.
    """

    x: Array
    y: Array
    place: Callable[[int], str]
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    test: "Samples | None" = None


def as_dataset(
    name: str, samples: Samples, task: Task | None, share: float | None, seed: int
) -> Dataset:
    """A data set of these samples; without a test part of their own, a `share` of them tests.

    The split is seeded and stratified. Raises DataError where there are no two classes, or where a
    class would be left out of a part.
    """
    notes = list(samples.notes)
    y: Array
    y_test: Array
    classes: tuple[str, ...]
    task = task or _task(samples, notes)
    values = task == "regression"
    y, classes = (values_of(samples), ()) if values else _classes(samples)
    if len("".join((*samples.features, *classes))) > MAX_NAMES:
        raise DataError(f"{name}: the names of columns and classes have over {MAX_NAMES} letters.")
    if samples.test is None:
        kept, held = _split(y, classes, samples, share, seed)
        parts = (select(samples.x, kept), y[kept], select(samples.x, held), y[held])
    else:
        test = samples.test
        y_test = values_of(test) if values else labels_of(test, classes)
        parts = (samples.x, y, test.x, y_test)
        notes += test.notes
    return Dataset(name, *parts, classes, samples.features, samples.targets, tuple(notes))


def labels_of(samples: Samples, classes: Sequence[str]) -> NDArray[np.int64]:
    """The labels (N,) of samples for a network that knows these classes.

    Raises DataError, which names the place of the first label that is none of them.
    """
    known = {name: label for label, name in enumerate(classes)}
    y = _as_labels(samples, samples.y)
    labels = [known.get(name, known.get(_plain(name), -1)) for name in map(str, y.tolist())]
    if -1 in labels:
        n = labels.index(-1)
        raise DataError(
            f"{samples.place(n)}: the label {str(y[n])!r} did not occur in training. "
            f"{did_you_mean(str(y[n]), classes)}"
        )
    return np.array(labels, np.int64)


def _plain(name: str) -> str:
    """A whole number as labels are written, "1" for "1.0"."""
    try:
        return _written(float(name))
    except ValueError:
        return name


def _written(number: float) -> str:
    return str(int(number)) if number == np.floor(number) else repr(float(number))


def _as_labels(samples: Samples, y: Array) -> Array:
    """(N,), of one-hot rows the place of the one."""
    if y.ndim == 1 or y.shape[1] == 1:
        return y.reshape(-1)
    try:
        return as_targets(y)
    except DataError as error:
        raise DataError(f"{samples.place(0)} and on: {error}") from None


def _numbers(y: Array) -> NDArray[np.float64] | None:
    """y as numbers, or None if it is text."""
    try:
        return y.astype(np.float64)
    except ValueError:
        return None


def _task(samples: Samples, notes: list[str]) -> Task:
    """What the targets look like; told where it may be wrong."""
    y = _numbers(samples.y)
    if y is None:
        return "classification"
    if y.ndim == 2 and y.shape[1] > 1:
        rows = ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        return "classification" if rows else "regression"
    what = f"target {samples.targets[0]!r}" if samples.targets else "the target"
    if (y != np.floor(y)).any():
        notes.append(f"{what} holds fractions: its values are told (regression).")
        return "regression"
    count = len(np.unique(y))
    if count <= _FEW:
        return "classification"
    if 10 * count <= len(y) and count <= MAX_CLASSES:
        notes.append(
            f"{what} holds {count} different whole numbers: taken for classes. Are they values, "
            "add --task regression."
        )
        return "classification"
    notes.append(
        f"{what} holds {count} different numbers: its values are told (regression). Are they "
        "classes, add --task classification."
    )
    return "regression"


def values_of(samples: Samples) -> NDArray[np.float64]:
    """The targets as values, (N,) or (N, K); DataError names the place of what is no number."""
    y = _numbers(samples.y)
    if y is None:
        cells = samples.y.reshape(len(samples.y), -1)
        n, k = next((n, k) for n, k in np.ndindex(cells.shape) if _numbers(cells[n, k]) is None)
        raise DataError(
            f"{samples.place(n)}: the target {str(cells[n, k])!r} is no number, as regression "
            "expects. For classes add --task classification."
        )
    bad = ~(np.abs(y) <= np.finfo(np.float32).max)
    if bad.any():
        n = int(np.argwhere(bad)[0][0])
        raise DataError(f"{samples.place(n)}: the target is {y[n]}: expected a finite number.")
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _classes(samples: Samples) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Labels (N,) from 0, and the names of the classes."""
    numbers = _numbers(samples.y)
    labels = _as_labels(samples, samples.y if numbers is None else numbers)
    if labels.dtype.kind == "f" and not np.isfinite(labels).all():
        n = int((~np.isfinite(labels)).argmax())
        raise DataError(f"{samples.place(n)}: the label is {labels[n]}: expected a finite number.")
    found, y = np.unique(labels, return_inverse=True)  # text by code points: as its UTF-8 bytes
    if len(found) > MAX_CLASSES:
        what = f"{samples.targets[0]!r} holds" if samples.targets else "there are"
        raise DataError(
            f"{samples.place(0)} and on: {what} {len(found):,} different labels, expected at most "
            f"{MAX_CLASSES:,} classes. Name the label with --target, or add --task regression."
        )
    names = tuple(str(v) if numbers is None else _written(float(v)) for v in found)
    if len(names) < 2:
        raise DataError(
            f"{samples.place(0)}: the only class is {', '.join(names)!r}: expected two or more."
        )
    return y.astype(np.int64), names


def _split(
    y: Array, classes: tuple[str, ...], samples: Samples, share: float | None, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if classes:
        counts = np.bincount(y, minlength=len(classes))
        if counts.min() < 2:
            lone = int(counts.argmin())
            raise DataError(
                f"{samples.place(int((y == lone).argmax()))} is the only sample of the class "
                f"{classes[lone]!r}: expected two or more, to train with and to test with."
            )
    if share is None:  # enough for one of each class, however few samples there are
        share = max(TEST_SHARE, len(classes) / len(y))
    kept, held = stratified_split(y, (1 - share, share), Stream(seed, name="test"))
    for part, index in (("training", kept), ("test", held)):
        missing = np.setdiff1d(np.arange(len(classes)), y[index])
        if missing.size:
            raise DataError(
                f"the {part} part of {len(index)} samples has none of the class "
                f"{classes[missing[0]]!r}: expected every class. Choose another share than "
                f"--set data.test={share:g}."
            )
    return kept, held
