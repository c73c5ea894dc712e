"""Differences of pairs: is their mean 0, how large is the effect, how many pairs would tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup.checks import BETWEEN, as_number
from groundup.errors import DataError, InputError

_MANY = 10_000  # pairs, from which on Student's t is as good as normal


@dataclass(frozen=True)
class PairedTest:
    """What `paired_t` found.

    Args:
        n: how many differences.
        mean: of the differences.
        low, high: the interval of that mean.
        t: mean / (s / √n), with s their standard deviation (n - 1).
        p: how likely so large a |t| or larger is where the true mean is 0.
        effect: mean / s, Cohen's d of paired data (d_z).
    """

    n: int
    mean: float
    low: float
    high: float
    t: float
    p: float
    effect: float


def paired_t(differences: Sequence[float] | NDArray[np.float64], level: float = 0.95) -> PairedTest:
    """Student's t-test of whether the mean of paired differences is 0

        t = d̄ / (s / √n)    p = 2 P(T > |t|), T with n - 1 degrees of freedom

    Differences that are all equal have s = 0. Are they 0, nothing differs: t = 0, p = 1. Are they
    not, no doubt is left that t could measure: t = ±∞, p = 0. The interval is then their value.

    Args:
        differences: d, (n,) finite numbers, n ≥ 2.
        level: of the interval.

    Raises:
        InputError: fewer than two differences: one alone tells nothing of how they scatter.
        DataError: a difference that is not finite.

    [Student 1908]

    >>> test = paired_t([1.0, 2.0, 3.0])
    >>> test.mean, round(test.t, 3), round(test.p, 3), test.effect
    (2.0, 3.464, 0.074, 2.0)
    >>> paired_t([0.0, 0.0, 0.0]).p
    1.0
    """
    from scipy.special import stdtr, stdtrit

    level = as_number(level, "level", BETWEEN)
    d = np.asarray(differences, np.float64)
    if d.ndim != 1 or d.size < 2:
        raise InputError(
            f"paired_t: differences of shape {d.shape}: expected two or more. Make more pairs."
        )
    if not np.isfinite(d).all():
        place = int((~np.isfinite(d)).argmax())
        raise DataError(f"paired_t: difference {place} is {d[place]}: expected finite numbers.")
    n = d.size
    if np.ptp(d) == 0:
        mean = float(d[0])
        limit = math.copysign(math.inf, mean) if mean else 0.0
        return PairedTest(n, mean, mean, mean, limit, 0.0 if mean else 1.0, limit)
    mean, s = float(d.mean()), float(d.std(ddof=1))
    t = mean / (s / math.sqrt(n))
    half = float(stdtrit(n - 1, (1 + level) / 2)) * s / math.sqrt(n)
    p = 2 * float(stdtr(n - 1, -abs(t)))
    return PairedTest(n, mean, mean - half, mean + half, t, p, mean / s)


def power(effect: float, n: int, alpha: float = 0.05) -> float:
    """How often `paired_t` of n pairs finds an effect of this size: p ≤ alpha

        P(|T| > t₁₋ₐ⸝₂)    T noncentral with n - 1 degrees of freedom, noncentrality d √n

    Args:
        effect: d, the true mean over the true standard deviation of the differences.
        n: pairs, at least 2.
        alpha: a, the level of the test.

    [Cohen 1988, chapter 2]

    >>> round(power(0.5, 34), 2)
    0.81
    """
    from scipy.special import nctdtr, stdtrit

    critical, center = float(stdtrit(n - 1, 1 - alpha / 2)), abs(effect) * math.sqrt(n)
    return 1 - float(nctdtr(n - 1, center, critical) - nctdtr(n - 1, center, -critical))


def pairs_needed(effect: float, goal: float = 0.8, alpha: float = 0.05) -> int | None:
    """The fewest pairs with which `paired_t` finds an effect of this size with power `goal`

    Args:
        effect: d, the mean over the standard deviation of the differences; ±∞ needs two pairs.
        goal: the power.
        alpha: the level of the test.

    Returns:
        A number of at least 2, or None for an effect of 0, which no number of pairs would find.

    >>> pairs_needed(0.5), pairs_needed(-2.0), pairs_needed(0.0)
    (34, 5, None)
    """
    from scipy.special import ndtri

    goal, alpha = as_number(goal, "goal", BETWEEN), as_number(alpha, "alpha", BETWEEN)
    if math.isnan(effect):
        raise InputError("pairs_needed: effect=nan: expected a number.")
    if effect == 0:
        return None
    if math.isinf(effect):
        return 2
    normal = ((ndtri(1 - alpha / 2) + ndtri(goal)) / effect) ** 2  # what would do if s were known
    if normal > _MANY:
        return math.ceil(normal)
    n = max(2, math.floor(normal))
    while power(effect, n, alpha) < goal:
        n += 1
    return n
