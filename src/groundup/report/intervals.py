"""How sure a number is that was seen in so many samples."""

import math


def wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share seen in n samples, by default of 95 %.   [Wilson 1927]

    >>> low, high = wilson(0.9, 100)
    >>> round(low, 3), round(high, 3)
    (0.826, 0.945)
    """
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)
