"""Arrays in files: one NPZ archive, or a pair of NPY or of IDX files, samples and targets.

Of a pair the file of samples is named; that of the targets is found by the names that people give,
such as x.npy and y.npy, train-images-idx3-ubyte and train-labels-idx1-ubyte. So is a test part.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from groundup.data.mapped import open_idx, open_npy
from groundup.data.npz import read_npz
from groundup.data.rows import Rows
from groundup.data.samples import Samples
from groundup.errors import DataError, InputError, ShapeError
from groundup.storage import shown
from groundup.typing import Array

PARTNERS = (
    ("images-idx3", "labels-idx1"), ("images.idx3", "labels.idx1"), ("images", "labels"),
    ("x", "y"), ("X", "y"), ("features", "labels"), ("features", "targets"), ("data", "target"),
    ("inputs", "targets"),
)  # fmt: skip
TESTS = (("train", "t10k"), ("train", "test"))
_IDX = re.compile(r"idx\d?(-ubyte)?(\.gz)?$", re.IGNORECASE)


def read_archive(path: Path, target: str | None = None) -> Samples:
    """The samples of an NPZ archive with arrays such as x and y, or x_train, y_train, x_test, …

    target: the name of the targets' array, where there are two of other names. Raises DataError.
    """
    arrays, where = read_npz(path), shown(path)
    if target is not None and target not in arrays:
        raise DataError(f"{where}: no array {target!r}: it holds {', '.join(sorted(arrays))}.")
    pairs = [(x, y) for x in arrays for y in _partners(x) if y in arrays and (target in (None, y))]
    if not pairs and len(arrays) == 2 and target is not None:
        pairs = [(next(name for name in arrays if name != target), target)]
    tests = {x: _tests(x) for x, _ in pairs}
    first = [(x, y) for x, y in pairs if not any(x in names for names in tests.values())]
    if len(first) != 1:
        raise DataError(
            f"{where}: it holds {', '.join(sorted(arrays)) or 'nothing'}: expected samples and "
            'targets, called "x" and "y", or x_train, y_train, x_test and y_test.'
        )
    test = next((pair for pair in pairs if pair[0] in tests[first[0][0]]), None)
    made = [
        _samples(arrays[x], arrays[y], f"{where}: {x}", f"{where}: {y}")
        for x, y in [first[0], *([test] if test else [])]
    ]
    return _with_test(*made)


def read_pair(path: Path, target: str | None = None) -> Samples:
    """The samples of a pair of NPY or IDX files, large ones on the disk.

    path: the file of the samples; target: that of the targets, from the folder of the first, if it
    cannot be told by its name. Raises InputError where it is not there, and DataError.
    """
    if target is not None:
        return _pair(path, path.parent / target)
    if _is_targets(path):
        raise InputError(
            f"{shown(path)} seems to hold targets: name the file of the samples, such as "
            f"{', '.join(x for x, y in PARTNERS[:4])}."
        )
    partner = next(_beside(path, _partners(path.name)), None)
    if partner is None:
        raise InputError(
            f"{shown(path)}: no file of targets beside it, such as "
            f"{next(_partners(path.name), 'y.npy')}. Name it with --target."
        )
    test = next(_beside(path, _tests(path.name)), None)
    last = test and next(_beside(test, _partners(test.name)), None)
    return _with_test(_pair(path, partner), *([_pair(test, last)] if test and last else []))


def pairs_in(folder: Path) -> list[Path]:
    """The files of samples in a folder that have targets beside them, test parts left out."""
    files = sorted(path for path in folder.iterdir() if is_array(path) and path.is_file())
    found = [path for path in files if next(_beside(path, _partners(path.name)), None)]
    tests = {test for path in found for test in _beside(path, _tests(path.name))}
    return [path for path in found if path not in tests]


def is_array(path: Path) -> bool:
    """Whether the name says NPY or IDX."""
    return path.suffix.lower() == ".npy" or _IDX.search(path.name) is not None


def as_pictures(x: Any, where: str) -> tuple[Array, tuple[str, ...]]:
    """x as (N, D) or (N, C, H, W): grey images get their channel, (N, H, W, C) another order."""
    notes: tuple[str, ...] = ()
    if x.ndim == 3:
        view = _with_channel
    elif x.ndim == 4 and x.shape[1] not in (1, 3) and x.shape[3] in (1, 3):
        view = _channels_first
        notes = (f"{where}: images (N, H, W, {x.shape[3]}) were taken as (N, C, H, W).",)
    elif x.ndim in (2, 4):
        return x, notes
    else:
        raise ShapeError(
            f"{where}: samples of shape {x.shape}; expected (N, D), (N, H, W) or (N, C, H, W)."
        )
    made: Any = x.seen(view) if isinstance(x, Rows) else view(x)
    return made, notes


def _with_channel(x: Array) -> Array:
    return x[:, np.newaxis]


def _channels_first(x: Array) -> Array:
    return x.transpose(0, 3, 1, 2)


def _pair(x: Path, y: Path) -> Samples:
    return _samples(_open(x), _open(y), shown(x), shown(y))


def _open(path: Path) -> Array:
    return open_npy(path) if path.suffix.lower() == ".npy" else open_idx(path)


def _samples(x: Array, y: Array, x_name: str, y_name: str) -> Samples:
    if y.ndim not in (1, 2) or x.ndim == 0 or len(x) != len(y):
        raise ShapeError(
            f"{x_name}: samples of shape {x.shape}, and {y_name}: targets of shape {y.shape}; "
            "expected a target (N,) or (N, K) for each of N samples."
        )
    if not x.size or not y.size:
        raise DataError(f"{x_name} is empty: samples of shape {x.shape}.")
    x, notes = as_pictures(x, x_name)
    return Samples(x, y[:], lambda n: f"{y_name}: sample {n}", notes=notes)


def _with_test(train: Samples, test: Samples | None = None) -> Samples:
    return Samples(train.x, train.y, train.place, notes=train.notes, test=test)


def _partners(name: str) -> Iterator[str]:
    return _exchanged(name, PARTNERS)


def _tests(name: str) -> list[str]:
    return list(_exchanged(name, TESTS))


def _exchanged(name: str, pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """The name with one word in place of another, for each pair that it has the first of."""
    for old, new in pairs:
        found, count = re.subn(rf"(?<![A-Za-z]){re.escape(old)}(?![A-Za-z])", new, name, count=1)
        if count:
            yield found


def _is_targets(path: Path) -> bool:
    back = _exchanged(path.name, tuple((y, x) for x, y in PARTNERS))
    return next(_beside(path, back), None) is not None


def _beside(path: Path, names: Iterator[str] | list[str]) -> Iterator[Path]:
    """Files of these names in the folder of `path`, gzipped or not."""
    for name in names:
        plain = name.removesuffix(".gz")
        for other in (name, plain, f"{plain}.gz"):
            if (path.parent / other).is_file():
                yield path.parent / other
                break
