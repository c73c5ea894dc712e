import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from groundup.data import datasets, digits, load, mnist, write_idx
from groundup.data.datasets import MNIST_FILES, Mnist
from groundup.errors import CorruptFile, DataError
from groundup.storage import cache_folder

offline = Mnist(mirrors=())


def real_mnist():
    own = os.environ.get("GROUNDUP_DATA")
    names = [Path(own, "mnist", f"{name}.gz") for name in MNIST_FILES] if own else []
    if not names or not all(name.is_file() for name in names):
        pytest.skip("needs the real MNIST: set GROUNDUP_DATA to a folder that holds mnist/")
    return names


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """No data anywhere, and a cache that is this test's own."""
    monkeypatch.delenv("GROUNDUP_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_digits_are_scikit_learns_in_a_fixed_stratified_split():
    from sklearn.datasets import load_digits

    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, x_test.shape) == ((1438, 8, 8), (359, 8, 8))
    assert {x_train.dtype, y_train.dtype, x_test.dtype, y_test.dtype} == {np.dtype(np.uint8)}
    bunch = load_digits()

    def rows(x, y):
        return sorted(zip(x.reshape(-1, 64).tolist(), y.tolist(), strict=True))

    ours = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    assert rows(*ours) == rows(bunch.images.astype(int), bunch.target)
    share = np.bincount(y_test) / np.bincount(bunch.target)
    assert (abs(share - 0.2) < 0.01).all()


def test_digits_do_not_import_scikit_learn_and_do_without_its_file(monkeypatch):
    code = "import sys, groundup.data as d; d.load('digits'); print('sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    as_usual = digits.load_data()
    monkeypatch.setattr("groundup.data.datasets.find_spec", lambda name: None)
    for ours, theirs in zip(as_usual, digits.load_data(), strict=True):
        for one, other in zip(ours, theirs, strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)


def test_digits_as_a_data_set():
    data = load("digits")
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert data.in_shape == (1, 8, 8)
    assert data.classes == tuple("0123456789")
    assert data.y_train.dtype == np.int64
    np.testing.assert_array_equal(data.x_train[:, 0], x_train)
    np.testing.assert_array_equal(data.x_test[:, 0], x_test)
    np.testing.assert_array_equal(data.y_train, y_train)
    np.testing.assert_array_equal(data.y_test, y_test)


def test_the_same_digits_are_kept_for_testing_for_ever():
    (_, _), (_, y_test) = digits.load_data()
    assert y_test[:10].tolist() == [1, 5, 1, 7, 0, 5, 9, 5, 7, 7]


def test_the_module_is_the_public_name():
    assert datasets.digits is digits
    assert datasets.mnist is mnist


def test_mnist_is_as_keras_has_it():
    real_mnist()
    (x_train, y_train), (x_test, y_test) = offline.load_data()
    assert (x_train.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    assert {x_train.dtype, y_train.dtype, x_test.dtype, y_test.dtype} == {np.dtype(np.uint8)}
    assert y_train[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert y_test[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(y_test).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert round(float(x_train.mean() / 255), 4) == 0.1307
    data = offline.load()
    assert data.in_shape == (1, 28, 28)
    np.testing.assert_array_equal(data.x_test[:, 0], x_test)


@pytest.fixture
def small(nowhere, monkeypatch):
    """Four small files in place of the real ones: their arrays, and a writer of them."""
    rng = np.random.default_rng(0)
    shapes = [(6, 28, 28), (6,), (4, 28, 28), (4,)]
    arrays = {
        name: rng.integers(0, 10, shape).astype(np.uint8)
        for name, shape in zip(MNIST_FILES, shapes, strict=True)
    }

    def write(folder, end=".gz"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in arrays.items():
            write_idx(folder / f"{name}{end}", array)
        return folder

    def sha256(path):
        return hashlib.sha256(path.read_bytes()).hexdigest()

    packed, plain = write(nowhere / "packed"), write(nowhere / "plain", "")
    hashes = {name: (sha256(plain / name), sha256(packed / f"{name}.gz")) for name in arrays}
    monkeypatch.setattr(datasets, "MNIST_FILES", hashes)
    return SimpleNamespace(arrays=arrays, write=write, packed=packed)


def check(split, arrays):
    (x_train, y_train), (x_test, y_test) = split
    for found, expected in zip((x_train, y_train, x_test, y_test), arrays.values(), strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("folder", ["own", "own/mnist", "cache/groundup/mnist"])
def test_mnist_is_found_in_each_folder_packed_or_not(small, nowhere, monkeypatch, folder, end):
    monkeypatch.setenv("GROUNDUP_DATA", str(nowhere / "own"))
    small.write(nowhere / folder, end)
    check(offline.load_data(), small.arrays)


def test_mnist_is_downloaded_once(small, nowhere, monkeypatch):
    source = Mnist(mirrors=(small.packed.as_uri(),))
    cache = nowhere / "cache" / "groundup" / "mnist"
    check(source.load_data(), small.arrays)
    assert sorted(path.name for path in cache.iterdir()) == sorted(f"{n}.gz" for n in small.arrays)
    check(offline.load_data(), small.arrays)


def test_fetch_replaces_what_is_damaged_and_leaves_what_is_right(small, nowhere):
    cache = small.write(nowhere / "cache" / "groundup" / "mnist")
    damaged, missing, *right = sorted(cache.iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-5])
    missing.unlink()
    before = [path.stat().st_mtime_ns for path in right]
    with pytest.raises(CorruptFile, match=f"{damaged.name}.*groundup data fetch mnist"):
        offline.load_data()
    assert Mnist(mirrors=(small.packed.as_uri(),)).fetch() == cache
    assert [path.stat().st_mtime_ns for path in right] == before
    check(offline.load_data(), small.arrays)


def test_mnist_offline_says_what_was_tried_and_what_to_do(nowhere, monkeypatch):
    own = nowhere / "own"
    monkeypatch.setenv("GROUNDUP_DATA", str(own))
    with pytest.raises(DataError) as caught:
        Mnist(mirrors=("http://127.0.0.1:9/a", "http://127.0.0.1:9/b")).load()
    for said in (
        "train-images-idx3-ubyte",
        str(own / "mnist"),
        str(nowhere / "cache" / "groundup" / "mnist"),
        "http://127.0.0.1:9/a/train-images-idx3-ubyte.gz",
        "http://127.0.0.1:9/b/train-images-idx3-ubyte.gz",
        "groundup data fetch mnist",
        "GROUNDUP_DATA",
        "digits",
    ):
        assert said in str(caught.value)
    assert not own.exists()


def test_a_file_that_is_not_the_real_one_is_named(nowhere, monkeypatch):
    monkeypatch.setenv("GROUNDUP_DATA", str(nowhere))
    path = nowhere / "train-images-idx3-ubyte.gz"
    write_idx(path, np.zeros((3, 28, 28), np.uint8))
    with pytest.raises(CorruptFile, match=r"train-images-idx3-ubyte\.gz: expected SHA-256 ba89"):
        offline.load_data()
    assert path.exists()  # the user's own file is not ours to delete


def test_the_cache_is_where_the_standard_says(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere/cache")
    assert cache_folder() == Path("/somewhere/cache/groundup")
    monkeypatch.setenv("HOME", "/home/someone")
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert cache_folder() == Path("/home/someone/.cache/groundup")


def test_a_user_without_a_home_has_a_cache_as_well(monkeypatch):
    pwd = pytest.importorskip("pwd")

    def unknown(number):
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path(tempfile.gettempdir(), "groundup-cache")
