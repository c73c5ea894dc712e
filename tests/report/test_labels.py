"""Labels at line ends: apart from each other, as near to their lines as can be."""

import itertools
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from groundup.report import labels
from groundup.report.labels import Label, spread


def test_labels_with_room_stay_where_they_are():
    assert spread([10.0, 50.0, 90.0], 16, 0, 100) == [10.0, 50.0, 90.0]


def test_crowded_labels_keep_their_order_and_center():
    assert spread([50.0, 48.0, 49.0], 10, 0, 100) == [59.0, 39.0, 49.0]


def test_labels_are_pushed_in_from_the_edges():
    assert spread([0.0, 0.0], 16, 5, 100) == [5.0, 21.0]
    assert spread([99.0, 99.0], 16, 0, 100) == [84.0, 100.0]


@given(st.lists(st.floats(0, 200), max_size=8))
def test_labels_never_overlap_nor_leave(wanted):
    places = spread(wanted, 16, 0, 200)
    assert all(b - a >= 16 - 1e-9 for a, b in itertools.pairwise(sorted(places)))
    assert all(-1e-9 <= place <= 200 + 1e-9 for place in places)


@pytest.mark.parametrize("wanted", [[30.0, 31.0, 60.0, 62.0], [40.0, 44.0, 47.0, 90.0]])
def test_places_are_the_nearest_of_all(wanted):
    apart = [
        {"type": "ineq", "fun": lambda x, i=i: x[i + 1] - x[i] - 16} for i in range(len(wanted) - 1)
    ]
    best = minimize(
        lambda x: sum((x - wanted) ** 2), wanted, constraints=apart, method="SLSQP", tol=1e-12
    )
    assert spread(wanted, 16, 0, 200) == pytest.approx(best.x, abs=1e-3)


def test_a_moved_label_is_linked_and_a_far_end_gets_a_dot():
    moved = [Label("a", "1", "blue", (100.0, 50.0)), Label("b", "1", "blue", (100.0, 50.0))]
    parts = [ET.fromstring(part).tag for part in labels.draw(moved, 100, 200, 0, 100)]
    assert parts == ["line", "text", "line", "text"]
    early = [Label("a", "1", "blue", (20.0, 50.0))]
    dot, words = (ET.fromstring(part) for part in labels.draw(early, 100, 200, 0, 100))
    assert (dot.tag, dot.get("cx"), words.get("y")) == ("circle", "20", "54.5")


def test_a_name_that_was_cut_is_still_told():
    name = "a very long name of a very long run"
    (words,) = labels.draw([Label(name, "0.5", "blue", (100.0, 50.0))], 100, 200, 0, 100)
    drawn = ET.fromstring(words)
    assert drawn.findtext("title") == name
    assert drawn.find("tspan").text.endswith("…")
