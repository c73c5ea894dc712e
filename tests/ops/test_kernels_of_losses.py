"""The end of a training step: softmax, cross-entropy, and whether the gradient is finite."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup import ops
from groundup.nn.losses import CategoricalCrossentropy
from groundup.ops.cpu.losses import BLOCK
from groundup.ops.dispatch import kernels
from groundup.ops.reference import softmax as softmaxes

SEEDS = st.integers(0, 2**31)


def normal(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def address(array):
    return array.__array_interface__["data"][0]


@settings(max_examples=40, deadline=None)
@given(st.tuples(st.integers(1, 70), st.integers(1, 40)), SEEDS)
def test_softmax(on_tape, shape, seed):
    rng = np.random.default_rng(seed)
    z = normal(rng, *shape) * rng.choice([0.1, 1, 100, 1e30]).astype(np.float32)
    z[rng.random(shape[0]) < 0.1, 0] = np.nan
    z[rng.random(shape[0]) < 0.1, -1] = -np.inf
    with np.errstate(invalid="ignore", under="ignore"):
        wanted = softmaxes.softmax(z.astype(np.float64))
        made = on_tape(ops.softmax, z)
    np.testing.assert_allclose(made, wanted, rtol=1e-5, atol=1e-35)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(1, 70), st.integers(2, 40)),
    st.sampled_from([0.0, 0.1, 0.9]),
    st.booleans(),
    SEEDS,
)
def test_cross_entropy(on_tape, shape, smoothing, weighted, seed):
    N, C = shape
    rng = np.random.default_rng(seed)
    z = normal(rng, N, C) * rng.choice([0.1, 1, 50]).astype(np.float32)
    labels = rng.integers(0, C, N)
    weight = abs(normal(rng, N)) if weighted else None
    total = kernels("losses").total

    def step(z):
        each, dz, right = kernels("losses").cross_entropy_step(z, smoothing)
        return each, dz, right, total(each, weighted=True), total(right)

    words = {"labels": address(labels), "weights": 0 if weight is None else address(weight)}
    words["scale"] = int(np.float64(1 / N).view(np.int64))
    each, dz, right, loss, hits = on_tape(step, z, words=words)
    exact = CategoricalCrossentropy(from_logits=True, label_smoothing=smoothing)
    value, cache = exact.forward(z.astype(np.float64), labels, weight)
    np.testing.assert_allclose(loss[0] / N, value, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(dz, exact.backward(cache), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(right[:, 0], z.argmax(axis=1) == labels)
    assert hits[0] == (z.argmax(axis=1) == labels).sum()
    np.testing.assert_allclose(each[:, 0], exact.each(*cache[:2]), rtol=1e-5, atol=2e-5)


@pytest.mark.parametrize("shift", [1e4, -1e4, 1e8, 1e30])
def test_cross_entropy_does_not_depend_on_what_all_logits_share(on_tape, shift):
    """Beside 1e8, the logarithm of 2 is nothing in float32: it must not be added to it."""
    z, labels = np.full((1, 2), shift, np.float32), np.array([1])
    words = {"labels": address(labels), "weights": 0, "scale": 0}
    each, _, _ = on_tape(lambda z: kernels("losses").cross_entropy_step(z, 0.0), z, words=words)
    assert each[0, 0] == np.float32(np.log(2))


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_cross_entropy_of_nan_is_nan(on_tape, place, value):
    """Wherever it stands, and for that sample alone."""
    z, labels = np.zeros((3, 5), np.float32), np.array([0, 2, 4])
    z[1, place] = value
    words = {"labels": address(labels), "weights": 0, "scale": 0}
    each, _, right = on_tape(lambda z: kernels("losses").cross_entropy_step(z, 0.1), z, words=words)
    assert np.isnan(each[:, 0]).tolist() == [False, True, False]
    assert right[0] == 1  # of equals the first wins
    assert np.isfinite(value) or not np.isnan(value) or right[1] == 0


@pytest.mark.parametrize("size", [1, 7, BLOCK, BLOCK + 1, 3 * BLOCK - 1])
@pytest.mark.parametrize("value", [np.nan, -np.nan, np.inf, -np.inf, -3e38, 1e-45])
def test_what_is_not_finite_is_found(on_tape, size, value):
    largest = kernels("losses").largest_bits
    for place in {0, size // 2, size - 1}:
        vector = np.full(size, -0.0, np.float32)
        vector[place] = value
        bits = on_tape(largest, vector).view(np.int32)
        assert len(bits) == -(-size // BLOCK)
        assert (bits.max() >= 0x7F800000) == (not np.isfinite(value))
        assert bits.max() == abs(np.float32(value)).view(np.int32)
