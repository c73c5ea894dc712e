"""Layers that training puts in the place of a user's two: the same values in one pass.

`nn.fuse` makes them. They have the parameters, the cache and the backward of the layer that they
stand for; only their forward is one op.
"""

from dataclasses import dataclass
from typing import Any

from groundup import ops
from groundup.errors import InputError
from groundup.layers.activations import ReLU
from groundup.layers.conv2d import Conv2D
from groundup.layers.dense import Dense
from groundup.layers.layer import Layer, Mode, layers
from groundup.typing import Array, Tree


@layers.register()
@dataclass(frozen=True)
class DenseReLU(Dense):
    """y = max(x W + b, 0), for Dense with a ReLU; arguments as there."""

    activation: Any = "relu"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_relu(self, self.activation)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.affine_relu(x, params["W"], params.get("b"))
        return y, (x, y), state


@layers.register()
@dataclass(frozen=True)
class Conv2DReLU(Conv2D):
    """y = max(x ∗ W + b, 0), for Conv2D with a ReLU; arguments as there."""

    activation: Any = "relu"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_relu(self, self.activation)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.conv2d_relu(x, params["W"], params.get("b"), self._window(x.shape[2:]))
        return y, (x, y), state


def _check_relu(layer: Layer, activation: Layer) -> None:
    """Backward goes through `activation`, forward does not: they must be one."""
    if not isinstance(activation, ReLU):
        kind = type(layer).__name__
        plain = kind.removesuffix("ReLU")
        raise InputError(f"{kind}(activation={activation!r}): its activation is ReLU. Use {plain}.")
