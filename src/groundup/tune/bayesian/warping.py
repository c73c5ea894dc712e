"""Losses as values that look normal, as a Gaussian process expects them.

Losses often have a long tail: some settings are worse by powers of ten, and a model that must
explain these has no eye for the differences among the best.
"""

import math
from dataclasses import dataclass

import numpy as np

from groundup.typing import Array

_POWERS = (0.0, 1.0)
_PART = 0.25  # of two numbers of any size, whose difference is a number, too
_FAR = 1e75  # beyond so many scales from the center all is as far: ψ and its square are numbers


@dataclass(frozen=True)
class Warping:
    """z = (ψ((y - center) / scale; power) - mean) / std, with ψ of Yeo and Johnson

        ψ(x; p) = ((1 + x)ᵖ - 1) / p                x ≥ 0
                  (1 - (1 - x)²⁻ᵖ) / (2 - p)        x < 0

    p = 1 changes nothing, p < 1 draws a long tail of large values in, p = 0 as the logarithm does.
    (p > 1 would draw in the best, which are to be told apart.) ψ grows everywhere, so what is best
    stays best.   [Yeo & Johnson 2000]

    >>> warping = Warping.of(np.array([0.1, 0.2, 0.3, 1.0, 10.0, 1000.0]))
    >>> z = warping(np.array([0.1, 1000.0]))
    >>> bool(abs(z).max() < 3), [float(y) for y in warping.inverse(z).round(3)]
    (True, [0.1, 1000.0])
    """

    center: float
    scale: float
    power: float
    mean: float
    std: float

    @classmethod
    def of(cls, y: Array) -> "Warping":
        """The power with which y (n,) are most likely normal."""
        from scipy.optimize import minimize_scalar

        center, scale = _middle(y)
        x = _standard(y, center, scale)
        tilt = float(np.sum(np.sign(x) * np.log1p(np.abs(x))))  # of log ψ'(x; p) = (p - 1) · this

        def misfit(p: float) -> float:
            return 0.5 * len(x) * np.log(np.var(_bent(x, p)) + 1e-300) - (p - 1) * tilt

        many = len(np.unique(x)) > 2
        power = minimize_scalar(misfit, bounds=_POWERS, method="bounded").x if many else 1.0
        bent = _bent(x, power)
        return cls(center, scale, float(power), float(bent.mean()), float(bent.std()) or 1.0)

    def __call__(self, y: Array) -> Array:
        return (_bent(_standard(y, self.center, self.scale), self.power) - self.mean) / self.std

    def inverse(self, z: Array) -> Array:
        """y of z; ±∞ beyond what any y has."""
        bent, p = z * self.std + self.mean, self.power
        with np.errstate(all="ignore"):
            over = np.expm1(bent) if p == 0 else np.maximum(1 + p * bent, 0) ** (1 / p) - 1
            q = 2 - p
            under = -np.expm1(-bent) if q == 0 else 1 - np.maximum(1 - q * bent, 0) ** (1 / q)
            y: Array = self.center + self.scale * np.where(bent >= 0, over, under)
        return y


def targets(losses: Array) -> Array:
    """z (n,) of losses (n,); a trial that failed counts as the worst of the others."""
    finite = losses[np.isfinite(losses)]
    return Warping.of(finite)(np.where(np.isfinite(losses), losses, finite.max()))


def _bent(x: Array, p: float) -> Array:
    size = np.log1p(np.abs(x))
    q = np.where(x >= 0, p, 2 - p)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sign(x) * np.where(np.abs(q) < 1e-9, size, np.expm1(q * size) / q)


def _standard(y: Array, center: float, scale: float) -> Array:
    with np.errstate(over="ignore"):
        x = (y * _PART - center * _PART) / (scale * _PART)
    return np.clip(x, -_FAR, _FAR)


def _middle(y: Array) -> tuple[float, float]:
    """The median, and what is a large difference among most: half the range of the middle half

    Where these are all the same, the root of the mean square is.
    """
    low, center, high = (float(q) for q in np.quantile(y * _PART, [0.25, 0.5, 0.75]))
    off = (y * _PART - center) / math.sqrt(len(y))
    scale = (high - low) / 2 or math.hypot(*off)
    return center / _PART, scale / _PART or 1.0
