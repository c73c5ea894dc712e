"""The few types that every room speaks of."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
"""An array of the reader's namespace; NumPy's unless said otherwise."""

Shape: TypeAlias = tuple[int, ...]
"""Sizes without the batch axis, unless said otherwise."""

Tree: TypeAlias = Mapping[str, Any]
"""Arrays by name, possibly nested: ``{"dense_1": {"W": …, "b": …}}``."""
