"""What a layer is given: x is looked at on its way into every `forward`.

A batch in a training is a plain array of floats and passes at once. Lists, arrays of other types
and what is no array at all come from callers of a layer alone; and where a forward pass fails on
arrays whose shapes do not fit one another, `init` is asked what would.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

import numpy as np

from groundup.checks import as_numbers
from groundup.errors import GroundupError, ShapeError
from groundup.ops.tape import Value
from groundup.rng import Stream
from groundup.typing import Array, Tree

Forward: TypeAlias = Callable[..., tuple[Any, Any, Tree]]


def looked_at(forward: Forward) -> Forward:
    """The same forward pass of checked x (N, …)."""

    @wraps(forward)
    def checked(self: Any, params: Tree, state: Tree, x: Any, mode: Any) -> tuple[Any, Any, Tree]:
        if type(x) is not np.ndarray or x.dtype.kind != "f" or x.ndim not in self.ranks:
            x = _samples(self, x)
        try:
            return forward(self, params, state, x, mode)
        except (ValueError, IndexError) as error:
            if isinstance(error, GroundupError) or not isinstance(x, np.ndarray):
                raise
            misfit = _misfit(self, params, x)
            if misfit is None:
                raise
            raise misfit from error

    return checked


def _samples(layer: Any, x: Any) -> Array:
    """x as an array; those of other libraries that compute as NumPy does pass as they are."""
    known = isinstance(x, np.ndarray)
    if isinstance(x, Value) or (not known and hasattr(x, "__array_namespace__")):
        return x
    array = as_numbers(x, f"{layer.label}: x")
    if not array.ndim:
        raise ShapeError(f"{layer.label}: x has shape (): expected samples, (N, …).")
    if array.ndim not in layer.ranks:
        layer.init(Stream(), array.shape[1:])  # says what it expects
    return array.astype(np.float64) if array.dtype.kind == "b" else array


def _misfit(layer: Any, params: Tree, x: Array) -> GroundupError | None:
    """Why x of this shape cannot go through; None where its shape is not to blame."""
    if 0 in x.shape[1:]:
        return ShapeError(f"{layer.label}: x has shape {x.shape}: expected some features.")
    try:
        made = layer.init(Stream(), x.shape[1:])
    except GroundupError as error:
        return error
    for name, wanted in made.params.items():
        held: Any = params.get(name)
        if held is not None and hasattr(held, "shape") and held.shape != wanted.shape:
            return ShapeError(
                f"{layer.label}: x has shape {x.shape}, for which {name} would have the shape "
                f"{wanted.shape}: expected samples that fit its {name} of shape {held.shape}."
            )
    return None
