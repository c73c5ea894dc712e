"""Arrays in pairs of files: found by their names, read or mapped to the same numbers."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from groundup.data import write_idx
from groundup.data.arrays import pairs_in, read_archive, read_pair
from groundup.data.mapped import open_idx, open_npy
from groundup.data.rows import Rows, as_samples, chunks, select
from groundup.errors import CorruptFile, DataError, InputError, ShapeError

X, Y = np.arange(24.0).reshape(6, 4), np.array([0, 1, 2, 0, 1, 2])


@pytest.fixture(params=["read", "mapped"])
def everything(request, monkeypatch):
    """Files are read, or mapped however small they are."""
    if request.param == "mapped":
        monkeypatch.setattr("groundup.data.mapped.MAP_FROM", 0)
    return request.param


@pytest.fixture
def mapped(monkeypatch):
    monkeypatch.setattr("groundup.data.mapped.MAP_FROM", 0)


def test_a_pair_of_npy_files(tmp_path, everything):
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    read = read_pair(tmp_path / "x.npy")
    assert isinstance(read.x, Rows) == (everything == "mapped")
    np.testing.assert_array_equal(np.asarray(read.x), X)
    np.testing.assert_array_equal(read.y, Y)
    assert read.place(3).endswith("y.npy: sample 3")


@pytest.mark.parametrize("end", ["", ".gz"])
def test_idx_files_with_a_test_part(tmp_path, everything, end):
    images = np.arange(48, dtype=np.uint8).reshape(6, 2, 4)
    for part, count in (("train", 6), ("t10k", 3)):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte{end}", images[:count])
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", Y[:count].astype(np.uint8))
    assert pairs_in(tmp_path) == [tmp_path / f"train-images-idx3-ubyte{end}"]
    read = read_pair(tmp_path / f"train-images-idx3-ubyte{end}")
    np.testing.assert_array_equal(np.asarray(read.x), images[:, None])
    assert read.test is not None
    assert read.test.y.tolist() == [0, 1, 2]


def test_the_file_of_the_targets_may_be_named(tmp_path):
    np.save(tmp_path / "samples.npy", X)
    np.save(tmp_path / "answers.npy", Y)
    with pytest.raises(InputError, match=r"no file of targets beside it.* Name it with --target"):
        read_pair(tmp_path / "samples.npy")
    assert read_pair(tmp_path / "samples.npy", "answers.npy").y.tolist() == Y.tolist()
    with pytest.raises(InputError, match="there is no file"):
        read_pair(tmp_path / "samples.npy", "nothing.npy")


def test_who_names_the_targets_is_told(tmp_path):
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", Y)
    with pytest.raises(InputError, match=r"y\.npy seems to hold targets: name the file of the"):
        read_pair(tmp_path / "y.npy")


@pytest.mark.parametrize(
    ("names", "target", "test"),
    [
        (("x", "y"), None, False),
        (("X", "y"), None, False),
        (("data", "target"), None, False),
        (("images", "labels"), None, False),
        (("a", "b"), "b", False),
        (("x_train", "y_train", "x_test", "y_test"), None, True),
        (("train_images", "train_labels", "test_images", "test_labels"), None, True),
    ],
)
def test_archives(tmp_path, names, target, test):
    np.savez(tmp_path / "a.npz", **dict(zip(names, [X, Y, X[:2], Y[:2]], strict=False)))
    read = read_archive(tmp_path / "a.npz", target)
    np.testing.assert_array_equal(read.x, X)
    assert read.y.tolist() == Y.tolist()
    assert (read.test is not None) == test


@pytest.mark.parametrize(
    ("arrays", "target", "said"),
    [
        ({"a": X, "b": Y}, None, 'holds a, b: expected samples and targets, called "x" and "y"'),
        ({}, None, "holds nothing"),
        ({"x": X, "y": Y}, "z", "no array 'z': it holds x, y"),
        (
            {"x": X, "y": Y[:5]},
            None,
            r"samples of shape \(6, 4\), and .*y: targets of shape \(5,\)",
        ),
        ({"x": X, "y": np.zeros((6, 2, 2))}, None, r"targets of shape \(6, 2, 2\)"),
        ({"x": Y, "y": Y}, None, r"samples of shape \(6,\); expected \(N, D\)"),
        ({"x": X[:0], "y": Y[:0]}, None, "is empty"),
        ({"../x": X, "y": Y}, None, "a member whose name leads out of it"),
    ],
)
def test_archives_without_samples_and_targets(tmp_path, arrays, target, said):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises((DataError, ShapeError), match=rf"a\.npz: .*{said}"):
        read_archive(tmp_path / "a.npz", target)


def test_images_with_channels_last_are_turned_and_told(tmp_path, everything):
    x = np.arange(6 * 4 * 5 * 3, dtype=np.uint8).reshape(6, 4, 5, 3)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", Y)
    read = read_pair(tmp_path / "x.npy")
    np.testing.assert_array_equal(np.asarray(read.x), x.transpose(0, 3, 1, 2))
    assert "were taken as (N, C, H, W)" in read.notes[0]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b[:20]])
def test_a_header_that_promises_another_size(tmp_path, everything, damage):
    np.save(tmp_path / "x.npy", X)
    write_idx(tmp_path / "x.idx", X)
    for name, read in (("x.npy", open_npy), ("x.idx", open_idx)):
        path = tmp_path / name
        path.write_bytes(damage(path.read_bytes()))
        with pytest.raises(CorruptFile, match=name):
            read(path)


def test_booleans_of_other_bytes(tmp_path, everything):
    np.save(tmp_path / "x.npy", np.zeros((2, 3), bool))
    path = tmp_path / "x.npy"
    path.write_bytes(path.read_bytes()[:-1] + b"\2")
    with pytest.raises(CorruptFile, match="booleans of 0 and 1"):
        open_npy(path)


types = st.sampled_from(["u1", "<i2", ">i2", "<f4", ">f4", "<f8", "?"])


@given(
    types.flatmap(lambda t: hnp.arrays(t, hnp.array_shapes(min_dims=1, max_dims=4))), st.booleans()
)
def test_npy_mapped_is_npy_read(tmp_path_factory, array, fortran):
    path = tmp_path_factory.mktemp("npy") / "x.npy"
    np.save(path, np.asfortranarray(array) if fortran else array)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("groundup.data.mapped.MAP_FROM", 0)
        found = np.asarray(open_npy(path))
    np.testing.assert_array_equal(found, array)
    np.testing.assert_array_equal(open_npy(path), array)


# Rows on the disk


def test_fortran_order_is_left_to_a_map(tmp_path, mapped):
    np.save(tmp_path / "x.npy", np.asfortranarray(X))
    x = open_npy(tmp_path / "x.npy")
    assert isinstance(x, Rows)
    np.testing.assert_array_equal(x[[4, 0]], X[[4, 0]])


def test_rows_read_as_the_array_does(tmp_path, mapped):
    np.save(tmp_path / "x.npy", X)
    x = open_npy(tmp_path / "x.npy")
    index = np.array([4, 0, 0, 5])
    for rows, array in (
        (x, X),
        (select(x, index), X[index]),
        (select(select(x, index), [3, 1]), X[[5, 0]]),
    ):
        assert (rows.shape, rows.ndim, rows.size, len(rows)) == (
            array.shape,
            2,
            array.size,
            len(array),
        )
        assert (rows.dtype, rows.nbytes) == (array.dtype, array.nbytes)
        for key in (
            0,
            -1,
            slice(1, 3),
            slice(None),
            [1, 0],
            (0, 2),
            (slice(1), slice(2)),
            (slice(0, 2), slice(None)),
        ):
            np.testing.assert_array_equal(rows[key], array[key])
        np.testing.assert_array_equal(rows.take([1, 1], axis=0), array.take([1, 1], axis=0))
        assert (rows.min(), rows.max()) == (array.min(), array.max())
        np.testing.assert_array_equal(np.asarray(rows), array)
        assert np.asarray(rows, np.float32).dtype == np.float32
        assert as_samples(rows) is rows


def test_what_is_in_memory_stays_an_array():
    np.testing.assert_array_equal(select(X, [1, 0]), X[[1, 0]])
    assert as_samples(X) is X
    assert as_samples([[1]]).shape == (1, 1)


def test_chunks_cover_everything():
    x = np.zeros((5, 2**20), np.float32)
    assert [(begin, part.shape) for begin, part in chunks(x)] == [(k, (1, 2**20)) for k in range(5)]
    assert [len(part) for _, part in chunks(np.zeros((10, 3)))] == [10]


@pytest.mark.parametrize("array", [np.zeros((0, 4)), np.zeros((3, 0), np.int32), np.array(2.5)])
def test_arrays_without_rows_are_read(tmp_path, mapped, array):
    np.save(tmp_path / "x.npy", array)
    read = open_npy(tmp_path / "x.npy")
    assert (type(read), read.dtype) == (np.ndarray, array.dtype)
    np.testing.assert_array_equal(read, array)


def test_a_file_that_is_cut_while_its_rows_are_read(tmp_path, mapped):
    np.save(tmp_path / "x.npy", X)
    x = open_npy(tmp_path / "x.npy")
    os.truncate(tmp_path / "x.npy", 128 + 3 * 32 + 5)
    np.testing.assert_array_equal(x[:3], X[:3])
    with pytest.raises(DataError, match=r"x\.npy was cut while it was read: leave it as it is"):
        x[2:5]


def test_rows_that_are_not_there(tmp_path, mapped):
    np.save(tmp_path / "x.npy", X)
    x = open_npy(tmp_path / "x.npy")
    np.testing.assert_array_equal(x.take([5, -6]), X[[5, 0]])
    for index in ([0, 6], [-7, 2]):
        with pytest.raises(IndexError, match=f"rows {min(index)} to {max(index)} of 6"):
            x.take(index)
    with pytest.raises(ValueError, match="take: axis 1; rows are along axis 0"):
        x.take([0], axis=1)
