"""Isotonic regression: the nearest numbers that never fall."""

from collections.abc import Sequence


def isotonic(wanted: Sequence[float], weights: Sequence[float] | None = None) -> list[float]:
    """The non-decreasing numbers nearest to the wanted ones, in weighted squares

    Neighbors in the wrong order are pooled at their mean until none is left.   [Ayer et al. 1955]

    >>> isotonic([1.0, 5.0, 3.0, 9.0]), isotonic([4.0, 1.0], [1.0, 2.0])
    ([1.0, 4.0, 4.0, 9.0], [2.0, 2.0])
    """
    pools: list[tuple[float, float, int]] = []  # (weighted sum, weight, count)
    for value, weight in zip(wanted, weights or [1.0] * len(wanted), strict=True):
        pool = (value * weight, weight, 1)
        while pools and pools[-1][0] / pools[-1][1] > pool[0] / pool[1]:
            before = pools.pop()
            pool = (before[0] + pool[0], before[1] + pool[1], before[2] + pool[2])
        pools.append(pool)
    return [total / weight for total, weight, count in pools for _ in range(count)]
