"""Each layer in the operators of ONNX, as it is at inference: a table of small functions."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import numpy as np

from groundup import ops
from groundup.errors import InputError
from groundup.formats.onnx_graph import Place
from groundup.layers import (
    ELU,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Conv2DReLU,
    Dense,
    DenseReLU,
    Dropout,
    Flatten,
    Identity,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    PReLU,
    ReLU,
    Rescaling,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
)
from groundup.nn import Average, Chain
from groundup.rng import Stream

Writer: TypeAlias = Callable[[Any, Place], str]
_Writer = TypeVar("_Writer", bound=Writer)
_writers: dict[type[Layer], Writer] = {}
_PLAIN: dict[type[Layer], str] = {  # one operator, nothing to be said besides
    Identity: "Identity", ReLU: "Relu", Sigmoid: "Sigmoid", Tanh: "Tanh"
}  # fmt: skip


def onnx_writer(*classes: type[Layer]) -> Callable[[_Writer], _Writer]:
    """Say how layers of these classes are written, by a function (layer, place) -> output's name

    It adds nodes to its place, and answers what the last of them is called. A layer of your own:

    >>> import groundup as gu
    >>> class Square(gu.Identity):
    ...     def forward(self, params, state, x, mode):
    ...         return x * x, x, state
    >>> @onnx_writer(Square)
    ... def square(layer, at):
    ...     return at.node("Mul", at.x, at.x)
    """

    def add(function: _Writer) -> _Writer:
        _writers.update(dict.fromkeys(classes, function))
        return function

    return add


def write(layer: Layer, at: Place) -> str:
    """Add the nodes of a layer at its place; the name of its output."""
    writer = _writers.get(type(layer))  # of this very class: a subclass may do something else
    if writer is None:
        raise InputError(
            f"{at.name or layer.kind}: {type(layer).__name__} is not known in ONNX. Say how it is "
            f"written with @groundup.formats.onnx_writer({type(layer).__name__}), or put layers "
            "of groundup in its place."
        )
    return writer(layer, at)


@onnx_writer(Chain)
def _chain(layer: Chain, at: Place) -> str:
    x, shape = at.x, at.shape
    for name, inner in zip(layer.names, layer.layers, strict=True):
        x = write(inner, at.inside(name, x, shape))
        shape = inner.init(Stream(0), shape).out_shape
    return x


@onnx_writer(Average)
def _average(layer: Average, at: Place) -> str:
    members = zip(layer.names, layer.layers, strict=True)
    outputs = [write(inner, at.inside(name, at.x, at.shape)) for name, inner in members]
    return at.node("Mean", *outputs)


@onnx_writer(Dense, DenseReLU)
def _dense(layer: Dense, at: Place) -> str:
    if layer.use_bias:
        z = at.node("Gemm", at.x, at.param("W"), at.param("b"))
    else:
        z = at.node("MatMul", at.x, at.param("W"))
    return _activated(layer.activation, at.then(z))


@onnx_writer(Conv2D, Conv2DReLU)
def _conv2d(layer: Conv2D, at: Place) -> str:
    arrays = [at.param(name) for name in ("W", "b") if name in at.params]
    z = at.node("Conv", at.x, *arrays, **_window(layer, layer.kernel_size, at))
    return _activated(layer.activation, at.then(z))


@onnx_writer(MaxPooling2D)
def _max_pooling(layer: MaxPooling2D, at: Place) -> str:
    return at.node("MaxPool", at.x, **_window(layer, layer.pool_size, at))


@onnx_writer(AveragePooling2D)
def _average_pooling(layer: AveragePooling2D, at: Place) -> str:
    window = _window(layer, layer.pool_size, at)
    return at.node("AveragePool", at.x, count_include_pad=int(layer.count_padding), **window)


@onnx_writer(BatchNormalization)
def _batch_normalization(layer: BatchNormalization, at: Place) -> str:
    statistics = (at.constant(name, at.state[name]) for name in ("mean", "var"))
    learned = (at.param(name) for name in ("gamma", "beta"))
    return at.node("BatchNormalization", at.x, *learned, *statistics, epsilon=layer.epsilon)


@onnx_writer(Dropout)
def _dropout(layer: Dropout, at: Place) -> str:
    if layer.scaling == "book":
        return at.node("Mul", at.x, at.constant("keep", 1 - layer.rate))
    return at.node("Dropout", at.x, at.constant("rate", layer.rate))  # at inference: x


@onnx_writer(Flatten)
def _flatten(layer: Flatten, at: Place) -> str:
    return at.node("Flatten", at.x, axis=1)


@onnx_writer(Rescaling)
def _rescaling(layer: Rescaling, at: Place) -> str:
    scaled = at.node("Mul", at.x, at.constant("scale", layer.scale))
    return at.node("Add", scaled, at.constant("offset", layer.offset))


@onnx_writer(Activation)
def _activation(layer: Activation, at: Place) -> str:
    return write(layer.activation, at)


@onnx_writer(Step)
def _step(layer: Step, at: Place) -> str:
    return at.cast(at.node("Greater", at.x, at.constant("zero", 0.0)), np.float32)


@onnx_writer(LeakyReLU)
def _leaky_relu(layer: LeakyReLU, at: Place) -> str:
    return at.node("LeakyRelu", at.x, alpha=float(layer.negative_slope))


@onnx_writer(ELU)
def _elu(layer: ELU, at: Place) -> str:
    return at.node("Elu", at.x, alpha=float(layer.alpha))


@onnx_writer(PReLU)
def _prelu(layer: PReLU, at: Place) -> str:
    slope = at.params["slope"].reshape((-1,) + (1,) * (len(at.shape) - 1))
    return at.node("PRelu", at.x, at.constant("slope", slope))


@onnx_writer(Softmax)
def _softmax(layer: Softmax, at: Place) -> str:
    return at.node("Softmax", at.x, axis=-1)


@onnx_writer(*_PLAIN)
def _plain(layer: Layer, at: Place) -> str:
    return at.node(_PLAIN[type(layer)], at.x)


def _activated(activation: Layer, at: Place) -> str:
    return at.x if isinstance(activation, Identity) else write(activation, at)


def _window(layer: Any, size: ops.Pair, at: Place) -> dict[str, list[int]]:
    """Where a window lands on the images that come in, in the words of ONNX."""
    height, width = at.shape[1:]
    window = ops.fit_window(
        (height, width), size, layer.strides, layer.padding, layer.rounding, layer.label
    )
    (top, bottom), (left, right) = window.pads
    return {
        "kernel_shape": list(window.size),
        "strides": list(window.strides),
        "pads": [top, left, bottom, right],
    }
