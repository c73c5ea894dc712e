"""Augmentation's kernels beside their references, and both beside SciPy and NumPy."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from groundup import ops
from groundup.data.augment.pixels import bell
from groundup.ops import Draws
from groundup.ops.dispatch import kernels
from groundup.ops.reference import augment as reference
from groundup.rng import Stream

DRAWS = Stream(0, "augment").at(epoch=1)


def images(rng, dtype, *shape):
    x = rng.integers(0, 256, shape).astype(dtype)
    x.flags.writeable = False
    return x


def maps(rng, count, reach=1.0):
    """Rotations with zoom, flip and shift; every fifth one does nothing."""
    inverse = rng.normal(size=(count, 2, 3)).astype(np.float32)
    inverse[:, :, 2] *= reach
    inverse[::5] = [[1, 0, 0], [0, 1, 0]]
    return inverse


def map_of(*rows):
    return np.array([rows], np.float32)


SHAPES = st.tuples(*(st.integers(1, most) for most in (6, 3, 12, 12)))


@settings(max_examples=80, deadline=None)
@given(
    SHAPES,
    st.sampled_from([np.uint8, np.float32]),
    st.sampled_from([0.0, 77.0, "reflect", "nearest"]),
    st.sampled_from([0.3, 30.0]),
    st.integers(0, 2**31),
)
def test_the_kernel_of_warp_has_the_bits_of_the_reference(shape, dtype, fill, reach, seed):
    rng = np.random.default_rng(seed)
    x, inverse = images(rng, dtype, *shape), maps(rng, shape[0], reach)
    y = kernels("augment").warp(x, inverse, fill)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, reference.warp(x, inverse, fill))


@settings(max_examples=60, deadline=None)
@given(SHAPES, st.sampled_from([np.uint8, np.float32]), st.integers(0, 9), st.integers(0, 2**31))
def test_the_kernel_of_blur_has_the_bits_of_the_reference(shape, dtype, radius, seed):
    rng = np.random.default_rng(seed)
    x, w = images(rng, dtype, *shape), bell(rng.uniform(0, radius / 3, shape[0]), radius)
    y = kernels("augment").blur(x, w)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, reference.blur(x, w))


@settings(max_examples=60, deadline=None)
@given(SHAPES, st.sampled_from([np.uint8, np.float32]), st.integers(0, 2**31))
def test_the_kernel_of_noise_has_the_bits_of_the_reference(shape, dtype, seed):
    rng = np.random.default_rng(seed)
    x, sigma = images(rng, dtype, *shape), rng.uniform(0, 99, shape[0]).astype(np.float32)
    draws = Draws(DRAWS, rng.integers(0, 10**9, shape[0]))
    y = kernels("augment").add_noise(x, sigma, draws, 10.0, 200.0)
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, reference.add_noise(x, sigma, draws, 10.0, 200.0))
    assert y.min() >= 10
    assert y.max() <= 200


def test_the_kernels_run_at_all(monkeypatch):
    x = np.ones((1, 1, 4, 4), np.uint8)
    for name in ("warp", "blur", "add_noise"):
        monkeypatch.setattr(kernels("augment"), name, lambda *_: "kernel")
        assert getattr(ops, name)(x, np.ones((1, 3), np.float32)) == "kernel"


@pytest.mark.parametrize(
    ("fill", "mode"), [(0.0, "grid-constant"), (9.0, "grid-constant"), ("reflect", "reflect"),
                       ("nearest", "nearest")]
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_warp_beside_scipy(fill, mode, dtype):
    rng = np.random.default_rng(3)
    x, inverse = images(rng, dtype, 10, 2, 9, 14), maps(rng, 10, 4.0)
    y = ops.warp(x, inverse, fill)
    middle = np.array([4, 6.5])
    for n in range(10):
        A, t = inverse[n, :, :2].astype(float), inverse[n, :, 2]
        options = {"order": 1, "mode": mode, "cval": 0.0 if isinstance(fill, str) else fill}
        for c in range(2):
            wanted = ndimage.affine_transform(
                x[n, c].astype(float), A, middle + t - A @ middle, **options
            )
            np.testing.assert_allclose(y[n, c], wanted, atol=2e-2 if dtype == np.float32 else 1e-9)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64, np.int16])
@pytest.mark.parametrize("shape", [(6, 6), (5, 8), (1, 7)])
def test_whole_numbered_maps_are_exact(dtype, shape):
    x = images(np.random.default_rng(0), dtype, 1, 3, *shape)
    same, H, W = [[1, 0, 0], [0, 1, 0]], *shape
    assert (ops.warp(x, map_of(*same)) == x).all()
    assert (ops.warp(x, map_of([-1, 0, 0], [0, 1, 0])) == x[:, :, ::-1]).all()
    assert (ops.warp(x, map_of([1, 0, 0], [0, -1, 0])) == x[:, :, :, ::-1]).all()
    down = ops.warp(x, map_of([1, 0, -1], [0, 1, 2]), 7.0)  # one down, two to the left
    wanted = np.roll(x, (1, -2), (2, 3))
    wanted[:, :, :1], wanted[:, :, :, max(W - 2, 0) :] = 7, 7
    np.testing.assert_array_equal(down, wanted)
    mirrored = ops.warp(x, map_of([1, 0, H], [0, 1, 0]), "reflect")
    np.testing.assert_array_equal(mirrored, x[:, :, ::-1])
    nearest = ops.warp(x, map_of([1, 0, 0], [0, 1, 3 * W]), "nearest")
    np.testing.assert_array_equal(nearest, np.repeat(x[:, :, :, -1:], W, 3))


@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.0, 2.5])
def test_blur_beside_scipy(sigma):
    x = images(np.random.default_rng(0), np.float64, 4, 2, 9, 12)
    wanted = ndimage.gaussian_filter(x, (0, 0, sigma, sigma), mode="reflect", truncate=4.0)
    for radius in (int(4 * sigma + 0.5), 12):
        weights = bell(np.full(4, sigma), radius)
        np.testing.assert_allclose(ops.blur(x, weights), wanted, atol=1e-4)
        np.testing.assert_allclose(ops.blur(x.astype(np.float32), weights), wanted, atol=1e-4)


def test_noise_is_normal():
    x = np.zeros((100, 1, 100, 100), np.float32)
    n = ops.add_noise(x, np.ones(100, np.float32), Draws(DRAWS, np.arange(100)), -9.0, 9.0).ravel()
    assert abs(n.mean()) < 0.003
    assert n.std() == pytest.approx(1, abs=0.003)
    for z, share in ((-1.0, 0.15866), (0.0, 0.5), (2.0, 0.97725)):
        assert (n < z).mean() == pytest.approx(share, abs=0.002)
    assert abs(np.corrcoef(n[:-1], n[1:])[0, 1]) < 0.003


def test_the_levels_of_the_normal_distribution():
    q = reference.normal_levels()
    assert q is reference.normal_levels()  # made once
    assert (np.diff(q) > 0).all()
    np.testing.assert_array_equal(q, -q[::-1])
    assert q.astype(np.float64).var() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0])
def test_salt_and_pepper(rate):
    x = np.full((50, 2, 60, 60), 100, np.uint8)
    draws = Draws(DRAWS, np.arange(50))
    y = ops.salt_and_pepper(x, np.full(50, rate), draws, 0.0, 255.0)
    assert (y == 0).mean() == pytest.approx(rate / 2, abs=0.003)
    assert (y == 255).mean() == pytest.approx(rate / 2, abs=0.003)
    assert (y == 100).mean() == pytest.approx(1 - rate, abs=0.003)
    np.testing.assert_array_equal(y[:, 0], y[:, 1])


def test_cut_out():
    x = np.ones((3, 2, 4, 5), np.float32)
    y = ops.cut_out(x, np.array([1, -1, 3]), np.array([2, -1, 3]), 2, 0.5)
    holes = np.ones((3, 4, 5))
    holes[0, 1:3, 2:4] = holes[1, :1, :1] = holes[2, 3:, 3:] = 0.5
    np.testing.assert_array_equal(y, np.stack([holes, holes], axis=1))
    np.testing.assert_array_equal(ops.cut_out(x, np.zeros(3), np.zeros(3), 0, 0.5), x)


def test_shade():
    x = np.array([[[[0, 10]], [[100, 200]]]], np.uint8)
    one, none = np.ones(1), np.zeros(1)
    assert ops.shade(x, one, np.array([60.0]), 0, 255).tolist() == [[[[60, 70]], [[160, 255]]]]
    assert ops.shade(x, 2 * one, none, 0, 220).tolist() == [[[[0, 15]], [[50, 220]]]]
    np.testing.assert_array_equal(ops.shade(x, one, none, 0, 255), x)


def test_one_and_two_threads_and_the_reference_give_the_same_bits():
    code = (
        "import hashlib, numpy as np, groundup as gu; rng = np.random.default_rng(0);"
        "x = rng.integers(0, 256, (70, 3, 11, 9)).astype('u1');"
        "a = gu.Augment(['rotation', 'zoom', 'blur', 'noise', 'salt_and_pepper', 'cutout']);"
        "y = a(x, range(70), gu.Stream(7).at(epoch=2));"
        "print(hashlib.sha256(y.tobytes()).hexdigest())"
    )

    def bits(**settings):
        command, environment = [sys.executable, "-c", code], {**os.environ, **settings}
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout

    one = bits(NUMBA_NUM_THREADS="1")
    assert one == bits(NUMBA_NUM_THREADS="2")
    assert one == bits(GROUNDUP_KERNELS="reference")
