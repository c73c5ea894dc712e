"""Whether a line can separate two classes, and if not, the numbers that show why.

Weights w, b that are right for all samples satisfy b + w·x > 0 for every x of class 1 and
b + w·x ≤ 0 for every x of class 0. Either such weights exist, or a mean of samples of class 1 is
also a mean of samples of class 0 (their convex hulls meet): at that point the weighted sum would
have to be above 0 and not above 0. Never both, and always one of them.   [Farkas 1902]
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from groundup.typing import Array

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_HALVES = {Fraction(1, 2): "½", Fraction(1, 3): "⅓", Fraction(2, 3): "⅔", Fraction(1, 4): "¼"}


@dataclass(frozen=True)
class Share:
    """A sample, and its weight in the mean."""

    weight: float
    x: tuple[float, ...]


@dataclass(frozen=True)
class Contradiction:
    """One point that is a mean of samples of class 1 and a mean of samples of class 0."""

    point: tuple[float, ...]
    ones: tuple[Share, ...]
    zeros: tuple[Share, ...]

    def __str__(self) -> str:
        lines = ["No weights can be right for all samples, since they would have to satisfy"]
        for shares, t, relation in ((self.ones, 1, "> 0"), (self.zeros, 0, "≤ 0")):
            lines += [f"  {_tuple(one.x)} is {t}:  {_sum(one.x)} {relation}" for one in shares]
        point, first = _sum(self.point), len(self.ones)
        lines += [
            f"but {_mixture(self.ones, 0)} says {point} > 0,",
            f"and {_mixture(self.zeros, first)} says {point} ≤ 0:",
            f"the point {_tuple(self.point)} lies between the samples of either class, so no line "
            "separates them.",
        ]
        return "\n".join(lines)


def contradiction(x: Array, t: Array) -> Contradiction | None:
    """The proof that no line separates class 1 from class 0, or None where one does

    A linear program: shares λ ≥ 0 of the samples, of sum 1 in either class, with the same mean.

    x: (N, D)  t: 0 or 1, (N,)

    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> contradiction(square, np.array([0, 1, 1, 0])).point
    (0.5, 0.5)
    >>> contradiction(square, np.array([0, 0, 0, 1])) is None
    True
    """
    from scipy.optimize import linprog  # slow to import, and seldom needed

    sign = np.where(t == 1, 1.0, -1.0)
    same_mean, sums = (sign[:, None] * x).T, np.stack([t == 1, t != 1]).astype(float)
    if not sums.any(axis=1).all():
        return None  # one class alone is separated by the bias
    wanted = np.append(np.zeros(x.shape[1]), [1.0, 1.0])
    found = linprog(np.zeros(len(x)), A_eq=np.vstack([same_mean, sums]), b_eq=wanted)
    if not found.success:
        return None
    ones, zeros = (
        tuple(Share(float(found.x[n]), tuple(x[n].tolist())) for n in rows if found.x[n] > 1e-9)
        for rows in (np.flatnonzero(t == 1), np.flatnonzero(t != 1))
    )
    point = np.sum([one.weight * np.array(one.x) for one in ones], axis=0)
    return Contradiction(tuple(point.round(9).tolist()), ones, zeros)


def _mixture(shares: Sequence[Share], first: int) -> str:
    """The shares in words: "½ of the first + ½ of the second"."""
    words = []
    for number, one in enumerate(shares, first):
        name = _ORDINALS[number] if number < len(_ORDINALS) else f"{number + 1}th"
        fraction = Fraction(one.weight).limit_denominator(12)
        close = abs(float(fraction) - one.weight) < 1e-9
        share = _HALVES.get(fraction, str(fraction)) if close else f"{one.weight:.4g}"
        words.append(f"{'all' if share == '1' else share} of the {name}")
    return " + ".join(words)


def _tuple(x: Sequence[float]) -> str:
    return f"({', '.join(f'{value:g}' for value in x)})"


def _sum(x: Sequence[float]) -> str:
    """b + w·x in words: what is multiplied by 0 is left out."""
    words = "b"
    for number, value in enumerate(x, 1):
        if value:
            size = "" if abs(value) == 1 else f"{abs(value):g} "
            index = str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
            words += f" {'+' if value > 0 else '−'} {size}w{index}"
    return words
