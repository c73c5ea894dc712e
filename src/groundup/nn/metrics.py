"""Metrics: what people want to know of predictions, one value a sample.

    metric(y_true, y_pred) -> (N,) float64

Whoever shows a metric averages over samples, so batches of any sizes, the odd last one included,
count by their samples. y_true and y_pred as for the losses.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from groundup.checks import as_array, as_floats, check_whole
from groundup.errors import InputError, ShapeError
from groundup.nn.losses import Difference, MeanAbsoluteError, MeanSquaredError
from groundup.nn.targets import as_distribution, check_labels
from groundup.registry import Registry
from groundup.typing import Array


@dataclass(frozen=True)
class Metric(ABC):
    """The base of every metric; `name` is what histories and tables call it."""

    name: ClassVar[str]

    @abstractmethod
    def __call__(self, y_true: Any, y_pred: Any) -> Array:
        """The value of every sample, (N,), float64; its mean is the metric."""


metrics: Registry[Metric] = Registry("metric", Metric)
_NO_MEANS = ("r2", "r2_score", "auc", "roc_auc", "f1", "f1_score", "precision", "recall")


@metrics.parse
def _of_all_together(given: str) -> Metric | None:
    """A metric is a mean over samples; what is none is refused by its name."""
    if given.lower() in _NO_MEANS:
        raise InputError(
            f"metric {given!r}: no mean over samples, so it cannot be told batch by batch. Ask "
            "groundup.nn.scores for it after the training; `groundup evaluate` and the report do."
        )
    return None


@metrics.register("acc")
@dataclass(frozen=True)
class Accuracy(Metric):
    """1 where the right class has the largest output, the first of equals; else 0

    A network of one output answers yes (1) above 0.5 and no (0) up to it. NaN is never right.

    >>> Accuracy()([1, 0], [[0.2, 0.8], [0.4, 0.6]])
    array([1., 0.])
    """

    name: ClassVar[str] = "accuracy"

    def __call__(self, y_true: Any, y_pred: Any) -> Array:
        y = as_floats(y_pred, f"{self.name}: y_pred")
        if _one_output(y):
            labels = check_labels(y_true, 2, self.name)
            _expect_samples(labels, y, self.name)
            chosen = (y.reshape(-1) > 0.5).astype(np.int64)
        else:
            labels, chosen = _labels(y_true, y, self.name), np.argmax(y, axis=1)
        return ((chosen == labels) & _known(y)).astype(np.float64)


@metrics.register("top_k_accuracy")
@dataclass(frozen=True)
class TopKAccuracy(Metric):
    """1 where the right class is among the k largest outputs, the first of equals; else 0

    >>> TopKAccuracy(k=2)([1, 0], [[0.5, 0.4, 0.1], [0.1, 0.4, 0.5]])
    array([1., 0.])
    """

    name: ClassVar[str] = "top_k_accuracy"
    k: int = 5

    def __post_init__(self) -> None:
        check_whole(self, "k")

    def __call__(self, y_true: Any, y_pred: Any) -> Array:
        y = as_floats(y_pred, f"{self.name}: y_pred")
        labels = _labels(y_true, y, self.name)
        if self.k > y.shape[1]:
            raise InputError(
                f"TopKAccuracy(k={self.k}): the network has only {y.shape[1]} classes. "
                "Choose a smaller k."
            )
        best = np.argsort(-y, axis=1, kind="stable")[:, : self.k]
        return ((best == labels[:, None]).any(axis=1) & _known(y)).astype(np.float64)


@dataclass(frozen=True)
class LossMetric(Metric):
    """The base of losses that are worth showing as they are."""

    loss: ClassVar[Difference]

    def __call__(self, y_true: Any, y_pred: Any) -> Array:
        y = as_floats(y_pred, f"{self.name}: y_pred").astype(np.float64, copy=False)
        each = self.loss.each(y, self.loss.prepare(y, y_true))
        return np.asarray(each, np.float64)


@metrics.register("mse", "mean_squared_error")
@dataclass(frozen=True)
class SquaredError(LossMetric):
    """Σₖ (yₙₖ - tₙₖ)² / D

    >>> SquaredError()([[1.0], [2.0]], [[1.0], [5.0]])
    array([0., 9.])
    """

    name: ClassVar[str] = "mse"
    loss: ClassVar[Difference] = MeanSquaredError()


@metrics.register("mae", "mean_absolute_error")
@dataclass(frozen=True)
class AbsoluteError(LossMetric):
    """Σₖ |yₙₖ - tₙₖ| / D

    >>> AbsoluteError()([[1.0], [2.0]], [[1.0], [5.0]])
    array([0., 3.])
    """

    name: ClassVar[str] = "mae"
    loss: ClassVar[Difference] = MeanAbsoluteError()


def confusion_matrix(labels: Any, predicted: Any, classes: int) -> Array:
    """How often each class was taken for which: (classes, classes) counts, row true, column said.

    Args:
        labels, predicted: (N,) whole numbers 0 <= label < classes.

    >>> confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2], classes=3)
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 0, 1]])
    """
    true = check_labels(labels, classes, "confusion_matrix(labels)").astype(np.int64)
    said = check_labels(predicted, classes, "confusion_matrix(predicted)").astype(np.int64)
    if true.shape != said.shape:
        raise ShapeError(
            f"confusion_matrix: expected as many predicted as labels, got {said.size} "
            f"for {true.size}."
        )
    counts = np.bincount(true * classes + said, minlength=classes * classes)
    return np.reshape(counts, (classes, classes))


def _one_output(y: Array) -> bool:
    return y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1)


def _labels(y_true: Any, y: Array, who: str) -> Array:
    """The right classes (N,) for outputs y (N, C), from labels or distributions."""
    t = as_array(y_true, f"{who}: y_true")
    if t.shape == y.shape:
        return np.argmax(as_distribution(t, np.empty(y.shape), who), axis=1)
    if y.ndim != 2:
        raise ShapeError(f"{who}: expected predictions of shape (N, C), got {y.shape}.")
    labels = check_labels(t, y.shape[1], who)
    _expect_samples(labels, y, who)
    return labels


def _expect_samples(labels: Array, y: Array, who: str) -> None:
    if labels.shape[0] != y.shape[0]:
        raise ShapeError(
            f"{who}: expected a label for each of {y.shape[0]} predictions, got {labels.shape[0]}."
        )


def _known(y: Array) -> Array:
    """(N,): False where a sample's outputs hold NaN, which argmax would take for the largest."""
    unknown: Array = np.isnan(y).reshape(y.shape[0], -1).max(axis=1)
    return ~unknown
