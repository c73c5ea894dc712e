"""Several tests at once: p-values that keep their promise although there were many chances."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """p-values corrected for their number: the chance of any false alarm stays below the level

    The k-th smallest of m becomes max over j ≤ k of (m - j + 1) p₍ⱼ₎, at most 1.   [Holm 1979]

    >>> holm([0.04, 0.01, 0.5])
    [0.08, 0.03, 0.5]
    """
    corrected, largest = [0.0] * len(p), 0.0
    for rank, place in enumerate(np.argsort(p, kind="stable")):
        largest = max(largest, min(1.0, (len(p) - rank) * p[place]))
        corrected[place] = largest
    return corrected


def over_looks(p: Sequence[float], planned: int) -> float:
    """One p-value for a test that was looked at again and again while its data came in

    min(1, K minₖ pₖ) with the K looks that were planned, each of which may spend an equal part of
    the level. It only falls from look to look, so what was found once stays found, and `holm` may
    be applied to several of them at every look.   [Bonferroni; Armitage, McPherson & Rowe 1969 on
    why it is needed]

    Args:
        p: of the looks so far.
        planned: K, how many looks there may be.

    >>> over_looks([0.3, 0.01], planned=3)
    0.03
    """
    return min(1.0, planned * min(p))
