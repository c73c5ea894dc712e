"""Gates by hand and learned, and why XOR cannot be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import Perceptron, Stream
from groundup.errors import InputError, ShapeError
from groundup.layers.perceptron import AND, INPUTS, NAND, OR, Gate, two_layers, xor
from groundup.layers.separation import Contradiction, Share, contradiction

TABLES = {"AND": (0, 0, 0, 1), "NAND": (1, 1, 1, 0), "OR": (0, 1, 1, 1)}
XOR = (0, 1, 1, 0)


@pytest.mark.parametrize(("gate", "name"), [(AND, "AND"), (NAND, "NAND"), (OR, "OR")])
def test_gates_in_both_forms(gate, name):
    assert gate.table() == TABLES[name]
    assert tuple(gate.by_threshold(INPUTS).astype(int)) == TABLES[name]
    assert tuple(gate.by_bias(INPUTS).astype(int)) == TABLES[name]
    assert gate.bias == -gate.theta


def test_the_books_weights():
    assert (AND.w, AND.theta) == ((0.5, 0.5), 0.7)
    assert (NAND.w, NAND.bias) == ((-0.5, -0.5), 0.7)
    assert (OR.w, OR.bias) == ((0.5, 0.5), -0.2)


def test_xor_by_two_layers():
    assert tuple(xor(*x) for x in INPUTS) == XOR
    assert tuple(two_layers(INPUTS).astype(int)) == XOR


def test_on_the_line_is_zero():
    assert Gate((1.0,), 1.0)(1.0) == 0


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_it_learns_what_a_line_separates(name, rate):
    learned = Perceptron(learning_rate=rate).fit(INPUTS, TABLES[name])
    assert learned.converged
    assert learned.reason is None
    assert tuple(learned.predict(INPUTS)) == TABLES[name]
    assert learned.history[-1].errors == 0
    assert all(epoch.errors > 0 for epoch in learned.history[:-1])
    assert learned.gate == learned.history[-1].gate


def test_a_gate_has_an_input_for_each_weight():
    with pytest.raises(ShapeError, match="expected 2 inputs, got 1"):
        AND(1)
    with pytest.raises(ShapeError, match="expected 2 inputs, got 3"):
        AND(1, 1, 1)


def test_rosenblatts_rule_by_hand():
    """Two mistakes: w and b grow by x and 1 at the first, shrink by x and 1 at the second."""
    learned = Perceptron(epochs=1).fit([[2.0], [3.0]], [1, 0])
    assert learned.history[0].errors == 2
    assert (learned.gate.w, learned.gate.bias) == ((-1.0,), 0.0)
    assert str(learned.gate.theta) == "0.0"


def test_xor_is_never_learned_and_the_reason_is_a_proof():
    failed = Perceptron(epochs=50).fit(INPUTS, XOR)
    assert not failed.converged
    assert len(failed.history) == 50
    reason = failed.reason
    assert reason.point == (0.5, 0.5)
    assert {one.x for one in reason.ones} == {(1, 0), (0, 1)}
    assert {one.x for one in reason.zeros} == {(0, 0), (1, 1)}
    assert [one.weight for one in (*reason.ones, *reason.zeros)] == pytest.approx([0.5] * 4)
    words = str(reason)
    assert "b + 0.5 w₁ + 0.5 w₂ > 0" in words
    assert "b + 0.5 w₁ + 0.5 w₂ ≤ 0" in words


def test_a_contradiction_of_many_samples_counts_them_in_words():
    shares = tuple(Share(0.1, (float(n), 0.0)) for n in range(10))
    words = str(Contradiction((0.0, 0.0), shares, (Share(1.0, (0.0, 0.0)),)))
    assert "1/10 of the first + 1/10 of the second" in words
    assert "1/10 of the eighth + 1/10 of the 9th + 1/10 of the 10th says" in words
    assert "and all of the 11th says" in words


def test_too_few_epochs_are_no_impossibility():
    stopped = Perceptron(epochs=2).fit(INPUTS, TABLES["AND"])
    assert not stopped.converged
    assert stopped.reason is None


def test_of_all_sixteen_gates_two_are_impossible():
    tables = [[n >> k & 1 for k in range(4)] for n in range(16)]
    failed = [tuple(t) for t in tables if not Perceptron().fit(INPUTS, t).converged]
    assert failed == [(0, 1, 1, 0), (1, 0, 0, 1)]
    assert all(contradiction(INPUTS, np.array(t)) is not None for t in failed)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9), st.integers(1, 3))
def test_either_a_line_or_a_contradiction_never_both(seed, N, D):
    x = Stream(seed).integers(0, 4, (N, D)).astype(float)
    t = Stream(seed).named("t").integers(0, 2, N)
    found = contradiction(x, t)
    if found is None:
        assert Perceptron(epochs=5000).fit(x, t).converged
        return
    for shares in (found.ones, found.zeros):
        assert sum(one.weight for one in shares) == pytest.approx(1)
        assert all(one.weight > 0 for one in shares)
        mean = sum(one.weight * np.array(one.x) for one in shares)
        assert mean == pytest.approx(np.array(found.point), abs=1e-7)
    for shares, right in ((found.ones, 1), (found.zeros, 0)):
        assert {one.x for one in shares} <= set(map(tuple, x[t == right].tolist()))
    assert not Perceptron(epochs=200).fit(x, t).converged


@pytest.mark.parametrize(
    ("x", "t"), [([0, 1], [0, 1]), ([[0], [1]], [0]), ([[0]], [2]), (np.zeros((0, 2)), [])]
)
def test_other_samples_are_refused(x, t):
    with pytest.raises(ShapeError, match=r"Perceptron\.fit"):
        Perceptron().fit(x, t)


def test_other_options_are_refused():
    with pytest.raises(InputError, match="learning_rate"):
        Perceptron(learning_rate=0)
    with pytest.raises(InputError, match="epochs"):
        Perceptron(epochs=0)
