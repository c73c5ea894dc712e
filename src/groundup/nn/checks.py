"""Checks of numbers that losses, optimizers, schedules and regularizers share."""

import math
from collections.abc import Callable
from numbers import Real
from typing import Any, NamedTuple

from groundup.errors import InputError
from groundup.typing import is_whole


class Range(NamedTuple):
    """What a number must be: in words, and as a test of a finite number."""

    words: str
    holds: Callable[[Any], bool]


POSITIVE = Range("a finite number above 0", lambda x: x > 0)
NOT_NEGATIVE = Range("a finite number of at least 0", lambda x: x >= 0)
SHARE = Range("a number from 0 to 1, 1 excluded", lambda x: 0 <= x < 1)
PORTION = Range("a number from 0 to 1", lambda x: 0 <= x <= 1)
COUNT = Range("a whole number of at least 1", lambda x: is_whole(x) and x >= 1)
WHOLE = Range("a whole number of at least 0", lambda x: is_whole(x) and x >= 0)


def check_number(owner: object, option: str, range: Range) -> None:
    """Refuse the option of a dataclass that is no finite number in `range`

    Numbers of NumPy become Python's: times a float64, a float32 array would turn to float64.

    >>> from dataclasses import make_dataclass
    >>> check_number(make_dataclass("Adam", ["beta_1"])(1.0), "beta_1", SHARE)
    Traceback (most recent call last):
    groundup.errors.InputError: Adam(beta_1=1.0): expected a number from 0 to 1, 1 excluded.
    """
    value = getattr(owner, option)
    check_value(type(owner).__name__, option, value, range)
    object.__setattr__(owner, option, int(value) if is_whole(value) else float(value))


def check_value(who: str, option: str, value: Any, range: Range) -> None:
    """Refuse a value that is no finite number in `range`; `who` and `option` say whose it is."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not range.holds(value):
        raise InputError(f"{who}({option}={value!r}): expected {range.words}.")


def check_choice(owner: object, option: str, choices: tuple[str, ...]) -> None:
    """Refuse the option of a dataclass that is none of `choices`."""
    value = getattr(owner, option)
    if value not in choices:
        expected = " or ".join(f'"{choice}"' for choice in choices)
        raise InputError(f"{type(owner).__name__}({option}={value!r}): expected {expected}.")
