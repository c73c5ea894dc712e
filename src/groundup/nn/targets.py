"""What a network should have answered: labels (N,) or distributions (N, C), checked before use.

An index outside its array would wrap around or crash far from its cause, so every label is looked
at before it is used.
"""

from typing import Any

import numpy as np

from groundup.checks import as_array, as_numbers
from groundup.errors import DataError, ShapeError
from groundup.typing import Array


def check_labels(labels: Any, classes: int, who: str) -> Array:
    """Labels (N,) or (N, 1) as an array (N,) of whole numbers 0 <= label < `classes`.

    >>> check_labels([[2], [0]], 3, "accuracy")
    array([2, 0])
    >>> check_labels([1, 4], 3, "accuracy")
    Traceback (most recent call last):
    groundup.errors.DataError: accuracy: label 4 of sample 1: expected 0 <= label < 3. Give the \
network an output for each class, or number the labels from 0.
    """
    t = as_array(labels, f"{who}: labels")
    if t.ndim == 2 and t.shape[1] == 1:
        t = t[:, 0]
    if t.ndim != 1:
        raise ShapeError(f"{who}: expected labels of shape (N,), got {t.shape}.")
    if t.dtype.kind not in "iu":
        raise DataError(
            f"{who}: expected whole numbers as labels, got {t.dtype}. Number the classes from 0, "
            "or give a distribution (N, C)."
        )
    if t.size and not 0 <= t.min() <= t.max() < classes:
        sample = int(np.argmax((t < 0) | (t >= classes)))
        raise DataError(
            f"{who}: label {t[sample]} of sample {sample}: expected 0 <= label < {classes}. "
            "Give the network an output for each class, or number the labels from 0."
        )
    return t


def as_distribution(targets: Any, y: Array, who: str) -> Array:
    """Targets for predictions y (N, C) as distributions (N, C) of y's dtype; labels one-hot.

    >>> as_distribution([2, 0], np.zeros((2, 3)), "loss")
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    t = as_array(targets, f"{who}: targets")
    if y.ndim != 2 or y.shape[1] < 2:
        raise ShapeError(
            f"{who}: expected predictions of shape (N, C) with C >= 2 classes, got {y.shape}. "
            'End the network with Dense(C, activation="softmax"), two outputs for yes and no.'
        )
    N, C = y.shape
    if t.shape in ((N,), (N, 1)):
        onehot = np.zeros((N, C), y.dtype)
        onehot[np.arange(N), check_labels(t, C, who)] = 1
        return onehot
    if t.shape != y.shape:
        raise ShapeError(
            f"{who}: expected labels of shape ({N},) or distributions of shape {y.shape} for "
            f"predictions of shape {y.shape}, got {t.shape}."
        )
    if t.dtype.kind not in "biuf":
        raise DataError(f"{who}: expected numbers as targets, got {t.dtype}.")
    with np.errstate(invalid="ignore"):  # of infinities with opposite signs
        total = t.sum(axis=1)
    wrong = ~(np.abs(total - 1) <= 1e-3) | (t.min(axis=1) < 0)  # NaN is wrong, too
    if wrong.any():
        sample = int(np.argmax(wrong))
        raise DataError(
            f"{who}: the targets of sample {sample} are no distribution: {t[sample]} sums to "
            f"{total[sample]:g}. Expected values of at least 0 with sum 1."
        )
    return t.astype(y.dtype, copy=False)


def as_values(targets: Any, y: Array, who: str) -> Array:
    """Targets of y's shape and dtype; (N,) and (N, 1) are taken for one another."""
    t = as_numbers(targets, f"{who}: targets")
    if t.shape != y.shape:
        if {t.shape, y.shape} != {y.shape[:1], (*y.shape[:1], 1)}:
            raise ShapeError(
                f"{who}: expected targets of the predictions' shape {y.shape}, got {t.shape}."
            )
        t = t.reshape(y.shape)
    return t.astype(y.dtype, copy=False)
