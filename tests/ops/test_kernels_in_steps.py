"""Kernels of ops that run within training steps alone, each beside its reference."""

from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import ops
from groundup.layers import Mode
from groundup.ops.dispatch import kernels
from groundup.ops.reference import activations, affine, convolution, normalization, pooling
from groundup.ops.tape import Tape
from groundup.rng import Stream

SEEDS = st.integers(0, 2**31)
ROWS = st.tuples(st.integers(1, 70), st.integers(1, 40))
IMAGES = st.tuples(st.integers(1, 40), st.integers(1, 9), st.integers(1, 6), st.integers(1, 7))
SHAPES = ROWS | IMAGES
EXTREME = np.array([0, -0.0, np.nan, np.inf, -np.inf, 1e4, -1e4, 88.6, -87.2, 1e-30], np.float32)


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def with_extremes(rng, shape):
    """Some normal numbers, small and large, and some of the impossible."""
    x = normal(rng, *shape) * rng.choice([0.01, 1, 30], size=shape).astype(np.float32)
    odd = rng.random(shape) < 0.1
    x[odd] = rng.choice(EXTREME, size=int(odd.sum()))
    return x


def address(array):
    return array.__array_interface__["data"][0]


def double(*arrays):
    return [array.astype(np.float64) for array in arrays]


FORWARD = {
    "relu": (ops.relu, activations.relu, ()),
    "leaky_relu": (ops.leaky_relu, activations.leaky_relu, (0.3,)),
    "leaky_relu with a negative slope": (ops.leaky_relu, activations.leaky_relu, (-0.5,)),
    "sigmoid": (ops.sigmoid, activations.sigmoid, ()),
    "tanh": (ops.tanh, activations.tanh, ()),
}
BACKWARD = {
    "relu": (ops.relu_backward, activations.relu_backward, ()),
    "leaky_relu": (ops.leaky_relu_backward, activations.leaky_relu_backward, (0.3,)),
    "sigmoid": (ops.sigmoid_backward, activations.sigmoid_backward, ()),
    "tanh": (ops.tanh_backward, activations.tanh_backward, ()),
}


@pytest.mark.parametrize("name", FORWARD)
@settings(max_examples=25, deadline=None)
@given(SHAPES, SEEDS)
def test_activations(on_tape, name, shape, seed):
    op, reference, numbers = FORWARD[name]
    x = with_extremes(np.random.default_rng(seed), shape)
    y = on_tape(op, x, *numbers)
    np.testing.assert_allclose(y, reference(*double(x), *numbers), rtol=5e-7, atol=2e-38)
    same_sign = np.signbit(y) == np.signbit(x)
    assert (same_sign | (y == 0) | np.isnan(y) | (name not in ("relu", "tanh"))).all()


def test_tanh_and_sigmoid_everywhere(on_tape):
    """Where the series near 0 ends, and where the exponential function does."""
    x = np.linspace(-100, 100, 200_001, dtype=np.float32)
    x = np.concatenate([x, x / 200, x / 1e4, np.float32([0.25]) + x / 1e5])[None]
    for op, reference in ((ops.tanh, np.tanh), (ops.sigmoid, activations.sigmoid)):
        wanted = reference(x.astype(np.float64))
        np.testing.assert_allclose(on_tape(op, x), wanted, rtol=5e-7, atol=2e-38)


@pytest.mark.parametrize("name", BACKWARD)
@settings(max_examples=25, deadline=None)
@given(SHAPES, SEEDS)
def test_activations_backward(on_tape, name, shape, seed):
    op, reference, numbers = BACKWARD[name]
    rng = np.random.default_rng(seed)
    dy, other = with_extremes(rng, shape), normal(rng, *shape)
    if name in ("sigmoid", "tanh"):
        other = np.tanh(other)
    if name in ("relu", "leaky_relu"):
        other[rng.random(shape) < 0.1] = np.nan
        other[rng.random(shape) < 0.1] = 0
    dx = on_tape(op, dy, other, *numbers)
    wanted = reference(*double(dy, other), *numbers)
    np.testing.assert_allclose(dx, wanted, rtol=1e-5, atol=1e-6 * np.float64(30))


@settings(max_examples=25, deadline=None)
@given(SHAPES, st.booleans(), SEEDS)
def test_rescale(on_tape, shape, one_each, seed):
    rng = np.random.default_rng(seed)
    x = with_extremes(rng, shape)
    scale, offset = normal(rng, 2, *shape[1:] * (one_each and len(shape) == 2))
    y = on_tape(lambda x: ops.rescale(x, scale, offset), x)
    np.testing.assert_allclose(y, ops.rescale(x, scale, offset), rtol=1e-5, atol=1e-6)
    dx = on_tape(lambda dy: ops.rescale_backward(dy, scale), x)
    np.testing.assert_array_equal(dx, ops.rescale_backward(x, scale))


@settings(max_examples=40, deadline=None)
@given(SHAPES, st.booleans(), SEEDS)
def test_batch_normalization(on_tape, shape, trained, seed):
    rng = np.random.default_rng(seed)
    C, m = shape[1], prod(shape) // shape[1]
    x, dy = normal(rng, *shape) * 3 + 5, normal(rng, *shape)
    gamma, beta = normal(rng, C), normal(rng, C)
    mean, var = on_tape(ops.batch_statistics, x)
    exact_mean, exact_var = normalization.batch_statistics(*double(x))
    np.testing.assert_allclose(mean, exact_mean, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(var, exact_var, rtol=1e-4, atol=1e-6)
    mean, var = normal(rng, C), abs(normal(rng, C)) + np.float32(0.1)
    given_ = x, gamma, beta, mean, var
    wanted = normalization.batch_norm(*double(*given_), 1e-5)
    made = on_tape(ops.batch_norm, *given_, 1e-5)
    for fast, exact in zip(made, wanted, strict=True):
        np.testing.assert_allclose(fast, exact, rtol=1e-5, atol=2e-5)
    xhat, inv_std = normal(rng, *shape), abs(normal(rng, C))
    given_ = dy, xhat, inv_std, gamma
    wanted = normalization.batch_norm_backward(*double(*given_), trained)
    made = on_tape(ops.batch_norm_backward, *given_, trained)
    for fast, exact in zip(made, wanted, strict=True):
        np.testing.assert_allclose(fast, exact, rtol=1e-5, atol=1e-5 * np.sqrt(m) + 1e-5)


def test_running_statistics(on_tape):
    rng = np.random.default_rng(0)
    old, new = normal(rng, 13), normal(rng, 13)
    made = on_tape(ops.blend, old, new, 0.9, 1.25)
    np.testing.assert_allclose(made, normalization.blend(*double(old, new), 0.9, 1.25), rtol=1e-6)
    np.testing.assert_array_equal(on_tape(ops.count_up, np.float32([0, 41])), [1, 42])


@settings(max_examples=60, deadline=None)
@given(SHAPES, st.floats(0.01, 0.99), st.integers(0, 2**64 - 1), st.integers(0, 2**40), SEEDS)
def test_dropout_draws_the_bits_of_the_stream(on_tape, shape, rate, key, epoch, step):
    stream = Stream(key, "dropout").named("dropout_1")
    x = normal(np.random.default_rng(step), *shape)
    scale, words = 1 / (1 - rate), {"epoch": epoch, "step": step}
    y, keep = on_tape(ops.dropout, x, stream, rate, scale, words=words)
    wanted = stream.at(epoch=epoch, step=step).keep_mask(shape, rate)
    np.testing.assert_array_equal(keep, wanted)
    np.testing.assert_array_equal(y, x * wanted * np.float32(scale))
    dx = on_tape(ops.dropout_backward, x, wanted.astype(np.uint8), scale)
    np.testing.assert_array_equal(dx, y)


@settings(max_examples=60, deadline=None)
@given(
    SHAPES | st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from([np.uint8, np.float32]),
    st.sampled_from([1.0, 16.0, 255.0]),
    SEEDS,
)
def test_gather(on_tape, shape, dtype, scale, seed):
    rng = np.random.default_rng(seed)
    source = rng.integers(0, 256, size=(23, *shape[1:])).astype(dtype)
    index = rng.integers(0, 23, size=shape[0])
    words = {"source": address(source), "index": address(index)}
    gather = kernels("gather").gather
    made = on_tape(
        lambda anchor: gather(anchor.tape, shape, source.itemsize, scale),
        np.zeros(1, np.float32),
        words=words,
    )
    np.testing.assert_array_equal(made, source[index].astype(np.float32) / np.float32(scale))


@settings(max_examples=40, deadline=None)
@given(IMAGES, SEEDS)
def test_images_as_rows_and_back(on_tape, shape, seed):
    x = normal(np.random.default_rng(seed), *shape)
    rows = on_tape(ops.flatten, x)
    np.testing.assert_array_equal(rows, x.reshape(len(x), -1))
    np.testing.assert_array_equal(on_tape(ops.unflatten, rows, shape), x)
    np.testing.assert_array_equal(on_tape(lambda x: ops.flatten(ops.flatten(x)), x), rows)


@pytest.mark.parametrize("shape", [(2, 20, 5, 7), (3, 16, 4, 4), (1, 33, 3, 17), (2, 50, 1, 2)])
@pytest.mark.parametrize("margin", [0, 1])
def test_many_channels_as_rows_and_back(on_tape, shape, margin):
    """Turned by squares, which overlap at the edges; with a margin line by line."""
    x = normal(np.random.default_rng(0), *shape)
    rows = on_tape(lambda x: ops.flatten(x.with_margin(*[margin] * 4)), x)
    np.testing.assert_array_equal(rows, x.reshape(len(x), -1))

    def there_and_back(rows):
        return ops.flatten(ops.unflatten(rows, shape).with_margin(*[margin] * 4))

    np.testing.assert_array_equal(on_tape(there_and_back, rows), rows)


WINDOWS = [ops.Window((2, 2), (2, 2)), ops.Window((3, 2), (2, 1), ((1, 1), (0, 1)))]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("C", [1, 5, 16])
def test_a_relu_goes_back_through_a_pooling(on_tape, window, C):
    """Both derivatives in one row: the same numbers as one after the other."""
    rng = np.random.default_rng(C)
    x = rng.integers(-3, 3, size=(4, C, 6, 8)).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = np.nan
    y = np.maximum(x, 0)
    pooled, place = pooling.max_pool(y, window)
    dy = normal(rng, *pooled.shape)

    def joined(x, dy):
        y = ops.relu(x)
        pooled, place = ops.max_pool(y, window)
        dx = ops.relu_backward(ops.max_pool_backward(dy, place, x.shape, window), y)
        assert len(x.tape.rows) == 2 + 2 + 2  # laid out; relu, pooling; both backward
        return pooled, dx

    made, dx = on_tape(joined, x, dy)
    np.testing.assert_array_equal(made, pooled)
    wanted = activations.relu_backward(pooling.max_pool_backward(dy, place, x.shape, window), y)
    np.testing.assert_allclose(dx, wanted, rtol=1e-6, atol=1e-6)


def test_a_whole_convolutional_pass(on_tape):
    """Image by image through memory of one image; padded, with strides, twice in a row."""
    rng, window = np.random.default_rng(0), ops.Window((3, 3), (2, 2), ((1, 1), (1, 1)))
    plain = ops.Window((3, 3), (1, 1), ((1, 1), (1, 1)))
    N = 29
    x, W1, W2 = normal(rng, N, 3, 9, 9), normal(rng, 5, 3, 3, 3), normal(rng, 7, 5, 3, 3)
    b1, b2, V = normal(rng, 5), normal(rng, 7), normal(rng, 7 * 25, 4)
    dy = normal(rng, N, 4)

    def network(affine, affine_backward, conv, backward, relu_backward, flatten, unflatten):
        def run(x, dy, b1, b2, V, W1, W2):
            y1 = conv(x, W1, b1, plain)
            y2 = conv(y1, W2, b2, window)
            f = flatten(y2)
            z = affine(f, V, None)
            df, dV, _ = affine_backward(dy, f, V)
            dx2, dW2, db2 = backward(relu_backward(unflatten(df, y2.shape), y2), y1, W2, window)
            _, dW1, db1 = backward(relu_backward(dx2, y1), x, W1, plain, False)
            return z, dV, dW2, db2, dW1, db1

        return run

    fast = network(
        ops.affine, ops.affine_backward, ops.conv2d_relu, ops.conv2d_backward, ops.relu_backward,
        ops.flatten, ops.unflatten,
    )  # fmt: skip
    slow = network(
        affine.affine, affine.affine_backward, convolution.conv2d_relu,
        convolution.conv2d_backward, activations.relu_backward,
        lambda x: x.reshape(len(x), -1), lambda y, shape: y.reshape(shape),
    )  # fmt: skip
    made = on_tape(
        lambda x, dy, *p: fast(x, dy, *p, x.tape.hold(W1), x.tape.hold(W2)), x, dy, b1, b2, V
    )
    wanted = slow(*double(x, dy, b1, b2, V, W1, W2))
    for result, exact in zip(made, wanted, strict=True):
        size = abs(exact).max()
        np.testing.assert_allclose(result, exact, rtol=0, atol=1e-5 * size)


def test_references_run_for_arrays():
    """These kernels gain nothing by themselves: arrays get NumPy's own results."""
    x = np.float32([[-1.5, 0.3]])
    assert ops.tanh(x).tobytes() == np.tanh(x).tobytes()
    y, keep = ops.dropout(x, Mode().rng.of("dropout"), 0.5, 2.0)
    assert keep.dtype == bool
    assert Tape().rows == []
    assert (y == x * keep * 2).all()
