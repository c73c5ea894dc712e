"""Checks of options: what a value must be, said in one place and refused in one form of words.

    Class(option=value): expected …

The `check_…` functions look at an option of an object and put Python's own value in the place of
NumPy's: times a float64, a float32 array would turn to float64. The `as_…` functions do the same
for a bare value and return it. True and False are no numbers. Arrays go through `as_array` or
`as_numbers`, since NumPy alone would forget a mask and make an object of what it does not know.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from groundup.errors import DataError, InputError, ShapeError
from groundup.typing import Array, is_whole

_LARGEST, _LEAST = (float(end) for end in (np.finfo(np.float32).max, np.finfo(np.float32).tiny))


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
SINGLE = Range("a number that float32 holds", lambda x: abs(x) <= _LARGEST)
UNIT = Range("a number above 0 that float32 holds", lambda x: _LEAST <= x <= _LARGEST)


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


def check_table(owner: object, option: str) -> None:
    """Refuse an option that is no table of keys and values."""
    if not isinstance(getattr(owner, option), Mapping):
        raise refusal(option, getattr(owner, option), "a table", _kind(owner))


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


def as_array(given: Any, what: str) -> Array:
    """`given` as NumPy's own array with the same values; what NumPy would misread is refused

    >>> as_array(np.ma.array([1, 2], mask=[True, False]), "y")
    Traceback (most recent call last):
    groundup.errors.DataError: y is a masked array with 1 of 2 values hidden: expected values \
everywhere. Leave those samples out, or fill the values in by y.filled(…).
    """
    if type(given) is np.ndarray:
        return given
    check_unmasked(given, what)
    if hasattr(given, "toarray") and not hasattr(given, "__array__"):
        raise DataError(f"{what} is sparse, {given!r}: expected an array. Use {what}.toarray().")
    try:
        return np.asarray(given)
    except ValueError as error:
        raise ShapeError(f"{what}: expected rows of one length ({error}).") from None
    except Exception as error:  # an object may fail in any way at being an array
        kind = type(given).__name__
        raise DataError(f"{what} is a {kind}: expected an array of numbers ({error}).") from error


def check_unmasked(given: Any, what: str) -> None:
    """Refuse hidden values of a masked array, or of rows that are some."""
    for part in given if isinstance(given, list | tuple) else (given,):
        if isinstance(part, np.ma.MaskedArray) and np.ma.is_masked(part):
            hidden = int(np.ma.getmaskarray(part).sum())
            raise DataError(
                f"{what} is a masked array with {hidden:,} of {part.size:,} values "
                "hidden: expected values everywhere. Leave those samples out, or fill the "
                f"values in by {what}.filled(…)."
            )


def as_table(given: Any, what: str) -> Any:
    """What scikit-learn is to check further: no hidden values or fields, which it would forget

    Tables keep the names of their columns; what is sparse, scikit-learn refuses itself.
    """
    if hasattr(given, "columns") or hasattr(given, "toarray"):
        return given
    array = as_array(given, what)
    if array.dtype.kind == "V":
        raise DataError(f"{what} has dtype {array.dtype}: expected one number a feature.")
    return array


def as_numbers(given: Any, what: str) -> Array:
    """`as_array` of what must be real numbers: booleans, whole numbers or floats

    >>> as_numbers(["1", "2"], "y")
    Traceback (most recent call last):
    groundup.errors.DataError: y has dtype <U1: expected real numbers. Encode text as numbers.
    """
    array = as_array(given, what)
    if array.dtype.kind not in "biuf":
        hint = " Encode text as numbers." if array.dtype.kind in "OSU" else ""
        raise DataError(f"{what} has dtype {array.dtype}: expected real numbers.{hint}")
    return array


def as_weights(given: Any, count: int, who: str = "") -> Array:
    """Weights of so many samples, (N,): finite and at least 0

    >>> as_weights([1.0, -2.0], 2)
    Traceback (most recent call last):
    groundup.errors.DataError: sample_weight is -2.0 at sample 1: expected finite numbers >= 0 \
that float32 holds, as weights.
    """
    what = f"{who}: sample_weight" if who else "sample_weight"
    weight = as_numbers(given, what)
    if weight.shape != (count,):
        raise ShapeError(
            f"{what} has shape {weight.shape}: expected {count} numbers, one weight a sample."
        )
    wide = weight.astype(np.float64)
    bad = ~((wide >= 0) & (wide <= _LARGEST))  # NaN is bad, too
    if bad.any():
        index = int(bad.argmax())
        raise DataError(
            f"{what} is {weight[index]} at sample {index}: expected finite numbers >= 0 "
            "that float32 holds, as weights."
        )
    return weight


def as_floats(given: Any, what: str) -> Array:
    """`as_numbers` in floats, so that -x is the negative even of bytes; float32 stays float32

    >>> -as_floats(np.array([1], np.uint8), "x")
    array([-1.])
    """
    array = as_numbers(given, what)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def as_parameter(given: Any, what: str) -> Array:
    """`as_floats`; arrays of other libraries that compute as NumPy does stay theirs."""
    if not isinstance(given, np.ndarray) and hasattr(given, "__array_namespace__"):
        return given
    return as_floats(given, what)


def expect_room(array: Array, dtype: "np.dtype[Any]", what: str) -> None:
    """Refuse finite numbers that this type cannot hold; NaN of what diverged may come back."""
    beyond = np.isfinite(array) & (np.abs(array.astype(np.float64)) > np.finfo(dtype).max)
    if beyond.any():
        raise DataError(f"{what} hold {array[beyond][0]:g}: expected numbers that {dtype} holds.")


def check_list(who: str, **given: Any) -> None:
    """Refuse what is no list: a word is none, though it has letters."""
    for option, value in given.items():
        if not isinstance(value, Iterable) or isinstance(value, str | bytes):
            raise refusal(option, value, "a list", who)


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Say of an error below here what it is about."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"{what}: {error}") from None


def refusal(option: str, value: object, expected: str, who: str = "") -> InputError:
    """The error for an option of `who`, or for a function's argument where nobody is named."""
    given = f"{option}={value!r}"
    return InputError(f"{f'{who}({given})' if who else given}: expected {expected}.")


def _kind(owner: object) -> str:
    return type(owner).__name__


def _put(owner: object, option: str, value: object) -> None:
    object.__setattr__(owner, option, value)  # most owners are frozen
