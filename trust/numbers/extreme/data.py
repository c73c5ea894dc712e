"""Preprocessing, metrics, scores and penalties of data in which nothing varies, or too much."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from groundup.data.preprocess import (
    Decorrelate,
    MinMax,
    PCAWhitening,
    Preprocessor,
    Rescale,
    Standardize,
    ZCAWhitening,
)
from groundup.errors import DataError, InputError
from groundup.layers.regularizers import L1, L1L2, L2
from groundup.nn.metrics import Accuracy, TopKAccuracy, confusion_matrix
from groundup.nn.scores import classification_scores, r2_score, roc_auc
from groundup.typing import Array
from trust.numbers.extreme.case import INF, NAN, Case, Refused, both

ROOT2 = np.sqrt(2.0)


def prepared(preprocessor: Preprocessor, x: Any, dtype: Any = np.float64) -> Array:
    x = np.array(x, dtype)
    return preprocessor.transform(preprocessor.fit(x), x)


# --- preprocessing: a preprocessor, x, and what it must become

CONSTANT = [[3.0, 1.0], [3.0, 3.0]]
GREY = np.full((3, 1, 2, 2), 0.1)
PREPARED: Mapping[str, tuple[Preprocessor, Any, Any]] = {
    "standardize: a feature that never varies": (Standardize(), CONSTANT, [[0, -1], [0, 1]]),
    "standardize: one sample": (Standardize(), [[5.0, -7.0]], [[0, 0]]),
    "standardize: images that are all equal": (Standardize(), GREY, np.zeros_like(GREY)),
    "standardize: ±1e30": (Standardize(), [[-1e30], [1e30]], [[-1], [1]]),
    "standardize: a spread of 1 about 1e6": (
        Standardize(),
        [[1e6 - 1], [1e6 + 1]],
        [[-1], [1]],
    ),
    "standardize: denormal values": (Standardize(), [[-1e-44], [1e-44]], [[0], [0]]),
    "minmax: a feature that never varies": (MinMax(), CONSTANT, [[0, 0], [0, 1]]),
    "minmax: one sample": (MinMax(), [[5.0, -7.0]], [[0, 0]]),
    "minmax: ±1e38": (MinMax((-1, 1)), [[-1e38], [1e38]], [[-1], [1]]),
    "minmax: denormal values": (MinMax(), [[0.0], [1e-40]], [[0], [1]]),
    "rescale: nothing but 0": (Rescale(), [[0.0], [0.0]], [[0], [0]]),
    "rescale: ±3e38": (Rescale(), [[-3e38], [3e38]], [[-1], [1]]),
    "rescale: denormal values": (Rescale(), [[-1e-40], [1e-40]], [[-1], [1]]),
    "decorrelate: features that never vary": (
        Decorrelate(),
        [[3.0, 5.0], [3.0, 5.0]],
        [[0, 0], [0, 0]],
    ),
    "PCA whitening: one sample": (PCAWhitening(), [[5.0, -7.0]], [[0, 0]]),
    "PCA whitening: a feature that never varies": (
        PCAWhitening(epsilon=0.0),
        CONSTANT,
        [[-1 / ROOT2, 0], [1 / ROOT2, 0]],
    ),
    "PCA whitening: a feature that comes twice": (
        PCAWhitening(epsilon=0.0),
        [[-1.0, -1.0], [1.0, 1.0]],
        [[-1 / ROOT2, 0], [1 / ROOT2, 0]],
    ),
    "PCA whitening: images that are all equal": (PCAWhitening(), GREY, np.zeros_like(GREY)),
    "PCA whitening: ±1e30": (
        PCAWhitening(epsilon=0.0),
        [[-1e30, 0.0], [1e30, 0.0]],
        [[-1 / ROOT2, 0], [1 / ROOT2, 0]],
    ),
    "ZCA whitening: a feature that never varies": (
        ZCAWhitening(epsilon=0.0),
        CONSTANT,
        [[0, -1 / ROOT2], [0, 1 / ROOT2]],
    ),
    "ZCA whitening: images that are all equal": (ZCAWhitening(), GREY, np.zeros_like(GREY)),
}


def _preprocessing() -> Iterator[Case]:
    for name, (preprocessor, x, y) in PREPARED.items():
        yield from both(
            name, lambda d, p=preprocessor, x=x: prepared(p, x, d), y, atol=1e-7, rtol=2e-6
        )
    for make in (Rescale, MinMax, Standardize, Decorrelate, PCAWhitening, ZCAWhitening):
        for value in (NAN, INF, -INF):
            yield Case(
                f"refused by {make.__name__}: {value}",
                lambda make=make, value=value: prepared(make(), [[1.0, 2.0], [0.0, value]]),
                Refused(DataError, "expected finite numbers"),
            )
    for make in (Standardize, PCAWhitening):
        yield Case(
            f"refused by {make.__name__}: ±1e300",
            lambda make=make: prepared(make(), [[-1e300], [1e300]]),
            Refused(DataError, "beyond float64"),
        )
    yield Case(
        "refused by MinMax: ±1.7e308",
        lambda: prepared(MinMax(), [[-1.7e308], [1.7e308]]),
        Refused(DataError, "float64"),
    )


# --- metrics and scores

METRICS: Mapping[str, tuple[Callable[[], Any], Any]] = {
    "accuracy: equal outputs, the first wins": (
        lambda: Accuracy()([0, 1], [[0.5, 0.5], [0.5, 0.5]]),
        [1, 0],
    ),
    "accuracy: NaN is never right": (
        lambda: Accuracy()([0, 1, 1], [[NAN, 0.0], [0.0, NAN], [NAN, NAN]]),
        [0, 0, 0],
    ),
    "accuracy: ±infinity": (
        lambda: Accuracy()([0, 1, 0], [[INF, 0.0], [-INF, 0.0], [-INF, -INF]]),
        [1, 1, 1],
    ),
    "accuracy: logits of ±1e4": (lambda: Accuracy()([1], [[-1e4, 1e4]]), [1]),
    "accuracy: one output of exactly a half says no": (
        lambda: Accuracy()([0, 1], [[0.5], [0.5]]),
        [1, 0],
    ),
    "accuracy: one output of NaN": (lambda: Accuracy()([0, 1], [[NAN], [NAN]]), [0, 0]),
    "accuracy: denormal outputs": (lambda: Accuracy()([1], [[0.0, 5e-324]]), [1]),
    "top-k accuracy: equal outputs, the first win": (
        lambda: TopKAccuracy(2)([0, 1, 2], np.zeros((3, 3))),
        [1, 1, 0],
    ),
    "top-k accuracy: all classes": (lambda: TopKAccuracy(3)([2], [[9.0, 8.0, -INF]]), [1]),
    "top-k accuracy: NaN is never right": (lambda: TopKAccuracy(2)([0], [[1.0, NAN, 0.0]]), [0]),
    "confusion matrix: a class without samples": (
        lambda: confusion_matrix([0, 0], [0, 2], 3),
        [[1, 0, 1], [0, 0, 0], [0, 0, 0]],
    ),
    "AUC: one class alone": (lambda: roc_auc([1, 1], [0.1, 0.9]), NAN),
    "AUC: equal scores": (lambda: roc_auc([0, 1], [0.5, 0.5]), 0.5),
    "AUC: scores of ±infinity": (lambda: roc_auc([0, 1], [-INF, INF]), 1.0),
    "R²: a constant that is met": (lambda: r2_score([2.0, 2.0], [2.0, 2.0]), 1.0),
    "R²: a constant that is missed": (lambda: r2_score([2.0, 2.0], [2.0, 3.0]), 0.0),
    "R²: one sample": (lambda: r2_score([2.0], [2.0]), 1.0),
    "R²: targets of ±1e150": (lambda: r2_score([-1e150, 1e150], [-1e150, 1e150]), 1.0),
    "R²: always the mean": (lambda: r2_score([1.0, 3.0], [2.0, 2.0]), 0.0),
}
ABSENT = [[0.9, 0.1, 0.0], [0.8, 0.1, 0.1], [0.3, 0.7, 0.0]]  # nobody says class 2
SCORES: Mapping[str, list[float]] = {
    "samples": [2, 1, 0],
    "right": [2, 1, 0],
    "precision": [1, 1, NAN],
    "recall": [1, 1, NAN],
    "f1": [1, 1, NAN],
    "auc": [1, 1, NAN],
}


def _metrics() -> Iterator[Case]:
    for name, (found, expected) in METRICS.items():
        yield Case(name, found, expected)
    for name, expected in SCORES.items():
        yield Case(
            f"{name}: a class that nobody is and nobody says",
            lambda name=name: getattr(classification_scores([0, 0, 1], ABSENT), name),
            expected,
        )
    yield Case(
        "macro F1: one class alone",
        lambda: classification_scores([0, 0], [[1.0, 0.0], [1.0, 0.0]]).macro["f1"],
        1.0,
    )
    yield Case(
        "macro AUC: one class alone",
        lambda: classification_scores([0, 0], [[1.0, 0.0], [1.0, 0.0]]).macro["auc"],
        NAN,
    )
    yield Case(
        "refused by the scores: a probability of NaN",
        lambda: classification_scores([0], [[NAN, 1.0]]),
        Refused(DataError, "is NaN"),
    )
    yield Case(
        "refused by top-k accuracy: more than there are classes",
        lambda: TopKAccuracy(3)([0], [[1.0, 0.0]]),
        Refused(InputError, "only 2 classes"),
    )


# --- penalties: of weights, and their gradient

WEIGHTS: Mapping[str, tuple[Any, list[float], float, list[float]]] = {
    "L1 of 0": (L1(0.5), [0.0, -0.0], 0.0, [0, 0]),
    "L1 of ±1e30": (L1(0.5), [1e30, -1e30], 1e30, [0.5, -0.5]),
    "L1 of denormal weights": (L1(0.5), [1e-40, -1e-40], 1e-40, [0.5, -0.5]),
    "L2 of ±1e30": (L2(0.5), [1e30, -1e30], 5e59, [5e29, -5e29]),
    "L2 of denormal weights": (L2(1.0), [1e-40, -1e-40], 1e-80, [1e-40, -1e-40]),
    "L1 and L2 of ±1e30": (L1L2(0.5, 0.5), [1e30, -1e30], 5e59, [5e29, -5e29]),
    "L1 and L2 of no strength": (L1L2(0.0, 0.0), [1e30, -1e30], 0.0, [0, 0]),
}


def _penalties() -> Iterator[Case]:
    for name, (regularizer, w, penalty, gradient) in WEIGHTS.items():
        yield from both(
            f"penalty: {name}",
            lambda d, r=regularizer, w=w: r.penalty(np.array(w, d)),
            penalty,
            rtol=1e-4 if "denormal" in name else 1e-6,
        )
        yield from both(
            f"slope of a penalty: {name}",
            lambda d, r=regularizer, w=w: r.gradient(np.array(w, d)),
            gradient,
            rtol=1e-4 if "denormal" in name else 1e-6,
        )


def cases() -> list[Case]:
    return [*_preprocessing(), *_metrics(), *_penalties()]
