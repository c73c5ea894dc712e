"""The few types that every room speaks of."""

from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""An array of the reader's namespace; NumPy's unless said otherwise."""

Shape: TypeAlias = tuple[int, ...]
"""Sizes without the batch axis, unless said otherwise."""

Tree: TypeAlias = Mapping[str, Any]
"""Arrays by name, possibly nested: ``{"dense_1": {"W": …, "b": …}}``."""


def is_whole(value: object) -> TypeGuard[int]:
    """Whether this is a whole number, Python's or NumPy's, and not True or False."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
