"""Twelve functions on which searches are compared: each a box, its least value, and the equation.

Where the least value of the usual box lies in its middle, a search that begins there has won before
it has searched. Such a box is shifted: Ackley's and Rastrigin's.

[Surjanovic & Bingham, "Virtual library of simulation experiments"]
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = NDArray[np.float64]
Box = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Function:
    """What is made small.

    Args:
        of: from a point (D,) to its value.
        box: the ends of each dimension.
        least: the least value in the box.
    """

    of: Callable[[Point], float]
    box: Box
    least: float

    def __call__(self, point: Sequence[float] | Point) -> float:
        return float(self.of(np.asarray(point, np.float64)))

    def regret(self, values: Sequence[float]) -> float:
        """By how much the best of them misses the least."""
        return max(0.0, min(values) - self.least)


def branin(x: Point) -> float:
    a, b = x
    bend = b - 5.1 / (4 * math.pi**2) * a**2 + 5 / math.pi * a - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10


def six_hump_camel(x: Point) -> float:
    a, b = x
    return (4 - 2.1 * a**2 + a**4 / 3) * a**2 + a * b + (-4 + 4 * b**2) * b**2


def goldstein_price(x: Point) -> float:
    a, b = x
    first = 19 - 14 * a + 3 * a**2 - 14 * b + 6 * a * b + 3 * b**2
    second = 18 - 32 * a + 12 * a**2 + 48 * b - 36 * a * b + 27 * b**2
    return (1 + (a + b + 1) ** 2 * first) * (30 + (2 * a - 3 * b) ** 2 * second)


def ackley(x: Point) -> float:
    radius, waves = math.sqrt(np.mean(x**2)), np.mean(np.cos(2 * math.pi * x))
    return -20 * math.exp(-0.2 * radius) - math.exp(waves) + 20 + math.e


def rastrigin(x: Point) -> float:
    return 10 * len(x) + np.sum(x**2 - 10 * np.cos(2 * math.pi * x))


def michalewicz(x: Point) -> float:
    order = np.arange(1, len(x) + 1)
    return -np.sum(np.sin(x) * np.sin(order * x**2 / math.pi) ** 20)


def rosenbrock(x: Point) -> float:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def levy(x: Point) -> float:
    w = 1 + (x - 1) / 4
    inner, last = w[:-1], w[-1]
    waves = (inner - 1) ** 2 * (1 + 10 * np.sin(math.pi * inner + 1) ** 2)
    end = (last - 1) ** 2 * (1 + math.sin(2 * math.pi * last) ** 2)
    return math.sin(math.pi * w[0]) ** 2 + np.sum(waves) + end


def styblinski_tang(x: Point) -> float:
    return np.sum(x**4 - 16 * x**2 + 5 * x) / 2


_WEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_NARROW_3 = np.array([[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]])
_CENTERS_3 = 1e-4 * np.array(
    [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
)
_NARROW_6 = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_CENTERS_6 = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann_3(x: Point) -> float:
    return -_WEIGHTS @ np.exp(-np.sum(_NARROW_3 * (x - _CENTERS_3) ** 2, axis=1))


def hartmann_6(x: Point) -> float:
    return -_WEIGHTS @ np.exp(-np.sum(_NARROW_6 * (x - _CENTERS_6) ** 2, axis=1))


FUNCTIONS = {
    "Branin": Function(branin, ((-5, 10), (0, 15)), 0.39788735772973816),
    "Six-hump camel": Function(six_hump_camel, ((-3, 3), (-2, 2)), -1.0316284534898774),
    "Goldstein-Price": Function(goldstein_price, ((-2, 2),) * 2, 3.0),
    "Ackley 2": Function(ackley, ((-20, 30),) * 2, 0.0),
    "Rastrigin 2": Function(rastrigin, ((-4, 6),) * 2, 0.0),
    "Michalewicz 2": Function(michalewicz, ((0, math.pi),) * 2, -1.8013034100985537),
    "Hartmann 3": Function(hartmann_3, ((0, 1),) * 3, -3.862779787332662),
    "Rosenbrock 4": Function(rosenbrock, ((-5, 10),) * 4, 0.0),
    "Levy 4": Function(levy, ((-10, 10),) * 4, 0.0),
    "Styblinski-Tang 4": Function(styblinski_tang, ((-5, 5),) * 4, -156.66466281508704),
    "Ackley 5": Function(ackley, ((-20, 30),) * 5, 0.0),
    "Hartmann 6": Function(hartmann_6, ((0, 1),) * 6, -3.322368011415512),
}
