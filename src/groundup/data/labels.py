"""Class labels in the many forms that people hold them in, made one: int64 (N,), 0 <= label < C.

A label that cannot be right is refused by the index of the first bad one, before anything is
indexed with it: NumPy would read -1 as the last class, and a cast would turn 2.7 into 2.
"""

import operator
from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from groundup.checks import as_array, as_whole
from groundup.errors import DataError, InputError, ShapeError
from groundup.typing import Array

ClassWeight: TypeAlias = Literal["balanced"] | Mapping[int, float]


def as_targets(y: ArrayLike, num_classes: int | None = None) -> NDArray[np.int64]:
    """Labels as int64 (N,), whatever form they came in.

    y: whole numbers, booleans or floats with whole values, (N,) or (N, 1); or one-hot (N, C) with
    C > 1. Without `num_classes` any label from 0 up is taken. Raises DataError, which names the
    first bad label, and ShapeError.

    >>> as_targets([[3.0], [1.0]])
    array([3, 1])
    >>> as_targets([[0, 0, 1], [1, 0, 0]], num_classes=3)
    array([2, 0])
    >>> as_targets([0, 7], num_classes=3)
    Traceback (most recent call last):
    groundup.errors.DataError: label 7 at index 1: expected a class from 0 to 2.
    """
    if num_classes is not None:
        num_classes = as_whole(num_classes, "num_classes")
    given = _numbers(y)
    if given.ndim == 2 and given.shape[1] > 1:
        return _from_one_hot(given, num_classes)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    if given.ndim != 1:
        raise ShapeError(
            f"labels of shape {given.shape}: expected (N,) or (N, 1) class numbers, "
            "or (N, C) one-hot rows."
        )
    end = 2**62 if num_classes is None else num_classes
    bad = ~((given >= 0) & (given < end) & (given == np.floor(given)))  # NaN is bad, too
    if bad.any():
        index = int(bad.argmax())
        upper = "0 up" if num_classes is None else f"0 to {num_classes - 1}"
        raise DataError(
            f"label {given[index].item()!r} at index {index}: expected a class from {upper}."
        )
    return given.astype(np.int64)


def one_hot(
    labels: ArrayLike, num_classes: int | None = None, dtype: DTypeLike = np.float32
) -> Array:
    """Rows of zeros with a one at the label: T[n, labels[n]] = 1, shape (N, C).

    Without `num_classes`, C is the greatest label + 1. Raises as `as_targets` does.

    >>> one_hot([2, 0])
    array([[0., 0., 1.],
           [1., 0., 0.]], dtype=float32)
    """
    targets = as_targets(labels, num_classes)
    if num_classes is None:
        num_classes = int(targets.max(initial=-1)) + 1
    rows = np.zeros((targets.size, num_classes), dtype)
    rows[np.arange(targets.size), targets] = 1
    return rows


to_categorical = one_hot


def class_weights(labels: ArrayLike, weights: ClassWeight, num_classes: int) -> NDArray[np.float64]:
    """The weight of each class, (C,): "balanced", or {class: weight} where the rest weigh 1.

    Balanced: w_c = N / (K n_c), with n_c samples of class c and K classes that have any; classes
    without a sample weigh 1.   [King & Zeng 2001; scikit-learn's formula]

    >>> class_weights([0, 0, 0, 1], "balanced", num_classes=2)
    array([0.66666667, 2.        ])
    >>> class_weights([0, 1], {1: 5.0}, num_classes=2)
    array([1., 5.])
    """
    num_classes = as_whole(num_classes, "num_classes")
    if isinstance(weights, str):
        if weights != "balanced":
            raise InputError(f'class_weight={weights!r}: expected "balanced" or {{class: weight}}.')
        counts = np.bincount(as_targets(labels, num_classes), minlength=num_classes)
        present = counts > 0
        result = np.ones(num_classes)
        result[present] = counts.sum() / (present.sum() * counts[present])
        return result
    result = np.ones(num_classes)
    for label, weight in weights.items():
        if not _is_class(label, num_classes):
            raise InputError(
                f"class_weight: {label!r} is no class: expected a number from 0 to "
                f"{num_classes - 1}."
            )
        number = isinstance(weight, float | int | np.floating | np.integer)
        if not (number and np.isfinite(weight) and weight >= 0):
            raise InputError(
                f"class_weight: class {label} weighs {weight!r}: expected a finite number >= 0."
            )
        result[label] = weight
    return result


def _numbers(y: ArrayLike) -> Array:
    given = as_array(y, "labels")
    if given.size == 0:
        return given.astype(np.int64)
    if given.dtype.kind not in "biuf":
        first = given.reshape(-1)[0]
        raise DataError(
            f"labels of type {given.dtype}, the first is {first!r}: expected whole numbers from 0. "
            "Number text labels by np.unique(labels, return_inverse=True)."
        )
    if given.dtype.kind == "f":
        return given.astype(np.result_type(given, np.float64))  # longdouble tells more labels apart
    return given.astype(np.int64) if given.dtype.kind == "b" else given


def _from_one_hot(rows: Array, num_classes: int | None) -> NDArray[np.int64]:
    if num_classes is not None and rows.shape[1] != num_classes:
        raise ShapeError(
            f"one-hot labels of shape {rows.shape}: expected (N, {num_classes}), "
            "one column a class."
        )
    bad = ~(((rows == 0) | (rows == 1)).all(axis=1) & ((rows == 1).sum(axis=1) == 1))
    if bad.any():
        index = int(bad.argmax())
        raise DataError(
            f"row {index} of the one-hot labels is {rows[index].tolist()}: expected a single 1 "
            "among zeros."
        )
    labels: NDArray[np.int64] = rows.argmax(axis=1).astype(np.int64)
    return labels


def _is_class(label: object, num_classes: int) -> bool:
    try:
        return 0 <= operator.index(label) < num_classes  # type: ignore[arg-type]
    except TypeError:
        return False
