"""Batch normalization with the book's choices, as a pure layer."""

from dataclasses import dataclass
from typing import Any

from groundup import ops
from groundup.layers import BatchNormalization, Mode
from groundup.typing import Array, Tree


@dataclass(frozen=True)
class BookNormalization(BatchNormalization):
    """As `BatchNormalization`, but a gamma for every pixel makes rows of images, a single sample is
    normalized to 0, and the state is mean and var alone.
    """

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        gamma, beta, shape = params["gamma"], params["beta"], x.shape
        if gamma.size != shape[1]:
            x = x.reshape(len(x), -1)
        mean, var = state["mean"], state["var"]
        if mode.train:
            mean, var = ops.batch_statistics(x)
            state = {
                "mean": ops.blend(state["mean"], mean, self.momentum, 1.0),
                "var": ops.blend(state["var"], var, self.momentum, 1.0),
            }
        y, xhat, inv_std = ops.batch_norm(x, gamma, beta, mean, var, self.epsilon)
        y = y if x.shape == shape else y.reshape(shape)
        return y, (xhat, inv_std, mode.train), state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        shape, rows = dy.shape, cache[0].shape
        dy = dy if rows == shape else dy.reshape(rows)
        dx, grads = super().backward(params, cache, dy, mode)
        return dx if rows == shape else dx.reshape(shape), grads
