"""Computational graphs as drawn: every operation, values used twice, repeated along axes."""

from collections.abc import Callable, Mapping

import numpy as np

from groundup.layers.graph import Variable, exp, log, maximum, relu, sigmoid, tanh
from groundup.typing import Array
from trust.numbers.differences import Arrays, Problem
from trust.numbers.luck import Luck

Node = Variable
Join = Callable[[Node, Node], Node]

# Kept within a few units by the functions around them, so that no graph overflows.
ALONE: Mapping[str, Callable[[Node], Node]] = {
    "exp": lambda x: exp(tanh(x)),
    "log": lambda x: log(x * x + 0.5),
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "negate": lambda x: -x,
    "square": lambda x: tanh(x) ** 2,
    "root": lambda x: (x * x + 0.3) ** 0.5,
    "inverse": lambda x: (sigmoid(x) + 0.5) ** -1,
    "sum": lambda x: x * 0.5 + tanh(x.sum(axis=0)),
    "mean": lambda x: x - x.mean(),
    "mean of rows": lambda x: x - x.mean(axis=1).reshape(-1, 1),
    "repeated": lambda x: x + x.mean(axis=0).broadcast_to(*x.shape),
    "reshaped": lambda x: sigmoid(x.reshape(-1)).reshape(*x.shape),
}
JOINS: Mapping[str, Join] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * tanh(y),
    "/": lambda x, y: x / (sigmoid(y) + 0.5),
    "max": maximum,
    "@": lambda x, y: tanh(x @ y.reshape(y.shape[1], y.shape[0])) @ y * 0.3,
    "constant": lambda x, y: 2.0 - 0.5 * x + 1.0 / (sigmoid(y) + 1.0),
}


def graph_problem(luck: Luck) -> Problem:
    """A few steps, each of a node that is there already, or of two."""
    shape = luck.whole(1, 4), luck.whole(1, 4)
    sizes = {"x": shape, "y": shape, "row": (1, shape[1]), "column": (shape[0], 1)}
    arrays = {name: luck.normal(size) for name, size in sizes.items()}
    steps = []
    for count in range(4, 4 + luck.whole(3, 9)):
        joined = luck.flag()
        name = luck.pick(sorted(JOINS if joined else ALONE))
        steps.append((name, joined, luck.whole(0, count - 1), luck.whole(0, count - 1)))

    def built(arrays: Arrays) -> tuple[dict[str, Node], Node]:
        given = {name: Variable(value, name) for name, value in arrays.items()}
        zero = Variable(np.zeros(shape))  # every node of one shape, leaves repeated to it
        nodes = [leaf + zero for leaf in given.values()]
        for name, joined, i, j in steps:
            nodes.append(JOINS[name](nodes[i], nodes[j]) if joined else ALONE[name](nodes[i]))
        total = nodes[-1]
        for node in nodes[:-1]:
            total = total + 0.1 * node
        return given, total

    def outputs(arrays: Arrays) -> Array:
        return built(arrays)[1].value

    dy = luck.normal(shape)

    def gradients(arrays: Arrays) -> Arrays:
        given, total = built(arrays)
        total.backward(dy)
        return {name: np.asarray(leaf.grad) for name, leaf in given.items()}

    words = f"graph of {shape}: {', '.join(f'{name}({i}, {j})' for name, _, i, j in steps)}"
    return Problem("graph", words, arrays, dy, outputs, gradients)
