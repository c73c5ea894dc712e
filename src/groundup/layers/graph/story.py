"""What happens in a graph, step by step, with the numerical gradient as a witness."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from groundup.errors import InputError
from groundup.layers.graph.variable import Variable, compute, topological
from groundup.ops.gradcheck import directional_error, numerical_gradient
from groundup.rng import Stream
from groundup.typing import Array

MOST = 64
"""Elements of an input up to which each is moved by itself; of a larger one all are moved at once,
along one random direction."""
Edge = tuple[Variable, int]
"""A node, and which of its inputs is meant."""


@dataclass(frozen=True)
class Flow:
    """One edge on the way back: gradient = upstream gradient × local gradient.

    Args:
        node, place: the gradient flows from this node to its input at this place.
        upstream: ∂output/∂node.
        local: ∂node/∂input, element by element; None for operations that mix elements.
        rule: backward in words, with dz for the upstream gradient.
        gradient: ∂output/∂input along this edge alone; the input's own is the sum over its edges.
        numerical: the same by central differences; None for inputs of more than `MOST` elements.
        error: how far the two differ, relative to gradients above 1; for larger inputs how far
            their slopes along one random direction do; None where nothing was checked.
    """

    node: Variable
    place: int
    upstream: Array
    local: Array | None
    rule: str
    gradient: Array
    numerical: Array | None
    error: float | None

    @property
    def input(self) -> Variable:
        """Where the gradient flows to."""
        return self.node.inputs[self.place]


def flows(output: Variable, *, check: bool = True) -> list[Flow]:
    """Every edge in the order in which backward went along it

    Args:
        output: a variable whose `backward` was called.
        check: False leaves the numerical gradients and errors out.

    Raises:
        InputError: if there was no backward.

    >>> x, y = Variable(3, "x"), Variable(4, "y")
    >>> z = x * y
    >>> z.backward()
    >>> for flow in flows(z):
    ...     print(flow.input, flow.upstream, flow.local, flow.gradient, flow.numerical.round(6))
    Variable(3, 'x') 1.0 4.0 4.0 4.0
    Variable(4, 'y') 1.0 3.0 3.0 3.0
    """
    if output.grad is None:
        raise InputError(f"{output!r} has no gradient yet. Call its backward() first.")
    return [
        flow
        for node in reversed(topological(output))
        if node.operation is not None and node.grad is not None
        for flow in _flows_from(output, node, check)
    ]


def _flows_from(output: Variable, node: Variable, check: bool) -> list[Flow]:
    operation, upstream = node.operation, node.grad
    assert operation is not None and upstream is not None
    values = [x.value for x in node.inputs]
    local = operation.local(node.value, *values) if operation.local else [None] * len(values)
    found = []
    for place, (x, dx) in enumerate(zip(node.inputs, node.gradients(), strict=True)):
        if dx is None or x.constant:
            continue
        slope = None if local[place] is None else np.asarray(local[place], np.float64)
        witness, error = _checked(output, (node, place), dx) if check else (None, None)
        rule = operation.rules[place]
        found.append(Flow(node, place, upstream, slope, rule, dx, witness, error))
    return found


def _checked(output: Variable, edge: Edge, gradient: Array) -> tuple[Array | None, float]:
    """The numerical gradient along an edge where the input is small, and the error."""
    node, place = edge
    x = node.inputs[place].value

    def f(moved: Array) -> float:
        return _judged(output, evaluate(output, {}, {edge: moved}))

    if x.size > MOST:
        return None, directional_error(f, x, gradient, Stream().named("direction").normal(x.shape))
    witness = numerical_gradient(f, x, _step(x))
    scale = max(1.0, float(np.abs(witness).max(initial=0.0)))
    return witness, float(np.abs(gradient - witness).max(initial=0.0)) / scale


def numerical(output: Variable, variable: Variable) -> Array:
    """∂output/∂variable by central differences, all its uses together

    >>> x = Variable(3)
    >>> print(numerical(x * x, x).round(6))
    6.0
    """
    x = variable.value
    return numerical_gradient(
        lambda moved: _judged(output, evaluate(output, {variable: moved}, {})), x, _step(x)
    )


def _judged(output: Variable, value: Array) -> float:
    """The one number whose gradient was sent back: Σ value · dy."""
    return float(np.sum(value * (1.0 if output.grad is None else output.grad)))


def _step(x: Array) -> float:
    return 1e-5 * max(1.0, float(np.abs(x).max(initial=0.0)))


def evaluate(
    output: Variable, values: Mapping[Variable, Array], along: Mapping[Edge, Array]
) -> Array:
    """The output's value, were some nodes or edges to carry others; no variable is changed."""
    known = dict(values)
    for node in topological(output):
        if node in known:
            continue
        given = [
            along.get((node, place), known.get(x, x.value)) for place, x in enumerate(node.inputs)
        ]
        known[node] = compute(node.operation, given) if node.operation else node.value
    return known[output]
