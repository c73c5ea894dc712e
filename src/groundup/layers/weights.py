"""Checks of options that layers share."""

import math
from numbers import Real

from groundup.errors import InputError
from groundup.layers.layer import Layer
from groundup.typing import is_whole


def check_count(layer: Layer, option: str) -> None:
    """Refuse a number of units, filters or inputs that is not a whole number above 0."""
    value = getattr(layer, option)
    if not is_whole(value) or value < 1:
        raise InputError(
            f"{type(layer).__name__}({option}={value!r}): expected a whole number of at least 1."
        )
    object.__setattr__(layer, option, int(value))


def check_number(owner: object, option: str) -> None:
    """Refuse what is no finite number; a NumPy float64 would turn float32 arrays to float64."""
    value = getattr(owner, option)
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise InputError(f"{type(owner).__name__}({option}={value!r}): expected a finite number.")
    object.__setattr__(owner, option, float(value))


def check_regularizer(layer: Layer, option: str) -> None:
    """Refuse a regularizer that is no object with a `penalty`, such as L2(1e-4)."""
    value = getattr(layer, option)
    if value is not None and not hasattr(value, "penalty"):
        raise InputError(
            f"{type(layer).__name__}({option}={value!r}): expected L1(…), L2(…), L1L2(…) or None."
        )
