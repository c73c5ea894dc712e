"""Dropout."""

from dataclasses import dataclass
from typing import Any, Literal

from groundup import ops
from groundup.checks import SHARE, check_choice, check_number
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@layers.register()
@dataclass(frozen=True)
class Dropout(Layer):
    """Sets values to 0 by chance while training, so that no unit relies on another.

    y = x · mask · scale, the mask keeping each value with probability 1 - rate; x, y: (N, …)
    Backward: dx = dy · mask · scale.    [Srivastava et al. 2014; Saito 2016, 6.4.3]

    Args:
        rate: the share that is dropped, 0 <= rate < 1.
        scaling: "inverted" scales by 1/(1 - rate) while training and does nothing afterwards;
            "book" leaves training alone and scales by 1 - rate afterwards.

    >>> import numpy as np
    >>> from groundup import Dropout, Mode
    >>> Dropout(0.5).forward({}, {}, np.ones((1, 4)), Mode(train=True))[0]
    array([[2., 0., 0., 2.]])
    >>> Dropout(0.5, scaling="book").forward({}, {}, np.ones((1, 4)), Mode(train=False))[0]
    array([[0.5, 0.5, 0.5, 0.5]])
    """

    rate: float
    scaling: Literal["inverted", "book"] = "inverted"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "rate", SHARE)
        check_choice(self, "scaling", ("inverted", "book"))

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        return Init(EMPTY, EMPTY, in_shape)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        inverted = self.scaling == "inverted"
        if mode.train and self.rate > 0:
            scale = 1 / (1 - self.rate) if inverted else 1.0
            y, keep = ops.dropout(x, mode.rng.of("dropout"), self.rate, scale)
            return y, (keep, scale), state
        scale = 1.0 if inverted or mode.train else 1 - self.rate
        return x if scale == 1.0 else x * x.dtype.type(scale), (None, scale), state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        keep, scale = cache
        return ops.dropout_backward(dy, 1 if keep is None else keep, scale), EMPTY
