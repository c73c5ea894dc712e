"""A computational graph drawn: values on their way forward, gradients on their way back."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from markupsafe import Markup

from groundup.layers.graph import Variable
from groundup.report import axes, svg
from groundup.report.graph_scene import LINE, Edge, Node, Scene, scene

VALUE, GRADIENT = "blue", "orange"
"""The colors of what goes forward and of what comes back."""
_MARGIN = 4.0
LEGEND = "Above each edge the value on its way forward; below it, ←, the gradient on its way back."
LEGEND_ARRAYS = " Of arrays: the shape and the Euclidean norm ‖·‖."


@dataclass(frozen=True)
class Shown:
    """How far the story has come: whose values and which edges' gradients are known by now.

    active: the node that computes, and `color` for which direction. None shows all.
    """

    values: Collection[Variable] | None = None
    gradients: Collection[tuple[Variable | None, int]] | None = None
    active: Variable | None = None
    color: str = VALUE

    def has_value(self, variable: Variable) -> bool:
        return self.values is None or variable in self.values

    def has_gradient(self, edge: Edge) -> bool:
        return self.gradients is None or (edge.user, edge.place) in self.gradients

    def has_total(self, node: Node, scene: Scene) -> bool:
        """Whether all parts of a node's gradient are known."""
        leaving = (edge for edge in scene.edges if scene.nodes[edge.source] is node)
        return all(map(self.has_gradient, leaving))

    def lights(self, edge: Edge, scene: Scene) -> bool:
        """Whether the active node takes from this edge, or gives to it."""
        return self.active is not None and self.active in (
            edge.user,
            scene.nodes[edge.source].variable,
        )


def graph_picture(output: Variable, *, title: str = "", subtitle: str | None = None) -> Markup:
    """The graph of all that leads to a variable, from left to right

    Circles are operations, boxes variables; with `backward()` called before, gradients are shown.
    Of a variable that several operations use, Σ is the sum of the gradients that come back.

    Args:
        output: the variable, such as a loss.
        title, subtitle: words above; by default the subtitle explains how to read the picture.

    >>> from groundup import Variable
    >>> x, y = Variable(3, "x"), Variable(4, "y")
    >>> z = x * y
    >>> z.backward()
    >>> drawing = graph_picture(z)
    >>> ">12<" in drawing, ">← 4<" in drawing, drawing.count("<circle")
    (True, True, 1)
    """
    found = scene(output)
    if subtitle is None:
        subtitle = legend(found) if output.grad is not None else ""
    return draw(found, Shown(), title=title, subtitle=subtitle)


def legend(found: Scene) -> str:
    """How to read the picture, in words."""
    arrays = any(node.variable.value.size > 1 for node in found.nodes)
    return LEGEND + (LEGEND_ARRAYS if arrays else "")


def draw(found: Scene, shown: Shown, *, title: str = "", subtitle: str = "") -> Markup:
    """A scene as far as its story has come."""
    width = max(found.places.width + 2 * _MARGIN, 320.0 if title or subtitle else 0.0)
    head, top = axes.heading(title, subtitle, width) if title or subtitle else ([], _MARGIN)
    left = (width - found.places.width) / 2
    body = [
        *(_line(found, n, shown) for n in _lit_last(found, shown)),
        *(_words(found, n, shown) for n in range(len(found.edges))),
        *(_node(found, n, shown) for n in range(len(found.nodes))),
    ]
    moved = svg.tag("g", *body, transform=f"translate({svg.num(left)} {svg.num(top)})")
    name = found.output.name or "output"
    description = (
        f"Computational graph of {name} with {len(found.nodes) - 1} nodes and "
        f"{len(found.edges) - 1} edges between them."
    )
    height = top + found.places.height + _MARGIN
    return svg.figure(title or f"Graph of {name}", description, width, height, [*head, moved])


def _lit_last(found: Scene, shown: Shown) -> list[int]:
    return sorted(range(len(found.edges)), key=lambda n: shown.lights(found.edges[n], found))


def _line(found: Scene, number: int, shown: Shown) -> Markup:
    """The edge and its arrowhead, which ends at the target's rim."""
    edge, points = found.edges[number], found.places.paths[number]
    target, (cx, cy) = found.nodes[edge.target], found.places.nodes[edge.target]
    x, y = _rim(target, cx, points[-1][1] - cy), points[-1][1]
    path = f"M{_at(*points[0])}"
    for n, (px, py) in enumerate(points[1:-1], 1):
        before = points[n - 1]
        middle = (before[0] + px) / 2
        level = n % 2 == 1 or abs(before[1] - py) < 0.05
        path += f"H{svg.num(px)}" if level else (
            f"C{_at(middle, before[1])} {_at(middle, py)} {_at(px, py)}"
        )  # fmt: skip
    path += f"H{svg.num(x - 4)}"
    lit = shown.lights(edge, found)
    color, width = (shown.color, 2.0) if lit else ("muted", 1.1)
    head = f"M{_at(x, y)}l-7 -3.4v6.8z"
    parts = [
        svg.tag("path", d=path, fill="none", stroke=color, stroke_width=width),
        svg.tag("path", d=head, fill=color),
    ]
    if edge.port and _turned(found, edge.user):
        y += -5 if y <= cy else 12
        parts.append(svg.text(x - 8, y, edge.port, size="small", color="muted", anchor="end"))
    return svg.tag("g", *parts)


def _turned(found: Scene, user: Variable | None) -> bool:
    """Whether the inputs of a node do not arrive from top to bottom in their order."""
    arriving = [n for n, edge in enumerate(found.edges) if edge.user is user]
    heights = [found.places.paths[n][-1][1] for n in arriving]
    return heights != sorted(heights)


def _rim(node: Node, cx: float, dy: float) -> float:
    """Where a level line at this height below the center meets the node from the left."""
    half, radius = node.size[0] / 2, node.size[1] / 2
    if not node.round:
        return cx - half
    return cx - half + radius - math.sqrt(max(radius**2 - dy**2, 0.0))


def _words(found: Scene, number: int, shown: Shown) -> Markup:
    """The value above and the gradient below the edge."""
    edge, (x, y) = found.edges[number], found.places.labels[number]
    parts = []
    if edge.value and shown.has_value(found.nodes[edge.source].variable):
        parts.append(svg.text(x, y - 5, edge.value, size="small", color=VALUE, anchor="middle"))
        if edge.shape:
            above = y - 4 - LINE
            parts.append(
                svg.text(x, above, edge.shape, size="small", color="muted", anchor="middle")
            )
    if edge.gradient and shown.has_gradient(edge):
        words, below = edge.gradient, y + LINE
        parts.append(svg.text(x, below, words, size="small", color=GRADIENT, anchor="middle"))
    return svg.tag("g", *parts)


def _node(found: Scene, number: int, shown: Shown) -> Markup:
    """A circle with its operation, or a box with its name; name above and total below."""
    node, (x, y) = found.nodes[number], found.places.nodes[number]
    width, height = node.size
    active = node.round and shown.active is node.variable
    fill = shown.color if active else "paper" if node.round else "panel"
    stroke = shown.color if active else "ink" if node.round else "grid"
    if node.round and width == height:
        shape = svg.tag("circle", cx=x, cy=y, r=width / 2, fill=fill, stroke=stroke,
                        stroke_width=1.4)  # fmt: skip
    else:
        shape = svg.tag(
            "rect", x=x - width / 2, y=y - height / 2, width=width, height=height,
            rx=height / 2 if node.round else 5, fill=fill, stroke=stroke,
            stroke_width=1.4 if node.round else 1,
        )  # fmt: skip
    color = "paper" if active else "ink"
    size = "title" if len(node.words) == 1 else "text"
    parts = [shape, svg.text(x, y + 4.8, node.words, size=size, color=color, anchor="middle")]
    if node.name:
        above = y - height / 2 - 5
        parts.append(svg.text(x, above, node.name, size="small", color="muted", anchor="middle"))
    if node.total and shown.has_total(node, found):
        below = y + height / 2 + LINE - 2
        parts.append(svg.text(x, below, node.total, size="small", color=GRADIENT, anchor="middle"))
    return svg.tag("g", *parts)


def _at(x: float, y: float) -> str:
    return f"{svg.num(x)} {svg.num(y)}"
