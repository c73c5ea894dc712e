"""Rewrites a chain and its loss into ones that compute the same, better.

The rewritten chain shares the parameters of the given one: every layer keeps its name. With a probe
the given chain runs, so that an onlooker sees the layers that the user wrote.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from groundup import ops
from groundup.layers.activations import Activation, Identity, Softmax
from groundup.layers.layer import Layer
from groundup.nn.chain import Chain
from groundup.nn.losses import CategoricalCrossentropy, Loss
from groundup.typing import Array


class Fused(NamedTuple):
    """A chain, a loss on its output, and the way from its output to the given chain's."""

    chain: Chain
    loss: Loss
    finish: Callable[[Array], Array]


def fuse(chain: Chain, loss: Loss) -> Fused:
    """The final softmax and the cross-entropy become one function of the logits

    Their joint gradient is softmax(z) - t. Taken one after the other, a probability that rounds
    to 0 or 1 would lose it.   [Saito 2016, 5.6.3]

    >>> from groundup import Dense
    >>> fuse(Chain([Dense(10, activation="softmax")]), CategoricalCrossentropy()).loss.from_logits
    True
    """
    named = [
        replace(layer, name=name) for name, layer in zip(chain.names, chain.layers, strict=True)
    ]
    if isinstance(loss, CategoricalCrossentropy) and not loss.from_logits and named:
        last = _without_softmax(named[-1])
        if last is not None:
            logits = replace(chain, layers=(*named[:-1], last))
            return Fused(logits, replace(loss, from_logits=True), ops.softmax)
    return Fused(chain, loss, lambda y: y)


def _without_softmax(layer: Layer) -> Layer | None:
    """The layer that ends before its softmax, if it ends in one."""
    if isinstance(layer, Softmax):
        return Identity(name=layer.name)
    inner = getattr(layer, "activation", None)
    if not isinstance(inner, Softmax):
        return None
    if isinstance(layer, Activation):
        return Identity(name=layer.name)
    return replace(layer, activation=None)  # type: ignore[call-arg]  # Dense and Conv2D have it
