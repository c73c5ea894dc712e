"""What the layers of an untrained network give out."""

from collections.abc import Sequence

import numpy as np

from groundup.layers.layer import Layer, Mode
from groundup.nn.chain import Chain
from groundup.nn.network import build
from groundup.typing import Array


class _Outputs:
    """A probe that keeps what each layer gives out."""

    def __init__(self) -> None:
        self.kept: dict[str, Array] = {}

    def see(self, layer: str, what: str, array: Array) -> None:
        if what == "y":
            self.kept[layer] = array.copy()


def layer_outputs(layers: Sequence[Layer], x: Array, seed: int) -> dict[str, Array]:
    """Each layer's output for x (N, …), by its name, with weights drawn by the seed

    >>> from groundup import Dense
    >>> [y.shape for y in layer_outputs([Dense(3, "relu"), Dense(2)], np.eye(4), 0).values()]
    [(4, 3), (4, 2)]
    """
    chain, probe = Chain(layers), _Outputs()
    network, vector, running = build(chain, x.shape[1:], seed, np.float64)
    params, state = network.params.views(vector), network.state.views(running)
    chain.forward(params, state, x, Mode(train=True, probe=probe))
    return probe.kept
