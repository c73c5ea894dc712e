"""Weight decay in the plane: the minima of a loss of two weights, as the penalty grows."""

from typing import Final

import numpy as np
from markupsafe import Markup

from groundup.lab.reproduce.experiment import Table
from groundup.report.contours import Area, Landscape, Trail, contours
from groundup.typing import Array

BEST: Final = np.array([0.5, 1.6])
CURVED: Final = np.array([[1.0, 0.45], [0.45, 0.8]])
STRENGTHS: Final = np.linspace(0.0, 3.0, 61)
SETTLED: Final = 200  # rounds of descent, far more than two weights need
TOUCHED: Final = 0.75
"""The second weight of the solution through which the allowed area is drawn."""


def loss(w: Array) -> Array:
    """L = (w − BEST)ᵀ CURVED (w − BEST)    w: (…, 2)  L: (…)

    >>> float(loss(np.array([1.5, 1.6])))
    1.0
    """
    away = w - BEST
    return np.einsum("...i,ij,...j->...", away, CURVED, away)


def ridge(strength: float) -> Array:
    """The w that minimizes L + ½ λ Σw², (2,)."""
    return np.linalg.solve(2 * CURVED + strength * np.eye(2), 2 * CURVED @ BEST)


def lasso(strength: float) -> Array:
    """The w that minimizes L + λ Σ|w|, (2,), by descent in one weight after the other.

    >>> lasso(9.0).tolist()
    [0.0, 0.0]
    """
    w = BEST.copy()
    for _ in range(SETTLED):
        for i in range(2):
            pull = 2 * (CURVED[i] @ BEST - CURVED[i, 1 - i] * w[1 - i])
            w[i] = np.sign(pull) * max(abs(pull) - strength, 0.0) / (2 * CURVED[i, i])
    return w


def solutions() -> tuple[Table, dict[str, float]]:
    """The minima by penalty and strength, and in how many of them a weight is exactly 0."""
    paths = {
        name: np.stack([solve(float(strength)) for strength in STRENGTHS])
        for name, solve in {"L2": ridge, "L1": lasso}.items()
    }
    w1, w2 = np.concatenate(list(paths.values())).T
    names = [name for name in paths for _ in STRENGTHS]
    table = {"penalty": names, "strength": np.tile(STRENGTHS, len(paths)), "w1": w1, "w2": w2}
    return table, {name: float((path == 0).any(axis=1).sum()) for name, path in paths.items()}


def constraint(table: Table, name: str) -> Markup:
    """The loss from above, the minima as the penalty grows, the area that one allows."""
    here = np.asarray(table["penalty"]) == name
    w = np.stack([np.asarray(table[column])[here] for column in ("w1", "w2")], axis=1)
    touching = w[np.argmin(np.abs(w[:, 1] - TOUCHED))]
    power = {"L1": 1, "L2": 2}[name]
    turn = np.linspace(0, 2 * np.pi, 73)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    around *= (np.linalg.norm(touching, power) / np.linalg.norm(around, power, axis=1))[:, None]
    across, up = np.linspace(-1.6, 1.8, 69), np.linspace(-1.3, 2.0, 67)
    heights = loss(np.stack(np.meshgrid(across, up), axis=-1))
    path = Trail(name, w[::2, 0], w[::2, 1], "orange")
    area = Area(name, around[:, 0], around[:, 1])
    levels = sorted([0.05, 0.2, 1.0, 2.0, 3.5, 5.5, float(loss(touching))])
    return contours(
        Landscape(across, up, heights, levels), [path], [area], title=name, x_label="w₁",
        y_label="w₂", subtitle={"L1": "|w₁| + |w₂| ≤ c", "L2": "w₁² + w₂² ≤ c"}[name],
        width=360, height=396,
    )  # fmt: skip
