"""How facts about data are measured: scales, what neighbors can tell, who is there twice."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from groundup.data.inspection import row_hashes
from groundup.data.rows import select
from groundup.data.two_samples import classifier_auc
from groundup.nn.losses import CategoricalCrossentropy, Loss
from groundup.rng import Stream
from groundup.typing import Array

_LEAST = 20  # samples that neighbors are sought among
_LEAST_COMPARED = 10  # samples of each set, two in each of the classifier's folds
_NEIGHBORS = 5
_PERMUTATIONS = 199
_MOST_COMPARED = 500  # samples of each set that a classifier is to tell apart


class Scale(NamedTuple):
    """The numbers that inputs are made of; see `DataFacts`."""

    mean: float
    std: float
    scales: tuple[float, float, float]
    offset: float
    constant: float


def scale_of(x: Array) -> Scale:
    """Mean and spread of inputs (N, …), together and one by one

    >>> scale_of(np.array([[0.0, 1.0], [2.0, 3.0]]))
    Scale(mean=1.5, std=1.118033988749895, scales=(1.0, 1.0, 1.0), offset=1.5, constant=0.0)
    """
    rows = _rows(x)
    mean, std = rows.mean(axis=0), rows.std(axis=0)
    varies = np.ptp(rows, axis=0) > 0
    if not varies.any():
        return Scale(float(rows.mean()), 0.0, (0.0, 0.0, 0.0), 0.0, 1.0)
    low, middle, high = np.percentile(std[varies], [10, 50, 90]).tolist()
    offset = float(np.median(np.abs(mean[varies]) / std[varies]))  # no pixel at the edge decides
    return Scale(
        float(rows.mean()), float(rows.std()), (low, middle, high), offset, float(1 - varies.mean())
    )


def neighbors_tell(x: Array, y: Array, classes: int, stream: Stream) -> tuple[float, float]:
    """How well the 5 nearest of the other samples tell a sample's target, and p

    Args:
        x: inputs (N, …).
        y: labels (N,), or values (N,) or (N, D).
        classes: how many; 0 for values.
        stream: of the permutations.

    Returns:
        Accuracy, or R² of values; and the share of 199 permutations of the targets that do as well.
        NaN for fewer than 20 samples.   [Cover & Hart 1967; Golland & Fischl 2003]

    >>> x = Stream(0).normal((60, 2))
    >>> told, p = neighbors_tell(x, (x[:, 0] > 0).astype(int), 2, Stream(0))
    >>> round(told, 2), p
    (0.92, 0.005)
    """
    if len(x) < _LEAST:
        return math.nan, math.nan
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=_NEIGHBORS).fit(_rows(x)).kneighbors(return_distance=False)
    targets = np.eye(classes)[y] if classes else _rows(y)

    def score(t: NDArray[np.float64]) -> float:
        told = t[near].mean(axis=1)
        if classes:
            return float((told.argmax(axis=1) == t.argmax(axis=1)).mean())
        spread = float(((t - t.mean(axis=0)) ** 2).sum())
        return 1 - float(((told - t) ** 2).sum()) / spread if spread else 0.0

    found = score(targets)
    shuffled = (score(targets[stream.at(step=n).permutation(len(x))]) for n in range(_PERMUTATIONS))
    return found, (1 + sum(other >= found for other in shuffled)) / (1 + _PERMUTATIONS)


def told_apart(a: Array, b: Array, stream: Stream) -> tuple[float, float]:
    """AUC of a classifier that tells samples of b from samples of a, and p; NaN for under 10.

    Args:
        a, b: inputs (N, …) and (M, …), as the network sees them.
        stream: of its folds and permutations.
    """
    if min(len(a), len(b)) < _LEAST_COMPARED:
        return math.nan, math.nan
    x, y = drawn(a, _MOST_COMPARED, stream.named("a")), drawn(b, _MOST_COMPARED, stream.named("b"))
    auc, _, _, p = classifier_auc(_rows(x), _rows(y), stream)
    return auc, p


def _rows(x: Array) -> NDArray[np.float64]:
    return x.reshape(len(x), -1).astype(np.float64)


def drawn(x: Array, most: int, stream: Stream) -> Array:
    """At most so many rows of x, in their order."""
    return np.asarray(select(x, some(len(x), most, stream)))


def some(count: int, most: int, stream: Stream) -> NDArray[np.int64]:
    """At most `most` of the numbers below `count`, in their order."""
    chosen = np.arange(count) if count <= most else np.sort(stream.permutation(count)[:most])
    return chosen.astype(np.int64)


def shared(x: Array, other: Array) -> float:
    """The share of samples of x that are samples of `other`, too; both raw, (N, …) and (M, …)

    >>> shared(np.array([[1], [2]]), np.array([[2], [3]]))
    0.5
    """
    dtype = np.result_type(x.dtype, other.dtype)
    return float(np.isin(row_hashes(x, dtype), row_hashes(other, dtype)).mean())


def chance_of(y: Array, classes: int, loss: Loss) -> float:
    """The loss of the best answer that is always the same

    The entropy of classes, -Σ p log p in nats; of values the loss of their mean or their median.

    Args:
        y: labels (N,), or values (N, D).
        classes: how many; 0 for values.
        loss: what is minimized.
    """
    if isinstance(loss, CategoricalCrossentropy) and classes:
        share = np.bincount(y, minlength=classes) / len(y)
        return float(-(share[share > 0] * np.log(share[share > 0])).sum())
    rows = _rows(y)
    constant = (
        np.broadcast_to(m, rows.shape) for m in (rows.mean(axis=0), np.median(rows, axis=0))
    )
    return min(loss.forward(answer, rows)[0] for answer in constant)
