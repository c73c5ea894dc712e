"""5-graph: computational graphs, from apples and oranges to batch normalization."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from groundup.lab.reproduce.experiment import Claim, Experiment, Figure, Result, Say, Setting
from groundup.layers import BatchNormalization, Dense, Sigmoid
from groundup.layers.graph import Variable
from groundup.layers.graph.textbook import (
    affine,
    batch_normalization,
    sigmoid,
    softmax_with_loss,
)
from groundup.layers.layer import Layer, Mode
from groundup.report.graph_picture import graph_picture
from groundup.rng import Stream
from groundup.typing import Array

APPLES: Final[Mapping[str, float]] = {"apple": 2.2, "number of apples": 110, "tax": 200}
FRUIT: Final[Mapping[str, float]] = {
    "apple": 2.2,
    "number of apples": 110,
    "orange": 3.3,
    "number of oranges": 165,
    "tax": 650,
}
"""The gradients of the prices that the notes print."""


BASKETS: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "apples": {"apple": (100, 2)},
    "apples and oranges": {"apple": (100, 2), "orange": (150, 3)},
}
"""What is bought: the price of one, and how many."""


def price(basket: str, say: Say = str) -> Variable:
    """The price of a basket with 10 % tax, its variables named in the reader's language."""
    parts = [
        (Variable(each, say(fruit)) * Variable(count, say(f"number of {fruit}s"))).named(
            say(f"{fruit}s")
        )
        for fruit, (each, count) in BASKETS[basket].items()
    ]
    total = parts[0] if len(parts) == 1 else (parts[0] + parts[1]).named(say("both"))
    return (total * Variable(1.1, say("tax"))).named(say("price"))


def leaves(output: Variable) -> dict[str, Variable]:
    """What a graph begins with, by name."""
    found: dict[str, Variable] = {}
    waiting = [output]
    while waiting:
        one = waiting.pop()
        waiting += one.inputs
        if not one.inputs:
            found[one.name] = one
    return found


def slope(variable: Variable) -> float:
    """Its gradient, of a single number."""
    return float(np.asarray(variable.grad))


def normalization(seed: int) -> tuple[Variable, dict[str, Variable], Array]:
    """The graph of Σ dy · batch normalization of (4, 3) inputs, its leaves, and dy."""
    stream = Stream(seed, name="5-graph")
    drawn = {name: stream.named(name).normal((3,)) for name in ("gamma", "beta")}
    x = Variable(stream.named("x").normal((4, 3)), "x")
    gamma, beta = Variable(drawn["gamma"], "γ"), Variable(drawn["beta"], "β")
    dy = stream.named("dy").normal((4, 3))
    y = batch_normalization(x, gamma, beta)
    return (y * Variable(dy, "dy")).sum().named("L"), {"x": x, "gamma": gamma, "beta": beta}, dy


def run(setting: Setting) -> Result:
    prices = {name: price(name) for name in BASKETS}
    values, rows = {}, []
    for name, output in prices.items():
        output.backward()
        values[f"price of {name}"] = float(output.value)
        for leaf, variable in leaves(output).items():
            values[f"{name}: gradient of {leaf}"] = slope(variable)
            rows.append((name, leaf, float(variable.value), slope(variable)))
    columns = zip(*sorted(rows), strict=True)
    table = dict(zip(("graph", "variable", "value", "gradient"), columns, strict=True))
    values["error of batch normalization"] = _batch_norm_error(setting.seed)
    values["error of affine"], values["error of sigmoid"] = _layer_errors(setting.seed)
    values["error of softmax with loss"] = _softmax_error(setting.seed)
    return Result({"gradients": table}, values)


def _difference(variable: Variable, expected: Array) -> float:
    return float(np.abs(variable.grad - expected).max())


def _batch_norm_error(seed: int) -> float:
    output, own, dy = normalization(seed)
    output.backward()
    layer, params = BatchNormalization(), {key: own[key].value for key in ("gamma", "beta")}
    state = layer.init(Stream(seed), (3,)).state
    _, cache, _ = layer.forward(params, state, own["x"].value, Mode(train=True))
    dx, grads = layer.backward(params, cache, dy, Mode(train=True))
    return max(_difference(own[key], one) for key, one in ({"x": dx} | dict(grads)).items())


def _layer_errors(seed: int) -> tuple[float, float]:
    stream = Stream(seed, name="5-graph/affine")
    x = Variable(stream.named("x").normal((4, 3)), "x")
    W, b = Variable(stream.named("W").normal((3, 2)), "W"), Variable(np.zeros(2), "b")
    affine(x, W, b).sum().backward()
    dx, grads = _backward(Dense(2), {"W": W.value, "b": b.value}, x.value, (4, 2))
    errors = [_difference(x, dx), _difference(W, grads["W"]), _difference(b, grads["b"])]
    z = Variable(x.value, "x")
    sigmoid(z).sum().backward()
    return max(errors), _difference(z, _backward(Sigmoid(), {}, x.value, (4, 3))[0])


def _backward(
    layer: Layer, params: Mapping[str, Array], x: Array, shape: tuple[int, int]
) -> tuple[Array, Mapping[str, Array]]:
    _, cache, _ = layer.forward(params, {}, x, Mode(train=True))
    dx, grads = layer.backward(params, cache, np.ones(shape), Mode(train=True))
    return np.asarray(dx), grads


def _softmax_error(seed: int) -> float:
    z = Variable(Stream(seed, name="5-graph/softmax").normal((4, 3)), "z")
    t = np.eye(3)[[0, 2, 1, 0]]
    softmax_with_loss(z, t).backward()
    e = np.exp(z.value)
    return _difference(z, (e / e.sum(axis=1, keepdims=True) - t) / 4)


def draw(results: Sequence[Result], say: Say) -> list[Figure]:
    note = say("Above each edge the value on its way forward, below it the gradient coming back.")
    norms = say("Of arrays the shape and the Euclidean norm.")
    pictures = {
        "apples": (price("apples", say), "2 apples at 100, with 10 % tax", note),
        "fruit": (
            price("apples and oranges", say),
            "2 apples at 100 and 3 oranges at 150, with 10 % tax",
            note,
        ),
        "batch-normalization": (
            normalization(0)[0],
            "Batch normalization, step by step",
            f"{note} {norms}",
        ),
    }
    figures = []
    for name, (output, title, words) in pictures.items():
        output.backward()
        figures.append(Figure(name, graph_picture(output, title=say(title), subtitle=""), words))
    return figures


def _costs(name: str, total: float, gradients: Mapping[str, float]) -> tuple[Claim, Claim]:
    listed = ", ".join(f"{leaf} {value:g}" for leaf, value in gradients.items())
    return (
        Claim(
            f"The {name} cost {total:g}.",
            lambda r: abs(r.values[f"price of {name}"] - total) < 1e-9,
            f"{total:g}",
        ),
        Claim(
            f"Backward, the gradients of their price are: {listed}.",
            lambda r: all(
                abs(r.values[f"{name}: gradient of {leaf}"] - value) < 1e-9
                for leaf, value in gradients.items()
            ),
            ", ".join(f"{value:g}" for value in gradients.values()),
        ),
    )


EXPERIMENT: Final = Experiment(
    key="5-graph",
    title="Computational graphs",
    source="Saito 2016, chapter 5",
    text="A calculation as a graph of small operations. Values go from left to right; gradients "
    "come back, each operation multiplying by its own derivative.",
    run=run,
    draw=draw,
    claims=(
        *_costs("apples", 220, APPLES),
        *_costs("apples and oranges", 715, FRUIT),
        *(
            Claim(
                f"The graph of {name} has the gradients of the layer, to 10⁻¹².",
                lambda r, name=name: r.values[f"error of {name}"] < 1e-12,  # type: ignore[misc]
            )
            for name in ("affine", "sigmoid", "batch normalization")
        ),
        Claim(
            "Of softmax with cross-entropy the gradient is (y − t) / N.",
            lambda r: r.values["error of softmax with loss"] < 1e-12,
            "(y − t) / N",
        ),
    ),
    seeds=1,
)
