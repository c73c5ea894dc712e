"""Where the nodes of a graph stand: in columns from left to right, with few crossings.

Nodes stand in even columns, the words on the edges in odd ones: every edge has an item with room
for its words in the column after its source, and an empty item in every further column that it
crosses. Items of one column never overlap, and edges bend only between columns; so nothing ever
lies on top of anything.   [Sugiyama, Tagawa & Toda 1981; Gansner et al. 1993]
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from groundup.report.isotonic import isotonic

Size = tuple[float, float]
Point = tuple[float, float]
GAP = 12.0  # between items of one column
_SWEEPS = 12
_NARROW, _WIDE = 9.0, 30.0  # between columns, as the edges there are level or steep
_SIDE = 0.25  # the pull of an edge from a leaf, beside that of the main line


@dataclass(frozen=True)
class Link:
    """An edge from one node to another, with room for its words."""

    source: int
    target: int
    label: Size


@dataclass(frozen=True)
class Layout:
    """The centers of the nodes and of the edges' words, and the whole size.

    paths: for each edge, points that are joined by level lines and by curves in turn, level first.
    """

    nodes: Sequence[Point]
    labels: Sequence[Point]
    paths: Sequence[Sequence[Point]]
    width: float
    height: float


class _Items:
    """What stands in the columns: nodes, then words and passages of edges."""

    def __init__(self, sizes: Sequence[Size], links: Sequence[Link]) -> None:
        ranks = _ranks(len(sizes), links)
        self.sizes = list(sizes)
        self.column = [2 * rank for rank in ranks]
        self.trails: list[list[int]] = []  # the items along each edge, nodes included
        for link in links:
            trail = [link.source]
            for column in range(2 * ranks[link.source] + 1, 2 * ranks[link.target]):
                trail.append(len(self.sizes))
                self.sizes.append(link.label if len(trail) == 2 else (0.0, 6.0))
                self.column.append(column)
            self.trails.append([*trail, link.target])
        self.before: list[dict[int, float]] = [{} for _ in self.sizes]  # and how strong they pull
        self.after: list[dict[int, float]] = [{} for _ in self.sizes]
        computed = {link.target for link in links}
        for link, trail in zip(links, self.trails, strict=True):
            pull = 1.0 if link.source in computed else _SIDE
            for a, b in pairwise(trail):
                self.after[a][b] = self.before[b][a] = pull


def layout(sizes: Sequence[Size], links: Sequence[Link]) -> Layout:
    """Place nodes of these sizes, the last of which is the output

    Args:
        sizes: width and height of each node.
        links: its edges; those into a node in the order of its inputs.
    """
    items = _Items(sizes, links)
    columns = _ordered(items, last=len(sizes) - 1)
    y = _heights(items, columns)
    left, right = _columns(items, columns, y)
    center = [(left[c] + right[c]) / 2 for c in items.column]
    ports = _ports(items, len(sizes), y)
    paths = []
    for number, (link, trail) in enumerate(zip(links, items.trails, strict=True)):
        source, target = items.column[link.source], items.column[link.target]
        points = [(center[link.source], y[link.source]), (right[source], y[link.source])]
        for item in trail[1:-1]:
            points += [(left[items.column[item]], y[item]), (right[items.column[item]], y[item])]
        points += [(left[target], ports[number]), (center[link.target], ports[number])]
        paths.append(points)
    return Layout(
        [(center[n], y[n]) for n in range(len(sizes))],
        [(center[trail[1]], y[trail[1]]) for trail in items.trails],
        paths,
        max(right),
        max(y[n] + items.sizes[n][1] / 2 for n in range(len(y))),
    )


def _ranks(count: int, links: Sequence[Link]) -> list[int]:
    """The longest way to each node; a leaf stands right before the first that needs it."""
    inputs: list[list[int]] = [[] for _ in range(count)]
    users: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        inputs[link.target].append(link.source)
        users[link.source].append(link.target)
    ranks = [0] * count
    for node in range(count):  # each comes after its inputs
        ranks[node] = max((ranks[x] + 1 for x in inputs[node]), default=0)
    for node in range(count):
        if not inputs[node] and users[node]:
            ranks[node] = min(ranks[user] for user in users[node]) - 1
    return ranks


def _ordered(items: _Items, last: int) -> list[list[int]]:
    """The items of each column from top to bottom: the order of the formula, then fewer crossings
    by barycenters where that helps."""
    columns: list[list[int]] = [[] for _ in range(max(items.column) + 1)]
    seen, stack = set(), [last]
    while stack:  # from the output, inputs in their order
        item = stack.pop()
        if item not in seen:
            seen.add(item)
            columns[items.column[item]].append(item)
            stack += reversed(list(items.before[item]))
    best, fewest = columns, _crossings(items, columns)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        near = items.before if forward else items.after
        columns = [list(column) for column in columns]
        for c in range(len(columns)) if forward else reversed(range(len(columns))):
            place = {item: n for column in columns for n, item in enumerate(column)}
            columns[c].sort(key=_barycenter(near, place))
        crossings = _crossings(items, columns)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _barycenter(near: list[dict[int, float]], place: dict[int, int]) -> Callable[[int], float]:
    def mean(item: int) -> float:
        return sum(place[n] for n in near[item]) / len(near[item]) if near[item] else place[item]

    return mean


def _crossings(items: _Items, columns: list[list[int]]) -> int:
    place = {item: n for column in columns for n, item in enumerate(column)}
    count = 0
    for column in columns:
        ends = [(place[a], place[b]) for a in column for b in items.after[a]]
        count += sum(
            (a - c) * (b - d) < 0 for n, (a, b) in enumerate(ends) for c, d in ends[n + 1 :]
        )
    return count


def _heights(items: _Items, columns: list[list[int]]) -> list[float]:
    """y of each item: as near to its neighbors as the items of its column leave room."""
    sizes, y = items.sizes, [0.0] * len(items.sizes)
    for column in columns:
        for above, item in pairwise(column):
            y[item] = y[above] + (sizes[above][1] + sizes[item][1]) / 2 + GAP
        middle = (y[column[0]] + y[column[-1]]) / 2
        for item in column:
            y[item] -= middle
    for sweep in range(4 * _SWEEPS + 1):
        near = (items.before, items.after)[sweep % 2]
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            _settle(column, near, sizes, y)
    top = min(y[n] - sizes[n][1] / 2 for n in range(len(y)))
    return [value - top for value in y]


def _settle(
    column: list[int], near: list[dict[int, float]], sizes: Sequence[Size], y: list[float]
) -> None:
    """Move the items of one column towards the mean of their neighbors, keeping their order."""
    offsets = [0.0]
    for above, item in pairwise(column):
        offsets.append(offsets[-1] + (sizes[above][1] + sizes[item][1]) / 2 + GAP)
    weights = [sum(near[item].values()) or _SIDE for item in column]
    wanted = [
        sum(y[n] * pull for n, pull in near[item].items()) / weight if near[item] else y[item]
        for item, weight in zip(column, weights, strict=True)
    ]
    free = isotonic([a - b for a, b in zip(wanted, offsets, strict=True)], weights)
    for item, value, offset in zip(column, free, offsets, strict=True):
        y[item] = value + offset


def _columns(
    items: _Items, columns: list[list[int]], y: list[float]
) -> tuple[list[float], list[float]]:
    """The left and right end of each column; steep edges get more room before it."""
    left: list[float] = []
    right: list[float] = []
    x = 0.0
    for column in columns:
        steep = max((abs(y[i] - y[n]) for i in column for n in items.before[i]), default=0.0)
        x += min(_NARROW + 0.3 * steep, _WIDE) if left else 0.0
        left.append(x)
        x += max(items.sizes[item][0] for item in column)
        right.append(x)
    return left, right


def _ports(items: _Items, nodes: int, y: list[float]) -> list[float]:
    """The height at which each edge arrives: side by side, in the order in which they come."""
    ports = [0.0] * len(items.trails)
    for node in range(nodes):
        arriving = [n for n, trail in enumerate(items.trails) if trail[-1] == node]
        arriving.sort(key=lambda n: y[items.trails[n][-2]])
        step = min(20.0 / max(len(arriving) - 1, 1), 14.0)
        for rank, n in enumerate(arriving):
            ports[n] = y[node] + (rank - (len(arriving) - 1) / 2) * step
    return ports
