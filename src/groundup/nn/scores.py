"""Scores: what only all predictions together can tell, and no mean over samples or batches.

Precision, F1, the area under the ROC curve and R² are no means of one value a sample, so they are
no `Metric` but functions of whole arrays, for after the training.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundup.checks import as_numbers
from groundup.errors import DataError, ShapeError
from groundup.nn.metrics import confusion_matrix
from groundup.nn.targets import as_values, check_labels
from groundup.typing import Array

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ClassScores:
    """How well each class is told from the others; arrays of one value a class, (C,)

    With TP samples of the class found, FP of others taken for it and FN of it taken for others:
    precision = TP / (TP + FP), recall = TP / (TP + FN), F1 = 2 TP / (2 TP + FP + FN), which is the
    harmonic mean of both. AUC is the probability that a sample of the class is given a higher
    probability of it than one of another class, equal ones counted half.   [Fawcett 2006]

    What would divide by nothing is NaN: the precision of a class never named, the recall of one
    without a sample, the AUC of one without samples or without others.

    Args:
        samples: how many there are of the class.
        right: how many of them were found.
        precision, recall, f1, auc: between 0 and 1.
    """

    samples: NDArray[np.int64]
    right: NDArray[np.int64]
    precision: Floats
    recall: Floats
    f1: Floats
    auc: Floats

    @property
    def macro(self) -> dict[str, float]:
        """The means over the classes that occur, in truth or prediction, each counting the same

        As scikit-learn's averages, a precision or recall that is not defined counts 0; an AUC that
        is not is left out.
        """
        occurs = ~(np.isnan(self.precision) & np.isnan(self.recall))
        means = {
            name: float(np.nan_to_num(getattr(self, name)[occurs]).mean())
            for name in ("precision", "recall", "f1")
        }
        known = self.auc[~np.isnan(self.auc)]
        return means | {"auc": float(known.mean()) if known.size else float("nan")}


def classification_scores(labels: Any, probabilities: Any) -> ClassScores:
    """Precision, recall, F1 and AUC of each class against all others

    Args:
        labels: the right classes, (N,) whole numbers 0 <= label < C.
        probabilities: what was said of each class, (N, C); the largest, the first of equals, is
            the prediction.

    Raises:
        ShapeError, DataError: the two do not fit one another, or hold what cannot be.

    >>> probabilities = [[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.2, 0.8]]
    >>> scores = classification_scores([0, 0, 1, 1], probabilities)
    >>> scores.precision.round(2), scores.recall, scores.auc
    (array([1.  , 0.67]), array([0.5, 1. ]), array([1., 1.]))
    >>> {name: round(value, 3) for name, value in scores.macro.items()}
    {'precision': 0.833, 'recall': 0.75, 'f1': 0.733, 'auc': 1.0}
    """
    p = as_numbers(probabilities, "classification_scores: probabilities")
    p = p.astype(np.float64, copy=False)
    if p.ndim != 2 or p.size == 0:
        raise ShapeError(f"classification_scores: probabilities {p.shape}, not (N, C) as expected.")
    if np.isnan(p).any():
        sample = int(np.isnan(p).any(axis=1).argmax())
        raise DataError(
            f"classification_scores: a probability of sample {sample} is NaN: expected numbers."
        )
    C = p.shape[1]
    t = check_labels(labels, C, "classification_scores")
    counts = confusion_matrix(t, p.argmax(axis=1), C)
    right, samples, said = np.diagonal(counts).copy(), counts.sum(axis=1), counts.sum(axis=0)
    return ClassScores(
        samples=samples,
        right=right,
        precision=_share(right, said),
        recall=_share(right, samples),
        f1=_share(2 * right, samples + said),
        auc=np.array([_auc(t == k, p[:, k]) for k in range(C)]),
    )


def roc_auc(positive: Any, score: Any) -> float:
    """The area under the ROC curve: how often a positive sample has the higher score

    AUC = (Σ rank of the positives - P (P + 1) / 2) / (P Q), of P positives and Q others, equal
    scores sharing their ranks: the Mann-Whitney U of the two.   [Hanley & McNeil 1982]

    Args:
        positive: (N,) booleans, or 0 and 1.
        score: (N,) finite numbers.

    Returns:
        0.5 for chance, 1 for a perfect order; NaN where all samples are of one kind.

    >>> roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    given = as_numbers(positive, "roc_auc: positive")
    if not np.isin(given, (0, 1)).all():
        raise DataError(f"roc_auc: positive holds {_strange(given)!r}: expected labels 0 and 1.")
    t = check_labels(given.astype(np.int64), 2, "roc_auc")
    s = as_numbers(score, "roc_auc: score").astype(np.float64, copy=False)
    if s.shape != t.shape:
        raise ShapeError(
            f"roc_auc: score has shape {s.shape}: expected one a label, for {t.size} samples."
        )
    if np.isnan(s).any():
        raise DataError(
            f"roc_auc: the score of sample {int(np.isnan(s).argmax())} is NaN: expected numbers."
        )
    return _auc(t == 1, s)


def r2_score(targets: Any, predictions: Any) -> float:
    """The share of the targets' variance that the predictions explain; of several outputs, the mean

    R² = 1 - Σₙ (yₙ - tₙ)² / Σₙ (tₙ - t̄)²

    1 is perfect, 0 as good as always answering the mean of these targets, below 0 is worse. A
    target that never varies scores 1 if it is met exactly, else 0, as with scikit-learn.

    Args:
        targets: t, (N,) or (N, D).
        predictions: y, (N,) or (N, D).

    >>> r2_score([1.0, 2.0, 3.0, 6.0], [1.5, 2.0, 3.0, 5.5])
    0.9642857142857143
    """
    y = as_numbers(predictions, "r2_score: predictions").astype(np.float64, copy=False)
    if y.ndim not in (1, 2) or y.size == 0:
        raise ShapeError(f"r2_score: predictions of shape {y.shape}: expected (N,) or (N, D).")
    # In one order in memory, in which sums are summed.
    t = np.ascontiguousarray(as_values(targets, y, "r2_score"))
    error = np.square(np.ascontiguousarray(y) - t).sum(axis=0)
    total = np.square(t - t.mean(axis=0)).sum(axis=0)
    constant = np.all(t == t[:1], axis=0)
    explained = np.where(constant, error == 0, 1 - error / np.where(constant, 1, total))
    return float(np.mean(explained))


def _strange(given: Array) -> Any:
    """The first that is neither 0 nor 1."""
    return given[~np.isin(given, (0, 1))][0]


def _auc(positive: NDArray[np.bool_], score: Floats) -> float:
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2  # from 1, the mean of those that equal scores share
    P = int(positive.sum())
    Q = len(positive) - P
    if not P or not Q:
        return float("nan")
    return float((rank[place][positive].sum() - P * (P + 1) / 2) / (P * Q))


def _share(part: Array, whole: Array) -> Floats:
    """part / whole, NaN for nothing of nothing."""
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
