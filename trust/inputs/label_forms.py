"""Every way in which somebody may hand over class labels, right or wrong.

Each form is made from plain labels: int64 (N,) of classes 0, 1 and 2, every class at least twice.
"""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from groundup.typing import Array
from trust.inputs.forms import CONTAINERS, LAYOUTS, NEVER, Form

CLASSES = 3
OUTSIDE = "outside"  # numbers, but no labels from 0 to C - 1
WHOLE = (
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "intc",
    "longlong",
)
FLOATS = ("float16", "float32", "float64", "longdouble")


def rows(labels: Array, dtype: Any = np.float64) -> Array:
    """One-hot."""
    return np.eye(CLASSES, dtype=dtype)[labels]


def soft(labels: Array) -> Array:
    """Distributions that float32 holds exactly."""
    return rows(labels) * 0.75 + rows((labels + 1) % CLASSES) * 0.25


def first(value: Any, dtype: Any = None) -> Callable[[Array], Array]:
    """The labels with another first one."""

    def make(labels: Array) -> Array:
        held = labels.astype(dtype or (np.float64 if isinstance(value, float) else np.int64))
        held[0] = value
        return held

    return make


def first_row(*values: Any, dtype: Any = np.float64) -> Callable[[Array], Array]:
    def make(labels: Array) -> Array:
        held = rows(labels).astype(dtype)
        held[0] = values
        return held

    return make


def _types() -> list[Form]:
    def cast(dtype: str) -> Callable[[Array], Array]:
        return lambda labels: labels.astype(dtype)

    return [
        *(Form(dtype, "whole", cast(dtype)) for dtype in WHOLE),
        *(Form(dtype, "floats", cast(dtype)) for dtype in FLOATS),
        Form("booleans", "booleans", lambda y: y % 2 == 1, plain=lambda y: y % 2),
        Form("list of booleans", "booleans", lambda y: (y % 2 == 1).tolist(), lambda y: y % 2),
        Form("list of NumPy's numbers", "whole", lambda y: [np.int16(n) for n in y]),
        Form("list of 0-d arrays", "same", lambda y: [np.array(n) for n in y]),
        Form("list of floats", "floats", lambda y: [float(n) for n in y]),
        Form("floats and whole numbers", "floats", lambda y: [float(y[0]), *map(int, y[1:])]),
        Form("minus zero", "floats", lambda y: np.where(y == 0, -0.0, y)),
        Form("a column of swapped bytes", "column", lambda y: y.astype(">i4")[:, None]),
    ]


def _shapes() -> list[Form]:
    return [
        Form("(N, 1)", "column", lambda y: y[:, None]),
        Form("(N, 1) list", "column", lambda y: y[:, None].tolist()),
        Form("(N, 1) F-order", "column", lambda y: np.asfortranarray(y[:, None])),
        Form("(N, 1) of floats", "column of floats", lambda y: y[:, None].astype(np.float32)),
        Form("(N, 1) matrix", "column", lambda y: np.matrix(y).T),
        Form("(1, N)", NEVER, lambda y: y[None]),
        Form("(1, N) matrix", NEVER, np.matrix),
        Form("(N, 1, 1)", NEVER, lambda y: y[:, None, None]),
        Form("(1, 1, N)", NEVER, lambda y: y[None, None]),
        Form("one-hot (N, C, 1)", NEVER, lambda y: rows(y)[..., None]),
        Form("(N, 0)", NEVER, lambda y: np.zeros((len(y), 0), np.int64)),
        Form("one label", "one row", lambda y: y[:1], plain=lambda y: y[:1]),
        Form("no labels", "empty", lambda y: y[:0], plain=lambda y: y[:0]),
        Form("an empty list", "empty", lambda y: [], plain=lambda y: y[:0]),
        Form("no rows of one-hot", NEVER, lambda y: np.zeros((0, CLASSES, 2))),
        Form("one label missing", "length", lambda y: y[:-1], lambda y: y[:-1]),
        Form("one label more", "length", lambda y: np.append(y, 0), lambda y: np.append(y, 0)),
        Form("half of them", "length", lambda y: y[: len(y) // 2], lambda y: y[: len(y) // 2]),
        Form(
            "one row of one-hot missing",
            "length of one-hot",
            lambda y: rows(y)[:-1],
            lambda y: y[:-1],
            ("5", "6", "9", "12"),
        ),
        Form("one class alone", "one class", lambda y: y * 0 + 1, plain=lambda y: y * 0 + 1),
        Form("a class without samples", "same", lambda y: y // 2 * 2, plain=lambda y: y // 2 * 2),
    ]


def _values() -> list[Form]:
    wrong: list[tuple[str, Any, Any]] = [
        ("-1", -1, None), ("-1 in int8", -1, "int8"), ("-3", -3, None),
        ("-1 as a float", -1.0, None),
        ("C", CLASSES, None), ("C in uint8", CLASSES, "uint8"), ("C as a float", 3.0, None),
        ("255 in uint8", 255, "uint8"), ("256 in int16", 256, "int16"),
        ("127 in int8", 127, "int8"),
        ("-128 in int8", -128, "int8"), ("2**31 in uint32", 2**31, "uint32"),
        ("2**32 in int64", 2**32, "int64"), ("2**63 - 1", 2**63 - 1, "int64"),
        ("2**63 in uint64", 2**63, "uint64"), ("2**64 - 1 in uint64", 2**64 - 1, "uint64"),
        ("-2**63", -(2**63), "int64"), ("a half", 0.5, None), ("1 and a little", 1 + 1e-12, None),
        ("a half in float16", 0.5, "float16"), ("almost 1 in float32", 0.99999994, "float32"),
        ("1 and a little in longdouble", np.nextafter(np.longdouble(1), 2), "longdouble"),
        ("NaN", np.nan, None), ("NaN in float16", np.nan, "float16"), ("infinity", np.inf, None),
        ("minus infinity", -np.inf, None), ("1e300", 1e300, None), ("5e-324", 5e-324, None),
        ("2**53 as a float", 2.0**53, None), ("-1e-30", -1e-30, None),
    ]  # fmt: skip
    return [
        *(
            Form(name, OUTSIDE, first(value, dtype), found=(_shown(value),))
            for name, value, dtype in wrong
        ),
        Form(
            "a list beyond 64 bits",
            OUTSIDE,
            lambda y: [2**70, *y.tolist()],
            found=("object", str(2**70)),
        ),
        Form("a list with a fraction", OUTSIDE, lambda y: [0.5, *y[1:].tolist()], found=("0.5",)),
        Form("a list with NaN", OUTSIDE, lambda y: [float("nan"), *y[1:].tolist()], found=("nan",)),
        Form("a fraction in a column", OUTSIDE, lambda y: first(0.5)(y)[:, None], found=("0.5",)),
        Form("-1 in a column", OUTSIDE, lambda y: first(-1)(y)[:, None], found=("-1",)),
    ]


def _shown(value: Any) -> str:
    if isinstance(value, np.longdouble):
        return repr(value).split("'")[1]
    return (
        f"{value:.7f}".rstrip("0") if isinstance(value, float) and 0.1 < value < 10 else str(value)
    )


def _one_hot() -> list[Form]:
    types = ("int64", "uint8", "bool", "float16", "float32", "float64", "longdouble")

    def one_hot(dtype: str, layout: Callable[[Array], Any]) -> Callable[[Array], Any]:
        return lambda y: layout(rows(y, dtype))

    layouts = {form.name: form.make for form in LAYOUTS[:8]} | {"list": lambda a: a.tolist()}
    good = [
        Form(f"one-hot {dtype} {name}", "one-hot", one_hot(dtype, layout))
        for dtype, (name, layout) in product(types, layouts.items())
        if name in ("as it is", "list") or dtype in ("float32", "uint8")
    ]
    wrong = {
        "one-hot of nothing": (0, 0, 0), "one-hot of two": (1, 1, 0), "one-hot of 2": (0, 2, 0),
        "one-hot with -1": (1, 1, -1), "one-hot with NaN": (np.nan, 1, 0),
        "one-hot of NaN alone": (np.nan, np.nan, np.nan), "one-hot with infinity": (np.inf, 0, 0),
        "one-hot of opposite infinities": (np.inf, -np.inf, 1), "shares over 1": (0.9, 0.9, 0.9),
        "shares below 1": (0.2, 0.2, 0.2), "a negative share": (1.5, -0.5, 0),
        "percents": (100, 0, 0), "logits": (2.5, -1, 7),
    }  # fmt: skip
    return [
        *good,
        *(Form(name, "rows", first_row(*row), found=_row(row)) for name, row in wrong.items()),
        Form(
            "one-hot of two in whole numbers", "rows", first_row(1, 1, 0, dtype=int), found=("[1",)
        ),
        Form(
            "one-hot of none in booleans",
            "rows",
            first_row(0, 0, 0, dtype=bool),
            found=("[False", "[0, 0"),
        ),
        Form("one-hot of C + 1", "rows", lambda y: np.eye(CLASSES + 1)[y]),
        Form("one-hot of C - 1", "rows", lambda y: np.eye(CLASSES - 1)[y % 2]),
        Form("one-hot transposed", "rows", lambda y: rows(y).T),
        Form("one-hot of words", NEVER, lambda y: rows(y).astype(str)),
        Form("one-hot of objects", "objects", lambda y: rows(y).astype(object)),
        Form("one-hot of complex", NEVER, lambda y: rows(y).astype(complex)),
        Form(
            "one-hot masked",
            NEVER,
            lambda y: np.ma.array(rows(y), mask=rows(y) > 0),
            found=("masked",),
        ),
        Form(
            "one-hot ragged",
            NEVER,
            lambda y: [[1, 0], *rows(y)[1:].tolist()],
            found=("one length",),
        ),
    ]


def _row(row: tuple[Any, ...]) -> tuple[str, ...]:
    return (f"[{float(row[0])!r}", f"[{float(row[0]):g}", f"[{row[0]:g}.", f"{row[0]}")


def _soft() -> list[Form]:
    """Distributions over the classes, which only losses and what they train can use."""

    def form(
        name: str, make: Callable[[Array], Any], plain: Callable[[Array], Array] = soft
    ) -> Form:
        return Form(f"soft {name}", "soft", make, plain, found=("0.75", "0.25", "0.6666", "0.1666"))

    def unsure(labels: Array) -> Array:
        return rows(labels) / 2 + 1 / 6

    return [
        *(form(one.name, lambda y, make=one.make: make(soft(y))) for one in LAYOUTS[:8]),
        *(form(name, lambda y, name=name: soft(y).astype(name)) for name in FLOATS),
        form("list", lambda y: soft(y).tolist()),
        form("and never certain", unsure, unsure),
    ]


FORMS: tuple[Form, ...] = (
    *LAYOUTS, *CONTAINERS, *_types(), *_shapes(), *_values(), *_one_hot(), *_soft(),
)  # fmt: skip
