"""What is differentiated: layers, losses, regularizers, graphs and whole networks, as drawn."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

import groundup.nn.average
import groundup.nn.scaled_loss
from groundup.layers import layers
from groundup.layers.layer import Mode
from groundup.layers.regularizers import regularizers
from groundup.nn.layout import leaves
from groundup.nn.losses import CategoricalCrossentropy, Difference, Loss, losses
from groundup.rng import Stream
from groundup.typing import Array, Tree
from trust.numbers.configurations import drawn_layer
from trust.numbers.differences import Arrays, Problem
from trust.numbers.graphs import graph_problem
from trust.numbers.luck import Luck
from trust.numbers.networks import network_problem

Maker = Callable[[Luck], Problem]


def makers() -> dict[str, Maker]:
    """Every kind of problem: each registered layer, loss and regularizer, graphs and networks."""
    made: dict[str, Maker] = {}
    for registry, make in ((layers, layer_problem), (losses, loss_problem)):
        made |= {cls.__name__: partial(make, cls.__name__) for cls in _ours(registry)}
    for cls in _ours(regularizers):
        made[cls.__name__] = partial(regularizer_problem, cls)
    made["graph"] = graph_problem
    for kind in ("rows", "images", "residual", "wide"):
        made[f"network of {kind}"] = partial(network_problem, kind)
    return made


def _ours(registry: Any) -> list[type[Any]]:
    return [cls for cls in registry if cls.__module__.startswith("groundup.")]


def nested(flat: Arrays) -> Tree:
    """{"dense_1/W": …} as {"dense_1": {"W": …}}"""
    tree: dict[str, Any] = {}
    for path, array in flat.items():
        *way, last = path.split("/")
        place = tree
        for name in way:
            place = place.setdefault(name, {})
        place[last] = array
    return tree


def layer_problem(kind: str, luck: Luck) -> Problem:
    """A layer alone, moved off its first weights, in training or at inference."""
    layer, shape = drawn_layer(kind, luck)
    train = luck.flag(0.6)
    made = layer.init(Stream(luck.whole(0, 2**31), "init"), shape[1:])
    params = {k: a + 0.3 * luck.normal(a.shape) for k, a in leaves(made.params)}
    state = nested({k: a + luck.spread(a.shape, 0, 3) for k, a in leaves(made.state)})
    mode = Mode(train, Stream(luck.whole(0, 2**31), "dropout").at(epoch=1, step=2))
    dy = luck.normal((shape[0], *made.out_shape))

    def run(arrays: Arrays) -> tuple[Array, Any, Tree]:
        params = nested({k: a for k, a in arrays.items() if k != "x"})
        kept = nested({k: a.astype(arrays["x"].dtype) for k, a in leaves(state)})
        y, cache, _ = layer.forward(params, kept, arrays["x"], mode)
        return y, cache, params

    def gradients(arrays: Arrays) -> Arrays:
        _, cache, params = run(arrays)
        dx, grads = layer.backward(params, cache, dy.astype(arrays["x"].dtype), mode)
        return {"x": dx, **dict(leaves(grads))}

    words = f"{layer!r} of x {shape}, {'training' if train else 'inference'}"
    return Problem(
        kind, words, {"x": luck.normal(shape), **params}, dy, lambda a: run(a)[0], gradients
    )


def drawn_loss(kind: str, luck: Luck) -> Loss:
    """One of this kind with options; of a kind that nobody knows here, the plain one."""
    plain: Mapping[str, Callable[[], Loss]] = {
        "CategoricalCrossentropy": lambda: CategoricalCrossentropy(
            luck.flag(), luck.pick([0.0, luck.uniform(0, 0.9)])
        ),
        "Huber": lambda: losses.resolve({"kind": "Huber", "delta": luck.uniform(0.1, 2)}),
        "ScaledLoss": lambda: groundup.nn.scaled_loss.ScaledLoss(
            luck.pick(["mse", "mae", "sse", "huber"]), luck.uniform(0.2, 5)
        ),
    }
    return plain[kind]() if kind in plain else losses.resolve(kind)


def loss_problem(kind: str, luck: Luck) -> Problem:
    """The value of a loss by the predictions, for labels, distributions or values."""
    loss = drawn_loss(kind, luck)
    N, C = luck.whole(1, 6), luck.whole(2, 7)
    t: Any
    if isinstance(loss, Difference):
        shape = (N, *(luck.whole(1, 4) for _ in range(luck.whole(0, 2))))
        y, t = luck.normal(shape), luck.normal(shape)
    else:
        z, soft = 0.7 * luck.normal((N, C)), np.exp(luck.normal((N, C)))
        e = np.exp(z)
        y = z if getattr(loss, "from_logits", False) else e / e.sum(axis=1, keepdims=True)
        t = luck.pick([luck.wholes(0, C - 1, N), soft / soft.sum(axis=1, keepdims=True)])
    weight = luck.pick([None, luck.spread((N,), 0, 2)])

    def gradients(arrays: Arrays) -> Arrays:
        return {"y": loss.backward(loss.forward(arrays["y"], t, weight)[1])}

    words = f"{loss!r} of y {y.shape}, t {t.shape}{'' if weight is None else ', weighted'}"
    return Problem(
        kind,
        words,
        {"y": y},
        np.ones(()),
        lambda a: np.asarray(loss.forward(a["y"], t, weight)[0]),
        gradients,
    )


def regularizer_problem(cls: type[Any], luck: Luck) -> Problem:
    """A penalty by the weights that it is on."""
    strengths = [luck.pick([0.0, luck.uniform(0, 2)]) for _ in cls.__dataclass_fields__]
    regularizer = cls(*strengths)
    w = luck.normal(tuple(luck.whole(1, 5) for _ in range(luck.pick([1, 2, 4]))))
    return Problem(
        cls.__name__,
        f"{regularizer!r} of w {w.shape}",
        {"w": w},
        np.ones(()),
        lambda a: np.asarray(regularizer.penalty(a["w"])),
        lambda a: {"w": regularizer.gradient(a["w"])},
    )
