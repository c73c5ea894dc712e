"""Lines of equal height through a grid of values: marching squares."""

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from groundup.typing import Array

Edge: TypeAlias = tuple[int, int, int]
"""(row, column) of an end, and the axis along which the other end lies: 0 below, 1 to the right."""


def isolines(x: Array, y: Array, z: Array, level: float) -> list[Array]:
    """Where the values pass the level, as lines (K, 2); one that is closed ends where it begins

    x: (M,), y: (N,), z: (N, M), linear between neighbors.   [Lorensen & Cline 1987, in the plane]

    >>> ridge = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    >>> isolines(np.arange(3.0), np.arange(2.0), ridge, 0.5)[0].tolist()
    [[0.5, 0.0], [0.5, 1.0]]
    """
    links: dict[Edge, list[Edge]] = defaultdict(list)
    for a, b in _pieces(z, level):
        links[a].append(b)
        links[b].append(a)
    lines = []
    for start in sorted(links, key=lambda edge: len(links[edge])):  # open ends first
        while links[start]:
            edges = [start]
            while links[edges[-1]]:
                after = links[edges[-1]].pop()
                links[after].remove(edges[-1])
                edges.append(after)
            lines.append(np.array([_place(edge, x, y, z, level) for edge in edges]))
    return lines


def _pieces(z: Array, level: float) -> Iterator[tuple[Edge, Edge]]:
    """Pairs of edges that the line passes, one or two in each square."""
    above = z > level
    count = above[:-1, :-1] * 1 + above[:-1, 1:] + above[1:, :-1] + above[1:, 1:]
    for i, j in np.argwhere((count > 0) & (count < 4)).tolist():
        corners = (above[i, j], above[i, j + 1], above[i + 1, j + 1], above[i + 1, j])
        around: tuple[Edge, ...] = ((i, j, 1), (i, j + 1, 0), (i + 1, j, 1), (i, j, 0))
        passed = [edge for n, edge in enumerate(around) if corners[n] != corners[(n + 1) % 4]]
        # A square passed four times: its middle tells which corners belong together.
        if len(passed) == 4 and (z[i : i + 2, j : j + 2].mean() > level) != corners[0]:
            passed = passed[1:] + passed[:1]
        yield from zip(passed[::2], passed[1::2], strict=True)


def _place(edge: Edge, x: Array, y: Array, z: Array, level: float) -> tuple[float, float]:
    """Where along the edge the level lies."""
    i, j, axis = edge
    k, m = (i, j + 1) if axis else (i + 1, j)
    s = (level - z[i, j]) / (z[k, m] - z[i, j])
    return float(x[j] + s * (x[m] - x[j])), float(y[i] + s * (y[k] - y[i]))
