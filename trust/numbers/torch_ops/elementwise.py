"""Activations, softmax, the dense layer, batch normalization, dropout and flatten."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup import ops
from groundup.layers import Dropout, Flatten, Mode, Step
from trust.numbers.torch_ops.sample import Answer, Gradients, Question, Sample, entries

Backward = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]  # (dy, x, y) -> dx


def elementwise(forward: Callable[[np.ndarray], np.ndarray], backward: Backward) -> Any:
    def answer(s: Sample) -> Answer:
        y = forward(s.x)
        return Answer(y, lambda dy: (backward(dy, s.x, y),))

    return answer


def along_an_axis(forward: Callable[[np.ndarray], np.ndarray], backward: Backward) -> Any:
    """Ours works along the last axis, so the axis of the sample is turned there and back."""

    def answer(s: Sample) -> Answer:
        axis = s.get("dim", -1)
        x = np.moveaxis(s.x, axis, -1)
        y = forward(x)
        return Answer(
            np.moveaxis(y, -1, axis),
            lambda dy: (np.moveaxis(backward(np.moveaxis(dy, axis, -1), x, y), -1, axis),),
        )

    return answer


def heaviside(s: Sample) -> Answer:
    y, _, _ = Step().forward({}, {}, s.x, Mode())
    return Answer(y, None)


def linear(s: Sample) -> Answer:
    """PyTorch's W is (M, D), ours (D, M); x of more axes are rows to both."""
    W, b = s.array("weight"), s.array("bias")
    return _affine(s.x, W.T, b, lambda dx, dW, db: (dx, dW.T, db))


def addmm(s: Sample) -> Answer:
    return _affine(s.array("mat1"), s.array("mat2"), s.x, lambda dx, dW, db: (db, dx, dW))


def _affine(x: np.ndarray, W: np.ndarray, b: np.ndarray | None, order: Any) -> Answer:
    rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    y = ops.affine(rows, W, b)

    def backward(dy: np.ndarray) -> Gradients:
        dx, dW, db = ops.affine_backward(dy.reshape(y.shape), rows, W)
        return order(dx.reshape(x.shape), dW, None if b is None else db)

    return Answer(y.reshape(*x.shape[:-1], W.shape[1]), backward)


def prelu(s: Sample) -> Answer:
    slope = s.array("weight")

    def backward(dy: np.ndarray) -> Gradients:
        dx, dslope = ops.prelu_backward(dy, s.x, slope.reshape(-1))
        return dx, dslope.reshape(slope.shape)

    return Answer(ops.prelu(s.x, slope.reshape(-1)), backward)


def batch_norm(s: Sample) -> Answer:
    x, C, training = s.x, s.x.shape[1], s.get("training", False)
    gamma, beta = s.array("weight"), s.array("bias")
    scale, shift = (np.ones(C), np.zeros(C)) if gamma is None else (gamma, beta)
    mean, var = (
        ops.batch_statistics(x) if training else (s.array("running_mean"), s.array("running_var"))
    )
    y, xhat, inv_std = ops.batch_norm(x, scale, shift, mean, var, s.get("eps", 1e-5))

    def backward(dy: np.ndarray) -> Gradients:
        dx, dgamma, dbeta = ops.batch_norm_backward(dy, xhat, inv_std, scale, training)
        return (dx, None, None) if gamma is None else (dx, dgamma, dbeta)

    return Answer(y, backward)


@dataclass(frozen=True)
class Drawn:
    """Stands for the random stream of a dropout layer and gives PyTorch's own mask."""

    keep: np.ndarray

    def of(self, purpose: str) -> "Drawn":
        return self

    def keep_mask(self, shape: tuple[int, ...], rate: float) -> np.ndarray:
        return self.keep


def dropout(s: Sample) -> Answer:
    """The mask is random in both; ours is given the one that PyTorch's entry always draws."""
    (entry,) = entries("nn.functional.dropout")
    keep = entry(s.given.input.detach() * 0 + 1, **s.options).numpy() != 0
    mode = Mode(train=s.get("training", True), rng=Drawn(keep))
    layer = Dropout(s.get("p", 0.5))
    y, cache, _ = layer.forward({}, {}, s.x, mode)
    return Answer(y, lambda dy: (layer.backward({}, cache, dy, mode)[0],))


def flatten(s: Sample) -> Answer:
    y, cache, _ = Flatten().forward({}, {}, s.x, Mode())
    return Answer(y, lambda dy: (Flatten().backward({}, cache, dy, Mode())[0],))


def _without_axes(s: Sample) -> bool:
    return s.x.ndim == 0


def _empty(s: Sample) -> bool:
    return 0 in s.x.shape


SOFTMAX_LEFT = {"no axis": _without_axes, "a maximum of nothing": _empty}

QUESTIONS = {
    "sigmoid": Question(elementwise(ops.sigmoid, lambda dy, x, y: ops.sigmoid_backward(dy, y))),
    "tanh": Question(elementwise(ops.tanh, lambda dy, x, y: ops.tanh_backward(dy, y))),
    "heaviside": Question(
        heaviside,
        ("values",),
        {
            "no axis": _without_axes,
            "the value at 0 is an argument there": lambda s: (s.x == 0).any(),
            "a result that is larger than x": lambda s: (
                np.broadcast_shapes(s.x.shape, s.tensor("values").shape) != s.x.shape
            ),
        },
    ),
    "nn.functional.relu": Question(
        elementwise(ops.relu, lambda dy, x, y: ops.relu_backward(dy, y))
    ),
    "nn.functional.leaky_relu": Question(
        elementwise(
            lambda x: ops.leaky_relu(x, 0.01),
            lambda dy, x, y: ops.leaky_relu_backward(dy, x, 0.01),
        )
    ),
    "nn.functional.elu": Question(
        elementwise(lambda x: ops.elu(x, 1.0), lambda dy, x, y: ops.elu_backward(dy, x, y, 1.0))
    ),
    "nn.functional.prelu": Question(
        prelu, ("weight",), {"no axis": _without_axes}, ("input", "weight")
    ),
    "softmax": Question(
        along_an_axis(ops.softmax, lambda dy, x, y: ops.softmax_backward(dy, y)),
        ("dim",),
        SOFTMAX_LEFT,
    ),
    "log_softmax": Question(
        # A loss holds its backward step, so the op has none: dx = dy - softmax(x) Σ dy.
        along_an_axis(
            ops.log_softmax, lambda dy, x, y: dy - ops.softmax(x) * dy.sum(-1, keepdims=True)
        ),
        ("dim",),
        SOFTMAX_LEFT,
    ),
    "nn.functional.linear": Question(
        linear, ("weight", "bias"), differentiable=("input", "weight", "bias")
    ),
    "addmm": Question(
        addmm,
        ("mat1", "mat2"),
        {
            "factors of its own": lambda s: (s.get("alpha", 1), s.get("beta", 1)) != (1, 1),
            "b is no row (M,)": lambda s: s.x.shape != s.tensor("mat2").shape[1:],
        },
        ("input", "mat1", "mat2"),
    ),
    "nn.functional.batch_norm": Question(
        batch_norm,
        ("running_mean", "running_var", "weight", "bias", "training", "momentum", "eps"),
        {"no features": lambda s: s.x.ndim < 2},
        ("input", "weight", "bias"),
    ),
    "nn.functional.dropout": Question(
        dropout,
        left_out={
            "no axis": _without_axes,
            "a rate of 1 keeps nothing": lambda s: s.get("p", 0.5) == 1,
        },
    ),
    "flatten": Question(
        flatten,
        ("start_dim", "end_dim"),
        {
            "the axis of samples goes, too": lambda s: s.get("start_dim", 0) != 1,
            "only some of the axes": lambda s: s.get("end_dim", -1) != -1,
        },
    ),
}
