"""A computational graph as a scene: what stands where, before any of it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from groundup.layers.graph import Variable, topological
from groundup.report import svg
from groundup.report.graph_layout import Layout, Link, Size, layout
from groundup.report.numbers import number
from groundup.typing import Array

RADIUS = 18.0
LINE = 15.0  # of words
_PAD = 5.0


@dataclass(frozen=True)
class Node:
    """A variable in the picture; the last node is the output's name, behind its operation.

    words: in its circle or box; size: of that; total: of its gradient, where several edges bring
    parts of it.
    """

    variable: Variable
    words: str
    size: Size
    round: bool
    name: str = ""
    total: str = ""

    def room(self) -> Size:
        """Its size with the words above and below."""
        width = max(self.size[0], *(svg.text_width(w, "small") for w in (self.name, self.total)))
        return width, self.size[1] + 2 * LINE * bool(self.name or self.total)


@dataclass(frozen=True)
class Edge:
    """From a node to its user's input at `place`: the value going there, the gradient coming back.

    The edge behind the output has no user. `port`: what the input is called in the user's rules.
    """

    source: int
    target: int
    user: Variable | None
    place: int
    shape: str
    value: str
    gradient: str
    port: str = ""

    def room(self) -> Size:
        """The size of its words, above and below the line."""
        words = (self.shape, self.value, self.gradient)
        width = max(svg.text_width(line, "small") for line in words)
        return (width + _PAD, 2 * LINE * (2 if self.shape else 1) + 6) if width else (0.0, 6.0)


@dataclass(frozen=True)
class Scene:
    """Nodes and edges, each at its place."""

    output: Variable
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    places: Layout


def scene(output: Variable) -> Scene:
    """The scene of all that leads to the output, with gradients where it has them."""
    order = topological(output)
    index = {variable: n for n, variable in enumerate(order)}
    edges = [edge for variable in order for edge in _edges_into(variable, index)]
    parts = [
        sum(edge.source == n and bool(edge.gradient) for edge in edges) for n in index.values()
    ]
    nodes = [_node(variable, parts[n]) for variable, n in index.items()]
    name = output.name or "output"
    if order[-1].operation is not None:
        nodes[-1] = replace(nodes[-1], name="")  # it stands in the box behind
    nodes.append(Node(output, name, (svg.text_width(name) + 22, 30.0), round=False))
    gradient = f"← {in_short(output.grad)}" if output.grad is not None else ""
    edges.append(Edge(index[output], len(order), None, 0, *_value(output), gradient))
    links = [Link(edge.source, edge.target, edge.room()) for edge in edges]
    return Scene(output, nodes, edges, layout([node.room() for node in nodes], links))


def in_short(values: Array) -> str:
    """A number as it is, of an array its Euclidean norm.

    >>> in_short(np.array(715.0000001)), in_short(np.array([[3.0, 4.0]]))
    ('715', '‖5‖')
    """
    if values.size == 1:
        return number(float(values.item()), 4)
    return f"‖{number(float(np.linalg.norm(values)), 3)}‖"


def shape_in_words(shape: tuple[int, ...]) -> str:
    """
    >>> shape_in_words((4, 3)), shape_in_words(())
    ('4×3', '')
    """
    return "×".join(map(str, shape))


def _value(variable: Variable) -> tuple[str, str]:
    """The shape of an array, and a number or a norm."""
    shape = shape_in_words(variable.shape) if variable.value.size > 1 else ""
    return shape, in_short(variable.value)


def _node(variable: Variable, parts: int) -> Node:
    """The node of a variable; `parts` is how many edges bring it gradients."""
    total = f"Σ ← {in_short(variable.grad)}" if parts > 1 and variable.grad is not None else ""
    if variable.operation is None:
        words = variable.name or " ".join(filter(None, _value(variable)))
        return Node(variable, words, (svg.text_width(words) + 22, 30.0), round=False, total=total)
    words = variable.operation.symbol
    width = max(2 * RADIUS, svg.text_width(words) + 16)
    size = (width if width > 2 * RADIUS + 6 else 2 * RADIUS, 2 * RADIUS)
    return Node(variable, words, size, round=True, name=variable.name, total=total)


def _edges_into(user: Variable, index: dict[Variable, int]) -> list[Edge]:
    edges = []
    ports = user.operation.ports if user.operation else ()
    for place, (x, dx) in enumerate(zip(user.inputs, user.gradients(), strict=True)):
        plain = x.constant and not x.name  # the number stands in its box already
        value = ("", "") if plain else _value(x)
        gradient = "" if dx is None or x.constant else f"← {in_short(dx)}"
        port = ports[place] if ports else ""
        edges.append(Edge(index[x], index[user], user, place, *value, gradient, port))
    return edges
