"""What pairs of runs come to: confirmed, not confirmed, cannot tell.

Pairs are looked at up to three times, after 5, 10 and 20, and several prescriptions are tried at
once. Both would raise false alarms above the level, so p is corrected for both: by a third of the
level for each look, and by Holm over the prescriptions. Where nothing helps, "confirmed" is said of
any prescription in less than 5 % of the cases, whatever the number of looks and findings.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from groundup.doctor.finding import Verdict
from groundup.statistics.corrections import holm, over_looks
from groundup.statistics.pairs import paired_t

LOOKS = (5, 10, 20)  # pairs
LEVEL = 0.05
RELEVANT = 0.02  # of what is measured without the prescription: who gains less gains nothing


def corrected(differences: Sequence[NDArray[np.float64]]) -> list[float]:
    """p of each prescription's differences, treated - without, over looks and prescriptions."""
    return holm(
        [
            over_looks([paired_t(d[:n]).p for n in LOOKS if n <= len(d)], len(LOOKS))
            for d in differences
        ]
    )


def verdict(without: Sequence[float], treated: Sequence[float], p: float) -> Verdict:
    """What one prescription's pairs come to

    Confirmed: p ≤ 5 %, and the mean gain is at least 2 % of the mean without the prescription. Not
    confirmed: whatever the gain is, it is smaller than that, since the interval of the mean
    difference (at the level of one look) ends before; being clearly worse is a case of it.

    Args:
        without, treated: what was measured in each pair's two runs; smaller is better.
        p: of `corrected`.

    >>> verdict([0.9, 0.8, 0.9, 1.0, 0.9], [0.1, 0.2, 0.1, 0.2, 0.1], p=0.001)
    'confirmed'
    >>> verdict([0.9, 0.8, 0.9, 1.0, 0.9], [0.9, 0.8, 0.9, 1.0, 0.9], p=1.0)
    'not confirmed'
    >>> verdict([0.9, 0.8, 0.9, 1.0, 0.9], [0.4, 0.9, 0.8, 1.2, 0.5], p=0.9)
    'cannot tell'
    """
    test = paired_t(np.subtract(treated, without), 1 - LEVEL / len(LOOKS))
    relevant = -RELEVANT * float(np.mean(without))
    if p <= LEVEL and test.mean <= relevant:
        return "confirmed"
    return "not confirmed" if test.low >= relevant else "cannot tell"
