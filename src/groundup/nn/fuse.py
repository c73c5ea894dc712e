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
    if isinstance(loss, CategoricalCrossentropy) and not loss.from_logits:
        logits = _chain_without_softmax(chain)
        if logits is not None:
            return Fused(logits, replace(loss, from_logits=True), ops.softmax)
    return Fused(chain, loss, lambda y: y)


def _chain_without_softmax(chain: Chain) -> Chain | None:
    """The chain that ends before its final softmax, if it ends in one; names stay."""
    last = _without_softmax(chain.layers[-1]) if chain.layers else None
    if last is None:
        return None
    layers = zip(chain.names, (*chain.layers[:-1], last), strict=True)
    return replace(chain, layers=tuple(replace(layer, name=name) for name, layer in layers))


def _without_softmax(layer: Layer) -> Layer | None:
    if isinstance(layer, Chain):
        return _chain_without_softmax(layer)
    if isinstance(layer, Softmax):
        return Identity()
    if not isinstance(getattr(layer, "activation", None), Softmax):
        return None
    if isinstance(layer, Activation):
        return Identity()
    return replace(layer, activation=None)  # type: ignore[call-arg]  # Dense and Conv2D have it
