"""What a door did with what it was given: the exact result, a refusal in words, or neither."""

import hashlib
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import numpy as np

from groundup.errors import GroundupError
from groundup.typing import Array
from trust.inputs.forms import NEVER, Form

EXPECTED = re.compile(r"\b[Ee]xpect(ed|s)\b|\b(Use|Change) (a|padding)\b")


@dataclass(frozen=True)
class Door:
    """A public entry that takes arrays.

    Args:
        name: what a fault calls it.
        call: from what is given, and the number of samples meant, to a result.
        takes: the kinds of forms with which it gives the plain array's result.
        words: what its messages may call the argument.
        free: kinds that it may take or refuse, both in order.
        foreign: another library checks first, and says so in its own words.
        base: what it wants of the plain array, such as two classes of three.
        tries: which forms are worth its time.
        slow: it meets another third of the forms in each round.
        plain_for: the plain array in the type in which what is given shall be worked on.
    """

    name: str
    call: Callable[[Any, int], Any]
    takes: frozenset[str]
    words: tuple[str, ...] = ("y", "label", "labels", "targets")
    free: frozenset[str] = field(default=frozenset())
    foreign: bool = False
    base: Callable[[Array], Array] = lambda plain: plain
    tries: Callable[[Form], bool] = lambda form: True
    plain_for: Callable[[Any, Array], Array] = lambda given, plain: plain
    slow: bool = False

    def expects(self, form: Form) -> str:
        """ "exact", "refused" or "either"."""
        if form.kind in self.free:
            return "either"
        return "exact" if form.kind in self.takes and form.kind != NEVER else "refused"


def bits(value: Any) -> str:
    """A short name of everything in a result: types, shapes and bytes."""
    digest = hashlib.sha256()
    for part in _parts(value):
        digest.update(part)
    return digest.hexdigest()[:16]


class Judge:
    """Compares what one door makes of many forms of one plain array."""

    def __init__(self, door: Door, plain: Array) -> None:
        self.door, self.plain = door, plain
        self._wanted: dict[tuple[str, int], tuple[str, Any]] = {}

    def given(self, form: Form) -> Any:
        """The form itself; ImportError where the library that it comes from is missing."""
        return form.make(self.plain.copy())

    def fault(self, form: Form, given: Any) -> str | None:
        """What is wrong with how the door met this form; None if nothing is."""
        at, count = f"{self.door.name}, {form.name}", _count(form, self.plain)
        before = bits(_plain_arrays(given))
        outcome, found = _met(self.door, given, count)
        if bits(_plain_arrays(given)) != before:
            return f"{at}: the input was written to."
        expected = self.door.expects(form)
        if expected == "either" and isinstance(found, RuntimeWarning):
            return None  # NumPy's own words of an overflow or a NaN
        if outcome == "broke" or (expected != "either" and outcome != expected):
            return f"{at}: expected {expected}, found {outcome}: {_brief(found)}"
        if outcome == "refused":
            return _unclear(self.door, form, given, str(found))
        reference, wanted = self._reference(form, given, count, expected)
        if reference != "exact":
            return f"{at}: the plain form itself was {reference}: {_brief(wanted)}"
        if bits(found) != bits(wanted):
            return f"{at}: another result, {_brief(found)} for {_brief(wanted)}"
        return None

    def _reference(self, form: Form, given: Any, count: int, expected: str) -> tuple[str, Any]:
        """What the door makes of the plain form; where both were in order, of the same numbers."""
        if expected == "either":
            plain = np.array(np.asarray(given), order="C")
            plain = plain.astype(plain.dtype.newbyteorder("="), copy=False)
        else:
            plain = self.door.plain_for(given, form.plain(self.plain.copy()))
        key = (bits(plain), count)
        if key not in self._wanted:
            self._wanted[key] = _met(self.door, plain, count)
        return self._wanted[key]


def _met(door: Door, given: Any, count: int) -> tuple[str, Any]:
    """ "exact" with the result, "refused" with the error, or "broke" with another one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if door.foreign else "error")
        try:
            return "exact", door.call(given, count)
        except GroundupError as error:
            return "refused", error
        except (ValueError, TypeError) as error:
            return ("refused" if door.foreign else "broke"), error
        except Exception as error:
            return "broke", error


def _unclear(door: Door, form: Form, given: Any, message: str) -> str | None:
    """What a refusal does not say."""
    if door.foreign:
        return None
    words = "|".join(map(re.escape, door.words))
    lacks = []
    if not re.search(rf"(?<![a-z])({words})(?![a-z])", message, re.IGNORECASE):
        lacks.append("the argument")
    if not EXPECTED.search(message):
        lacks.append("what was expected")
    if not any(word in message for word in (*form.found, *_seen(given))):
        lacks.append("what was found")
    if not lacks:
        return None
    return f"{door.name}, {form.name}: the refusal does not name {', '.join(lacks)}: {message}"


def _seen(given: Any) -> tuple[str, ...]:
    """Shape, length and type, as a message may give them."""
    try:
        array = np.asanyarray(given)
    except Exception:
        return (type(given).__name__,)
    count = () if array.ndim == 0 else (f"{len(array)} ", f" {len(array)}:", f" {len(array)}.")
    sample = ", ".join(["N", *map(str, array.shape[1:])])  # as of layers, who do not know N
    window = "x".join(map(str, array.shape[2:])) or sample
    words = (
        str(array.shape),
        str(array.shape[1:]),
        f"({sample})",
        window,
        str(array.dtype),
        array.dtype.name,
    )
    return (*words, type(given).__name__, *count)


def _count(form: Form, plain: Array) -> int:
    return 1 if form.kind == "one row" else len(plain)


def _brief(value: Any) -> str:
    text = f"{type(value).__name__}: {value}" if isinstance(value, BaseException) else repr(value)
    return text.replace("\n", " ")[:240]


def _plain_arrays(given: Any) -> Any:
    """Everything in the input whose bytes can be compared; what has none counts by its type."""
    if isinstance(given, np.ndarray):
        if given.dtype.hasobject:
            return [type(item).__name__ for item in given.reshape(-1)]
        mask = [np.ma.getmaskarray(given)] if isinstance(given, np.ma.MaskedArray) else []
        flags = given.flags
        return [np.asarray(given), *mask, flags.writeable, flags.c_contiguous, flags.aligned]
    if isinstance(given, list | tuple):
        if all(type(item) in _PLAIN for item in given):
            return repr(given)
        return [_plain_arrays(item) for item in given]
    held = getattr(given, "_array", None)
    return _plain_arrays(held) if held is not None else type(given).__name__


def _parts(value: Any) -> Iterator[bytes]:
    """A result in pieces of bytes, each with its kind."""
    if isinstance(value, np.ndarray | np.generic):
        array = np.asarray(value)
        yield f"array {array.dtype.newbyteorder('=').str} {array.shape} ".encode()
        if array.dtype.hasobject or array.dtype.itemsize > 8:  # longdouble has bytes of no meaning
            yield repr(array.tolist()).encode()
        else:
            yield array.astype(array.dtype.newbyteorder("="), copy=False).tobytes()
    elif type(value) in _PLAIN:
        yield (value.hex() if type(value) is float else repr(value)).encode()
    elif isinstance(value, list | tuple):
        yield f"list {len(value)} ".encode()
        for item in value:
            yield from _parts(item)
    elif isinstance(value, dict):
        for key in value:
            yield f"key {key} ".encode()
            yield from _parts(value[key])
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from _parts(getattr(value, one.name))
    else:
        raise TypeError(f"a result holds {type(value).__name__}, whose bits are not known")


_PLAIN = frozenset({float, int, bool, str, bytes, type(None)})
