"""How sure a share is that was seen in so many samples."""

import math
from statistics import NormalDist


def wilson(share: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share seen in n samples   [Wilson 1927]

    >>> low, high = wilson(90 / 100, 100)
    >>> round(low, 3), round(high, 3)
    (0.826, 0.945)
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share)
