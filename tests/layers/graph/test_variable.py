"""Variables: forward values, gradients, and errors that say what to do."""

import sys

import numpy as np
import pytest

from groundup import Variable
from groundup.errors import InputError, ShapeError
from groundup.layers.graph import exp, log, maximum, relu, sigmoid, tanh, topological


def test_two_apples_cost_220():
    apple, apples, tax = Variable(100), Variable(2), Variable(1.1)
    price = apple * apples * tax
    price.backward()
    assert price.value == pytest.approx(220)
    assert [apple.grad, apples.grad, tax.grad, price.grad] == pytest.approx([2.2, 110, 200, 1])


def test_apples_and_oranges_cost_715():
    apple, apples = Variable(100), Variable(2)
    orange, oranges, tax = Variable(150), Variable(3), Variable(1.1)
    price = (apple * apples + orange * oranges) * tax
    price.backward()
    assert price.value == pytest.approx(715)
    found = [v.grad for v in (apple, apples, orange, oranges, tax)]
    assert found == pytest.approx([2.2, 110, 3.3, 165, 650])


@pytest.mark.parametrize(
    ("formula", "value", "slope"),
    [
        (lambda x: x + x, 6, 2),
        (lambda x: x * x * x, 27, 27),
        (lambda x: x - x, 0, 0),
        (lambda x: x / x, 1, 0),
        (lambda x: 2 - x, -1, -1),
        (lambda x: 6 / x, 2, -6 / 9),
        (lambda x: 2 + x * 5, 17, 5),
        (lambda x: -x, -3, -1),
        (lambda x: x**2, 9, 6),
        (lambda x: x**-1, 1 / 3, -1 / 9),
        (lambda x: (x + 1) ** 0.5, 2, 0.25),
        (lambda x: exp(x), np.exp(3), np.exp(3)),
        (lambda x: log(x), np.log(3), 1 / 3),
        (lambda x: relu(x) + relu(-x), 3, 1),
        (lambda x: sigmoid(x), 0.9525741268, 0.0451766597),
        (lambda x: tanh(x), 0.9950547537, 0.0098660372),
        (lambda x: maximum(x, 5) + maximum(x, 1), 8, 1),
        (lambda x: maximum(x, x), 3, 1),
    ],
)
def test_each_operation(formula, value, slope):
    x = Variable(3)
    z = formula(x)
    z.backward()
    assert z.value == pytest.approx(value)
    assert x.grad == pytest.approx(slope)


def test_relu_has_no_slope_at_its_kink():
    x = Variable([-1.0, 0.0, 2.0])
    relu(x).backward(np.ones(3))
    assert x.grad.tolist() == [0, 0, 1]


def test_gradients_of_what_was_repeated_are_summed_up():
    x, row = Variable(np.arange(12).reshape(4, 3)), Variable([1.0, 2.0, 3.0])
    column, number = Variable(np.ones((4, 1))), Variable(2.0)
    dy = np.arange(12.0).reshape(4, 3) + 1
    ((x + row) * column * number).backward(dy)
    assert np.array_equal(row.grad, 2 * dy.sum(axis=0))
    assert np.array_equal(column.grad, 2 * ((x.value + row.value) * dy).sum(axis=1, keepdims=True))
    assert number.grad == ((x.value + row.value) * dy).sum()
    assert number.grad.shape == ()


def test_sum_mean_reshape_and_repeat():
    x = Variable(np.arange(6.0).reshape(2, 3))
    assert x.mean(axis=0).value.tolist() == [1.5, 2.5, 3.5]
    (x.mean(axis=0) * [1.0, 2.0, 3.0]).sum().backward()
    assert x.grad.tolist() == [[0.5, 1, 1.5], [0.5, 1, 1.5]]
    x.sum(axis=(0, 1)).backward()
    assert x.grad.tolist() == [[1, 1, 1], [1, 1, 1]]
    x.reshape(3, -1).backward([[1, 2], [3, 4], [5, 6]])
    assert x.grad.tolist() == [[1, 2, 3], [4, 5, 6]]
    y = Variable([[1.0], [2.0]])
    y.broadcast_to(4, 2, 3).sum().backward()
    assert y.grad.tolist() == [[12], [12]]


def test_matrices():
    x, W = Variable([[1.0, 2.0]]), Variable([[1.0, 3, 5], [2, 4, 6]])
    y = x @ W
    y.backward([[1.0, 10, 100]])
    assert y.value.tolist() == [[5, 11, 17]]
    assert x.grad.tolist() == [[531, 642]]
    assert W.grad.tolist() == [[1, 10, 100], [2, 20, 200]]


def test_arrays_on_either_side():
    x = Variable([1.0, 2.0])
    assert (np.array([3.0, 4.0]) * x).value.tolist() == [3, 8]
    assert (np.ones((1, 2)) @ Variable(np.ones((2, 1)))).value.tolist() == [[2]]
    assert isinstance(np.ones(2) - x, Variable)


def test_numbers_in_a_formula_get_no_gradient():
    x = Variable(3)
    z = 2 * x
    z.backward()
    assert [leaf.constant for leaf in z.inputs] == [True, False]
    assert z.inputs[0].grad is None


def test_a_second_backward_begins_anew():
    x = Variable(3)
    z = x * x
    z.backward()
    z.backward()
    assert x.grad == 6


def test_a_chain_may_be_longer_than_the_stack():
    x = z = Variable(1.0)
    for _ in range(sys.getrecursionlimit() + 1000):
        z = z + x
    z.backward()
    assert x.grad == sys.getrecursionlimit() + 1001


def test_each_node_comes_after_its_inputs_once():
    x = Variable(2.0)
    z = (x * x + x) / x
    order = topological(z)
    assert len(order) == len(set(order)) == 4
    assert all(order.index(i) < order.index(node) for node in order for i in node.inputs)


def test_its_own_copy_of_the_value():
    given = np.ones(3)
    x = Variable(given)
    given[0] = 7
    assert x.value.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (lambda x: (x * [1.0, 2.0]).backward(), ShapeError, "Take the sum"),
        (lambda x: (x * 2).backward([1.0, 2.0]), ShapeError, "expected dy"),
        (lambda x: x @ x, ShapeError, "two matrices"),
        (lambda x: x * [1.0, 2.0] + [1.0, 2.0, 3.0], ShapeError, "do not fit"),
        (lambda x: (x * [1.0, 2.0]).reshape(3), ShapeError, "do not fit"),
        (lambda x: x**x, InputError, "exp"),
        (lambda x: log(x - 3), InputError, "log of values in 0 … 0"),
        (lambda x: 1 / (x - 3), InputError, "÷"),
        (lambda x: exp(x * 1000), InputError, "not too large"),
        (
            lambda x: ((x - 3) ** 0.5).backward(),
            InputError,
            "√ of values in 0 … 0.*no finite slope",
        ),
        (lambda x: x + "two", InputError, "expected a number"),
    ],
)
def test_what_cannot_be_is_told(wrong, error, words):
    with pytest.raises(error, match=words):
        wrong(Variable(3.0))


def test_how_powers_are_written():
    x = Variable(2.0)
    made = [(x**n).operation for n in (2, 0.5, -1, 3, -2)]
    assert [(operation.symbol, *operation.rules) for operation in made] == [
        ("x²", "dz · 2x"),
        ("√", "dz · 1/2z"),
        ("1/x", "dz · (−z²)"),
        ("x^3", "dz · 3 x^2"),
        ("x^-2", "dz · -2 x^-3"),
    ]


def test_the_power_of_0_has_the_slope_0_everywhere():
    x = Variable([0.0, 2.0])
    (x**0).sum().backward()
    assert x.grad.tolist() == [0.0, 0.0]


def test_how_it_shows_itself():
    assert repr(Variable(3.0, "x")) == "Variable(3, 'x')"
    assert repr(Variable(np.ones((2, 3)))) == "Variable(array of shape (2, 3))"
