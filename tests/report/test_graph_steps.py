"""A graph step by step: every step there, without a script, with the witness beside it."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from groundup import Variable
from groundup.errors import InputError
from groundup.layers.graph import textbook
from groundup.report import graph_steps, write_graph
from groundup.report.graph_steps import in_full


@pytest.fixture(scope="module")
def page():
    price = textbook.apples_and_oranges()
    price.backward()
    return graph_steps(price, title="Apples and oranges")


class Steps(HTMLParser):
    """The radio buttons, the labels that turn them, and the words of each step."""

    def __init__(self, html):
        super().__init__()
        self.radios, self.turns, self.texts, self.seen = [], [], [], set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.seen.add(tag)
        if tag == "input":
            self.radios.append(attrs)
        elif tag == "label":
            self.turns.append((len(self.texts), attrs["for"]))
        elif tag == "article":
            self.texts.append([])

    def handle_data(self, data):
        if self.texts and data.strip():
            self.texts[-1].append(data.strip())


def test_a_step_for_every_operation_forward_and_backward(page):
    steps = Steps(page)
    assert len(steps.radios) == len(steps.texts) == 4 + 1 + 4
    titles = [text[0] for text in steps.texts]
    assert titles[:4] == [f"Forward {n} of 4: {s}" for n, s in enumerate("××+×", 1)]
    assert titles[4] == "Backward 0 of 4: the beginning"
    assert titles[5:] == [f"Backward {n} of 4: {s}" for n, s in enumerate("×+××", 1)]


def test_a_forward_step_says_what_it_takes_and_gives(page):
    texts = [" ".join(text) for text in Steps(page).texts]
    assert "× takes apple and number of apples and gives apples." in texts[0]
    nameless = Variable(3, "x") * Variable(4, "y") * 5
    nameless.backward()
    first = " ".join(Steps(graph_steps(nameless)).texts[0])
    assert "× takes x and y." in first


def test_steps_turn_without_a_script(page):
    steps = Steps(page)
    assert "script" not in steps.seen
    assert "http" not in re.sub(r"http-equiv", "", page)
    ids = [radio["id"] for radio in steps.radios]
    assert len(set(ids)) == len(ids)
    assert {radio["name"] for radio in steps.radios} == {"step"}
    assert ["checked" in radio for radio in steps.radios] == [True] + 8 * [False]
    assert all(radio["aria-label"] for radio in steps.radios)
    expected = [(n, ids[m - 1]) for n in range(1, 10) for m in (n - 1, n + 1) if 1 <= m <= len(ids)]
    assert steps.turns == expected


def test_on_paper_all_steps_are_shown(page):
    assert re.search(r"@media print\{.*\.step\{display:block", page)


def test_values_appear_one_by_one_and_then_gradients(page):
    texts = Steps(page).texts
    first = "".join(texts[0])
    assert "715" not in first
    assert "←" not in "".join(word for word in texts[3] if "previous" not in word)
    assert "715" in texts[3]
    assert "← 1" in texts[4]
    assert "← 650" not in texts[4]
    assert "← 650" in texts[5]


def test_local_times_upstream_with_the_numerical_gradient_beside_it(page):
    last = Steps(page).texts[8]
    start = last.index("difference") + 1
    row = last[start : start + 6]
    assert row == ["apple", "dz · y", "1.1", "2", "2.2", "2.2"]
    assert "Here x is apple and y is number of apples." in " ".join(last)


def test_the_head_says_the_result_and_the_largest_difference(page):
    assert "<h1>price = 715</h1>" in page
    (difference,) = re.findall(r"largest difference</dt><dd>([^<]*)<", page)
    assert "10⁻" in difference
    assert "large arrays" not in page
    y = Variable(np.ones((10, 10)), "x").sum()
    y.backward()
    assert "large arrays along one direction" in graph_steps(y)


def test_small_arrays_are_written_out():
    shown = str(in_full(np.array([[1.0, -2.5], [0.0, 1e-9]])))
    assert re.findall(r"<span>([^<]*)</span>", shown) == ["1", "−2.5", "0", "10⁻⁹"]
    assert in_full(np.ones((5, 5))) == "5×5 ‖5‖"
    assert in_full(np.ones(9)) == "9 ‖3‖"
    assert in_full(np.array([2.5])) == "2.5"


def test_a_graph_of_arrays():
    x = Variable(np.arange(6.0).reshape(2, 3), "x")
    y = (x - x.mean(axis=0)) ** 2
    y.backward(np.ones((2, 3)))
    page = graph_steps(y.named("y"))
    assert "y: 6 numbers" in page
    assert "summed" in page
    assert "Σ y · dy" in page


def test_without_backward_there_is_no_story():
    with pytest.raises(InputError, match="backward"):
        graph_steps(Variable(1) * 2)


def test_files_by_their_ending(tmp_path):
    z = Variable(3, "x") * 4
    z.backward()
    write_graph(tmp_path / "graph.svg", z, title="Z")
    write_graph(tmp_path / "graph.html", z)
    assert (tmp_path / "graph.svg").read_text(encoding="utf-8").startswith("<svg xmlns")
    assert (tmp_path / "graph.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    with pytest.raises(InputError, match=r"\.svg or \.html"):
        write_graph(tmp_path / "graph.png", z)
