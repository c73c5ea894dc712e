"""The table of operations: every rule is the derivative of the forward beside it."""

import numpy as np
import pytest

from groundup.layers.graph.operations import (
    ELEMENTWISE,
    MATMUL,
    average,
    broadcast,
    power,
    reshape,
    sum_back,
    total,
)
from groundup.ops.gradcheck import numerical_gradient
from groundup.rng import Stream

SETTINGS = {
    "matmul": MATMUL,
    "square": power(2.0),
    "root": power(0.5),
    "cube": power(3.0),
    "sum": total(None),
    "sum of columns": total(0),
    "mean of rows": average(1),
    "reshape": reshape((3, 2)),
    "repeat": broadcast((4, 2, 3)),
}


@pytest.mark.parametrize(("name", "operation"), [*ELEMENTWISE.items(), *SETTINGS.items()])
def test_backward_is_the_numerical_gradient(name, operation):
    shapes = [(2, 3), (3, 2) if name == "matmul" else (3,)][: len(operation.rules)]
    inputs = [Stream(0).named(str(n)).uniform(s, 0.5, 2.0) for n, s in enumerate(shapes)]
    z = np.asarray(operation.forward(*inputs))
    dz = Stream(1).normal(z.shape)
    found = operation.backward(dz, z, *inputs)
    for place, x in enumerate(inputs):

        def output(moved, place=place):
            given = [*inputs[:place], moved, *inputs[place + 1 :]]
            return float(np.sum(dz * operation.forward(*given)))

        assert found[place].shape == x.shape
        assert found[place] == pytest.approx(numerical_gradient(output, x, 1e-6), abs=1e-6)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (1, 3), (2, 1), (1, 1)])
def test_summed_back_to_any_shape_that_fits(shape):
    dz = np.arange(6.0).reshape(2, 3)
    found = sum_back(dz, shape)
    assert found.shape == shape
    assert found.sum() == dz.sum()
