"""Checks of options: what a value must be, said in one place and refused in one form of words.

    Class(option=value): expected …

The `check_…` functions look at an option of an object and put Python's own value in the place of
NumPy's: times a float64, a float32 array would turn to float64. The `as_…` functions do the same
for a bare value and return it. True and False are no numbers.
"""

import math
from collections.abc import Callable
from contextlib import suppress
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from groundup.errors import InputError
from groundup.typing import is_whole


class Range(NamedTuple):
    """What a number must be: in words, and as a test of a finite number."""

    words: str
    holds: Callable[[float], bool]


FINITE = Range("a finite number", lambda x: True)
POSITIVE = Range("a finite number above 0", lambda x: x > 0)
NOT_NEGATIVE = Range("a finite number of at least 0", lambda x: x >= 0)
SHARE = Range("a number from 0 to 1, 1 excluded", lambda x: 0 <= x < 1)
PORTION = Range("a number from 0 to 1", lambda x: 0 <= x <= 1)
BETWEEN = Range("a number between 0 and 1, both excluded", lambda x: 0 < x < 1)


def check_number(owner: object, option: str, range: Range = FINITE) -> None:
    """Refuse an option that is no finite number in `range`; it becomes a float.

    >>> from dataclasses import make_dataclass
    >>> check_number(make_dataclass("Adam", ["beta_1"])(1.0), "beta_1", SHARE)
    Traceback (most recent call last):
    groundup.errors.InputError: Adam(beta_1=1.0): expected a number from 0 to 1, 1 excluded.
    """
    _put(owner, option, as_number(getattr(owner, option), option, range, _kind(owner)))


def check_whole(owner: object, option: str, least: int = 1, instead: str = "") -> None:
    """Refuse an option that is no whole number of at least `least`; it becomes an int

    instead: what else is allowed, for the message alone, such as '"same"'.
    """
    _put(owner, option, as_whole(getattr(owner, option), option, least, _kind(owner), instead))


def check_choice(owner: object, option: str, choices: tuple[str, ...]) -> None:
    """Refuse an option that is none of `choices`."""
    value = getattr(owner, option)
    if not isinstance(value, str) or value not in choices:
        expected = " or ".join(f'"{choice}"' for choice in choices)
        raise refusal(option, value, expected, _kind(owner))
    _put(owner, option, str(value))


def check_flag(owner: object, option: str) -> None:
    """Refuse an option that is neither True nor False; "no" and 0 might have meant either."""
    value = getattr(owner, option)
    if not isinstance(value, bool | np.bool_):
        raise refusal(option, value, "True or False", _kind(owner))
    _put(owner, option, bool(value))


def as_number(value: Any, option: str, range: Range = FINITE, who: str = "") -> float:
    """The value as a float, if it is a finite number in `range`."""
    if not isinstance(value, bool) and isinstance(value, Real):
        with suppress(OverflowError):  # of whole numbers that no float can hold
            number = float(value)
            if math.isfinite(number) and range.holds(number):
                return number
    raise refusal(option, value, range.words, who)


def as_whole(value: Any, option: str, least: int = 1, who: str = "", instead: str = "") -> int:
    """The value as an int, if it is a whole number of at least `least`

    >>> as_whole(0, "batch_size")
    Traceback (most recent call last):
    groundup.errors.InputError: batch_size=0: expected a whole number of at least 1.
    """
    if not is_whole(value) or value < least:
        either = f"{instead} or " if instead else ""
        raise refusal(option, value, f"{either}a whole number of at least {least}", who)
    return int(value)


def refusal(option: str, value: object, expected: str, who: str = "") -> InputError:
    """The error for an option of `who`, or for a function's argument where nobody is named."""
    given = f"{option}={value!r}"
    return InputError(f"{f'{who}({given})' if who else given}: expected {expected}.")


def _kind(owner: object) -> str:
    return type(owner).__name__


def _put(owner: object, option: str, value: object) -> None:
    object.__setattr__(owner, option, value)  # most owners are frozen
