"""The graph of a network's layers: each layer one node, its parameters leaves beside it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from groundup.layers.graph.operations import Gradients, Operation
from groundup.layers.graph.variable import Variable, apply, as_variable
from groundup.layers.layer import Layer, Mode
from groundup.registry import snake_case
from groundup.typing import Array, Tree


@runtime_checkable
class Layers(Protocol):
    """Layers one after another under names, as in a Chain."""

    @property
    def names(self) -> Sequence[str]: ...
    @property
    def layers(self) -> Sequence[Layer]: ...


class Loss(Protocol):
    """A loss as in `nn.losses`."""

    def forward(self, y: Array, t: Any) -> tuple[float, Any]: ...
    def backward(self, cache: Any) -> Array: ...


def of_layers(
    chain: Layers,
    params: Tree,
    x: Any,
    *,
    state: Tree | None = None,
    loss: Loss | None = None,
    t: Any = None,
    mode: Mode | None = None,
) -> Variable:
    """The graph of a chain's layers, computed by their own forward and backward

    Args:
        chain: the layers.
        params, state: as the chain's `init` gives them.
        x: inputs, (N, …).
        loss: what the last layer's output is judged by; None ends with that output.
        t: the loss's targets.
        mode: training, unless said otherwise.

    Returns:
        The loss's value, or the chain's output.

    >>> from groundup import Chain, Dense, ReLU, Stream
    >>> chain = Chain([Dense(3), ReLU()])
    >>> made = chain.init(Stream(0), (2,))
    >>> y = of_layers(chain, made.params, np.ones((4, 2)), state=made.state)
    >>> y.shape, y.operation.symbol, [leaf.name for leaf in y.inputs[0].inputs]
    ((4, 3), 'relu_1', ['x', 'W', 'b'])
    """
    mode = mode or Mode(train=True)
    y = _through(chain, params, state or {}, Variable(x, "x"), mode)
    if loss is None:
        return y.named("y")
    return apply(_judging(loss, t), y.named("y"), as_variable(np.asarray(t)).named("t")).named("L")


def _through(chain: Layers, params: Tree, state: Tree, x: Variable, mode: Mode) -> Variable:
    for name, layer in zip(chain.names, chain.layers, strict=True):
        inner, own = mode.inside(name, True), params.get(name, {})
        if isinstance(layer, Layers):
            x = _through(layer, own, state.get(name, {}), x, inner)
            continue
        weights = [Variable(value, key) for key, value in own.items()]
        operation = _running(layer, name, tuple(own), state.get(name, {}), inner)
        x = apply(operation, x, *weights)
    return x


def _running(layer: Layer, name: str, keys: tuple[str, ...], state: Tree, mode: Mode) -> Operation:
    mode = replace(mode, probe=None)

    def forward(x: Array, *weights: Array) -> Array:
        return layer.forward(dict(zip(keys, weights, strict=True)), state, x, mode)[0]

    def backward(dz: Array, z: Array, x: Array, *weights: Array) -> Gradients:
        params = dict(zip(keys, weights, strict=True))
        _, cache, _ = layer.forward(params, state, x, mode)
        dx, grads = layer.backward(params, cache, dz, mode)
        return dx, *(grads[key] for key in keys)

    rules = tuple(f"d{key} of the layer's backward" for key in ("x", *keys))
    return Operation(name, forward, backward, rules)


def _judging(loss: Loss, t: Any) -> Operation:
    def backward(dz: Array, z: Array, y: Array, _: Array) -> Gradients:
        return dz * loss.backward(loss.forward(y, t)[1]), None

    return Operation(
        snake_case(type(loss).__name__).replace("_", " "),
        lambda y, _: loss.forward(y, t)[0],
        backward,
        ("dz · dL/dy of the loss's backward", ""),
    )
