"""Every kernel beside its reference, over shapes that do not fit vectors and tiles."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import ops
from groundup.ops.dispatch import kernels
from groundup.ops.geometry import Window
from groundup.ops.reference import activations, affine, convolution, pooling

pytestmark = pytest.mark.filterwarnings("ignore:.*NumbaPerformanceWarning")


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def close(fast, exact, magnitude=None):
    """Equal to the rounding of float32 sums, whose terms may be larger than the sum."""
    assert fast.dtype == np.float32
    assert fast.shape == exact.shape
    scale = max(float(np.abs(exact if magnitude is None else magnitude).max(initial=0)), 1e-6)
    np.testing.assert_allclose(fast, exact, rtol=0, atol=2e-6 * scale)


@st.composite
def windows(draw):
    size = (draw(st.integers(1, 5)), draw(st.integers(1, 5)))
    strides = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    pads = tuple((draw(st.integers(0, k - 1)), draw(st.integers(0, k - 1))) for k in size)
    image = tuple(k + draw(st.integers(0, 20)) for k in size)
    return Window(size, strides, pads), image


@settings(max_examples=60, deadline=None)
@given(windows(), st.integers(1, 3), st.integers(1, 40), st.integers(1, 70), st.integers(0, 2**31))
def test_convolution(window_and_image, N, C, F, seed):
    window, image = window_and_image
    rng = np.random.default_rng(seed)
    x, W, b = normal(rng, N, C, *image), normal(rng, F, C, *window.size), normal(rng, F)
    for array in (x, W, b):
        array.flags.writeable = False
    X, V, B = (array.astype(np.float64) for array in (x, W, b))
    y = ops.conv2d(x, W, b, window)
    sizes = convolution.conv2d(abs(X), abs(V), abs(B), window)
    close(y, convolution.conv2d(X, V, B, window), sizes)
    close(ops.conv2d(x, W, None, window), convolution.conv2d(X, V, None, window), sizes)
    dy = normal(rng, *y.shape)
    dy.flags.writeable = False
    DY = dy.astype(np.float64)
    made = ops.conv2d_backward(dy, x, W, window)
    wanted = convolution.conv2d_backward(DY, X, V, window)
    sizes = convolution.conv2d_backward(abs(DY), abs(X), abs(V), window)
    for fast, reference, size in zip(made, wanted, sizes, strict=True):
        close(fast, reference, size)
    assert ops.conv2d_backward(dy, x, W, window, False)[0] is None


@settings(max_examples=60, deadline=None)
@given(windows(), st.integers(1, 3), st.integers(1, 20), st.integers(0, 2**31))
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


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**31))
def test_affine(N, D, M, seed):
    rng = np.random.default_rng(seed)
    x, W, b, dy = normal(rng, N, D), normal(rng, D, M), normal(rng, M), normal(rng, N, M)
    X, V, B, DY = (array.astype(np.float64) for array in (x, W, b, dy))
    sizes = affine.affine(abs(X), abs(V), abs(B))
    close(ops.affine(x, W, b), affine.affine(X, V, B), sizes)
    close(
        ops.affine(x[:, ::-1], W, None),
        affine.affine(X[:, ::-1], V, None),
        abs(X[:, ::-1]) @ abs(V),
    )
    wanted = affine.affine_backward(DY, X, V)
    sizes = affine.affine_backward(abs(DY), abs(X), abs(V))
    for fast, reference, size in zip(ops.affine_backward(dy, x, W), wanted, sizes, strict=True):
        close(fast, reference, size)


@pytest.mark.parametrize("order", ["as it is", "channels last", "with gaps"])
def test_relu_in_any_memory_order(order):
    rng = np.random.default_rng(0)
    x, dy = normal(rng, 2, 6, 5, 7), normal(rng, 2, 6, 5, 7)
    x[0, 0, 0, :3] = np.nan, -0.0, np.inf
    if order == "channels last":
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    if order == "with gaps":
        x, dy = x[:, ::2], dy[:, ::2]
    y = ops.relu(x)
    np.testing.assert_array_equal(y, activations.relu(x))
    np.testing.assert_array_equal(
        ops.relu_backward(dy, y), activations.relu_backward(dy, activations.relu(x))
    )


def test_the_kernels_run_at_all(monkeypatch):
    """Without this, every test above could compare the reference with itself."""
    monkeypatch.setattr(kernels("convolution"), "conv2d", lambda *_: "kernel")
    x, W = np.ones((1, 1, 4, 4), np.float32), np.ones((1, 1, 2, 2), np.float32)
    assert ops.conv2d(x, W, None, Window((2, 2))) == "kernel"
    assert ops.conv2d(x.astype(np.float64), W, None, Window((2, 2))).dtype == np.float64


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
def test_an_edited_source_is_never_answered_by_an_old_kernel(tmp_path):
    """The cache's folder changes with the sources, the CPU and the forced vector width."""
    code = "from groundup.ops.cpu.host import fingerprint; print(fingerprint())"
    here = in_a_fresh_process(code, tmp_path)
    assert in_a_fresh_process(code, tmp_path) == here
    assert in_a_fresh_process(code, tmp_path, GROUNDUP_LANES="4") != here
    source = Path(ops.__file__).parent / "cpu"
    package = tmp_path / "groundup_copy"
    package.mkdir()
    edited = code.replace("groundup.ops.cpu.host", "host")
    for file in source.glob("*.py"):
        (package / file.name).write_bytes(file.read_bytes())
    path = {"PYTHONPATH": str(package)}
    copied = in_a_fresh_process(edited, tmp_path, **path)
    (package / "tile.py").write_text("# edited\n" + (package / "tile.py").read_text())
    assert in_a_fresh_process(edited, tmp_path, **path) != copied


@pytest.mark.long
@pytest.mark.parametrize("lanes", ["16", "8", "4"])
def test_every_vector_width(lanes, tmp_path):
    """The tests above once more, with the vector width of another CPU."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", __file__, "-m", "not long", "-p", "no:cacheprovider"],
        env={**os.environ, "GROUNDUP_LANES": lanes, "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]


def test_one_and_two_threads_give_the_same_bits(tmp_path):
    code = (
        "import hashlib, numpy as np; from groundup import ops;"
        "from groundup.ops.geometry import Window; rng = np.random.default_rng(0);"
        "x, W, b = (rng.normal(size=s).astype('f') for s in ((37, 5, 11, 9), (19, 5, 3, 3), 19));"
        "w = Window((3, 3)); y = ops.conv2d(x, W, b, w); parts = ops.conv2d_backward(y, x, W, w);"
        "z = x.reshape(37, -1); V = rng.normal(size=(495, 33)).astype('f');"
        "d = ops.affine(z, V, None); parts += ops.affine_backward(d, z, V);"
        "print(hashlib.sha256(b''.join(p.tobytes() for p in (y, d, *parts))).hexdigest())"
    )
    cache = {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))}
    one = in_a_fresh_process(code, tmp_path, NUMBA_NUM_THREADS="1", **cache)
    assert one == in_a_fresh_process(code, tmp_path, NUMBA_NUM_THREADS="2", **cache)


@pytest.mark.parametrize("size", [1, 15, 8192, 20_001])
def test_adam_step(size):
    rng = np.random.default_rng(size)
    options = (0.9, 0.999, 1e-7, 0.01)
    fast = [normal(rng, size), normal(rng, size), normal(rng, size), normal(rng, size) ** 2]
    exact = [array.astype(np.float64) for array in fast]
    g = fast[1].copy()
    made = ops.adam_step(*fast, *options)
    for array, wanted in zip(made, adam.adam_step(*exact, *options), strict=True):
        close(array, wanted)
    assert made[0] is fast[0]  # in place
    np.testing.assert_array_equal(fast[1], g)


def test_adam_step_flushes_what_is_tiny_and_keeps_nan():
    params, g = np.ones(3, np.float32), np.array([0, 0, np.nan], np.float32)
    m, v = np.full(3, 1e-38, np.float32), np.full(3, 1e-38, np.float32)
    params, m, v = ops.adam_step(params, g, m, v, 0.9, 0.999, 1e-7, 0.01)
    assert m[:2].tolist() == v[:2].tolist() == [0, 0]
    assert np.isnan([m[2], v[2], params[2]]).all()


def test_threads_by_environment(tmp_path):
    code = "from groundup.ops.cpu.threads import count; print(count())"
    assert in_a_fresh_process(code, tmp_path, GROUNDUP_THREADS="1").strip() == "1"
    with pytest.raises(AssertionError, match="expected a whole number of at least 1"):
        in_a_fresh_process(code, tmp_path, GROUNDUP_THREADS="many")
