"""What holds for every op: its dtype stays, its inputs are left alone, its derivative is right.

A table of calls for each op; an op without one fails `test_every_op_is_in_the_table`.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from groundup import ops
from groundup.ops import Window
from groundup.ops.gradcheck import directional_error
from groundup.rng import Stream

ORDINAL = itertools.count()  # the seed of the next draw
WINDOW = Window((3, 2), (2, 1), ((1, 1), (0, 1)))
SHAPE = (2, 3, 5, 4)
OUT = (2, 3, *WINDOW.output(5, 4))
FILTERS = (2, 4, *WINDOW.output(5, 4))


def draw(*shape: int) -> np.ndarray:
    """Evenly spread on (-2, 2), nowhere near the kinks at 0; no two draws alike."""
    words = np.random.Philox(key=next(ORDINAL)).random_raw(int(np.prod(shape)))
    unit = (words >> np.uint64(11)) * 2.0**-53
    far = 0.1 + 1.9 * unit
    return (far * np.where(np.arange(far.size) % 3 == 0, -1.0, 1.0)).reshape(shape)


def probabilities(*shape: int) -> np.ndarray:
    e = np.exp(draw(*shape))
    return e / e.sum(axis=-1, keepdims=True)


# An update writes over its arguments: tested with the kernels and the optimizers.
AUGMENTING = {  # of images of any dtype, without a derivative: tested bit for bit by themselves
    "add_noise", "blur", "cut_out", "philox_words", "salt_and_pepper", "shade", "warp",
}  # fmt: skip
LINEAR_ALGEBRA = {"eigh", "product"}  # of NumPy's arrays alone, without a derivative
CONSUMING = {"sgd_step", "momentum_step", "adagrad_step", "rmsprop_step", "adam_step"}
STREAM = Stream(1, "dropout").named("dropout_1")
KEEP = draw(4, 3) > 0
PLACE = np.arange(np.prod(OUT)).reshape(OUT) % 6

CALLS: dict[str, list[tuple[Callable[..., Any], tuple[np.ndarray, ...]]]] = {
    "affine": [(ops.affine, (draw(4, 3), draw(3, 2), draw(2)))],
    "affine_backward": [(ops.affine_backward, (draw(4, 2), draw(4, 3), draw(3, 2)))],
    "affine_relu": [(ops.affine_relu, (draw(4, 3), draw(3, 2), draw(2)))],
    "average_pool": [
        (lambda x: ops.average_pool(x, WINDOW), (draw(*SHAPE),)),
        (lambda x: ops.average_pool(x, WINDOW, True), (draw(*SHAPE),)),
    ],
    "average_pool_backward": [
        (lambda dy: ops.average_pool_backward(dy, SHAPE, WINDOW), (draw(*OUT),)),
        (lambda dy: ops.average_pool_backward(dy, SHAPE, WINDOW, True), (draw(*OUT),)),
    ],
    "batch_norm": [
        (
            lambda x, g, b, m, v: ops.batch_norm(x, g, b, m, v, 1e-5),
            (draw(*SHAPE), draw(3), draw(3), draw(3), abs(draw(3))),
        )
    ],
    "batch_norm_backward": [
        (
            lambda dy, xhat, s, g: ops.batch_norm_backward(dy, xhat, s, g, True),
            (draw(*SHAPE), draw(*SHAPE), abs(draw(3)), draw(3)),
        )
    ],
    "batch_statistics": [
        (ops.batch_statistics, (draw(5, 3),)),
        (ops.batch_statistics, (draw(*SHAPE),)),
    ],
    "blend": [(lambda old, new: ops.blend(old, new, 0.9, 1.25), (draw(3), draw(3)))],
    "col2im": [(lambda c: ops.col2im(c, SHAPE, WINDOW), (draw(2 * OUT[2] * OUT[3], 18),))],
    "conv2d": [
        (lambda x, W, b: ops.conv2d(x, W, b, WINDOW), (draw(*SHAPE), draw(4, 3, 3, 2), draw(4)))
    ],
    "conv2d_backward": [
        (
            lambda dy, x, W: ops.conv2d_backward(dy, x, W, WINDOW),
            (draw(*FILTERS), draw(*SHAPE), draw(4, 3, 3, 2)),
        )
    ],
    "conv2d_relu": [
        (
            lambda x, W, b: ops.conv2d_relu(x, W, b, WINDOW),
            (draw(*SHAPE), draw(4, 3, 3, 2), draw(4)),
        )
    ],
    "cross_entropy": [(ops.cross_entropy, (probabilities(4, 3), probabilities(4, 3)))],
    "cross_entropy_backward": [
        (ops.cross_entropy_backward, (probabilities(4, 3), probabilities(4, 3)))
    ],
    "count_up": [(ops.count_up, (draw(1),))],
    "dropout": [(lambda x: ops.dropout(x, STREAM, 0.2, 1.25)[0], (draw(4, 3),))],
    "dropout_backward": [(lambda dy: ops.dropout_backward(dy, KEEP, 1.25), (draw(4, 3),))],
    "elu": [(lambda x: ops.elu(x, 0.7), (draw(4, 3),))],
    "elu_backward": [
        (lambda dy, x, y: ops.elu_backward(dy, x, y, 0.7), (draw(4, 3), draw(4, 3), draw(4, 3)))
    ],
    "flatten": [(lambda x: 1 * ops.flatten(x), (draw(*SHAPE),))],
    "im2col": [(lambda x: ops.im2col(x, WINDOW), (draw(*SHAPE),))],
    "leaky_relu": [(lambda x: ops.leaky_relu(x, 0.3), (draw(4, 3),))],
    "leaky_relu_backward": [
        (lambda dy, x: ops.leaky_relu_backward(dy, x, 0.3), (draw(4, 3), draw(4, 3)))
    ],
    "log_softmax": [(ops.log_softmax, (draw(4, 3),))],
    "max_pool": [(lambda x: ops.max_pool(x, WINDOW)[0], (draw(*SHAPE),))],
    "max_pool_backward": [
        (lambda dy: ops.max_pool_backward(dy, PLACE, SHAPE, WINDOW), (draw(*OUT),))
    ],
    "prelu": [(ops.prelu, (draw(4, 3), draw(3))), (ops.prelu, (draw(*SHAPE), draw(3)))],
    "prelu_backward": [
        (ops.prelu_backward, (draw(*SHAPE), draw(*SHAPE), draw(3))),
        (ops.prelu_backward, (draw(4, 3), draw(4, 3), draw(1))),
    ],
    "relu": [(ops.relu, (draw(4, 3),))],
    "relu_backward": [(ops.relu_backward, (draw(4, 3), draw(4, 3)))],
    "rescale": [(ops.rescale, (draw(4, 3), draw(3), draw(3)))],
    "rescale_backward": [(ops.rescale_backward, (draw(4, 3), draw(3)))],
    "sigmoid": [(ops.sigmoid, (draw(4, 3),))],
    "sigmoid_backward": [(ops.sigmoid_backward, (draw(4, 3), probabilities(4, 3)))],
    "softmax": [(ops.softmax, (draw(4, 3),))],
    "softmax_backward": [(ops.softmax_backward, (draw(4, 3), probabilities(4, 3)))],
    "softmax_cross_entropy": [(ops.softmax_cross_entropy, (draw(4, 3), probabilities(4, 3)))],
    "softmax_cross_entropy_backward": [
        (ops.softmax_cross_entropy_backward, (draw(4, 3), probabilities(4, 3)))
    ],
    "step": [(ops.step, (draw(4, 3),))],
    "step_backward": [(ops.step_backward, (draw(4, 3),))],
    "unflatten": [(lambda y: 1 * ops.unflatten(y, (4, 3, 2, 2)), (draw(4, 12),))],
    "tanh": [(ops.tanh, (draw(4, 3),))],
    "tanh_backward": [(ops.tanh_backward, (draw(4, 3), draw(4, 3)))],
}
EVERY_CALL = [
    pytest.param(f, arrays, id=f"{name}-{i}")
    for name, calls in CALLS.items()
    for i, (f, arrays) in enumerate(calls)
]


def outputs(result: Any) -> list[np.ndarray]:
    return list(result) if isinstance(result, tuple) else [result]


def test_every_op_is_in_the_table() -> None:
    functions = {name for name in ops.__all__ if name.islower() and callable(getattr(ops, name))}
    checks = {"check_padding", "check_pair", "fit_window"}
    assert functions - checks - CONSUMING - AUGMENTING - LINEAR_ALGEBRA == set(CALLS)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("f", "arrays"), EVERY_CALL)
def test_dtype_stays_and_inputs_are_left_alone(f, arrays, dtype) -> None:
    given = [np.array(a, dtype) for a in arrays]
    for a in given:
        a.flags.writeable = False
    before = [a.tobytes() for a in given]
    for y in outputs(f(*given)):
        assert y.dtype == dtype
    assert [a.tobytes() for a in given] == before


@pytest.mark.parametrize(("f", "arrays"), EVERY_CALL)
def test_float32_agrees_with_float64(f, arrays) -> None:
    exact = outputs(f(*arrays))
    rough = outputs(f(*[a.astype(np.float32) for a in arrays]))
    for y, expected in zip(rough, exact, strict=True):
        np.testing.assert_allclose(y, expected, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(("f", "arrays"), EVERY_CALL)
def test_memory_order_does_not_matter(f, arrays) -> None:
    """Strided and Fortran-ordered views of the same values give the same results."""
    expected = outputs(f(*arrays))
    strided = [np.repeat(a, 2, axis=-1)[..., ::2] for a in arrays]
    for given in (strided, [np.asfortranarray(a) for a in arrays]):
        for y, wanted in zip(outputs(f(*given)), expected, strict=True):
            np.testing.assert_allclose(y, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("f", "arrays"), EVERY_CALL)
def test_no_value_is_remembered(f, arrays) -> None:
    """Twice the same call, twice the same bits, in arrays of their own."""
    first, second = outputs(f(*arrays)), outputs(f(*arrays))
    for a, b in zip(first, second, strict=True):
        assert a.tobytes() == b.tobytes()
        assert not np.shares_memory(a, b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_with_relu_is_then_relu(dtype) -> None:
    """Bit for bit: the one pass is the two, and hands the backward what it needs."""
    x, W, b = (draw(*shape).astype(dtype) for shape in ((4, 3), (3, 2), (2,)))
    for bias in (b, None):
        assert (ops.affine_relu(x, W, bias) == ops.relu(ops.affine(x, W, bias))).all()
    x, W, b = (draw(*shape).astype(dtype) for shape in (SHAPE, (4, 3, 3, 2), (4,)))
    for bias in (b, None):
        wanted = ops.relu(ops.conv2d(x, W, bias, WINDOW))
        assert (ops.conv2d_relu(x, W, bias, WINDOW) == wanted).all()


# --- every derivative against its function: random direction, random cotangent


def pooled(x: np.ndarray) -> np.ndarray:
    return ops.max_pool(x, WINDOW)[0]


def normalized(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    return ops.batch_norm(x, gamma, beta, *ops.batch_statistics(x), 1e-5)[0]


def normalized_backward(dy, x, gamma, beta):
    _, xhat, inv_std = ops.batch_norm(x, gamma, beta, *ops.batch_statistics(x), 1e-5)
    return ops.batch_norm_backward(dy, xhat, inv_std, gamma, True)


X, X2 = draw(*SHAPE), draw(4, 3)
T = probabilities(4, 3)
MEAN, VAR = draw(3), abs(draw(3))


def running_backward(dy, x, gamma, beta):
    _, xhat, inv_std = ops.batch_norm(x, gamma, beta, MEAN, VAR, 1e-5)
    return ops.batch_norm_backward(dy, xhat, inv_std, gamma, False)


# name: (f of its differentiable inputs, those inputs, (dy, *inputs) -> their gradients)
PAIRS: dict[str, tuple[Callable[..., Any], tuple[np.ndarray, ...], Callable[..., Any]]] = {
    "affine": (
        ops.affine,
        (X2, draw(3, 2), draw(2)),
        lambda dy, x, W, b: ops.affine_backward(dy, x, W),
    ),
    "average_pool": (
        lambda x: ops.average_pool(x, WINDOW),
        (X,),
        lambda dy, x: ops.average_pool_backward(dy, x.shape, WINDOW),
    ),
    "average_pool_counting": (
        lambda x: ops.average_pool(x, WINDOW, True),
        (X,),
        lambda dy, x: ops.average_pool_backward(dy, x.shape, WINDOW, True),
    ),
    "batch_norm": (normalized, (X, draw(3), draw(3)), normalized_backward),
    "batch_norm_dense": (normalized, (X2, draw(3), draw(3)), normalized_backward),
    "batch_norm_running": (
        lambda x, gamma, beta: ops.batch_norm(x, gamma, beta, MEAN, VAR, 1e-5)[0],
        (X, draw(3), draw(3)),
        running_backward,
    ),
    "conv2d": (
        lambda x, W, b: ops.conv2d(x, W, b, WINDOW),
        (X, draw(4, 3, 3, 2), draw(4)),
        lambda dy, x, W, b: ops.conv2d_backward(dy, x, W, WINDOW),
    ),
    "cross_entropy": (
        lambda y: ops.cross_entropy(y, T),
        (probabilities(4, 3),),
        lambda dy, y: dy[:, None] * ops.cross_entropy_backward(y, T),
    ),
    "dropout": (
        lambda x: ops.dropout(x, STREAM, 0.4, 1.25)[0],
        (X2,),
        lambda dy, x: ops.dropout_backward(dy, ops.dropout(x, STREAM, 0.4, 1.25)[1], 1.25),
    ),
    "flatten": (ops.flatten, (X,), lambda dy, x: ops.unflatten(dy, x.shape)),
    "elu": (
        lambda x: ops.elu(x, 0.7),
        (X2,),
        lambda dy, x: ops.elu_backward(dy, x, ops.elu(x, 0.7), 0.7),
    ),
    "im2col": (
        lambda x: ops.im2col(x, WINDOW),
        (X,),
        lambda dy, x: ops.col2im(dy, x.shape, WINDOW),
    ),
    "leaky_relu": (
        lambda x: ops.leaky_relu(x, 0.3),
        (X2,),
        lambda dy, x: ops.leaky_relu_backward(dy, x, 0.3),
    ),
    "max_pool": (
        pooled,
        (X,),
        lambda dy, x: ops.max_pool_backward(dy, ops.max_pool(x, WINDOW)[1], x.shape, WINDOW),
    ),
    "prelu": (ops.prelu, (X, draw(3)), ops.prelu_backward),
    "prelu_shared": (ops.prelu, (X, draw(1)), ops.prelu_backward),
    "prelu_dense": (ops.prelu, (X2, draw(3)), ops.prelu_backward),
    "relu": (ops.relu, (X2,), lambda dy, x: ops.relu_backward(dy, ops.relu(x))),
    "sigmoid": (ops.sigmoid, (X2,), lambda dy, x: ops.sigmoid_backward(dy, ops.sigmoid(x))),
    "softmax": (ops.softmax, (X2,), lambda dy, z: ops.softmax_backward(dy, ops.softmax(z))),
    "softmax_cross_entropy": (
        lambda z: ops.softmax_cross_entropy(z, 1.5 * T),  # targets that do not sum to 1, too
        (X2,),
        lambda dy, z: dy[:, None] * ops.softmax_cross_entropy_backward(z, 1.5 * T),
    ),
    "tanh": (ops.tanh, (X2,), lambda dy, x: ops.tanh_backward(dy, ops.tanh(x))),
}


@pytest.mark.parametrize("name", sorted(PAIRS))
@pytest.mark.parametrize("seed", range(5))
def test_derivative(name: str, seed: int) -> None:
    f, inputs, backward = PAIRS[name]
    rng = np.random.Generator(np.random.Philox(key=seed))
    dy = rng.normal(size=f(*inputs).shape)
    for i, gradient in enumerate(outputs(backward(dy, *inputs))):
        assert gradient.shape == inputs[i].shape

        def along(a: np.ndarray, i: int = i) -> float:
            return float(np.sum(f(*inputs[:i], a, *inputs[i + 1 :]) * dy))

        direction = rng.normal(size=inputs[i].shape)
        assert directional_error(along, inputs[i], gradient, direction) <= 1e-7


def test_need_dx_false_spares_dx_only() -> None:
    dense = (draw(4, 2), X2, draw(3, 2))
    image = (draw(*FILTERS), X, draw(4, 3, 3, 2), WINDOW)
    for backward, inputs in ((ops.affine_backward, dense), (ops.conv2d_backward, image)):
        dx, dW, db = backward(*inputs, need_dx=False)
        _, dW_full, db_full = backward(*inputs)
        assert dx is None
        assert (dW == dW_full).all()
        assert (db == db_full).all()


@pytest.mark.parametrize("op", [ops.softmax, ops.log_softmax])
def test_softmax_does_not_depend_on_the_order_in_memory(op: Callable[..., Any]) -> None:
    z = draw(7, 33)
    assert op(np.asfortranarray(z)).tobytes() == op(z).tobytes()
    dy = draw(7, 33)
    columns = ops.softmax_backward(np.asfortranarray(dy), np.asfortranarray(z))
    assert columns.tobytes() == ops.softmax_backward(dy, z).tobytes()
