"""Nodes and words never overlap, edges go from left to right, and crossings are few."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.report.graph_layout import Link, layout


@st.composite
def graphs(draw):
    """Sizes and links in topological order; every node but the last leads to another."""
    count = draw(st.integers(2, 14))
    sides = st.sampled_from([20.0, 36.0, 90.0])
    sizes = [(draw(sides), draw(sides)) for _ in range(count)]
    labels = st.sampled_from([(0.0, 6.0), (40.0, 36.0), (90.0, 50.0)])
    links = []
    for node in range(count - 1):
        users = draw(st.lists(st.integers(node + 1, count - 1), min_size=1, max_size=3))
        links += [Link(node, user, draw(labels)) for user in users]
    return sizes, links


def boxes(found, sizes, links):
    named = [(x, y, *size) for (x, y), size in zip(found.nodes, sizes, strict=True)]
    words = [(x, y, *link.label) for (x, y), link in zip(found.labels, links, strict=True)]
    return named + [box for box in words if box[2]]


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_nothing_overlaps_and_all_lies_inside(graph):
    sizes, links = graph
    found = layout(sizes, links)
    all_boxes = boxes(found, sizes, links)
    for (x, y, w, h), (p, q, v, g) in combinations(all_boxes, 2):
        assert abs(x - p) >= (w + v) / 2 - 1e-6 or abs(y - q) >= (h + g) / 2 - 1e-6
    for x, y, w, h in all_boxes:
        assert x - w / 2 >= -1e-6
        assert x + w / 2 <= found.width + 1e-6
        assert y - h / 2 >= -1e-6
        assert y + h / 2 <= found.height + 1e-6


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_edges_go_from_their_source_to_their_target_and_never_back(graph):
    sizes, links = graph
    found = layout(sizes, links)
    for link, path in zip(links, found.paths, strict=True):
        assert path[0] == found.nodes[link.source]
        assert path[-1][0] == found.nodes[link.target][0]
        assert abs(path[-1][1] - found.nodes[link.target][1]) <= 10
        assert all(b[0] >= a[0] - 1e-9 for a, b in pairwise(path))
        levels = [(a, b) for n, (a, b) in enumerate(pairwise(path)) if n % 2 == 0]
        assert all(abs(a[1] - b[1]) < 1e-9 for a, b in levels)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_edges_run_beside_nodes_and_words_not_through_them(graph):
    """Level pieces are checked; curves lie between columns."""
    sizes, links = graph
    found = layout(sizes, links)
    for number, path in enumerate(found.paths):
        for n, (a, b) in enumerate(pairwise(path)):
            if n % 2:
                continue
            for node, ((x, y), (w, h)) in enumerate(zip(found.nodes, sizes, strict=True)):
                if node in (links[number].source, links[number].target):
                    continue
                beside = b[0] <= x - w / 2 + 1e-6 or a[0] >= x + w / 2 - 1e-6
                assert beside or abs(a[1] - y) >= h / 2 - 1e-6


def test_a_chain_is_a_straight_line():
    found = layout([(30, 30)] * 4, [Link(n, n + 1, (40, 36)) for n in range(3)])
    assert len({round(y, 6) for _, y in found.nodes}) == 1


def test_crossed_inputs_are_uncrossed():
    """Two pairs whose order in the formula is crossed: no edge crosses another."""
    links = [Link(0, 3, (20, 30)), Link(1, 2, (20, 30)), Link(2, 4, (20, 30)), Link(3, 4, (20, 30))]
    found = layout([(30, 30)] * 5, links)
    upper = found.nodes[0][1] < found.nodes[1][1]
    assert upper == (found.nodes[3][1] < found.nodes[2][1])


def test_a_leaf_stands_beside_the_first_that_needs_it():
    links = [Link(0, 1, (20, 30)), Link(1, 3, (20, 30)), Link(2, 3, (20, 30))]
    found = layout([(30, 30)] * 4, links)
    assert found.nodes[2][0] == found.nodes[1][0] > found.nodes[0][0]


def test_edges_arrive_in_order_side_by_side():
    links = [Link(n, 3, (20, 30)) for n in range(3)]
    ends = [path[-1][1] for path in layout([(30, 30)] * 4, links).paths]
    assert ends == sorted(ends)
    assert ends[1] - ends[0] == pytest.approx(10)
