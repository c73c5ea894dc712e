"""Rewrites a chain and its loss into ones that compute the same, faster and more exactly.

The rewritten chain shares the parameters of the given one: every layer keeps its name. With a probe
the given chain runs, so that an onlooker sees the layers that the user wrote.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, NamedTuple

from groundup import ops
from groundup.layers.activations import Activation, Identity, ReLU, Softmax
from groundup.layers.conv2d import Conv2D
from groundup.layers.dense import Dense
from groundup.layers.fused import Conv2DReLU, DenseReLU
from groundup.layers.layer import Layer
from groundup.nn.chain import Chain
from groundup.nn.losses import CategoricalCrossentropy, Loss
from groundup.typing import Array

# A layer followed by a ReLU, within it or after it, becomes this one.
WITH_RELU: dict[type[Layer], type[Layer]] = {Dense: DenseReLU, Conv2D: Conv2DReLU}


class Fused(NamedTuple):
    """A chain, a loss on its output, and the way from its output to the given chain's."""

    chain: Chain
    loss: Loss
    finish: Callable[[Array], Array]


def fuse(chain: Chain, loss: Loss) -> Fused:
    """Softmax and cross-entropy become one function of the logits; ReLUs join the layer before

    The joint gradient of the first two is softmax(z) - t. Taken one after the other, a probability
    that rounds to 0 or 1 would lose it.   [Saito 2016, 5.6.3]

    >>> fused = fuse(Chain([Dense(50, "relu"), Dense(10, "softmax")]), CategoricalCrossentropy())
    >>> fused.loss.from_logits, [type(layer).__name__ for layer in fused.chain.layers]
    (True, ['DenseReLU', 'Dense'])
    """
    joined = join_softmax(chain, loss)
    return joined._replace(chain=_with_relu(joined.chain))


def join_softmax(chain: Chain, loss: Loss) -> Fused:
    """The first half of `fuse`: all layers as they are, but a final softmax goes to the loss."""
    if isinstance(loss, CategoricalCrossentropy) and not loss.from_logits:
        logits = _without_softmax(chain)
        if isinstance(logits, Chain):
            return Fused(logits, replace(loss, from_logits=True), ops.softmax)
    return Fused(chain, loss, _as_it_is)


def _as_it_is(y: Array) -> Array:
    return y


def _named(chain: Chain, layers: list[Layer]) -> Chain:
    """The chain with other layers under the same names."""
    pairs = zip(layers, chain.names, strict=True)
    return replace(chain, layers=tuple(replace(layer, name=name) for layer, name in pairs))


def _with_relu(chain: Chain) -> Chain:
    """The chain with every pattern of `WITH_RELU` rewritten; a ReLU that was a layer is idle."""
    layers = list(chain.layers)
    for i, layer in enumerate(layers):
        if isinstance(layer, Chain):
            layers[i] = _with_relu(layer)
        kind = WITH_RELU.get(type(layer))
        if kind is None:
            continue
        after = layers[i + 1] if i + 1 < len(layers) else None
        if _is_relu(_activation(layer)):
            layers[i] = _become(kind, layer)
        elif isinstance(_activation(layer), Identity) and _is_relu(after):
            layers[i], layers[i + 1] = _become(kind, layer, activation=ReLU()), Identity()
    return chain if tuple(layers) == chain.layers else _named(chain, layers)


def _without_softmax(layer: Layer) -> Layer | None:
    """The layer or chain that ends before its softmax, if it ends in one."""
    if isinstance(layer, Chain) and layer.layers:
        last = _without_softmax(layer.layers[-1])
        return None if last is None else _named(layer, [*layer.layers[:-1], last])
    if isinstance(layer, Softmax):
        return Identity()
    if not isinstance(_activation(layer), Softmax):
        return None
    return (
        Identity()
        if isinstance(layer, Activation)
        else _become(type(layer), layer, activation=None)
    )


def _activation(layer: Layer) -> Layer | None:
    return getattr(layer, "activation", None)


def _is_relu(layer: Layer | None) -> bool:
    """ReLU() or Activation("relu")."""
    return isinstance(layer.activation if isinstance(layer, Activation) else layer, ReLU)


def _become(kind: type[Layer], layer: Layer, **changes: Any) -> Layer:
    """A layer of another kind with the same options."""
    options = {field.name: getattr(layer, field.name) for field in fields(layer) if field.init}
    return kind(**{**options, **changes})
