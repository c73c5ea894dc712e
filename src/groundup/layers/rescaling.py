"""A fixed scale and offset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup import ops
from groundup.checks import SINGLE, as_number
from groundup.errors import ShapeError
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree

Numbers = float | tuple[float, ...]


@layers.register()
@dataclass(frozen=True)
class Rescaling(Layer):
    """Multiplies by a number and adds another: y = scale · x + offset    x, y: (N, …)

    Backward: dx = scale · dy. Nothing is learned. As a last layer it brings the outputs of a
    regression into the targets' units, by their standard deviation and mean.    [Keras: Rescaling]

    Args:
        scale, offset: a number each, or one for each of D outputs (N, D).

    >>> import numpy as np
    >>> from groundup import Mode, Rescaling
    >>> Rescaling(scale=77.0, offset=152.0).forward({}, {}, np.array([[-1.0], [0.0]]), Mode())[0]
    array([[ 75.],
           [152.]])
    """

    scale: Numbers = 1.0
    offset: Numbers = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        for option in ("scale", "offset"):
            object.__setattr__(self, option, self._numbers(option))

    def _numbers(self, option: str) -> Numbers:
        given = getattr(self, option)
        if isinstance(given, Sequence | np.ndarray) and not isinstance(given, str | bytes):
            return tuple(as_number(number, option, SINGLE, "Rescaling") for number in given)
        return as_number(given, option, SINGLE, "Rescaling")

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        for option in ("scale", "offset"):
            value = getattr(self, option)
            if isinstance(value, tuple) and in_shape != (len(value),):
                raise ShapeError(
                    f"Rescaling({option}={value}): expected x of shape (N, {len(value)}), got "
                    f"({', '.join(['N', *map(str, in_shape)])}). Give one number for all."
                )
        return Init(EMPTY, EMPTY, in_shape)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        scale, offset = (np.asarray(each, x.dtype) for each in (self.scale, self.offset))
        return ops.rescale(x, scale, offset), None, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.rescale_backward(dy, np.asarray(self.scale, dy.dtype)), EMPTY
