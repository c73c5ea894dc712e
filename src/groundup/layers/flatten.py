"""From images to vectors."""

from dataclasses import dataclass
from math import prod
from typing import Any

from groundup import ops
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@layers.register()
@dataclass(frozen=True)
class Flatten(Layer):
    """Makes a vector of every image: y = x with all axes but N as one    x: (N, …)  y: (N, D)

    Backward: dy in the shape of x.

    >>> import numpy as np
    >>> from groundup import Flatten, Mode
    >>> Flatten().forward({}, {}, np.array([[[1.0, 2.0], [3.0, 4.0]]]), Mode())[0]
    array([[1., 2., 3., 4.]])
    """

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        return Init(EMPTY, EMPTY, (prod(in_shape),))

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return ops.flatten(x), x.shape, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.unflatten(dy, cache), EMPTY
