"""The layers of one pass: what they stand for, bit for bit, and nothing else."""

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.layers import Conv2D, Conv2DReLU, Dense, DenseReLU, Mode, ReLU
from groundup.rng import Stream

PAIRS = [
    (DenseReLU(4), Dense(4, activation="relu"), (5,)),
    (DenseReLU(4, use_bias=False), Dense(4, activation="relu", use_bias=False), (5,)),
    (Conv2DReLU(3, 2), Conv2D(3, 2, activation="relu"), (2, 5, 4)),
    (Conv2DReLU(3, 3, 2, "same"), Conv2D(3, 3, 2, "same", "relu"), (2, 5, 4)),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("fused", "plain", "shape"), PAIRS)
def test_they_are_what_they_stand_for(fused, plain, shape, dtype) -> None:
    params = {k: v.astype(dtype) for k, v in plain.init(Stream(0), shape).params.items()}
    for key, value in fused.init(Stream(0), shape).params.items():
        assert (value.astype(dtype) == params[key]).all()
    x = Stream(1).normal((6, *shape), dtype=dtype)
    y, cache, _ = fused.forward(params, {}, x, Mode(train=True))
    wanted, wanted_cache, _ = plain.forward(params, {}, x, Mode(train=True))
    assert y.tobytes() == wanted.tobytes()
    dy = Stream(2).normal(y.shape, dtype=dtype)
    dx, grads = fused.backward(params, cache, dy, Mode(train=True))
    wanted_dx, wanted_grads = plain.backward(params, wanted_cache, dy, Mode(train=True))
    assert (dx == wanted_dx).all()
    assert set(grads) == set(params)
    assert all((grads[key] == wanted_grads[key]).all() for key in params)


@pytest.mark.parametrize("activation", [None, "tanh", "leaky_relu"])
def test_another_activation_would_have_another_gradient(activation) -> None:
    with pytest.raises(InputError, match=r"its activation is ReLU\. Use Dense\."):
        DenseReLU(3, activation=activation)
    with pytest.raises(InputError, match=r"its activation is ReLU\. Use Conv2D\."):
        Conv2DReLU(3, 3, activation=activation)
    assert DenseReLU(3, activation=ReLU()) == DenseReLU(3)
