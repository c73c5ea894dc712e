"""Whole small networks as drawn: layers, a loss, penalties, weights of samples."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from groundup.layers import (
    ELU,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
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
    Tanh,
)
from groundup.layers.layer import Init, Mode
from groundup.nn.average import Average
from groundup.nn.chain import Chain
from groundup.nn.fuse import Fused, fuse
from groundup.nn.layout import leaves
from groundup.nn.losses import CategoricalCrossentropy, Huber, Loss, MeanSquaredError
from groundup.nn.network import build
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree
from trust.numbers.differences import Arrays, Problem
from trust.numbers.luck import Luck


@dataclass(frozen=True)
class Task:
    """A network and the batch that it is judged by."""

    chain: Chain
    loss: Loss
    x: Array
    t: Any
    weight: Array | None
    seed: int
    train: bool

    @cached_property
    def built(self) -> Any:
        """The network, its parameter and its state vector, in float64."""
        return build(self.chain, self.x.shape[1:], self.seed, np.float64)

    @cached_property
    def fused(self) -> Fused:
        """What training runs: softmax within the loss, ReLUs within the layers before."""
        return fuse(self.chain, self.loss)

    @property
    def mode(self) -> Mode:
        return Mode(self.train, Stream(self.seed, "dropout").at(epoch=1, step=2))

    def value(self, vector: Array, x: Array) -> Array:
        """The loss and the penalty, (2,), by the layers as they were written."""
        network, _, running = self.built
        params, state = network.params.views(vector), network.state.views(running)
        y, _, _ = self.chain.forward(params, state, x, self.mode)
        return np.array([self.loss.forward(y, self.t, self.weight)[0], network.penalty(vector)])

    def gradients(self, vector: Array, x: Array) -> tuple[Array, Array]:
        """By the parameter vector and by x, as training computes them, in the dtype of both."""
        network, _, running = self.built
        chain, loss, _ = self.fused
        state = network.state.views(running.astype(vector.dtype))
        params = network.params.views(vector)
        y, cache, _ = chain.forward(params, state, x, self.mode)
        _, remembered = loss.forward(y, self.t, self.weight)
        dx, grads = chain.backward(params, cache, loss.backward(remembered), self.mode)
        assert dx is not None
        gradient = np.zeros_like(vector)
        views = dict(leaves(network.params.views(gradient)))
        for path, array in leaves(grads):
            views[path][...] = array
        network.add_penalty_gradient(vector, gradient)
        return gradient, dx


@dataclass(frozen=True)
class NetworkProblem(Problem):
    """With the task, which a compiled program can do, too."""

    task: Task

    def shaken(self, number: int) -> "NetworkProblem":
        """The same with rounding between the layers, drawn by this number."""
        layers = [
            layer
            for i, one in enumerate(self.task.chain.layers)
            for layer in ([Rounded(100 * number + i)] if i else []) + [one]
        ]
        return _problem(self, replace(self.task, chain=Chain(layers)))


@dataclass(frozen=True)
class Rounded(Layer):
    """What a float32 array between two layers may be, seen from float64: off by 2⁻²⁴ of each."""

    number: int = 0

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        return Init({}, {}, in_shape)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return self._off(x, "forward"), None, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return self._off(dy, "backward"), {}

    def _off(self, array: Array, way: str) -> Array:
        draws = Stream(self.number, "search").named("trust/rounded").named(way)
        return array * (1 + draws.uniform(array.shape, -(2.0**-24), 2.0**-24))


def network_problem(kind: str, luck: Luck) -> NetworkProblem:
    task = drawn_task(kind, luck)
    _, vector, _ = task.built
    given = Problem(
        f"network of {kind}",
        f"{task.chain.layers!r}, {task.loss!r} of x {task.x.shape}, seed {task.seed}, "
        f"{'training' if task.train else 'inference'}",
        {"θ": vector + 0.1 * luck.normal(vector.shape), "x": task.x},
        np.ones(2),
        lambda a: np.zeros(2),
        lambda a: {},
    )
    return _problem(given, task)


def _problem(given: Problem, task: Task) -> NetworkProblem:
    """Of this kind, in these words and at this place, another task."""

    def gradients(arrays: Arrays) -> Arrays:
        gradient, dx = task.gradients(arrays["θ"], arrays["x"])
        return {"θ": gradient, "x": dx}

    return NetworkProblem(
        given.kind,
        given.words,
        given.arrays,
        given.dy,
        lambda a: task.value(a["θ"], a["x"]),
        gradients,
        task,
    )


def drawn_task(kind: str, luck: Luck) -> Task:
    """Layers of this kind, a last layer for a loss, and a batch."""
    N, K = luck.whole(3, 5), luck.whole(2, 5)
    layers, shape = BODIES[kind](luck)
    loss, last = luck.pick(
        [
            (CategoricalCrossentropy(label_smoothing=luck.pick([0.0, 0.1])), "softmax"),
            (CategoricalCrossentropy(from_logits=True), None),
            (MeanSquaredError(), luck.pick([None, "sigmoid", "tanh"])),
            (Huber(0.5), None),
        ]
    )
    layers = [*layers, Flatten(), Dense(K, last, kernel_regularizer=_penalty(luck))]
    labels = isinstance(loss, CategoricalCrossentropy)
    return Task(
        Chain(layers),
        loss,
        luck.normal((N, *shape)),
        luck.wholes(0, K - 1, N) if labels else luck.normal((N, K)),
        luck.pick([None, None, luck.spread((N,), 0, 2)]),
        luck.whole(0, 2**31),
        luck.flag(0.75),
    )


def _penalty(luck: Luck) -> Any:
    return luck.pick([None, "l1:0.01", "l2:0.1", {"kind": "L1L2", "l1": 0.01, "l2": 0.05}])


def _bend(luck: Luck) -> Layer:
    # The first four can be written down for a program, the last two cannot.
    often: list[Callable[[], Layer]] = [ReLU, Sigmoid, Tanh, lambda: LeakyReLU(0.2)]
    return luck.pick([*often, *often, ELU, PReLU])()


def _block(luck: Luck, layer: Layer) -> list[Layer]:
    """A layer, perhaps normalized, bent, and perhaps with dropout."""
    normalized = [BatchNormalization()] if luck.flag(0.4) else []
    dropped = [Dropout(luck.uniform(0.1, 0.5))] if luck.flag(0.3) else []
    return [layer, *normalized, _bend(luck), *dropped]


def _dense(luck: Luck, units: int) -> Dense:
    return Dense(units, use_bias=luck.flag(0.8), kernel_regularizer=_penalty(luck))


def _rows(luck: Luck) -> tuple[list[Layer], tuple[int, ...]]:
    layers = [
        layer
        for _ in range(luck.whole(0, 3))
        for layer in _block(luck, _dense(luck, luck.whole(2, 6)))
    ]
    return layers, (luck.whole(2, 6),)


def _images(luck: Luck) -> tuple[list[Layer], tuple[int, ...]]:
    layers: list[Layer] = []
    for _ in range(luck.whole(1, 2)):
        size, strides = luck.pick([1, 2, 3, (2, 3)]), luck.pick([1, 1, 2])
        convolution = Conv2D(
            luck.whole(1, 4),
            size,
            strides,
            luck.pick(["same", 1]),
            use_bias=luck.flag(0.8),
            kernel_regularizer=_penalty(luck),
            rounding="floor",
        )
        layers += _block(luck, convolution)
        if luck.flag():
            layers.append(luck.pick([MaxPooling2D, AveragePooling2D])(2, padding="same"))
    return layers, (luck.whole(1, 2), luck.whole(3, 6), luck.whole(3, 6))


def _residual(luck: Luck) -> tuple[list[Layer], tuple[int, ...]]:
    """x + f(x), twice; twice the mean is the sum."""
    D = luck.whole(2, 5)
    layers: list[Layer] = []
    for _ in range(2):
        inside = [*_block(luck, _dense(luck, luck.whole(2, 6))), _dense(luck, D)]
        layers += [Average([Identity(), Chain(inside)]), Rescaling(2.0), _bend(luck)]
    return layers, (D,)


def _wide(luck: Luck) -> tuple[list[Layer], tuple[int, ...]]:
    """More than 2,000 parameters: random directions."""
    return [*_block(luck, _dense(luck, luck.whole(50, 70)))], (luck.whole(40, 60),)


BODIES: dict[str, Callable[[Luck], tuple[list[Layer], tuple[int, ...]]]] = {
    "rows": _rows,
    "images": _images,
    "residual": _residual,
    "wide": _wide,
}
