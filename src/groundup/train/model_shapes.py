"""The arrays that a model file has to hold, found without making any: files are not trusted.

A file of a hundred bytes may say that a layer has 10⁹ units. So before a network is built, each
layer is asked for the shapes of its arrays with initial values that take no memory, and the file
has to hold exactly those.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from groundup.errors import InputError
from groundup.layers.batch_normalization import BatchNormalization
from groundup.layers.initializers import Initializer
from groundup.layers.layer import Layer
from groundup.nn.chain import Chain
from groundup.nn.layout import leaves
from groundup.rng import Stream
from groundup.typing import Array, Shape


@dataclass(frozen=True)
class _Nothing(Initializer):
    """Zeros of any shape in the room of one."""

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return np.broadcast_to(0.0, shape)


def check_arrays(
    chain: Chain, in_shape: Shape, tensors: Mapping[str, Array], dtype: np.dtype[Any]
) -> None:
    """InputError unless `tensors` are the params/… and state/… of this chain, of this dtype."""
    given = {
        name: array.shape
        for name, array in tensors.items()
        if name.startswith(("params/", "state/"))
    }
    wrong = [name for name in given if tensors[name].dtype != dtype]
    if wrong:
        raise InputError(f"{wrong[0]} is of {tensors[wrong[0]].dtype}, the layers expect {dtype}.")
    shape = replace(chain, input_shape=in_shape).input_shape or ()  # checked as any layer's
    expected: dict[str, Shape] = {}
    _collect(chain, shape, given, expected, "")
    _compare(given, expected)


def _collect(
    chain: Chain, shape: Shape, given: Mapping[str, Shape], expected: dict[str, Shape], path: str
) -> Shape:
    """Add what the layers of a chain hold; their output's shape."""
    for name, layer in zip(chain.names, chain.layers, strict=True):
        if isinstance(layer, Chain):
            shape = _collect(layer, shape, given, expected, f"{path}{name}/")
            continue
        if isinstance(layer, BatchNormalization):  # the one whose arrays are made at once
            held = given.get(f"params/{path}{name}/gamma")
            if held != shape[:1]:
                raise InputError(
                    f"params/{path}{name}/gamma has shape {held}, the layers expect {shape[:1]}."
                )
        made = _bare(layer).init(Stream(0), shape)
        found: dict[str, Shape] = {}
        for part, tree in (("params", made.params), ("state", made.state)):
            for key, array in leaves(tree):
                found[f"{part}/{path}{name}/{key}"] = tuple(array.shape)
        _compare({name: given[name] for name in found if name in given}, found)
        expected |= found
        shape = made.out_shape
    return shape


def _bare(layer: Layer) -> Layer:
    """The same layer with initial values of nothing."""
    initial = [
        one.name for one in fields(layer) if isinstance(getattr(layer, one.name), Initializer)
    ]
    nothing: dict[str, Any] = dict.fromkeys(initial, _Nothing())
    return replace(layer, **nothing)


def _compare(given: Mapping[str, Shape], expected: Mapping[str, Shape]) -> None:
    if dict(given) != dict(expected):
        wrong = sorted(set(given.items()) ^ set(expected.items()))[0][0]
        raise InputError(
            f"{wrong} has shape {given.get(wrong)}, the layers expect {expected.get(wrong)}."
        )
