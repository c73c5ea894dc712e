"""The values that a hyper-parameter can take: between two numbers, whole numbers, or some choices.

Every dimension is a map from the unit interval: `at(u)` of a uniform u is a fair draw, and equal
steps of u are what a method takes for equally far. So methods see a cube, and never a scale.

A value is plain data, just as a log gives it back: a number, a word, True or False, a list, or a
table such as {"kind": "Dense", "units": 50}.
"""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groundup.checks import Range, as_number, as_whole, check_flag, check_table, naming, refusal
from groundup.errors import UnknownName, did_you_mean
from groundup.registry import Registry, describe
from groundup.typing import is_whole

Conditions = Mapping[str, Sequence[Any]]
_RANGES = ("log", "uniform", "int", "int-log", "log_uniform", "integer")  # the last two: as well


@dataclass(frozen=True, kw_only=True)
class Dimension(ABC):
    """One hyper-parameter's range.

    Args:
        when: it is there only while these others have one of these values, such as
            {"optimizer.name": ["sgd"]}; a bare value stands for a list of one.
    """

    when: Conditions = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        check_table(self, "when")
        lists = {
            key: tuple(describe(values if isinstance(values, list | tuple) else [values]))
            for key, values in self.when.items()
        }
        object.__setattr__(self, "when", lists)

    @abstractmethod
    def at(self, u: float) -> Any:
        """The value at a place u on [0, 1]."""

    @abstractmethod
    def place(self, value: Any) -> float:
        """The place of a value on [0, 1]: the middle of all that `at` maps to it."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Whether it is one of the values."""

    @abstractmethod
    def grid(self, points: int) -> tuple[Any, ...]:
        """At most so many values, evenly from one end to the other; of choices all."""

    @property
    @abstractmethod
    def words(self) -> str:
        """As it is spelled on the command line."""


dimensions: Registry[Dimension] = Registry("dimension", Dimension)


@dimensions.register("uniform")
@dataclass(frozen=True)
class Uniform(Dimension):
    """Any number between two, all alike: x = low + u (high - low)

    >>> Uniform(0.0, 0.5).at(0.5), Uniform(0.0, 0.5).grid(3)
    (0.25, (0.0, 0.25, 0.5))
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _put_ends(self, as_number)

    def at(self, u: float) -> float:
        return min(self.high, self.low + u * (self.high - self.low))

    def place(self, value: Any) -> float:
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: Any) -> bool:
        return _is_number(value) and self.low <= value <= self.high

    def grid(self, points: int) -> tuple[float, ...]:
        return _rounded(self, points)

    @property
    def words(self) -> str:
        return f"uniform:{_short(self.low)}..{_short(self.high)}"


@dimensions.register("log")
@dataclass(frozen=True)
class LogUniform(Dimension):
    """Any number between two, every power of ten alike: x = low (high / low)ᵘ

    >>> LogUniform(1e-6, 1e-2).at(0.5), LogUniform(1e-3, 1e-1).grid(3)
    (0.0001, (0.001, 0.01, 0.1))
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        super().__post_init__()
        _put_ends(self, as_number)
        _check_positive(self)

    def at(self, u: float) -> float:
        if u in (0.0, 1.0):  # the ends are the user's own numbers, to the last bit
            return self.high if u else self.low
        exponent = math.log10(self.low) + u * (math.log10(self.high) - math.log10(self.low))
        return min(self.high, max(self.low, 10.0**exponent))

    def place(self, value: Any) -> float:
        low, high = math.log10(self.low), math.log10(self.high)
        return (math.log10(value) - low) / (high - low) if low < high else 0.5

    def holds(self, value: Any) -> bool:
        return _is_number(value) and self.low <= value <= self.high

    def grid(self, points: int) -> tuple[float, ...]:
        return _rounded(self, points)

    @property
    def words(self) -> str:
        return f"log:{_short(self.low)}..{_short(self.high)}"


@dimensions.register("int")
@dataclass(frozen=True)
class Integer(Dimension):
    """Whole numbers from low to high, both of them; with `log` every doubling alike

    >>> Integer(1, 3).at(0.5), Integer(16, 256, log=True).grid(5)
    (2, (16, 32, 64, 128, 256))
    """

    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _put_ends(self, _as_end)
        check_flag(self, "log")
        if self.log:
            _check_positive(self)

    def at(self, u: float) -> int:
        low, high = self._scaled(self.low - 0.5), self._scaled(self.high + 0.5)
        x = low + u * (high - low)
        return min(self.high, max(self.low, math.floor((math.exp(x) if self.log else x) + 0.5)))

    def place(self, value: Any) -> float:
        low, high = self._scaled(self.low - 0.5), self._scaled(self.high + 0.5)
        middle = (self._scaled(value - 0.5) + self._scaled(value + 0.5)) / 2
        return (middle - low) / (high - low)

    def holds(self, value: Any) -> bool:
        return is_whole(value) and self.low <= value <= self.high

    def grid(self, points: int) -> tuple[int, ...]:
        low, high = self._scaled(self.low), self._scaled(self.high)
        on_scale = (low + u * (high - low) for u in _steps(points))
        found = (round(math.exp(x) if self.log else x) for x in on_scale)
        return tuple(dict.fromkeys(found))

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.log else value

    @property
    def words(self) -> str:
        return f"{'int-log' if self.log else 'int'}:{self.low}..{self.high}"


@dimensions.register("choice")
@dataclass(frozen=True)
class Categorical(Dimension):
    """Some values without an order, all alike

    >>> Categorical(("sgd", "adam")).at(0.7), Categorical(("sgd", "adam")).place("adam")
    ('adam', 0.75)
    """

    choices: tuple[Any, ...] = field(hash=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        with naming("Categorical(choices=…)"):
            choices = tuple(describe(self.choices if type(self.choices) in (list, tuple) else ()))
        twice = any(same(a, b) for k, a in enumerate(choices) for b in choices[:k])
        if not choices or twice or any(one != one for one in choices):
            raise refusal("choices", self.choices, "a list of different values", "Categorical")
        object.__setattr__(self, "choices", choices)

    def at(self, u: float) -> Any:
        return self.choices[min(int(u * len(self.choices)), len(self.choices) - 1)]

    def place(self, value: Any) -> float:
        found = [k for k, choice in enumerate(self.choices) if same(choice, value)]
        if not found:
            raise refusal("value", value, f"one of {self.words}", "Categorical")
        return (found[0] + 0.5) / len(self.choices)

    def holds(self, value: Any) -> bool:
        return any(same(choice, value) for choice in self.choices)

    def grid(self, points: int) -> tuple[Any, ...]:
        return self.choices

    @property
    def words(self) -> str:
        return ",".join(one if isinstance(one, str) else json.dumps(one) for one in self.choices)


def same(a: Any, b: Any) -> bool:
    """Whether two values are one: a list is as good as a tuple, but True is not 1

    >>> same([50, 50], (50, 50)), same(True, 1), same(1, 1.0)
    (True, False, True)
    """
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


@dimensions.parse
def _range(text: str) -> Dimension | None:
    """NAME:LOW..HIGH, such as "log:1e-6..1e-2", "uniform:0..0.5", "int:1..9", "int-log:16..256"."""
    name, colon, ends = text.lower().partition(":")
    if not colon and ".." not in text:
        return None
    low, _, high = ends.partition("..")
    expected = "NAME:LOW..HIGH, such as log:1e-6..1e-2, uniform:0..0.5, int:1..9 or int-log:16..256"
    try:
        numbers = (float(low), float(high))
    except ValueError:
        raise refusal("space", text, expected) from None
    if name not in _RANGES:
        raise UnknownName(f"unknown dimension {name!r}. {did_you_mean(name, _RANGES, _RANGES[:4])}")
    if name.startswith("int"):
        if not all(number.is_integer() for number in numbers):
            raise refusal("space", text, expected)
        return Integer(int(numbers[0]), int(numbers[1]), log=name == "int-log")
    return dimensions.resolve({"kind": name, "low": numbers[0], "high": numbers[1]})


def _put_ends(owner: Any, check: Any) -> None:
    who = type(owner).__name__
    for end in ("low", "high"):
        object.__setattr__(owner, end, check(getattr(owner, end), end, who=who))
    if not 0 < owner.high - owner.low < math.inf:
        expected = f"a number above low = {owner.low}, by a finite difference"
        raise refusal("high", owner.high, expected, who)


def _as_end(value: Any, end: str, who: str) -> int:
    """A whole number at which a float still tells halves apart, and places on [0, 1] as well."""
    as_number(value, end, Range("a whole number up to 10¹²", lambda x: abs(x) <= 1e12), who)
    return as_whole(value, end, -(10**12), who)


def _check_positive(owner: Any) -> None:
    if owner.low <= 0:
        raise refusal(
            "low", owner.low, "a number above 0, as the scale is logarithmic", type(owner).__name__
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _steps(points: int) -> list[float]:
    return [0.5] if points == 1 else [k / (points - 1) for k in range(points)]


def _rounded(owner: Any, points: int) -> tuple[float, ...]:
    """The grid in numbers that a reader likes, but the ends as they are."""
    found = (float(f"{owner.at(u):.6g}") if 0 < u < 1 else owner.at(u) for u in _steps(points))
    return tuple(dict.fromkeys(min(owner.high, max(owner.low, value)) for value in found))


def _short(number: float) -> str:
    """As short as it can be said without becoming another number."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)
