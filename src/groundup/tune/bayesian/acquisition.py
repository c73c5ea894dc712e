"""How much a point can be expected to improve on the best so far, as a logarithm.

    EI = E max(best - f, 0) = s h(t)    t = (best - mean) / s    h(t) = φ(t) + t Φ(t)

Far from the best, EI and its slope are 0 in floating point, and nothing leads uphill. Its logarithm
has a slope everywhere.   [Jones et al. 1998; Ament et al. 2023, "Unexpected improvements to
expected improvement for Bayesian optimization"]
"""

import math

import numpy as np

from groundup.typing import Array

_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
_FAR = -1e3  # from where the series is exact to 10⁻¹¹


def log_h(t: Array) -> Array:
    """log(φ(t) + t Φ(t)), exact for any t, of any shape

    Below -1 as -t²/2 - ½ log 2π + log(1 - |t| √(π/2) erfcx(|t|/√2)), and far below by the first
    terms of its series, 1/t² - 3/t⁴.

    >>> [float(value) for value in log_h(np.array([0.0, -10.0, -1e6])).round(3)]
    [-0.919, -55.553, -500000000028.55]
    """
    from scipy.special import erfcx, ndtr

    t = np.asarray(t, np.float64)
    near, far = np.maximum(t, -1.0), np.minimum(t, -1.0)
    direct = np.log(np.exp(-0.5 * near**2 - _HALF_LOG_2PI) + near * ndtr(near))
    share = math.sqrt(math.pi / 2) * -far * erfcx(-far / math.sqrt(2))
    close = np.log1p(-np.minimum(share, 1 - 1e-15))
    series = np.log1p(np.maximum(-3 / far**2, -0.5)) - 2 * np.log(-far)
    tail = -0.5 * far**2 - _HALF_LOG_2PI + np.where(far < _FAR, series, close)
    value: Array = np.where(t > -1, direct, tail)
    return value


def log_improvement(mean: Array, std: Array, best: float) -> Array:
    """log EI of means and standard deviations of f, of any shape."""
    return np.log(std) + log_h((best - mean) / std)


def slope_h(t: float, log_value: float) -> float:
    """d log h / dt = Φ(t) / h(t), from t and log h."""
    from scipy.special import log_ndtr

    return math.exp(log_ndtr(t) - log_value)
