"""Every gradient against the numerical one: along each edge, and of random formulas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import Variable, numerical_gradient
from groundup.errors import InputError
from groundup.layers.graph import (
    apply,
    elementwise,
    exp,
    flows,
    log,
    maximum,
    numerical,
    relu,
    sigmoid,
    tanh,
    topological,
)
from groundup.layers.graph.operations import ELEMENTWISE
from groundup.layers.graph.story import MOST, evaluate
from groundup.layers.graph.textbook import apples_and_oranges

UNARY = [
    lambda x: -x,
    lambda x: x**2,
    lambda x: exp(tanh(x)),
    lambda x: log(x * x + 1),
    lambda x: (x * x + 1) ** 0.5,
    lambda x: 1 / (x * x + 1),
    sigmoid,
    tanh,
    lambda x: relu(x) + 0.3 * x,
    lambda x: x.mean().broadcast_to(*x.shape) + x,
    lambda x: x.sum(axis=0) * 0.5 + x,
    lambda x: x.reshape(-1).reshape(*x.shape),
]
BINARY = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (y * y + 1),
    maximum,
    lambda x, y: x.reshape(-1, 1) @ y.reshape(1, -1) if x.shape else x * y,
]


@st.composite
def formulas(draw):
    """Leaves, and a random formula of them that uses values more than once."""
    shape = draw(st.sampled_from([(), (1,), (3,), (2, 3), (2, 1)]))
    size = int(np.prod(shape))
    numbers = st.floats(-2, 2).map(lambda x: round(x, 3))
    values = st.lists(numbers, min_size=size, max_size=size)
    leaves = [Variable(np.reshape(draw(values), shape), name) for name in "ab"]
    known = list(leaves)
    for _ in range(draw(st.integers(1, 5))):
        some = st.sampled_from([v for v in known if v.shape == shape])
        if draw(st.booleans()):
            known.append(draw(st.sampled_from(UNARY))(draw(some)))
        else:
            known.append(draw(st.sampled_from(BINARY))(draw(some), draw(some)))
    last = known[-1]
    return leaves, (last * last).sum() + sum((v * 0.1).sum() for v in known)


def near_a_kink(output):
    """Whether differences would cross the kink of a ReLU or a maximum."""
    for node in topological(output):
        if node.operation is ELEMENTWISE["relu"]:
            gap = np.abs(node.inputs[0].value)
        elif node.operation is ELEMENTWISE["maximum"]:
            gap = np.abs(node.inputs[0].value - node.inputs[1].value)
            gap = gap if node.inputs[0] is not node.inputs[1] else np.ones(1)
        else:
            continue
        if gap.min() < 1e-3:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(formulas())
def test_random_formulas_agree_with_numerical_gradients(made):
    leaves, output = made
    output.backward()
    if near_a_kink(output):
        return
    for leaf in leaves:
        witness = numerical_gradient(
            lambda x, leaf=leaf: float(evaluate(output, {leaf: x}, {})), leaf.value, 1e-5
        )
        assert leaf.grad is not None
        assert leaf.grad == pytest.approx(witness, rel=1e-5, abs=1e-6)
        assert numerical(output, leaf) == pytest.approx(witness, rel=1e-5, abs=1e-6)


def test_the_story_of_apples_and_oranges():
    price = apples_and_oranges()
    price.backward()
    told = [
        (flow.input.name, float(flow.upstream), float(flow.local), round(float(flow.gradient), 9))
        for flow in flows(price)
    ]
    assert told == [
        ("both", 1, 1.1, 1.1),
        ("tax", 1, 650, 650),
        ("apples", 1.1, 1, 1.1),
        ("oranges", 1.1, 1, 1.1),
        ("orange", 1.1, 3, 3.3),
        ("number of oranges", 1.1, 150, 165),
        ("apple", 1.1, 2, 2.2),
        ("number of apples", 1.1, 100, 110),
    ]
    assert all(flow.error < 1e-9 for flow in flows(price))


def test_each_edge_of_a_variable_used_twice_has_its_own_witness():
    x, y = Variable(3.0, "x"), Variable(5.0, "y")
    z = x * y + x * x
    z.backward()
    mine = [float(flow.gradient) for flow in flows(z) if flow.input is x]
    assert sorted(mine) == [3, 3, 5]
    assert sum(mine) == x.grad == 11
    for flow in flows(z):
        assert flow.numerical == pytest.approx(flow.gradient, abs=1e-8)


def test_the_product_is_the_gradient():
    x, row = Variable(np.arange(6.0).reshape(2, 3) + 1), Variable([1.0, 2.0, 3.0])
    y = x / row
    y.backward(np.ones((2, 3)))
    for flow in flows(y):
        product = flow.upstream * flow.local
        if flow.input is row:
            product = product.sum(axis=0)
        assert product == pytest.approx(flow.gradient)


def test_what_mixes_elements_has_a_rule_but_no_local_gradient():
    x, W = Variable(np.ones((2, 3))), Variable(np.ones((3, 2)))
    y = (x @ W).sum()
    y.backward()
    rules = {flow.rule: flow.local for flow in flows(y)}
    assert set(rules) == {"dz for each element of the sum", "dz · yᵀ", "xᵀ · dz"}
    assert set(rules.values()) == {None}


def test_large_arrays_are_checked_along_one_direction():
    small, large = Variable(np.ones(MOST)), Variable(np.linspace(-1, 1, MOST + 1))
    z = (small * small).sum() + tanh(large).sum()
    z.backward()
    checked = {flow.input: flow for flow in flows(z)}
    assert checked[small].numerical is not None
    assert checked[large].numerical is None
    assert checked[large].error < 1e-7
    unchecked = flows(z, check=False)
    assert all(flow.numerical is None and flow.error is None for flow in unchecked)


@pytest.mark.parametrize("size", [3, MOST + 1])
def test_a_wrong_rule_is_seen(size):
    wrong = elementwise("x³", lambda x: x**3, lambda z, x: (2.9 * x * x,), ["2.9x²"])
    x = Variable(np.linspace(1, 2, size))
    z = apply(wrong, x).sum()
    z.backward()
    errors = {flow.input: flow.error for flow in flows(z)}
    assert errors[x] > 0.02
    assert errors[z.inputs[0]] < 1e-7


def test_no_story_without_backward():
    with pytest.raises(InputError, match="backward"):
        flows(Variable(1) * 2)


def test_looking_changes_nothing():
    x = Variable([1.0, 2.0])
    z = (x * x).sum()
    z.backward()
    flows(z), numerical(z, x)
    assert (x.value.tolist(), x.grad.tolist(), z.value) == ([1, 2], [2, 4], 5)
