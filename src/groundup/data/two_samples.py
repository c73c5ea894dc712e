"""A classifier that is to tell two sets of samples apart, judged on samples that it has not seen.

It sees each feature, its square and all products of two, so it finds what moves means, spreads and
correlations: between two normal distributions the best classifier is of this form.
"""

import math

import numpy as np
from numpy.typing import NDArray

from groundup.data.split import stratified_split
from groundup.rng import Stream

_FOLDS = 5
_PERMUTATIONS = 499
_MOST_FEATURES = 24  # above, as many principal components
_MOST = 2_000  # samples of each set
_FAR = 4.0  # standard deviations, at which outliers are cut off
Samples = NDArray[np.float64]


def classifier_auc(a: Samples, b: Samples, stream: Stream) -> tuple[float, float, float, float]:
    """AUC of telling rows of b (M, D) from rows of a (N, D), its 95 % interval, and p

    AUC is the mean over 5 folds, in each of a ridge regression on the set's label, trained on the
    other four. Since the five share samples, no formula tells how AUC scatters where the sets are
    alike; labels that are permuted within the folds do: p is the share of permutations that do as
    well, and the interval is DeLong's, wider by as much as permutations scatter more than five
    independent AUCs would.
    [Lopez-Paz & Oquab 2017; Golland & Fischl 2003; DeLong et al. 1988]
    """
    a, b = a[:_MOST], b[:_MOST]
    labels = np.repeat([0, 1], [len(a), len(b)])
    x = _with_products(_standardized(np.concatenate([a, b])))
    folds = stratified_split(labels, [1 / _FOLDS] * _FOLDS, stream)
    given = np.empty((len(x), 1 + _PERMUTATIONS), np.bool_)  # as they are, then permuted
    for k, fold in enumerate(folds):
        draws = stream.named(f"fold_{k}").uniform((_PERMUTATIONS, len(fold)))
        given[fold, 0] = labels[fold] == 1
        given[fold, 1:] = (labels[fold] == 1)[np.argsort(draws, axis=1)].T
    aucs, variances, chances = np.zeros(1 + _PERMUTATIONS), 0.0, 0.0
    for fold in folds:
        scores = _held_out_scores(x, fold, given)
        aucs += _aucs(scores, given[fold]) / _FOLDS
        one = given[fold, 0]
        variances += _delong(scores[~one, 0], scores[one, 0]) / _FOLDS**2
        n, m = int((~one).sum()), int(one.sum())
        chances += (n + m + 1) / (12 * n * m) / _FOLDS**2  # of Mann and Whitney's U
    auc, permuted = float(aucs[0]), aucs[1:]
    half = 1.96 * math.sqrt(variances / chances) * float(permuted.std())
    p = float(1 + (permuted >= auc).sum()) / (1 + _PERMUTATIONS)
    return auc, max(0.0, auc - half), min(1.0, auc + half), p


def _held_out_scores(x: Samples, fold: NDArray[np.int64], given: NDArray[np.bool_]) -> Samples:
    """Scores of a fold's rows, (n, P), by P regressions on the other rows, one a column of labels

    scores = X (RᵀR + λI)⁻¹ Rᵀ T    R: the n other rows, centered  λ = n/3
    """
    rest = np.setdiff1d(np.arange(len(x)), fold)
    center = x[rest].mean(axis=0)
    rows = x[rest] - center
    targets = given[rest] - given[rest].mean(axis=0)
    gram = rows.T @ rows
    gram[np.diag_indices_from(gram)] += len(rest) / 3
    scores: Samples = (x[fold] - center) @ np.linalg.solve(gram, rows.T @ targets)
    return scores


def _aucs(scores: Samples, high: NDArray[np.bool_]) -> Samples:
    """Of each column, the share of pairs in which the score of a high row exceeds that of a low."""
    from scipy.stats import rankdata

    m = high.sum(axis=0)
    ranks = np.where(high, rankdata(scores, axis=0), 0.0).sum(axis=0)
    shares: Samples = (ranks - m * (m + 1) / 2) / (m * (len(high) - m))
    return shares


def _delong(low: Samples, high: Samples) -> float:
    """The variance of the AUC of scores of two sets.   [DeLong et al. 1988; Sun & Xu 2014]"""
    from scipy.stats import rankdata

    n, m = len(low), len(high)
    joint = rankdata(np.concatenate([low, high]))
    above = (joint[n:] - rankdata(high)) / n  # of each high score: the share of low ones below it
    below = (joint[:n] - rankdata(low)) / m
    return float(above.var(ddof=1) / m + below.var(ddof=1) / n)


def _standardized(x: Samples) -> Samples:
    """Mean 0, standard deviation 1, without constant columns, outliers cut off; both sets as one"""
    std = x.std(axis=0)
    x = (x[:, std > 0] - x.mean(axis=0)[std > 0]) / std[std > 0]
    if x.shape[1] > _MOST_FEATURES:
        values, vectors = np.linalg.eigh(x.T @ x / len(x))
        kept = values[-_MOST_FEATURES:]
        x = x @ vectors[:, -_MOST_FEATURES:] / np.sqrt(np.maximum(kept, 1e-12 * kept[-1]))
    clipped: Samples = np.clip(x, -_FAR, _FAR)
    return clipped


def _with_products(x: Samples) -> Samples:
    """x, and the product of every two of its columns: (N, D + D(D + 1)/2)."""
    i, j = np.triu_indices(x.shape[1])
    products: Samples = np.concatenate([x, x[:, i] * x[:, j]], axis=1)
    return products
