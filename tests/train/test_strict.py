"""Strictly: one result for any number of threads and any BLAS."""

import os
import platform
import subprocess
import sys

import numpy as np
import pytest

from groundup import ops
from groundup.errors import InputError
from groundup.ops import dispatch
from groundup.ops.reference.product import product

# Trains each network and prints a hash of all that it learned and predicts.
TRAIN = """
import hashlib, sys
import numpy as np
import groundup as gu
from groundup.train.environment import environment

NETWORKS = {
    "dense": [gu.Flatten(), gu.Dense(700, "relu"), gu.Dense(300, "relu"), gu.Dense(3, "softmax")],
    "normalized": [gu.Conv2D(5, 3, activation="relu"), gu.BatchNormalization(), gu.MaxPooling2D(2),
                   gu.Flatten(), gu.Dense(20), gu.BatchNormalization(), gu.ReLU(),
                   gu.Dropout(0.2), gu.Dense(3, "softmax")],
    # a layer that cannot be written down, a large product and windows that see nothing
    "by layer": [gu.Conv2D(3, 2, padding=2), gu.Flatten(), gu.Dense(2000), gu.PReLU(),
                 gu.Dense(300, "relu"), gu.Dense(3, "softmax")],
}
rng = np.random.default_rng(0)
x, y = rng.integers(0, 256, (90, 2, 12, 12), dtype=np.uint8), rng.integers(0, 3, 90)
for layers in NETWORKS.values():
    model = gu.Sequential(layers, preprocess=["standardize"])
    model.compile(gu.Adam(0.01, global_clipnorm=1.0), "categorical_crossentropy", ["accuracy"])
    model.fit(x, y, batch_size=37, epochs=2, validation_split=0.2, verbose=0)
    digest = hashlib.sha256(b"".join(array.tobytes() for array in model.get_weights()))
    digest.update(model.predict(x).tobytes() + repr(model.evaluate(x, y)).encode())
    print(digest.hexdigest())
print(environment()["strict"])
"""


def trained(**environ):
    """What TRAIN prints with these in its environment."""
    ours = ("GROUNDUP_THREADS", "GROUNDUP_STRICT", "GROUNDUP_KERNELS", "OPENBLAS_CORETYPE")
    clean = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(
        [sys.executable, "-c", TRAIN],
        env=clean | environ,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize("kernels", ["cpu", "reference"])
def test_any_number_of_threads_and_any_blas_end_with_the_same_bytes(kernels):
    options = {"GROUNDUP_STRICT": "1", "GROUNDUP_KERNELS": kernels}
    one = trained(**options, GROUNDUP_THREADS="1", OPENBLAS_NUM_THREADS="1")
    assert one[-1] == "True"
    # A core whose vectors have another width adds in another order, on x86 at least.
    other = {"OPENBLAS_CORETYPE": "NEHALEM"} if platform.machine() == "x86_64" else {}
    assert trained(**options, **other, GROUNDUP_THREADS="2", OPENBLAS_NUM_THREADS="2") == one


def test_it_is_no_more_than_asked_for():
    assert trained(GROUNDUP_THREADS="1")[-1] == "False"


@pytest.fixture
def choose(monkeypatch):
    """Set GROUNDUP_STRICT as before the first call of an op."""

    def choose(value):
        monkeypatch.setenv("GROUNDUP_STRICT", value)
        dispatch.strict.cache_clear()

    yield choose
    dispatch.strict.cache_clear()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_product_is_the_same(choose, dtype):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(40, 70)).astype(dtype), rng.normal(size=(30, 70)).astype(dtype)
    loose = product(a, b.T)
    choose("1")
    strictly = product(a, b.T)
    assert strictly.dtype == dtype
    np.testing.assert_allclose(strictly, loose, rtol=0, atol=60 * np.finfo(dtype).eps)


def test_large_products_are_left_to_no_blas(choose, monkeypatch):
    x, W = np.ones((3, 1024), np.float32), np.ones((1024, 1000), np.float32)
    used = []
    monkeypatch.setattr(dispatch, "kernels", lambda module: used.append(module) or FAKE)
    ops.affine(x, W, None)
    assert used == []
    choose("1")
    ops.affine(x, W, None)
    ops.affine_backward(x[:, :1000], x, W)
    assert set(used) == {"affine", "alone"}


class FAKE:
    affine = affine_backward = None
    carry_out = staticmethod(lambda emit, given: None)


def test_an_unknown_choice_is_refused(choose):
    choose("yes")
    with pytest.raises(InputError, match="GROUNDUP_STRICT='yes': expected 1 or 0"):
        dispatch.strict()
