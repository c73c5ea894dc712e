"""Derivatives as given, each beside its central difference.

For y = f(a, b, …) and a cotangent dy the function judged is Σ y dy. Its derivative along v is

    s(h) = Σ (f(a + h v) - f(a - h v)) dy / 2h        error = |s(h) - g·v| / scale

along every element of an array, or along 64 random unit vectors where it has more than 2,000. The
scale is the largest derivative of the array; or 0.0022 Σ |y dy| where that is larger, since the
rounding of y, 2⁻⁵² of it, is divided by h and alone makes an error of 1e-8 of that.

What comes near the tolerance, 1e-8 for h = 1e-5, is looked at again with h / 10, so that no kink of
a ReLU or a pooling lies between the two points, nor much curvature. Where neither agrees and these
two estimates do not agree with each other, there is none to compare with: a kink, which is counted.
Else it is a fault.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from groundup.rng import Stream
from groundup.typing import Array

STEP, TOLERANCE = 1e-5, 1e-8
DOUBTFUL = TOLERANCE / 10  # errors above it are looked at again
NOISE = 2.0**-52 / STEP  # what rounding of y makes of a derivative, as a share of Σ |y dy|
EVERY, DIRECTIONS = 2000, 64  # elements up to which each is looked at, and directions beyond
APART = 100 * TOLERANCE  # between s(h) and s(h/10): then s(h/10) is no better than the tolerance

Arrays: TypeAlias = Mapping[str, Array]


@dataclass(frozen=True)
class Problem:
    """Something differentiable at one place.

    Args:
        kind: who is to blame, such as "Conv2D".
        words: all that makes it.
        arrays: what it is differentiated by, by name.
        dy: the cotangent, of y's shape.
        outputs: y of such arrays.
        gradients: the derivatives of Σ y dy, by the names of `arrays`, in the dtype of those given.
    """

    kind: str
    words: str
    arrays: Arrays
    dy: Array
    outputs: Callable[[Arrays], Array]
    gradients: Callable[[Arrays], Arrays]


@dataclass
class Compared:
    """What came of one problem or of many.

    Args:
        derivatives: how many were looked at.
        finer: those that agreed for h / 10 alone.
        kinks: those without a numerical derivative.
        error: the largest of those that agreed, and `where` that was.
        wrong: a line for each array in which some did not.
    """

    derivatives: int = 0
    finer: int = 0
    kinks: int = 0
    error: float = 0.0
    where: str = ""
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Compared") -> None:
        self.derivatives += other.derivatives
        self.finer += other.finer
        self.kinks += other.kinks
        self.wrong += other.wrong
        if other.error > self.error:
            self.error, self.where = other.error, other.where


def compared(problem: Problem) -> Compared:
    """Every array of a problem."""
    found = Compared()
    gradients = problem.gradients(problem.arrays)
    if set(gradients) != set(problem.arrays):
        found.wrong.append(f"gradients of {sorted(gradients)}, not of {sorted(problem.arrays)}")
        return found
    size = float(np.sum(np.abs(problem.outputs(problem.arrays) * problem.dy)))
    for name, gradient in gradients.items():
        found.add(_compared(problem, name, gradient, NOISE / TOLERANCE * size))
    return found


def _compared(problem: Problem, name: str, gradient: Array, least: float) -> Compared:
    at = problem.arrays[name]
    if gradient.shape != at.shape:
        return Compared(wrong=[f"d{name} of shape {gradient.shape}, not {at.shape}"])
    ways = list(_directions(at))
    given = np.array([_along(gradient, way) for way in ways])
    coarse = np.array([_slope(problem, name, way, STEP) for way in ways])
    scale = max(np.abs([given, coarse]).max(initial=0.0), least, 1e-300)
    error = np.abs(coarse - given) / scale
    again = np.flatnonzero(~(error <= DOUBTFUL))
    fine = np.array([_slope(problem, name, ways[i], STEP / 10) for i in again])
    first, second = error[again], np.abs(fine - given[again]) / scale
    error[again] = np.fmin(first, second)
    off = ~(error[again] <= TOLERANCE)
    kink = off & (np.abs(fine - coarse[again]) / scale > APART)
    finer = int((~(first <= TOLERANCE) & ~off).sum())
    wrong = again[off & ~kink]
    error[again[off]] = 0.0
    found = Compared(len(ways), finer, int(kink.sum()), float(error.max(initial=0.0)))
    found.where = f"d{name} of {problem.kind}"
    if wrong.size:
        i = wrong[0]
        found.wrong.append(
            f"d{name}: {wrong.size} of {len(ways)} derivatives are wrong, as number {i}: "
            f"{given[i]:.12g}, numerically {coarse[i]:.12g}"
        )
    return found


Direction: TypeAlias = tuple[int, ...] | Array


def _directions(at: Array) -> Iterator[Direction]:
    """An index for each element, or unit vectors."""
    if at.size <= EVERY:
        yield from np.ndindex(at.shape)
        return
    for i in range(DIRECTIONS):
        v = Stream(i, "search").named("trust/directions").normal(at.shape)
        yield v / np.linalg.norm(v)


def _along(gradient: Array, way: Direction) -> float:
    return float(gradient[way] if isinstance(way, tuple) else np.sum(gradient * way))


def _slope(problem: Problem, name: str, way: Direction, h: float) -> float:
    at = problem.arrays[name]
    ends = []
    for step in (h, -h):
        moved = at + step * way if isinstance(way, np.ndarray) else at.copy()
        if isinstance(way, tuple):
            moved[way] += step
        ends.append(moved)
    above, below = (problem.outputs({**problem.arrays, name: end}) for end in ends)
    # What a single number has really moved by, which rounding makes another than 2h.
    apart = float(ends[0][way] - ends[1][way]) if isinstance(way, tuple) else 2 * h
    return float(np.sum((above - below) * problem.dy)) / apart
