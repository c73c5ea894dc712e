"""The picture of a graph: every value, every gradient, nothing on top of anything."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import numpy as np
import pytest

from groundup import CategoricalCrossentropy, Chain, Dense, ReLU, Stream, Variable
from groundup.layers.graph import of_layers, textbook
from groundup.report import graph_picture, standalone, style, svg
from groundup.report.graph_scene import scene


def apples():
    price = textbook.apples_and_oranges()
    price.backward()
    return price


def batch_norm():
    leaves = [Variable(Stream(0).named(n).normal(s), n) for n, s in [("x", (4, 3)), ("γ", (3,))]]
    y = textbook.batch_normalization(*leaves, Variable(np.zeros(3), "β"))
    y.backward(Stream(0).named("dy").normal((4, 3)))
    return y


def network():
    chain = Chain([Dense(5), ReLU(), Dense(3)])
    params = chain.init(Stream(0), (4,)).params
    loss = CategoricalCrossentropy(from_logits=True)
    L = of_layers(chain, params, Stream(1).normal((6, 4)), loss=loss, t=np.arange(6) % 3)
    L.backward()
    return L


GRAPHS = {"apples": apples, "batch norm": batch_norm, "network": network}


def words(drawing):
    return [t.text for t in ET.fromstring(drawing).iter("text")]


def test_every_value_and_gradient_is_written():
    found = words(graph_picture(apples()))
    values = ["100", "2", "150", "3", "1.1", "200", "450", "650", "715"]
    gradients = ["← 2.2", "← 110", "← 3.3", "← 165", "← 650", "← 1.1", "← 1"]
    names = ["apple", "number of apples", "orange", "number of oranges", "tax", "both", "price"]
    assert set(values + gradients + names + ["×", "+"]) <= set(found)
    assert found.count("×") == 3
    assert found.count("← 1.1") == 3


def test_values_stand_above_their_edge_and_gradients_below_in_another_color():
    found = scene(apples())
    drawing = ET.fromstring(graph_picture(apples()))
    places = {t.text: t for t in drawing.iter("text")}
    edge = next(n for n, e in enumerate(found.edges) if e.value == "650")
    x, y = found.places.labels[edge]
    value, gradient = places["650"], places["← 650"]
    assert float(value.get("x")) == pytest.approx(x, abs=0.01)
    assert float(value.get("y")) < y
    assert float(gradient.get("y")) > y - 40
    assert value.get("fill") == style.COLORS["blue"].light
    assert gradient.get("fill") == style.COLORS["orange"].light


def test_of_arrays_shape_and_norm():
    x = Variable([[3.0, 4.0]], "x")
    y = (x * 2).named("y")
    y.backward([[1.0, 0.0]])
    found = words(graph_picture(y))
    assert {"1×2", "‖5‖", "‖10‖", "← ‖2‖", "← ‖1‖", "2"} <= set(found)


def test_layers_with_their_parameters():
    found = words(graph_picture(network()))
    assert {"dense_1", "relu_1", "dense_2", "categorical crossentropy", "L", "t"} <= set(found)
    assert found.count("W") == found.count("b") == 2
    assert {"4×5", "5×3", "6×5"} <= set(found)


def test_a_variable_used_twice_shows_the_parts_and_the_sum():
    x = Variable(3, "x")
    z = x * x + x
    z.backward()
    found = words(graph_picture(z))
    assert found.count("← 3") == 2
    assert "Σ ← 7" in found


def test_before_backward_there_are_values_only():
    x = Variable(3, "x")
    found = words(graph_picture(x * 2))
    assert "6" in found
    assert not any("←" in word for word in found)


@pytest.mark.parametrize("name", GRAPHS)
def test_no_words_and_nodes_overlap(name):
    found = scene(GRAPHS[name]())
    boxes = [
        (x, y, *node.room()) for node, (x, y) in zip(found.nodes, found.places.nodes, strict=True)
    ]
    boxes += [
        (x, y, *edge.room())
        for edge, (x, y) in zip(found.edges, found.places.labels, strict=True)
        if edge.value
    ]
    assert len(boxes) > 10
    for (x, y, w, h), (p, q, v, g) in combinations(boxes, 2):
        assert abs(x - p) >= (w + v) / 2 - 1e-6 or abs(y - q) >= (h + g) / 2 - 1e-6


@pytest.mark.parametrize("name", GRAPHS)
def test_all_words_lie_inside_the_picture(name):
    drawing = ET.fromstring(graph_picture(GRAPHS[name](), title="A graph"))
    (group,) = drawing.findall("g")
    left, top = map(float, re.findall(r"[\d.]+", group.get("transform")))
    for text in group.iter("text"):
        half = svg.text_width(text.text, "small") / 2
        assert left + float(text.get("x")) - half >= -1
        assert left + float(text.get("x")) + half <= float(drawing.get("width")) + 1
        assert 10 <= top + float(text.get("y")) <= float(drawing.get("height"))


def test_operands_in_turned_order_are_named():
    """Crossings are avoided, so 1/x - y may show y above: then x and y stand at the arrows."""
    a, b = Variable(2, "a"), Variable(3, "b")
    plain = words(graph_picture(a / b))
    assert "x" not in plain
    found = scene(a / b)
    ends = [path[-1][1] for path, edge in zip(found.places.paths, found.edges, strict=True)]
    assert ends[0] < ends[1]


def test_a_file_of_its_own():
    root = ET.fromstring(standalone(graph_picture(apples(), title="Price")))
    assert root.findtext("{*}title") == "Price"
    assert "nodes" in root.findtext("{*}desc")


def test_names_are_escaped():
    drawing = graph_picture(Variable(1, "<b>&") * 2)
    assert "<b>&" in words(drawing)
