"""Covariate shift: whether two sets of samples come from one distribution.

Two tests look at it, each with half of the error allowed. Feature by feature the test of Kolmogorov
and Smirnov, corrected by Holm; and for what no single feature shows, a classifier that is to tell
the sets apart: if it does better than chance on samples that it has not seen, they differ.
[Kolmogorov 1933; Smirnov 1948; Holm 1979; Lopez-Paz & Oquab 2017, "Revisiting classifier two-sample
tests"]
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundup.checks import BETWEEN, as_number
from groundup.data.rows import select
from groundup.data.two_samples import classifier_auc
from groundup.errors import DataError, ShapeError
from groundup.rng import Stream
from groundup.statistics.corrections import holm
from groundup.typing import Array

MOST = 5_000  # samples of each set that are looked at
_EXACT = 100_000  # pairs of samples up to which p is computed exactly
_LEAST = 20  # samples of each set that a classifier needs
_COARSE = 1.0  # standard deviations: who sees only larger moves of a mean sees too little
_FEW = 5  # features that a verdict names
Samples = NDArray[np.float64]


@dataclass(frozen=True)
class FeatureShift:
    """How one feature differs between sets a and b.

    distance: the largest difference of the two distribution functions, 0 to 1; p: corrected for the
    number of features; effect: (mean of b - mean of a) / pooled standard deviation, Cohen's d;
    spread: standard deviation of b / that of a.
    """

    name: str
    distance: float
    p: float
    effect: float
    spread: float


@dataclass(frozen=True)
class Classified:
    """How well a classifier tells the sets apart: AUC on unseen samples, its 95 % interval, p."""

    auc: float
    low: float
    high: float
    p: float


@dataclass(frozen=True)
class Shift:
    """What `measure_shift` found.

    samples: of a and b that were looked at; features: by p; classifier: None where there are too
    few samples; detectable: by how many standard deviations a feature's mean must differ to be
    seen every second time; level: the probability of a false alarm.
    """

    samples: tuple[int, int]
    features: tuple[FeatureShift, ...]
    classifier: Classified | None
    detectable: float
    level: float

    @property
    def shifted(self) -> tuple[str, ...]:
        """The features that differ."""
        return tuple(one.name for one in self.features if one.p <= self.level / 2)

    @property
    def told_apart(self) -> bool:
        """Whether the classifier does better than chance."""
        return self.classifier is not None and self.classifier.p <= self.level / 2

    @property
    def seen(self) -> bool:
        """Whether there is a shift."""
        return bool(self.shifted) or self.told_apart

    @property
    def verdict(self) -> str:
        """The result in words."""
        names = self.shifted
        if names:
            more = f" and {len(names) - _FEW} more" if len(names) > _FEW else ""
            count = f"{len(names)} of {len(self.features)} features"
            return f"shift in {count}: {', '.join(names[:_FEW])}{more}"
        if self.told_apart:
            return "shift in how features go together, though no single one differs"
        if self.detectable > _COARSE:
            unseen = (
                "no shift of a mean would be seen"
                if math.isinf(self.detectable)
                else f"a mean that moves by less than {self.detectable:.1f} standard deviations "
                "would go unseen"
            )
            a, b = self.samples
            return f"cannot tell: too few samples ({a} and {b}); {unseen}"
        return "no shift seen"

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return {"verdict": self.verdict, "seen": self.seen, "shifted": self.shifted} | asdict(self)

    def __str__(self) -> str:
        return self.verdict


def measure_shift(
    a: Array, b: Array, names: Sequence[str] = (), *, level: float = 0.05, seed: int = 0
) -> Shift:
    """Test whether two sets of samples come from one distribution

    Args:
        a, b: (N, …) and (M, …), such as training and test data; of more than 5,000 samples so many
            are drawn.
        names: of the features; by default their numbers.
        level: the probability of an alarm where there is no shift, shared by the two tests.
        seed: of the samples and folds that are drawn.

    Raises:
        ShapeError: the samples are not of one shape.
        DataError: a set is empty, or holds values that are not finite.

    >>> x = Stream(0).normal((300, 2))
    >>> measure_shift(x[:150], x[150:]).verdict
    'no shift seen'
    >>> measure_shift(x[:150], x[150:] + [0, 1], names=["age", "income"]).verdict
    'shift in 1 of 2 features: income'
    """
    level = as_number(level, "level", BETWEEN)
    if a.shape[1:] != b.shape[1:]:
        raise ShapeError(f"samples of shape {a.shape[1:]} and {b.shape[1:]}: expected one shape.")
    stream = Stream(seed, "split", "shift")
    x, y = _drawn(a, stream.named("a")), _drawn(b, stream.named("b"))
    names = names or [f"feature {i + 1}" for i in range(x.shape[1])]
    features = _by_feature(x, y, names)
    classifier = None
    if min(len(x), len(y)) >= _LEAST:
        classifier = Classified(*classifier_auc(x, y, stream))
    detectable = _detectable(len(x), len(y), level / 2 / max(1, x.shape[1]))
    return Shift((len(x), len(y)), features, classifier, detectable, level)


def _drawn(x: Array, stream: Stream) -> Samples:
    """At most `MOST` rows of x, as features (N, D)."""
    if len(x) == 0:
        raise DataError("a set without samples has no distribution.")
    if len(x) > MOST:
        x = select(x, np.sort(stream.permutation(len(x))[:MOST]))
    rows: Samples = np.asarray(x).reshape(len(x), -1).astype(np.float64)
    if not np.isfinite(rows).all():
        raise DataError("x holds values that are not finite. Remove the samples or fill them in.")
    return rows


def _by_feature(x: Samples, y: Samples, names: Sequence[str]) -> tuple[FeatureShift, ...]:
    from scipy.stats import ks_2samp

    method = "exact" if len(x) * len(y) <= _EXACT else "asymp"
    with warnings.catch_warnings():  # where p is nearly 1, the exact one may fail by rounding
        warnings.filterwarnings("ignore", "ks_2samp: Exact", RuntimeWarning)
        tests = [ks_2samp(a, b, method=method) for a, b in zip(x.T, y.T, strict=True)]
    corrected = holm([float(test.pvalue) for test in tests])
    found = []
    for name, a, b, test, p in zip(names, x.T, y.T, tests, corrected, strict=True):
        spread = math.sqrt((a.var() * len(a) + b.var() * len(b)) / (len(a) + len(b)))
        gap = float(b.mean() - a.mean())
        found.append(
            FeatureShift(
                name,
                float(test.statistic),
                p,
                _ratio(gap, spread),
                _ratio(float(b.std()), float(a.std())),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.p, -one.distance)))


def _ratio(a: float, b: float) -> float:
    """a / b; where b is 0, 0 of nothing and infinity of something."""
    return a / b if b else math.copysign(math.inf, a) if a else 0.0


def _detectable(n: int, m: int, level: float) -> float:
    """The shift of a normal mean, in standard deviations, whose distance is the critical one."""
    from scipy.stats import norm

    critical = math.sqrt(-math.log(level / 2) / 2 * (n + m) / (n * m))
    return 2 * float(norm.ppf((1 + critical) / 2)) if critical < 1 else math.inf
