"""Losses as values that look normal, as a Gaussian process expects them.

Losses often have a long tail: some settings are worse by powers of ten, and a model that must
explain these has no eye for the differences among the best.
"""

from dataclasses import dataclass

import numpy as np

from groundup.typing import Array

_POWERS = (0.0, 1.0)


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

        center, scale = float(np.median(y)), _spread(y)
        x = (y - center) / scale
        tilt = float(np.sum(np.sign(x) * np.log1p(np.abs(x))))  # of log ψ'(x; p) = (p - 1) · this

        def misfit(p: float) -> float:
            return 0.5 * len(x) * np.log(np.var(_bent(x, p)) + 1e-300) - (p - 1) * tilt

        many = len(np.unique(x)) > 2
        power = minimize_scalar(misfit, bounds=_POWERS, method="bounded").x if many else 1.0
        bent = _bent(x, power)
        return cls(center, scale, float(power), float(bent.mean()), float(bent.std()) or 1.0)

    def __call__(self, y: Array) -> Array:
        return (_bent((y - self.center) / self.scale, self.power) - self.mean) / self.std

    def inverse(self, z: Array) -> Array:
        """y of z; ±∞ beyond what any y has."""
        bent, p = z * self.std + self.mean, self.power
        with np.errstate(invalid="ignore", divide="ignore"):
            over = np.expm1(bent) if p == 0 else np.maximum(1 + p * bent, 0) ** (1 / p) - 1
            q = 2 - p
            under = -np.expm1(-bent) if q == 0 else 1 - np.maximum(1 - q * bent, 0) ** (1 / q)
        return self.center + self.scale * np.where(bent >= 0, over, under)


def _bent(x: Array, p: float) -> Array:
    size = np.log1p(np.abs(x))
    q = np.where(x >= 0, p, 2 - p)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sign(x) * np.where(np.abs(q) < 1e-9, size, np.expm1(q * size) / q)


def _spread(y: Array) -> float:
    """What is a large difference among most of them: half the range of their middle half."""
    low, high = np.quantile(y, [0.25, 0.75])
    return float((high - low) / 2) or float(np.std(y)) or 1.0
