"""The controller: a network that spells sub-policies, one decision after another.

    x (D,)  →  Dense, tanh  →  Dense  →  z (O,)    π(k | before) = softmax of z over the options

x is the decision's position and what was decided before it in this sub-policy. So it is a small
perceptron over the prefix where the paper has an LSTM, which says the same of six decisions. And
all sub-policies of a policy are drawn from one distribution, since their order means nothing: each
of them teaches the network about all of them, which a hundred rewards make necessary.

B sub-policies, T decisions each, O = operations + probabilities + magnitudes logits of which a
decision sees those of its kind, D = T + Σ sizes.   [Cubuk et al. 2019, section 3.2]
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from groundup import ops
from groundup.layers.activations import Tanh
from groundup.layers.dense import Dense
from groundup.layers.layer import EMPTY, Mode
from groundup.nn.chain import Chain
from groundup.nn.network import Network, build
from groundup.rng import Stream
from groundup.tune.autoaugment.menu import Decisions, Menu
from groundup.typing import Array

_MODE = Mode(train=True, need_dx=False)


@dataclass(frozen=True)
class Controller:
    """The network with the menu it chooses from; its parameters θ are given to every function.

    >>> from groundup.tune.autoaugment.menu import usual_menu
    >>> controller, theta = make_controller(usual_menu((1, 28, 28)), seed=0)
    >>> controller.network.in_shape, controller.network.out_shape, theta.shape
    ((50,), (22,), (4694,))
    >>> decisions = controller.draw(theta, Stream(0, "search"), 3)
    >>> decisions.shape, controller.policy_of(theta, decisions).shape
    ((3, 6), (3, 6, 22))
    """

    menu: Menu
    network: Network

    def encode(self, decisions: Decisions) -> Array:
        """x (B, T, D) of every decision: its position, and the options chosen before it

        decisions: (B, T), of which the last is never looked at.
        """
        B, T = decisions.shape
        x = np.zeros((B, T, *self.network.in_shape))
        x[:, range(T), range(T)] = 1.0
        for t, start in enumerate(self._starts[:-1]):
            x[np.arange(B), t + 1 :, T + start + decisions[:, t]] = 1.0
        return x

    def forward(self, theta: Array, decisions: Decisions) -> tuple[Array, Any]:
        """z (B, T, O), -inf where an option is of another kind, and what `backward` needs."""
        x = self.encode(decisions).astype(theta.dtype)
        rows = x.reshape(-1, x.shape[-1])
        params = self.network.params.views(theta)
        z, cache, _ = self.network.chain.forward(params, EMPTY, rows, _MODE)
        z = z.reshape(*decisions.shape, -1)
        return np.where(self.offered, z, -np.inf), (params, cache)

    def backward(self, dz: Array, remembered: Any) -> Array:
        """dθ (P,) from dz (B, T, O), which is 0 where an option is of another kind."""
        params, cache = remembered
        _, grads = self.network.chain.backward(params, cache, dz.reshape(-1, dz.shape[-1]), _MODE)
        return self.network.params.flatten(grads)

    def policy_of(self, theta: Array, decisions: Decisions) -> Array:
        """π (B, T, O): how likely each option is, given what was decided before."""
        return ops.softmax(self.forward(theta, decisions)[0])

    def draw(self, theta: Array, stream: Stream, count: int) -> Decisions:
        """(count, T) decisions of sub-policies, each by what was decided before it."""
        units = stream.uniform((count, len(self.menu.sizes)))
        decisions = np.zeros(units.shape, np.int64)
        for t, size in enumerate(self.menu.sizes):
            first = self.first_of[t]
            pi = self.policy_of(theta, decisions)[:, t, first : first + size]
            above = np.cumsum(pi, axis=1) <= units[:, t, np.newaxis]
            decisions[:, t] = np.minimum(above.sum(axis=1), size - 1)
        return decisions

    @cached_property
    def first_of(self) -> tuple[int, ...]:
        """Of each decision the place of its first option among the logits."""
        starts = np.cumsum((0, *self.menu.kinds[:-1])).tolist()
        return tuple(starts) * self.menu.length

    @cached_property
    def offered(self) -> Array:
        """(T, O): which logits are options of which decision."""
        place, first = np.arange(sum(self.menu.kinds)), np.array(self.first_of)[:, np.newaxis]
        offered: Array = (first <= place) & (
            place < first + np.array(self.menu.sizes)[:, np.newaxis]
        )
        return offered

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Of each decision the place of its first option in x, after the positions."""
        return tuple(np.cumsum((0, *self.menu.sizes[:-1])).tolist())


def make_controller(
    menu: Menu, seed: int, units: int = 64, dtype: DTypeLike = np.float64
) -> tuple[Controller, Array]:
    """A controller and its first parameters θ (P,), with which every option is equally likely."""
    last = Dense(sum(menu.kinds), kernel_initializer="zeros")
    chain = Chain([Dense(units, activation=Tanh()), last])
    inputs = len(menu.sizes) + sum(menu.sizes)
    network, theta, _ = build(chain, (inputs,), seed, dtype)
    return Controller(menu, network), theta
