"""What no option may be, by the type that it is declared with; and what it may be, otherwise."""

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

NAN, INF = float("nan"), float("inf")


class Thing:
    """Nothing that anybody knows."""

    def __repr__(self) -> str:
        return "<a thing>"


THING = Thing()
ODD: tuple[Any, ...] = (THING, 1j, {}, b"1")
WRONG: Mapping[Any, tuple[Any, ...]] = {
    float: ("0.1", "", NAN, INF, -INF, True, [0.1], (0.1,), np.array([0.1]), np.array(0.1), 10**400,
            np.float32("nan"), np.bool_(True), "nan", *ODD),
    int: ("3", 2.5, NAN, INF, True, False, [3], (3,), np.array([3]), np.array(3), np.float64(2.5),
          Fraction(5, 2), "3.0", *ODD),
    bool: ("no", "False", "", 0, 1, 2, 0.0, [], [True], np.ones(2), np.array(True), *ODD),
    str: (5, 2.5, True, ["loss"], *ODD),
    "choice": ("no such thing", "", 5, 2.5, True, [], ["valid"], *ODD),
    "object": ("no such thing", {"kind": "NoSuchThing"}, {"kind": 5}, b"1", THING),
    "sequence": ("words", 5, 2.5, True, [THING], THING, 1j, b"1"),
    "mapping": ("words", 5, 2.5, True, [1], THING, 1j, b"1"),
    "path": (5.5, THING, 1j, [], {}, True),
    "call": (5.5, "words", THING, 1j, [], {}, True),
}  # fmt: skip
PERHAPS = (-1, 0, 1, 2, 7, -0.5, 0.5, 1.5, 1e-320, 1e300, -(2**100))
"""Numbers that some options may be and others not: taken as they are, or refused."""


def kind_of(annotation: Any) -> tuple[Any, bool]:
    """(the key of WRONG, whether None is allowed) for what a field is declared with."""
    options, optional = [annotation], False
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        options = [one for one in typing.get_args(annotation) if one is not type(None)]
        optional = len(options) < len(typing.get_args(annotation))
    kinds = {_kind(one) for one in options}
    return (kinds.pop() if len(kinds) == 1 else frozenset(kinds)), optional


def _kind(one: Any) -> Any:
    origin = typing.get_origin(one)
    if origin is typing.Literal:
        return "choice"
    if one in (float, int, bool, str):
        return one
    if origin is Callable or one is Callable or origin is typing.get_origin(Callable[..., Any]):
        return "call"
    name = getattr(origin or one, "__name__", "")
    if origin is tuple or origin is list or (origin and issubclass(origin, Sequence)):
        return "sequence"
    if origin and issubclass(origin, Mapping):
        return "mapping"
    return "path" if name == "PathLike" else "object"


def wrong_for(annotation: Any) -> tuple[Any, ...]:
    """Values that an option with this declaration must refuse."""
    kind, optional = kind_of(annotation)
    none = () if optional or kind == "object" else (None,)
    if isinstance(kind, frozenset):
        if not kind <= set(WRONG):
            return ()
        common = [v for v in _all(kind) if all(among(v, WRONG[one]) for one in kind)]
        return (*common, *none)
    return (*WRONG[kind], *none)


def _all(kinds: frozenset[Any]) -> list[Any]:
    return [value for kind in kinds for value in WRONG[kind]][: len(WRONG[next(iter(kinds))])]


def among(value: Any, values: Sequence[Any]) -> bool:
    """Whether it is one of them; True is not 1."""
    return any(value is other for other in values) or any(
        type(value) is type(other) and repr(value) == repr(other) for other in values
    )


def same_otherwise(value: Any) -> tuple[Any, ...]:
    """The same value in NumPy's types and others: taken as exactly this value, or refused."""
    if isinstance(value, bool):
        return (np.bool_(value),)
    if isinstance(value, int):
        small = (np.uint8(value), np.int8(value)) if 0 <= value < 128 else ()
        return (np.int64(value), np.int32(value), *small)
    if isinstance(value, float):
        return (np.float64(value), np.float32(value), np.float16(value), Fraction(value),
                np.longdouble(value))  # fmt: skip
    return (np.str_(value),) if isinstance(value, str) else ()
