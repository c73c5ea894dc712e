"""Landscapes over a plane, and the paths of optimizers on them."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import numpy as np

from groundup.nn.optimizers import Optimizer
from groundup.report.contours import Landscape
from groundup.typing import Array

Span = tuple[float, float]


class Place(NamedTuple):
    """A landscape.

    Args:
        height: of the points x and y, arrays of one shape or to be broadcast.
        gradient: at a point (2,).
        levels: the heights that are drawn as lines.
        x, y: the part of it that is drawn.
    """

    height: Callable[[Array, Array], Array]
    gradient: Callable[[Array], Array]
    levels: Sequence[float]
    x: Span
    y: Span

    def drawn(self) -> Landscape:
        """Its heights on a grid."""
        x, y = np.linspace(*self.x, 81), np.linspace(*self.y, 61)
        return Landscape(x, y, self.height(x, y[:, None]), self.levels)


VALLEY: Final = Place(
    lambda x, y: x**2 / 20 + y**2,
    lambda p: p * [0.1, 2.0],
    levels=(0.1, 0.4, 1, 2, 3.5, 5.5, 8),
    x=(-10, 10),
    y=(-3, 3),
)
"""x²/20 + y², steep in y and nearly flat in x.   [Saito 2016, 6.1.3]"""
TWO_MINIMA: Final = Place(
    lambda x, y: x**4 / 4 - x**2 / 2 + 0.15 * x + y**2 / 2,
    lambda p: np.array([p[0] ** 3 - p[0] + 0.15, p[1]]),
    levels=(-0.39, -0.33, -0.25, -0.15, -0.08, 0, 0.2, 0.6, 1.2),
    x=(-2, 2),
    y=(-1.4, 1.4),
)
"""x⁴/4 - x²/2 + 0.15 x + y²/2: a shallow minimum to the right, a deeper one to the left."""
SADDLE: Final = Place(
    lambda x, y: x**2 / 2 + y**4 / 4 - y**2 / 2,
    lambda p: np.array([p[0], p[1] ** 3 - p[1]]),
    levels=(-0.22, -0.15, -0.08, -0.02, 0.02, 0.1, 0.3, 0.7, 1.3),
    x=(-2, 2),
    y=(-1.4, 1.4),
)
"""x²/2 + y⁴/4 - y²/2: a saddle at (0, 0) between minima at (0, ±1)."""


def descend(
    gradient: Callable[[Array], Array], optimizer: Optimizer, start: Sequence[float], updates: int
) -> Array:
    """The points of a descent, the start among them, (updates + 1, 2)

    >>> from groundup import SGD
    >>> descend(VALLEY.gradient, SGD(0.5), (10, 1), updates=2).round(3).tolist()
    [[10.0, 1.0], [9.5, 0.0], [9.025, 0.0]]
    """
    theta = np.array(start, np.float64)
    state, points = optimizer.init(theta), [theta.copy()]
    for _ in range(updates):
        theta, state = optimizer.update(theta, gradient(theta), state)
        points.append(theta.copy())
    return np.array(points)
