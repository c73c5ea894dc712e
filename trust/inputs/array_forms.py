"""Every way in which somebody may hand over samples, predictions, weights or targets.

Each form is made from a plain array: float64, of whole numbers from 0 to 7, so that every type of
number can hold it.
"""

from collections.abc import Callable

import numpy as np

from groundup.typing import Array
from trust.inputs.forms import CONTAINERS, LAYOUTS, NEVER, Form

WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float16", "float32", "float64", "longdouble")


def _first(value: float, dtype: str = "float64") -> Callable[[Array], Array]:
    def make(plain: Array) -> Array:
        held = plain.astype(dtype)
        held[(0,) * held.ndim] = value
        return held

    return make


def _last(value: float) -> Callable[[Array], Array]:
    def make(plain: Array) -> Array:
        held = plain.copy()
        held[(-1,) * held.ndim] = value
        return held

    return make


def _cast(dtype: str) -> Callable[[Array], Array]:
    return lambda plain: plain.astype(dtype)


def _types() -> list[Form]:
    return [
        *(Form(dtype, "whole", _cast(dtype)) for dtype in WHOLE),
        *(Form(dtype, "floats", _cast(dtype)) for dtype in FLOATS),
        *(Form(f"swapped {name}", "floats", _cast(name)) for name in (">f2", ">f4", ">f8")),
        *(Form(f"swapped {name}", "whole", _cast(name)) for name in (">i2", ">u4", ">i8")),
        Form(
            "booleans",
            "booleans",
            lambda a: a > 3,
            plain=lambda a: (a > 3).astype(np.float64),
            found=("True", "False"),
        ),
        Form("list of whole numbers", "whole", lambda a: a.astype(int).tolist()),
        Form("float32 in F-order", "floats", lambda a: np.asfortranarray(a.astype(np.float32))),
        Form("bytes of every second image", "whole", lambda a: a.repeat(2, 0).astype("u1")[::2]),
        Form("broadcast", "same", _broadcast, plain=lambda a: _broadcast(a).copy()),
    ]


def _broadcast(plain: Array) -> Array:
    return np.broadcast_to(plain[:1], plain.shape)


def _shapes() -> list[Form]:
    return [
        Form("no samples", "empty", lambda a: a[:0]),
        Form(
            "no features",
            "no features",
            lambda a: a[:, :0] if a.ndim > 1 else a[:0],
            found=("label ",),
        ),
        Form("one sample missing", "length", lambda a: a[:-1], lambda a: a[:-1]),
        Form(
            "one sample more",
            "length",
            lambda a: a.repeat(2, 0)[: len(a) + 1],
            lambda a: a.repeat(2, 0)[: len(a) + 1],
        ),
        Form(
            "one number a sample",
            "flat",
            lambda a: a.reshape(len(a), -1)[:, 0].copy(),
            found=("label ",),
        ),
        Form("an axis more", "deep", lambda a: a[..., None]),
        Form("two axes more", "deeper", lambda a: a[..., None, None]),
        Form("a batch of batches", "deep in front", lambda a: a[None]),
        Form("one sample alone", "sample", lambda a: a[0].copy(), found=("label ",)),
        Form("one column more", "wider", lambda a: a.repeat(2, -1)[..., : a.shape[-1] + 1]),
        Form("one column less", "narrower", lambda a: a[..., :-1]),
        Form("one column", "one column", lambda a: a[..., :1], found=("label ",)),
        Form(
            "channels last", "channels last", lambda a: np.moveaxis(a, 1, -1) if a.ndim > 2 else a.T
        ),
        Form("flattened images", "flattened", lambda a: a.reshape(len(a), -1)),
    ]


def _values() -> list[Form]:
    return [
        Form("NaN at first", "strange", _first(np.nan), found=("nan", "NaN")),
        Form("NaN at last", "strange", _last(np.nan), found=("nan", "NaN")),
        Form("NaN in float32", "strange", _first(np.nan, "float32"), found=("nan", "NaN")),
        Form("NaN in float16", "strange", _first(np.nan, "float16"), found=("nan", "NaN")),
        Form("a signalling NaN", "strange", _signalling, found=("nan", "NaN")),
        Form("infinity", "strange", _first(np.inf), found=("inf",)),
        Form("minus infinity at last", "strange", _last(-np.inf), found=("-inf", "inf")),
        Form("infinity in float16", "strange", _first(np.inf, "float16"), found=("inf",)),
        Form("1e300", "huge", _first(1e300), found=("1e+300",)),
        Form("-1e39", "huge", _last(-1e39), found=("-1e+39", "-1.e+39")),
        Form(
            "list with NaN", "strange", lambda a: _first(np.nan)(a).tolist(), found=("nan", "NaN")
        ),
        Form("complex NaN", NEVER, lambda a: _first(np.nan)(a).astype(complex)),
        Form("complex64", NEVER, lambda a: a.astype(np.complex64)),
    ]


def _signalling(plain: Array) -> Array:
    held = plain.copy()
    held.view(np.uint64)[(0,) * held.ndim] = 0x7FF0000000000001
    return held


FORMS: tuple[Form, ...] = (*LAYOUTS, *CONTAINERS, *_types(), *_shapes(), *_values())

EXACT = frozenset({"same", "swapped", "frame", "whole", "floats", "booleans"})
LENGTHS = frozenset({"length", "one row"})
SHAPES = frozenset(
    {
        "flat",
        "deep",
        "deeper",
        "deep in front",
        "sample",
        "wider",
        "narrower",
        "one column",
        "channels last",
        "flattened",
        "empty",
        "no features",
    }
)
VALUES = frozenset({"strange", "huge"})
