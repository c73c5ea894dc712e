"""Where the expected improvement is most: many places looked at, the best of them climbed from."""

import numpy as np

from groundup.rng import Stream
from groundup.tune.bayesian.acquisition import log_h, log_improvement, slope_h
from groundup.tune.bayesian.encoding import Encoding
from groundup.tune.bayesian.gaussian_process import GaussianProcess
from groundup.typing import Array

CANDIDATES, NEAR, CLIMBS, STEPS = 768, 64, 5, 60
_RADII = (0.1, 0.01, 0.001)
_SAME = 1e-20  # the squared distance below which two points are one


def most_promising(
    process: GaussianProcess, encoding: Encoding, tried: Array, best: float, stream: Stream
) -> Array:
    """The unit point (D,) with the highest log EI that was found; not one of the process's own

    Args:
        process: what is known.
        encoding: of units to the process's points.
        tried: (k, D) some of the best so far, around which more candidates lie.
        best: the least mean there, which is to be improved on.
        stream: of the candidates.
    """
    from scipy.spatial.distance import cdist

    def values(units: Array) -> Array:
        points = encoding.points(units)
        known = cdist(points, process.X, "sqeuclidean").min(axis=1) < _SAME
        return np.where(known, -np.inf, log_improvement(*process.predict(points), best))

    everywhere = stream.named("everywhere").uniform((CANDIDATES, len(encoding.free)))
    units = encoding.snapped(np.concatenate([everywhere, around(tried, stream.named("around"))]))
    starts = units[np.argsort(-values(units), kind="stable")[:CLIMBS]]
    tops = encoding.snapped(np.array([climbed(process, encoding, u, best) for u in starts]))
    tops = np.concatenate([tops, starts])
    return tops[int(np.argmax(values(tops)))]


def around(tried: Array, stream: Stream) -> Array:
    """Points (NEAR, D) at different distances from some."""
    centers = np.where(np.isfinite(tried), tried, 0.5)[np.arange(NEAR) % len(tried)]
    radii = np.array(_RADII)[np.arange(NEAR) // len(tried) % len(_RADII)]
    return np.clip(centers + radii[:, None] * stream.normal(centers.shape), 0.0, 1.0)


def climbed(process: GaussianProcess, encoding: Encoding, unit: Array, best: float) -> Array:
    """Uphill from a unit point by L-BFGS, in those dimensions that are numbers and there."""
    from scipy.optimize import minimize

    moved = encoding.free & np.isfinite(unit)
    columns = np.flatnonzero(moved[encoding.owner])
    x = encoding.points(unit[None])[0]

    def descend(u: Array) -> tuple[float, Array]:
        x[columns] = u
        mean, std, dmean, dstd = process.slopes(x)
        t = (best - mean) / std
        value = float(log_h(np.array(t)))
        slope = slope_h(t, value)
        dt = -(dmean + t * dstd) / std
        return -(np.log(std) + value), -(dstd / std + slope * dt)[columns]

    if not len(columns):
        return unit
    found = minimize(
        descend, unit[moved], method="L-BFGS-B", jac=True, bounds=[(0.0, 1.0)] * len(columns),
        options={"maxiter": STEPS},
    )  # fmt: skip
    top = unit.copy()
    top[moved] = found.x
    return top
