"""A data set as a value: training and test samples with their labels, checked once when made.

Where data sets come from is a registry of sources; `load("mnist")` asks the source of that name.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundup.errors import DataError, ShapeError
from groundup.registry import Registry
from groundup.typing import Array, Shape

Split = tuple[tuple[Array, Array], tuple[Array, Array]]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples to train on and samples to test with.

    x_train, x_test: (N, C, H, W) images, often uint8, or (N, D) features; y_train, y_test: int64
    (N,) labels; classes: the name of each label. Raises ShapeError and DataError for what does not
    fit together.

    >>> data = Dataset("xor", np.eye(2), np.array([0, 1]), np.eye(2), np.array([0, 1]), ("n", "y"))
    >>> data.in_shape
    (2,)
    """

    name: str
    x_train: Array
    y_train: NDArray[np.int64]
    x_test: Array
    y_test: NDArray[np.int64]
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for part, x, y in self._parts():
            where = f"{self.name}: the {part} part"
            if x.ndim not in (2, 4):
                raise ShapeError(f"{where}: x of shape {x.shape}; expected (N, D) or (N, C, H, W).")
            if x.size == 0:
                raise DataError(f"{where} is empty: x of shape {x.shape}.")
            if y.shape != (len(x),):
                raise ShapeError(f"{where}: {len(x)} samples, but labels of shape {y.shape}.")
            _check_values(x, where)
            _check_labels(y, len(self.classes), where)
        if self.x_train.shape[1:] != self.x_test.shape[1:]:
            raise ShapeError(
                f"{self.name}: training samples of shape {self.x_train.shape[1:]}, "
                f"test samples of shape {self.x_test.shape[1:]}."
            )

    def _parts(self) -> tuple[tuple[str, Array, Array], ...]:
        return (
            ("training", self.x_train, self.y_train),
            ("test", self.x_test, self.y_test),
        )

    @property
    def in_shape(self) -> Shape:
        """The shape of one sample."""
        return self.x_train.shape[1:]

    def describe(self) -> dict[str, Any]:
        """What `groundup data info` shows, as plain data."""
        return {
            "name": self.name,
            "in_shape": list(self.in_shape),
            "type": str(self.x_train.dtype),
            "range": [self.x_train.min().item(), self.x_train.max().item()],
            "classes": list(self.classes),
        } | {
            part: {
                "samples": len(x),
                "per_class": np.bincount(y, minlength=len(self.classes)).tolist(),
            }
            for part, x, y in self._parts()
        }


class Source(ABC):
    """Where a data set comes from; the first line of the docstring describes it in lists."""

    @abstractmethod
    def load_data(self) -> Split:
        """``(x_train, y_train), (x_test, y_test)`` as Keras gives them: images (N, H, W)."""

    @abstractmethod
    def load(self) -> Dataset:
        """The data set as groundup uses it."""


sources: Registry[Source] = Registry("data set", Source)


def load(name: str) -> Dataset:
    """The data set of that name.

    >>> load("digits").in_shape
    (1, 8, 8)
    >>> load("digit")
    Traceback (most recent call last):
    groundup.errors.UnknownName: unknown data set 'digit'. Did you mean 'digits'?
    """
    return sources.resolve(name).load()


def _check_values(x: Array, where: str) -> None:
    if x.dtype.kind not in "biuf":
        raise DataError(f"{where}: x of type {x.dtype}; expected real numbers.")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        place = [int(i) for i in np.argwhere(~np.isfinite(x))[0]]
        raise DataError(
            f"{where}: x is {x[tuple(place)]} in sample {place[0]}, position {place[1:]}; "
            "expected finite numbers."
        )


def _check_labels(y: Array, classes: int, where: str) -> None:
    if y.dtype != np.int64:
        raise DataError(f"{where}: labels of type {y.dtype}; expected int64, see as_targets.")
    bad = (y < 0) | (y >= classes)
    if bad.any():
        index = int(bad.argmax())
        raise DataError(
            f"{where}: label {y[index]} at index {index}; expected 0 to {classes - 1}, "
            f"as there are {classes} classes."
        )
