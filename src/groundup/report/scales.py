"""From values to pixels: linear and logarithmic scales, with ticks at round numbers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from groundup.errors import InputError
from groundup.report.numbers import THIN, number, power_of_ten

_LARGEST, _SMALLEST = 1e300, 1e-300  # so that neither differences nor steps leave float64
_WIDE = 50.0  # values that differ by this factor are shown on a logarithmic axis
Range = tuple[float | None, float | None]
"""The ends of an axis; None means: as the data ask."""


@dataclass(frozen=True)
class Linear:
    """Maps low … high to the pixels start … end.

    >>> Linear(0, 10, start=100, end=200)(2.5)
    125.0
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (self._inner(value) - self._inner(self.low)) / (
            self._inner(self.high) - self._inner(self.low)
        )
        return self.start + (self.end - self.start) * share

    def value(self, pixel: float) -> float:
        """What lies there

        >>> Linear(0, 10, start=100, end=200).value(125), Log(1, 100, start=0, end=50).value(25)
        (2.5, 10.0)
        """
        share = (pixel - self.start) / (self.end - self.start)
        low, high = self._inner(self.low), self._inner(self.high)
        return self._outer(low + share * (high - low))

    def _inner(self, value: float) -> float:
        return value

    def _outer(self, inner: float) -> float:
        return inner

    def drawable(self, value: float) -> bool:
        """False for what has no place on this scale, such as NaN."""
        return math.isfinite(value)

    def ticks(self, count: int = 5, *, whole: bool = False) -> list[float]:
        """About `count` round numbers between low and high; only whole ones if asked."""
        return nice_ticks(self.low, self.high, count, whole=whole)


@dataclass(frozen=True)
class Log(Linear):
    """Maps low … high to the pixels start … end, equal ratios to equal distances.

    >>> Log(1, 100, start=0, end=50)(10)
    25.0
    """

    def _inner(self, value: float) -> float:
        return math.log10(value)

    def _outer(self, inner: float) -> float:
        return 10.0**inner

    def drawable(self, value: float) -> bool:
        return math.isfinite(value) and value > 0

    def ticks(self, count: int = 5, *, whole: bool = False) -> list[float]:
        """Powers of ten, with 2 and 5 (or all digits) between where there are few."""
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        every = max(1, math.ceil((last - first) / max(count, 1)))
        half = max(1, every // 2)
        for step, digits in ((every, (1,)), (half, (1,)), (1, (1, 2, 5)), (1, range(1, 10))):
            ticks = [
                float(f"{digit}e{power}")
                for power in range(first, last + 1, step)
                for digit in digits
            ]
            ticks = [tick for tick in ticks if self.low <= tick <= self.high]
            if len(ticks) >= 3:
                return ticks
        return ticks or [self.low, self.high]


def nice_ticks(low: float, high: float, count: int = 5, *, whole: bool = False) -> list[float]:
    """About `count` multiples of 1, 2 or 5 times a power of ten in [low, high].

    >>> nice_ticks(0.13, 0.97)
    [0.2, 0.4, 0.6, 0.8]
    >>> nice_ticks(1, 3, whole=True)
    [1.0, 2.0, 3.0]
    """
    digit, power = _step(high - low, count, whole)
    step = digit * 10.0**power
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{index * digit}e{power}") for index in range(first, last + 1)]


def _step(span: float, count: int, whole: bool) -> tuple[int, int]:
    """The smallest (digit, power of ten) with at most `count` steps in the span."""
    wanted = max(span / max(count, 1), 1.0 if whole else _SMALLEST)
    power = math.floor(math.log10(wanted))
    for digit in (1, 2, 5):
        if digit * 10.0**power >= wanted * (1 - 1e-9):
            return digit, power
    return 1, power + 1


def linear(
    values: Iterable[float],
    start: float,
    end: float,
    *,
    limits: Range = (None, None),
    rounded: bool = False,
) -> Linear:
    """The linear scale that shows all finite values; `rounded` moves its free ends to ticks.

    >>> linear([0.13, 0.97, float("nan")], 0, 100, rounded=True)
    Linear(low=0.0, high=1.0, start=0, end=100)
    """
    known = [min(max(value, -_LARGEST), _LARGEST) for value in values if math.isfinite(value)]
    low = limits[0] if limits[0] is not None else min(known, default=limits[1] or 0.0)
    high = limits[1] if limits[1] is not None else max(known, default=low + 1.0)
    low, high = min(low, high), max(low, high)
    size = max(abs(low), abs(high))
    if high - low <= max(1e-9 * size, _SMALLEST):
        middle, half = (low + high) / 2, 0.5 * size if size > _SMALLEST else 0.5
        low, high = middle - half, middle + half
        low = max(low, limits[0]) if limits[0] is not None else low
        high = min(high, limits[1]) if limits[1] is not None else high
    if rounded:
        digit, power = _step(high - low, 5, whole=False)
        step = digit * 10.0**power
        if limits[0] is None:
            low = float(f"{math.floor(low / step + 1e-9) * digit}e{power}")
        if limits[1] is None:
            high = float(f"{math.ceil(high / step - 1e-9) * digit}e{power}")
    return Linear(low, high, start, end)


def log(values: Iterable[float], start: float, end: float, *, limits: Range = (None, None)) -> Log:
    """The logarithmic scale that shows all positive finite values.

    >>> log([0.01, 1.0, 0.0], 0, 100)
    Log(low=0.01, high=1.0, start=0, end=100)
    """
    if any(limit is not None and limit <= 0 for limit in limits):
        raise InputError(f"limits {limits} of a logarithmic axis: expected both above 0, or None.")
    known = [min(max(value, _SMALLEST), _LARGEST) for value in values if 0 < value < math.inf]
    low = limits[0] or min(known, default=0.1)
    high = limits[1] or max(known, default=10 * low)
    if high <= low * (1 + 1e-9):
        low, high = low / 3, high * 3
    return Log(low, high, start, end)


def wide(values: Iterable[float]) -> bool:
    """Whether the finite values are positive and differ so much that they ask for a log axis.

    >>> wide([0.01, 1.0, math.nan]), wide([0.1, 1.0]), wide([0.0, 1.0]), wide([])
    (True, False, False, False)
    """
    known = [value for value in values if math.isfinite(value)]
    return bool(known) and min(known) > 0 and max(known) >= _WIDE * min(known)


def tick_labels(ticks: Sequence[float], unit: str = "") -> list[str]:
    """The ticks in words, all with equally many decimals; unit "%" shows shares as percent.

    >>> tick_labels([0.0, 0.5, 1.0]), tick_labels([1e-6, 1e-5]), tick_labels([0, 20_000])
    (['0.0', '0.5', '1.0'], ['10⁻⁶', '10⁻⁵'], ['0', '20,000'])
    """
    suffix = f"{THIN}%" if unit == "%" else ""
    shown = [100 * tick for tick in ticks] if suffix else list(ticks)
    sizes = [abs(tick) for tick in shown if tick]
    if sizes and (max(sizes) >= 1e7 or min(sizes) < 1e-4 or max(sizes) / min(sizes) >= 100):
        for digits in range(3, 17):
            words = [_short(tick, digits) for tick in shown]
            if len(set(words)) == len(words):
                break
    else:
        step = min((after - before for before, after in pairwise(shown)), default=1.0)
        fits = (n for n in range(17) if all(abs(round(x, n) - x) <= 1e-6 * step for x in shown))
        places = next(fits, 16)
        words = [f"{tick:,.{places}f}".replace("-", "−") for tick in shown]
    return [word + suffix for word in words]


def _short(value: float, digits: int) -> str:
    """Powers of ten far from 1 as such, other numbers to so many digits."""
    power = round(math.log10(abs(value))) if value else 0
    far = not -4 <= power < 7
    exact = far and value > 0 and abs(value / 10.0**power - 1) < 1e-12
    return power_of_ten(power) if exact else number(value, digits)
