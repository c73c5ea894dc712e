"""Every kernel beside its reference, over shapes that do not fit vectors and tiles.

Other files `test_kernels…` hold those of updates, and what only runs within training steps.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import ops
from groundup.ops.cpu.affine import DEEP, LARGE, LONG, SAMPLES, SPAN
from groundup.ops.cpu.program import pieces_of
from groundup.ops.dispatch import kernels
from groundup.ops.geometry import Window
from groundup.ops.reference import activations, affine, convolution, pooling

pytestmark = pytest.mark.filterwarnings("ignore:.*NumbaPerformanceWarning")
SEEDS = st.integers(0, 2**31)


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def close(fast, exact, magnitude=None):
    """Equal to the rounding of float32 sums, whose terms may be larger than the sum."""
    assert fast.dtype == np.float32
    assert fast.shape == exact.shape
    scale = max(float(np.abs(exact if magnitude is None else magnitude).max(initial=0)), 1e-6)
    np.testing.assert_allclose(fast, exact, rtol=0, atol=2e-6 * scale)


def read_only(*arrays):
    for array in arrays:
        array.flags.writeable = False


@st.composite
def windows(draw):
    size = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    strides = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    pads = tuple((draw(st.integers(0, k - 1)), draw(st.integers(0, k - 1))) for k in size)
    image = tuple(k + draw(st.integers(0, 20)) for k in size)
    return Window(size, strides, pads), image


@settings(max_examples=60, deadline=None)
@given(windows(), st.integers(1, 3), st.integers(1, 40), st.integers(1, 70), SEEDS)
def test_convolution(window_and_image, N, C, F, seed):
    window, image = window_and_image
    rng = np.random.default_rng(seed)
    x, W, b = normal(rng, N, C, *image), normal(rng, F, C, *window.size), normal(rng, F)
    read_only(x, W, b)
    X, V, B = (array.astype(np.float64) for array in (x, W, b))
    y = ops.conv2d(x, W, b, window)
    sizes = convolution.conv2d(abs(X), abs(V), abs(B), window)
    close(y, convolution.conv2d(X, V, B, window), sizes)
    close(ops.conv2d(x, W, None, window), convolution.conv2d(X, V, None, window), sizes)
    np.testing.assert_array_equal(ops.conv2d_relu(x, W, b, window), np.maximum(y, 0))
    dy = normal(rng, *y.shape)
    read_only(dy)
    DY = dy.astype(np.float64)
    made = ops.conv2d_backward(dy, x, W, window)
    wanted = convolution.conv2d_backward(DY, X, V, window)
    sizes = convolution.conv2d_backward(abs(DY), abs(X), abs(V), window)
    for fast, reference, size in zip(made, wanted, sizes, strict=True):
        close(fast, reference, size)
    assert ops.conv2d_backward(dy, x, W, window, False)[0] is None


@pytest.mark.parametrize("N", [7, 13, 100, 800])
def test_the_sums_over_many_images(N):
    """They are made in pieces, which many images fill unevenly."""
    rng, window = np.random.default_rng(N), Window((2, 2))
    x, dy, W = normal(rng, N, 3, 4, 3), normal(rng, N, 5, 3, 2), normal(rng, 5, 3, 2, 2)
    assert 1 <= pieces_of(N) <= N
    wanted = convolution.conv2d_backward(*(a.astype(np.float64) for a in (dy, x, W)), window)
    for fast, reference in zip(ops.conv2d_backward(dy, x, W, window), wanted, strict=True):
        close(fast, reference, np.full(1, 4 * N))


@settings(max_examples=60, deadline=None)
@given(windows(), st.integers(1, 3), st.integers(1, 20), SEEDS)
def test_max_pooling_with_ties_and_nan(window_and_image, N, C, seed):
    window, image = window_and_image
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 2, size=(N, C, *image)).astype(np.float32)
    x[rng.random(x.shape) < 0.05] = np.nan
    x[rng.random(x.shape) < 0.05] = -np.inf
    y, place = ops.max_pool(x, window)
    exact, exact_place = pooling.max_pool(x, window)
    np.testing.assert_array_equal(y, exact)
    np.testing.assert_array_equal(place, exact_place)
    dy = normal(rng, *y.shape)
    close(
        ops.max_pool_backward(dy, place, x.shape, window),
        pooling.max_pool_backward(dy.astype(np.float64), exact_place, x.shape, window),
    )


@pytest.mark.parametrize("C", [1, 3, 4, 16, 33])
@pytest.mark.parametrize("image", [(4, 6), (5, 7), (2, 2)])
def test_max_pooling_of_pairs(image, C):
    """The commonest window has a way of its own, with and without a rest at the edge."""
    rng, window = np.random.default_rng(C), Window((2, 2), (2, 2))
    x = rng.integers(-2, 3, size=(3, C, *image)).astype(np.float32)
    x[rng.random(x.shape) < 0.1] = np.nan
    y, place = ops.max_pool(x, window)
    exact, exact_place = pooling.max_pool(x, window)
    np.testing.assert_array_equal(y, exact)
    np.testing.assert_array_equal(place, exact_place)
    dy = normal(rng, *y.shape)
    np.testing.assert_array_equal(
        ops.max_pool_backward(dy, place, x.shape, window),
        pooling.max_pool_backward(dy, exact_place, x.shape, window),
    )


@settings(max_examples=60, deadline=None)
@given(windows(), st.booleans(), st.integers(1, 3), st.integers(1, 20), SEEDS)
def test_average_pooling(window_and_image, count_padding, N, C, seed):
    window, image = window_and_image
    rng = np.random.default_rng(seed)
    x = normal(rng, N, C, *image)
    read_only(x)
    y = ops.average_pool(x, window, count_padding)
    close(y, pooling.average_pool(x.astype(np.float64), window, count_padding), np.full(1, 4.0))
    dy = normal(rng, *y.shape)
    read_only(dy)
    wanted = pooling.average_pool_backward(dy.astype(np.float64), x.shape, window, count_padding)
    made = ops.average_pool_backward(dy, x.shape, window, count_padding)
    close(made, wanted, np.full(1, 4.0))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 90), st.integers(1, 90), SEEDS)
def test_affine(N, D, M, seed):
    rng = np.random.default_rng(seed)
    x, W, b, dy = normal(rng, N, D), normal(rng, D, M), normal(rng, M), normal(rng, N, M)
    read_only(x, W, b, dy)
    X, V, B, DY = (array.astype(np.float64) for array in (x, W, b, dy))
    sizes = affine.affine(abs(X), abs(V), abs(B))
    y = ops.affine(x, W, b)
    close(y, affine.affine(X, V, B), sizes)
    np.testing.assert_array_equal(ops.affine_relu(x, W, b), np.maximum(y, 0))
    close(
        ops.affine(x[:, ::-1], W, None),
        affine.affine(X[:, ::-1], V, None),
        abs(X[:, ::-1]) @ abs(V),
    )
    wanted = affine.affine_backward(DY, X, V)
    sizes = affine.affine_backward(abs(DY), abs(X), abs(V))
    for fast, reference, size in zip(ops.affine_backward(dy, x, W), wanted, sizes, strict=True):
        close(fast, reference, size)


@pytest.mark.parametrize("N", [1, 5, 50, SAMPLES + 1])
@pytest.mark.parametrize(
    ("D", "M"),
    [
        (LONG + 1, 3), (3 * DEEP + 5, 41), (LARGE // 300 + 1, 300), (1030, 1021), (9, LARGE // 8),
        (5, LARGE // 4), (DEEP, LARGE // DEEP), (LARGE // SPAN, SPAN + 1),
    ],
)  # fmt: skip
def test_deep_and_large_dense_layers(on_tape, D, M, N):
    """Cut into blocks for the caches, also beyond the size that BLAS takes over by itself."""
    rng = np.random.default_rng(D)
    x, W, b, dy = normal(rng, N, D), normal(rng, D, M), normal(rng, M), normal(rng, N, M)
    X, V, B, DY = (array.astype(np.float64) for array in (x, W, b, dy))
    y = on_tape(ops.affine, x, W, b)
    close(y, X @ V + B, abs(X) @ abs(V))
    np.testing.assert_array_equal(on_tape(ops.affine_relu, x, W, b), np.maximum(y, 0))
    wanted = affine.affine_backward(DY, X, V)
    sizes = affine.affine_backward(abs(DY), abs(X), abs(V))
    made = on_tape(ops.affine_backward, dy, x, W)
    for fast, reference, size in zip(made, wanted, sizes, strict=True):
        close(fast, reference, size)


def test_nan_and_infinity_pass_through_products(on_tape):
    rng = np.random.default_rng(0)
    x, W = normal(rng, 20, 30), normal(rng, 30, 9)
    x[3, 5], x[4, 6] = np.nan, np.inf
    for f in (ops.affine, ops.affine_relu):
        y = f(x, W, None)
        assert np.isnan(y[3]).all()
        assert not np.isfinite(y[4]).all()
        assert np.isfinite(np.delete(y, [3, 4], axis=0)).all()
    large = normal(rng, 30, LARGE // 30 + 1)
    assert np.isnan(on_tape(ops.affine_relu, x, large, normal(rng, large.shape[1]))[3]).all()


@pytest.mark.parametrize("order", ["as it is", "channels last", "with gaps"])
def test_images_in_any_memory_order(order):
    rng, window = np.random.default_rng(0), Window((2, 3))
    x, W = normal(rng, 2, 6, 5, 7), normal(rng, 4, 6, 2, 3)
    if order == "channels last":
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    if order == "with gaps":
        x, W = x[:, ::2], W[:, ::2]
    close(ops.conv2d(x, W, None, window), convolution.conv2d(x, W, None, window), np.full(1, 50))
    np.testing.assert_array_equal(ops.max_pool(x, window)[0], pooling.max_pool(x, window)[0])


def test_the_kernels_run_at_all(monkeypatch):
    """Without this, every test above could compare the reference with itself."""
    monkeypatch.setattr(kernels("alone"), "carry_out", lambda emit, given: emit.__module__)
    x, W = np.ones((1, 1, 4, 4), np.float32), np.ones((1, 1, 2, 2), np.float32)
    assert ops.conv2d(x, W, None, Window((2, 2))) == "groundup.ops.cpu.convolution"
    assert ops.sgd_step(x[0, 0, 0], x[0, 0, 1], 0.1) == "groundup.ops.cpu.optimizers"
    assert ops.conv2d(x.astype(np.float64), W, None, Window((2, 2))).dtype == np.float64
    np.testing.assert_array_equal(ops.relu(x), activations.relu(x))  # nothing to be gained


PAIRS, ONES = ops.Window((2, 2)), np.ones
UNFIT = {
    "too few columns": lambda: ops.affine(ONES((2, 3), "f"), ONES((5, 4), "f"), None),
    "too short a bias": lambda: ops.affine_relu(ONES((2, 3), "f"), ONES((3, 4), "f"), ONES(3, "f")),
    "dy of another layer": lambda: ops.affine_backward(
        ONES((2, 5), "f"), ONES((2, 3), "f"), ONES((3, 4), "f")
    ),
    "too few channels": lambda: ops.conv2d(
        ONES((1, 2, 4, 4), "f"), ONES((1, 3, 2, 2), "f"), None, PAIRS
    ),
    "dy of other images": lambda: ops.conv2d_backward(
        ONES((1, 1, 9, 9), "f"), ONES((1, 3, 4, 4), "f"), ONES((1, 3, 2, 2), "f"), PAIRS
    ),
    "θ that is read-only": lambda: ops.sgd_step(
        np.broadcast_to(np.float32(1), (3,)), ONES(3, "f"), 0.1
    ),
    "g that is too short": lambda: ops.sgd_step(ONES(3, "f"), ONES(2, "f"), 0.1),
}


@pytest.mark.parametrize("name", UNFIT)
def test_shapes_that_do_not_agree_are_refused(name):
    """A kernel looks at none, and would read on behind the array."""
    with pytest.raises(ValueError):  # in NumPy's words
        UNFIT[name]()


def test_what_numpy_broadcasts_or_casts_is_done_by_it():
    W = ONES((3, 4), "f")
    assert ops.affine(ONES((2, 5, 3), "f"), W, None).shape == (2, 5, 4)
    assert ops.affine(ONES((2, 3), "f"), W, ONES(1, "f")).tolist() == [[4] * 4] * 2
    assert ops.affine(np.full((2, 3), 2, np.uint8), W, None).tolist() == [[6] * 4] * 2
    x = np.arange(16, dtype=np.uint8).reshape(1, 1, 4, 4)
    assert (
        ops.max_pool(x.astype("f"), PAIRS)[0].tolist()
        == pooling.max_pool(x.astype("f"), PAIRS)[0].tolist()
    )
    whole = ONES(6, "f")
    ops.sgd_step(whole[::2], ONES(3, "f"), 0.5)
    assert whole.tolist() == [0.5, 1] * 3
    ops.sgd_step(whole[::2], ONES(3, "f"), 1)
    assert whole.tolist() == [-0.5, 1] * 3


def in_a_fresh_process(code, tmp_path, **settings):
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), **settings}
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_reference_kernels_by_environment(tmp_path):
    code = (
        "import sys, numpy as np; from groundup import ops;"
        "ops.affine(np.ones((2, 3), 'f'), np.ones((3, 4), 'f'), None);"
        "print('numba' in sys.modules)"
    )
    assert in_a_fresh_process(code, tmp_path, GROUNDUP_KERNELS="reference").strip() == "False"
    assert in_a_fresh_process(code, tmp_path).strip() == "True"


@pytest.mark.long
@pytest.mark.parametrize("lanes", ["16", "8", "4"])
def test_every_vector_width(lanes, tmp_path):
    """The tests of kernels once more, with the vector width of another CPU."""
    files = map(str, sorted(Path(__file__).parent.glob("test_kernels*.py")))
    result = subprocess.run(
        [sys.executable, "-m", "pytest", *files, "-m", "not long", "-p", "no:cacheprovider"],
        env={**os.environ, "GROUNDUP_LANES": lanes, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]
