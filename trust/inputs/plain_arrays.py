"""The plain arrays that stand beside what is given, and in which type a door works."""

from typing import Any

import numpy as np

from groundup.typing import Array

SEED = 5
OF_IMAGES = frozenset({"channels last", "wider", "narrower", "one column"})  # of another size
LABELS = np.array([0, 1, 2, 2, 1, 0, 1, 0, 2, 1])


SCALARS = ("a number", "0-d array")  # are values like any other, for some


def features(plain: Array) -> Array:
    return plain[:, :4].copy()


def images(plain: Array) -> Array:
    return plain.reshape(len(plain), 2, 4, 4)


def column(plain: Array) -> Array:
    return plain[:, 0].copy()


def own_type(given: Any, plain: Array) -> Array:
    """Where float32 is worked on in float32, as predictions are."""
    dtype = getattr(given, "dtype", None)
    known = isinstance(dtype, np.dtype) and dtype.kind == "f"
    return plain.astype(dtype.newbyteorder("=")) if known else plain


def work_type(given: Any, plain: Array) -> Array:
    """Where bytes and float32 are worked on in float32, as preprocessors do."""
    dtype = getattr(given, "dtype", None)
    known = isinstance(dtype, np.dtype) and dtype.kind in "biuf"
    return plain.astype(np.result_type(dtype, np.float32)) if known else plain


def own_number(given: Any, plain: Array) -> Array:
    """Where samples stay in the type that they came in."""
    dtype = getattr(given, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        return plain.astype(dtype.newbyteorder("="))
    array = np.asarray(given)
    return plain.astype(array.dtype) if array.dtype.kind in "biuf" else plain
