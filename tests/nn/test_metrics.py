"""Metrics: values of every sample, all forms of targets, and what is refused."""

import numpy as np
import pytest

from groundup.errors import DataError, InputError, ShapeError
from groundup.nn.metrics import (
    AbsoluteError,
    Accuracy,
    SquaredError,
    TopKAccuracy,
    confusion_matrix,
    metrics,
)

Y = np.array([[0.1, 0.7, 0.2], [0.4, 0.4, 0.2], [0.2, 0.3, 0.5]], np.float32)


def test_accuracy_of_labels_and_distributions():
    for t in ([1, 1, 2], [[1], [1], [2]], np.eye(3)[[1, 1, 2]], np.array([1, 1, 2], np.uint8)):
        values = Accuracy()(t, Y)
        assert values.tolist() == [1, 0, 1]  # the first of equals is the answer
        assert values.dtype == np.float64


@pytest.mark.parametrize("y", [[[0.9], [0.5], [0.1]], [0.9, 0.5, 0.1]])
@pytest.mark.parametrize("t", [[1, 1, 0], [[1], [1], [0]]])
def test_accuracy_of_one_output(y, t):
    assert Accuracy()(t, y).tolist() == [1, 0, 1]


def test_nan_is_never_right():
    y = np.full((2, 3), np.nan)
    assert Accuracy()([0, 1], y).tolist() == [0, 0]
    assert TopKAccuracy(k=3)([0, 1], y).tolist() == [0, 0]


def test_top_k():
    assert TopKAccuracy(k=1)([1, 1, 2], Y).tolist() == Accuracy()([1, 1, 2], Y).tolist()
    assert TopKAccuracy(k=2)([0, 1, 0], Y).tolist() == [0, 1, 0]
    assert TopKAccuracy(k=2)(np.eye(3)[[2, 1, 1]], Y).tolist() == [1, 1, 1]
    assert TopKAccuracy(k=3)([0, 1, 2], Y).tolist() == [1, 1, 1]
    assert TopKAccuracy().k == 5
    with pytest.raises(InputError, match="only 3 classes"):
        TopKAccuracy(k=4)([0, 1, 2], Y)
    with pytest.raises(InputError, match="k=0"):
        TopKAccuracy(k=0)


def test_errors():
    t, y = np.array([[1.0, 2.0], [0.0, 0.0]]), np.array([[1.0, 4.0], [3.0, -1.0]])
    assert SquaredError()(t, y).tolist() == [2.0, 5.0]
    assert AbsoluteError()(t, y).tolist() == [1.0, 2.0]
    assert SquaredError()([1.0, 2.0], [[3.0], [2.0]]).tolist() == [4.0, 0.0]
    assert SquaredError()(t, y.astype(np.float32)).dtype == np.float64


@pytest.mark.parametrize("metric", [Accuracy(), TopKAccuracy(k=2)], ids=str)
def test_impossible_targets(metric):
    for t, error in (
        ([1, 3, 0], DataError),
        ([0, -1, 0], DataError),
        ([0.0, 1.0, 2.0], DataError),
        ([0, 1], ShapeError),
        (np.eye(4)[:3], ShapeError),
        (np.ones((3, 3)), DataError),
    ):
        with pytest.raises(error, match=metric.name):
            metric(t, Y)
    with pytest.raises(ShapeError):
        metric([0, 1, 2], np.ones((3, 2, 2)))


def test_one_output_has_two_classes():
    with pytest.raises(DataError, match="label 2"):
        Accuracy()([0, 2], [[0.1], [0.9]])
    with pytest.raises(ShapeError):
        Accuracy()([0, 1, 1], [[0.1], [0.9]])


def test_names():
    for name, metric in {
        "accuracy": Accuracy(),
        "acc": Accuracy(),
        "top_k_accuracy": TopKAccuracy(),
        "mse": SquaredError(),
        "mean_squared_error": SquaredError(),
        "mae": AbsoluteError(),
        "mean_absolute_error": AbsoluteError(),
    }.items():
        assert metrics.resolve(name) == metric
    assert [cls.name for cls in metrics] == ["accuracy", "top_k_accuracy", "mse", "mae"]


def test_confusion_matrix():
    rng = np.random.default_rng(0)
    true, said = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    counts = confusion_matrix(true, said, classes=5)
    assert counts.shape == (5, 5)
    for i in range(5):
        for j in range(5):
            assert counts[i, j] == np.sum((true == i) & (said == j))
    assert confusion_matrix(np.array([200], np.uint8), np.array([200], np.uint8), 201)[200, 200]
    assert not confusion_matrix(np.zeros(0, int), np.zeros(0, int), 2).any()
    with pytest.raises(DataError, match="predicted"):
        confusion_matrix([0, 1], [0, 2], 2)
    with pytest.raises(ShapeError, match="1 for 2"):
        confusion_matrix([0, 1], [0], 2)


@pytest.mark.parametrize("name", ["r2", "F1", "auc", "precision"])
def test_what_is_no_mean_is_refused_by_name(name):
    with pytest.raises(InputError, match="no mean over samples"):
        metrics.resolve(name)
