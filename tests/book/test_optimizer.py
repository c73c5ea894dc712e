"""The book's optimizers: its formulas, on the script's own arrays."""

import numpy as np
import pytest

from groundup.book.common import optimizer as O  # noqa: N812
from groundup.errors import InputError

STEPS = 5


def momentum(theta, grads, lr=0.1, mu=0.9):
    v = 0.0
    for g in grads:
        v = mu * v - lr * g
        theta = theta + v
    return theta


def nesterov(theta, grads, lr=0.1, mu=0.9):
    v = 0.0
    for g in grads:
        v, before = mu * v - lr * g, v
        theta = theta - mu * before + (1 + mu) * v  # in the place that is looked ahead to
    return theta


def adagrad(theta, grads, lr=0.1):
    h = 0.0
    for g in grads:
        h = h + g**2
        theta = theta - lr * g / (np.sqrt(h) + 1e-7)
    return theta


def rmsprop(theta, grads, lr=0.1, rho=0.99):
    h = 0.0
    for g in grads:
        h = rho * h + (1 - rho) * g**2
        theta = theta - lr * g / (np.sqrt(h) + 1e-7)
    return theta


def adam(theta, grads, lr=0.1):
    m = v = 0.0
    for t, g in enumerate(grads, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-7)
    return theta


RULES = {
    O.SGD: lambda theta, grads: theta - 0.1 * sum(grads), O.Momentum: momentum,
    O.Nesterov: nesterov, O.AdaGrad: adagrad, O.RMSprop: rmsprop, O.Adam: adam,
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rule", RULES)
def test_five_steps_by_hand(rule, dtype):
    rng = np.random.default_rng(0)
    start = {"W": rng.normal(size=(4, 3)), "b": rng.normal(size=3)}
    grads = [
        {k: rng.normal(size=a.shape).astype(dtype) for k, a in start.items()} for _ in range(5)
    ]
    params = {k: a.copy() for k, a in start.items()}
    arrays, optimizer = dict(params), rule(lr=0.1)
    for step in grads:
        optimizer.update(params, step)
    for name, array in params.items():
        assert array is arrays[name] and array.dtype == np.float64
        expected = RULES[rule](start[name], [step[name] for step in grads])
        np.testing.assert_allclose(array, expected, atol=1e-12 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("rule", RULES)
def test_numbers_in_the_place_of_arrays(rule):
    params, optimizer, path = {"x": -7.0, "y": 2.0}, rule(lr=0.1), []
    for _ in range(5):
        path.append((params["x"], params["y"]))
        optimizer.update(params, {"x": 0.3, "y": -0.2})
    expected = RULES[rule](np.array([-7.0, 2.0]), [np.array([0.3, -0.2])] * 5)
    np.testing.assert_allclose([params["x"], params["y"]], expected, atol=1e-12)
    assert len(set(path)) == 5


def test_the_learning_rate_can_be_changed_between_steps():
    params, optimizer = {"x": np.zeros(2)}, O.Momentum(lr=0.1, momentum=0.5)
    optimizer.update(params, {"x": np.ones(2)})
    optimizer.lr = 1.0
    optimizer.update(params, {"x": np.ones(2)})
    np.testing.assert_allclose(params["x"], -0.1 + 0.5 * -0.1 - 1.0)


def test_an_optimizer_for_another_network_is_refused():
    optimizer = O.Adam()
    optimizer.update({"x": np.zeros(2)}, {"x": np.ones(2)})
    with pytest.raises(InputError, match="remembers 2 values and got 3"):
        optimizer.update({"x": np.zeros(3)}, {"x": np.ones(3)})
    sgd = O.SGD()
    for size in (2, 3):  # which remembers nothing
        sgd.update({"x": np.zeros(size)}, {"x": np.ones(size)})


def test_a_gradient_that_is_missing_is_told():
    with pytest.raises(KeyError, match="W2"):
        O.SGD().update({"W2": np.zeros(2)}, {})
