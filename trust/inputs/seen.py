"""What there is to see of things that were given, and how to spoil them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from groundup.typing import Array


def is_value(one: Any) -> bool:
    return hasattr(one, "__dataclass_fields__")


def written_over(given: Mapping[str, Any] | list[Any] | Any) -> None:
    """Everything in it that can be changed, changed."""
    if isinstance(given, np.ndarray):
        if given.flags.writeable:
            given[...] = 1 if given.dtype.kind in "iu" else 0.123
    elif isinstance(given, dict):
        for value in given.values():
            written_over(value)
        given.clear()
    elif isinstance(given, list):
        for value in given:
            written_over(value)
        given.clear()


def held(value: Any) -> Array | Any:
    """What there is to see of something given: arrays with flags, all else in words."""
    if isinstance(value, np.ndarray):
        return [value, value.flags.writeable, value.flags.c_contiguous, value.flags.f_contiguous]
    if isinstance(value, dict):
        return {key: held(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [held(item) for item in value]
    return (
        repr(value)
        if is_value(value) or isinstance(value, str | int | float)
        else type(value).__name__
    )
