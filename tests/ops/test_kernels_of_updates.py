"""The optimizers' kernels beside their references: in place, tiny numbers flushed, NaN kept."""

import numpy as np
import pytest

from groundup import ops
from groundup.ops.reference import optimizers

# name: (op, arrays of state, numbers)
UPDATES = {
    "sgd": (ops.sgd_step, 0, (0.01,)),
    "momentum": (ops.momentum_step, 1, (0.9, 0.01, False)),
    "nesterov": (ops.momentum_step, 1, (0.9, 0.01, True)),
    "adagrad": (ops.adagrad_step, 1, (1e-7, 0.01, False)),
    "adagrad, inside": (ops.adagrad_step, 1, (1e-7, 0.01, True)),
    "rmsprop": (ops.rmsprop_step, 1, (0.9, 1e-7, 0.01, False)),
    "rmsprop, inside": (ops.rmsprop_step, 1, (0.9, 1e-7, 0.01, True)),
    "adam": (ops.adam_step, 2, (0.9, 0.999, 1e-7, 0.01)),
}


@pytest.mark.parametrize("size", [1, 15, 4096, 20_001])
@pytest.mark.parametrize("name", UPDATES)
def test_updates(name, size):
    """θ and the state in place, three times in a row, with other rates, and g left alone."""
    op, slots, numbers = UPDATES[name]
    rng = np.random.default_rng(size)
    params, g = rng.normal(size=size).astype("f"), rng.normal(size=size).astype("f")
    state = [rng.normal(size=size).astype("f") ** 2 + np.float32(0.1) for _ in range(slots)]
    g.flags.writeable = False
    exact = [array.astype(np.float64) for array in (params, *state)]
    rate = [i for i, number in enumerate(numbers) if not isinstance(number, bool)][-1]
    for factor in (1.0, 0.5, 3.0):
        options = list(numbers)
        options[rate] *= factor
        made = op(params, g, *state, *options)
        made = made if isinstance(made, tuple) else (made,)
        assert all(a is b for a, b in zip(made, (params, *state), strict=True))
        getattr(optimizers, op.__name__)(exact[0], g.astype(np.float64), *exact[1:], *options)
        for array, wanted in zip(made, exact, strict=True):
            np.testing.assert_allclose(array, wanted, rtol=0, atol=2e-6 * abs(wanted).max())


@pytest.mark.parametrize("name", UPDATES)
@pytest.mark.parametrize("kind", [float, np.float64, np.float32])
def test_numbers_of_any_kind(name, kind):
    op, slots, numbers = UPDATES[name]
    numbers = [n if isinstance(n, bool) else kind(n) for n in numbers]
    fast, exact = ([np.ones(3, np.float32) for _ in range(1 + slots)] for _ in range(2))
    g = np.array([1, -2, 0.5], np.float32)
    op(fast[0], g, *fast[1:], *numbers)
    getattr(optimizers, op.__name__)(exact[0], g, *exact[1:], *numbers)
    for array, wanted in zip(fast, exact, strict=True):
        np.testing.assert_allclose(array, wanted, rtol=1e-6)


@pytest.mark.parametrize("name", [name for name in UPDATES if UPDATES[name][1]])
def test_updates_flush_what_is_tiny_and_keep_nan(name):
    op, slots, numbers = UPDATES[name]
    params, g = np.ones(4, np.float32), np.array([0, 0, np.nan, 1], np.float32)
    state = [np.full(4, 1e-38, np.float32) for _ in range(slots)]
    params, *state = op(params, g, *state, *numbers)
    for array in state:
        assert array[:2].tolist() == [0, 0]
        assert np.isnan(array[2])
        assert array[3] != 0
    assert params[:2].tolist() == [1, 1]
    assert np.isnan(params[2])
    assert params[3] < 1
