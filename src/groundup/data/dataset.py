"""A data set as a value: training and test samples with their targets, checked once when made.

Where data sets come from is a registry of sources; `load("mnist")` asks the source of that name.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from groundup.checks import as_array
from groundup.data.rows import as_samples, chunks
from groundup.errors import DataError, ShapeError
from groundup.registry import Registry
from groundup.typing import Array, Shape

Split = tuple[tuple[Array, Array], tuple[Array, Array]]
Task: TypeAlias = Literal["classification", "regression"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples to train on and samples to test with.

    x_train, x_test: (N, C, H, W) images, often uint8, or (N, D) features, in memory or on the disk
    as `Rows`; y_train, y_test: int64 (N,) labels, or for regression float64 (N,) or (N, K) values;
    classes: the name of each label, none for regression; features: the names of the D features, if
    they have any; targets: the names of what is to be told, if it has any; notes: what its reader
    has to say of it. Raises ShapeError and DataError for what does not fit together.

    >>> data = Dataset("xor", np.eye(2), np.array([0, 1]), np.eye(2), np.array([0, 1]), ("n", "y"))
    >>> data.in_shape, data.task, data.outputs
    ((2,), 'classification', 2)
    """

    name: str
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    classes: tuple[str, ...]
    features: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            self._put(f"x_{part}", as_samples(getattr(self, f"x_{part}"), f"{self.name}: x_{part}"))
            y = as_array(getattr(self, f"y_{part}"), f"{self.name}: labels y_{part}")
            self._put(f"y_{part}", y)
        for part, x, y in self._parts():
            where = f"{self.name}: the {part} part"
            if x.ndim not in (2, 4):
                raise ShapeError(f"{where}: x of shape {x.shape}; expected (N, D) or (N, C, H, W).")
            if x.size == 0:
                raise DataError(f"{where} is empty: x of shape {x.shape}; expected samples.")
            several = self.task == "regression" and y.ndim == 2
            if y.shape[:1] != x.shape[:1] or (y.ndim != 1 and not several):
                raise ShapeError(
                    f"{where}: {len(x)} samples, but labels of shape {y.shape}: expected one "
                    "a sample."
                )
            _check_values(x, where)
            if self.task == "regression":
                _check_targets(y, where)
            else:
                _check_labels(y, len(self.classes), where)
        for what, shapes in (
            ("samples", (self.x_train.shape[1:], self.x_test.shape[1:])),
            ("targets", (self.y_train.shape[1:], self.y_test.shape[1:])),
        ):
            if shapes[0] != shapes[1]:
                raise ShapeError(
                    f"{self.name}: training {what} of shape {shapes[0]}, "
                    f"test {what} of shape {shapes[1]}; expected x and y alike in both parts."
                )
        if self.features and self.in_shape != (len(self.features),):
            raise ShapeError(
                f"{self.name}: {len(self.features)} names of features for samples of shape "
                f"{self.in_shape}."
            )

    def _put(self, name: str, value: Array) -> None:
        object.__setattr__(self, name, value)

    def _parts(self) -> tuple[tuple[str, Array, Array], ...]:
        return (
            ("training", self.x_train, self.y_train),
            ("test", self.x_test, self.y_test),
        )

    @property
    def in_shape(self) -> Shape:
        """The shape of one sample."""
        return self.x_train.shape[1:]

    @property
    def task(self) -> Task:
        """What is to be told of a sample: a class, or values."""
        values = self.y_train.dtype.kind == "f" and not self.classes
        return "regression" if values else "classification"

    @property
    def outputs(self) -> int:
        """How many numbers a network has to give: one a class, or one a target."""
        if self.task == "classification":
            return len(self.classes)
        return 1 if self.y_train.ndim == 1 else int(self.y_train.shape[1])

    def describe(self) -> dict[str, Any]:
        """What `groundup data info` shows, as plain data."""
        return {
            "name": self.name,
            "in_shape": list(self.in_shape),
            "type": str(self.x_train.dtype),
            "range": [self.x_train.min().item(), self.x_train.max().item()],
            "classes": list(self.classes),
        } | {part: {"samples": len(x), **self._about(y)} for part, x, y in self._parts()}

    def _about(self, y: Array) -> dict[str, Any]:
        if self.task == "classification":
            return {"per_class": np.bincount(y, minlength=len(self.classes)).tolist()}
        return {"target_range": [y.min().item(), y.max().item()]}


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
    if x.dtype.kind != "f":
        return
    for begin, chunk in chunks(x):
        if not np.isfinite(chunk).all():
            row, *rest = (int(i) for i in np.argwhere(~np.isfinite(chunk))[0])
            raise DataError(
                f"{where}: x is {chunk[(row, *rest)]} in sample {begin + row}, position {rest}; "
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


def _check_targets(y: Array, where: str) -> None:
    if y.dtype.kind != "f" or y.size == 0 or not np.isfinite(y).all():
        raise DataError(
            f"{where}: targets of type {y.dtype} and shape {y.shape}; expected finite floats."
        )
