"""Layers that training puts in the place of a user's two: the same values in one pass.

`nn.fuse` makes them. They have the parameters, the cache and the backward of the layer that they
stand for; only their forward is one op.
"""

from dataclasses import dataclass
from typing import Any

from groundup import ops
from groundup.layers.conv2d import Conv2D
from groundup.layers.dense import Dense
from groundup.layers.layer import Mode, layers
from groundup.typing import Array, Tree


@layers.register()
@dataclass(frozen=True)
class DenseReLU(Dense):
    """y = max(x W + b, 0), for Dense with a ReLU; arguments as there."""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.affine_relu(x, params["W"], params.get("b"))
        return y, (x, y), state


@layers.register()
@dataclass(frozen=True)
class Conv2DReLU(Conv2D):
    """y = max(x ∗ W + b, 0), for Conv2D with a ReLU; arguments as there."""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.conv2d_relu(x, params["W"], params.get("b"), self._window(x.shape[2:]))
        return y, (x, y), state
