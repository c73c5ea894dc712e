"""A chain whose shapes are known: what stays the same while it is trained."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from groundup.nn.chain import Chain
from groundup.nn.layout import Layout
from groundup.rng import Stream
from groundup.typing import Array, Shape


@dataclass(frozen=True)
class Network:
    """A built chain: its shapes, the order of its vectors, its penalties. Holds no weights.

    Args:
        chain: the layers.
        in_shape, out_shape: shapes of x and y without N.
        params, state: the layouts of the parameter and the state vector.
        penalties: (range of the parameter vector, regularizer).
    """

    chain: Chain
    in_shape: Shape
    out_shape: Shape
    params: Layout
    state: Layout
    penalties: tuple[tuple[slice, Any], ...]

    def penalty(self, vector: Array) -> float:
        """Σ of the regularizers' penalties on the parameter vector: a part of the loss; or inf."""
        with np.errstate(over="ignore"):  # of weights that are about to diverge
            parts = (regularizer.penalty(vector[part]) for part, regularizer in self.penalties)
            return float(sum(parts))

    def add_penalty_gradient(self, vector: Array, gradient: Array) -> None:
        """gradient += dpenalty/dvector, in place"""
        for part, regularizer in self.penalties:
            gradient[part] += regularizer.gradient(vector[part])


def build(
    chain: Chain, in_shape: Shape, seed: int = 0, dtype: DTypeLike = np.float32
) -> tuple[Network, Array, Array]:
    """Give a chain its shapes and first weights

    Args:
        chain: the layers.
        in_shape: the shape of x without N.
        seed: of the initial weights.
        dtype: float32 to train, float64 to check; the same draws either way.

    Returns:
        The network, its parameter vector and its state vector.

    >>> from groundup import Chain, Dense
    >>> network, vector, state = build(Chain([Dense(50), Dense(10)]), (784,))
    >>> vector.shape, network.params.decayed, network.params.views(vector)["dense_1"]["b"].shape
    ((39760,), 39700, (50,))
    """
    shape = replace(chain, input_shape=in_shape).input_shape or ()  # checked as any layer's
    made = chain.init(Stream(seed, "init"), shape)
    params, state = Layout.of(made.params, first=made.decay), Layout.of(made.state)
    penalties = tuple(
        (params.slice(path), regularizer) for path, regularizer in chain.penalties().items()
    )
    network = Network(chain, shape, made.out_shape, params, state, penalties)
    return network, params.flatten(made.params, dtype), state.flatten(made.state, dtype)
