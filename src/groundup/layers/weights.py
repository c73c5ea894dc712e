"""Checks that layers with weights share."""

from typing import Any

from groundup.errors import InputError
from groundup.layers.layer import Layer


def check_count(layer: Layer, option: str, value: Any) -> None:
    """Refuse a number of units, filters or inputs that is not a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(
            f"{type(layer).__name__}({option}={value!r}): expected a whole number of at least 1."
        )


def check_regularizer(layer: Layer, option: str) -> None:
    """Refuse a regularizer that is no object with a `penalty`, such as L2(1e-4)."""
    value = getattr(layer, option)
    if value is not None and not hasattr(value, "penalty"):
        raise InputError(
            f"{type(layer).__name__}({option}={value!r}): expected L1(…), L2(…), L1L2(…) or None."
        )
