"""A loss of targets in units of their own spread."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.checks import UNIT, as_number
from groundup.errors import InputError
from groundup.nn.losses import Difference, losses
from groundup.typing import Array


@losses.register()
@dataclass(frozen=True)
class ScaledLoss(Difference):
    """Another loss of y / s and t / s; y, t: (N, D)

    With s the standard deviation of the targets, the learning rate and Huber's δ mean the same for
    prices in cents and in millions, and MSE is the share of the targets' variance that is left
    unexplained, 1 - R² of the training data; y itself stays in the targets' units.

    Args:
        loss: a loss of differences, or its name: "mse", "mae", "huber", "sse".
        scale: s, a number above 0, or one for each of D outputs.

    >>> ScaledLoss("mse", scale=10.0)([[150.0], [170.0]], [[160.0], [170.0]])
    0.5
    """

    loss: Any = "mse"
    scale: float | tuple[float, ...] = 1.0

    def __post_init__(self) -> None:
        loss = losses.resolve(self.loss)
        if not isinstance(loss, Difference):
            raise InputError(f"ScaledLoss(loss={loss!r}): expected a loss of differences, as MSE.")
        object.__setattr__(self, "loss", loss)
        object.__setattr__(self, "scale", _checked(self.scale))

    def each(self, y: Array, t: Array) -> Array:
        s = self._of(y)
        return self.loss.each(y / s, t / s)

    def slope(self, y: Array, t: Array) -> Array:
        s = self._of(y)
        return self.loss.slope(y / s, t / s) / s

    def _of(self, y: Array) -> Array:
        return np.asarray(self.scale, y.dtype)


def _checked(scale: Any) -> float | tuple[float, ...]:
    if isinstance(scale, list | tuple | np.ndarray):
        return tuple(as_number(each, "scale", UNIT, "ScaledLoss") for each in scale)
    return as_number(scale, "scale", UNIT, "ScaledLoss")
