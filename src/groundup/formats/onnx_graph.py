"""What an ONNX file says, as plain values: nodes in their order, and the arrays that they use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from groundup.layers.layer import EMPTY
from groundup.typing import Array, Shape, Tree

INPUT, OUTPUT = "x", "y"
TYPES = {np.dtype(np.float32): 1, np.dtype(np.float64): 11}  # TensorProto.FLOAT, .DOUBLE


class Node(NamedTuple):
    """One operator: name = op(*inputs, **attributes); a node is called as its output."""

    op: str
    name: str
    inputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass
class Graph:
    """Nodes and arrays as they are gathered; every name is taken once."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=lambda: {INPUT, OUTPUT})

    def add(self, op: str, name: str, inputs: tuple[str, ...], attributes: Tree) -> str:
        """One more node; the name of its output."""
        node = Node(op, self._free(name), inputs, attributes)
        self.nodes.append(node)
        return node.name

    def keep(self, name: str, array: Array) -> str:
        """One more array; its name."""
        name = self._free(name)
        self.constants[name] = array
        return name

    def end(self, value: str) -> None:
        """Call this value the output."""
        places = {node.name: place for place, node in enumerate(self.nodes)}
        if value not in places:  # the input itself
            self.nodes.append(Node("Identity", OUTPUT, (value,), EMPTY))
        else:
            node = self.nodes[places[value]]
            self.nodes[places[value]] = node._replace(name=OUTPUT)

    def _free(self, name: str) -> str:
        while name in self._taken:
            name += "'"
        self._taken.add(name)
        return name


@dataclass(frozen=True)
class Place:
    """Where a layer or preprocessor stands: what comes in, what it has learned, its name

    x: the name of its input; shape: that of x without N; params, state: its arrays by name.
    """

    graph: Graph
    name: str
    x: str
    shape: Shape
    params: Tree
    state: Tree = field(default_factory=dict)

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        """A node of this layer; the checker of ONNX knows each operator's attributes."""
        return self.graph.add(op, self._called(op), inputs, attributes)

    def constant(self, name: str, value: Any, dtype: DTypeLike = np.float32) -> str:
        """A fixed array of this layer."""
        return self.graph.keep(self._called(name), np.asarray(value, dtype, order="C"))

    def param(self, name: str) -> str:
        """What the layer has learned under this name, as it is."""
        return self.constant(name, self.params[name])

    def cast(self, x: str, dtype: DTypeLike) -> str:
        """x as another type."""
        return self.node("Cast", x, to=TYPES[np.dtype(dtype)])

    def inside(self, name: str, x: str, shape: Shape) -> "Place":
        """The place of a layer in this one."""
        params, state = self.params.get(name, EMPTY), self.state.get(name, EMPTY)
        return Place(self.graph, self._called(name), x, shape, params, state)

    def then(self, x: str) -> "Place":
        """The same place with another input, for an activation that follows in the same layer."""
        return replace(self, x=x)

    def _called(self, what: str) -> str:
        return f"{self.name}/{what}" if self.name else what
