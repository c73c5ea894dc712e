"""Which of several methods is best, and which cannot be told apart."""

import itertools
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from groundup.errors import ShapeError
from groundup.statistics.corrections import holm
from groundup.statistics.pairs import PairedTest, paired_t


@dataclass(frozen=True)
class Comparison:
    """Two methods side by side: the test of b - a, and its p corrected by Holm over all pairs."""

    a: str
    b: str
    test: PairedTest
    p: float


@dataclass(frozen=True)
class Ranking:
    """Methods in order.

    Args:
        names: the best first.
        means: of each one's values.
        comparisons: of every two, a before b in `names`.
        groups: sets of methods of which no two can be told apart, each as large as it can be, that
            of the best first; a method may be in several.
    """

    names: tuple[str, ...]
    means: tuple[float, ...]
    comparisons: tuple[Comparison, ...]
    groups: tuple[tuple[str, ...], ...]

    def letters(self, name: str) -> str:
        """The groups of a method by their letters: those with a common one cannot be told apart."""
        return "".join(
            letter
            for letter, group in zip(string.ascii_letters, self.groups, strict=False)
            if name in group
        )


def rank(
    values: Mapping[str, Sequence[float]],
    best: Literal["low", "high"] = "low",
    alpha: float = 0.05,
) -> Ranking:
    """Order methods by their mean and say which cannot be told apart

    Every two are compared by `paired_t`, corrected by `holm` over all pairs. What the tests tell
    apart is split into groups by insertion and absorption.   [Piepho 2004, "An algorithm for a
    letter-based representation of all-pairwise comparisons"]

    Args:
        values: of each method (n,), those at one place from one seed.
        best: whether low or high values are good.
        alpha: the chance of any two being told apart where none differ.

    Raises:
        ShapeError: not as many values for each.
        InputError, DataError: fewer than two values each, or one that is not finite.

    >>> losses = {"sgd": [0.9, 0.8, 0.9, 0.8], "adam": [0.3, 0.2, 0.3, 0.1],
    ...           "rmsprop": [0.2, 0.3, 0.3, 0.2]}
    >>> ranking = rank(losses)
    >>> [(name, ranking.letters(name)) for name in ranking.names]
    [('adam', 'a'), ('rmsprop', 'a'), ('sgd', 'b')]
    """
    table = {name: np.asarray(given, np.float64) for name, given in values.items()}
    shapes = {array.shape for array in table.values()}
    if len(shapes) > 1:
        raise ShapeError(f"rank: values of shapes {sorted(shapes)}: expected as many for each.")
    sign = 1 if best == "low" else -1
    names = sorted(table, key=lambda name: sign * float(table[name].mean()))
    pairs = list(itertools.combinations(names, 2))
    tests = [paired_t(table[b] - table[a]) for a, b in pairs]
    corrected = holm([test.p for test in tests])
    comparisons = tuple(
        Comparison(a, b, test, p) for (a, b), test, p in zip(pairs, tests, corrected, strict=True)
    )
    apart = [(one.a, one.b) for one in comparisons if one.p <= alpha]
    means = tuple(float(table[name].mean()) for name in names)
    return Ranking(tuple(names), means, comparisons, _groups(names, apart))


def _groups(names: Sequence[str], apart: Sequence[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """The largest sets without a pair that is told apart, in the order of their members."""
    groups = [frozenset(names)]
    for a, b in apart:
        split = [
            part
            for group in groups
            for part in ((group - {a}, group - {b}) if {a, b} <= group else (group,))
        ]
        groups = [
            group
            for place, group in enumerate(split)
            if not any(group < other for other in split) and group not in split[:place]
        ]
    ordered = sorted(sorted(map(names.index, group)) for group in groups)
    return tuple(tuple(names[place] for place in group) for group in ordered)
