"""From a path to a data set: the right reader, the task, the classes, the parts."""

import csv
import errno
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from groundup.config import DataConfig, from_mapping
from groundup.data import load, open_dataset, sources, write_idx
from groundup.data.files import is_path, judged
from groundup.data.rows import Rows
from groundup.errors import ConfigError, DataError, InputError, ShapeError, UnknownName


def write(path, rows, header=("a", "b", "t")):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows] if header else rows)
    return path


def opened(path, seed=0, **options):
    return open_dataset(from_mapping({"data": {"path": str(path), **options}}).data, seed)


def rows(targets):
    return [(n, n / 2, target) for n, target in enumerate(targets)]


@pytest.fixture
def table(tmp_path):
    return lambda targets, **options: opened(write(tmp_path / "t.csv", rows(targets)), **options)


def test_a_table_becomes_a_data_set(table):
    data = table(["b", "a", "c", "a", "b"] * 4)
    assert (data.name, data.task, data.classes) == ("t", "classification", ("a", "b", "c"))
    assert (data.features, data.targets) == (("a", "b"), ("t",))
    assert (data.in_shape, data.outputs) == ((2,), 3)
    x, y = np.vstack([data.x_train, data.x_test]), np.append(data.y_train, data.y_test)
    order = np.argsort(x[:, 0])
    assert x[order].tolist() == [[n, n / 2] for n in range(20)]
    assert [data.classes[k] for k in y[order]] == ["b", "a", "c", "a", "b"] * 4


def test_a_fifth_tests_and_the_seed_draws_it(table):
    targets = ["a"] * 50 + ["b"] * 20
    first, again, other = table(targets), table(targets), table(targets, seed=1)
    assert np.bincount(first.y_test).tolist() == [10, 4]
    np.testing.assert_array_equal(first.x_test, again.x_test)
    assert first.x_test.tolist() != other.x_test.tolist()
    assert np.bincount(table(targets, test=0.5).y_test).tolist() == [25, 10]


def test_classes_are_in_the_order_of_their_bytes(table):
    assert table(["é", "Z", "a", "10", "2", "한"] * 3).classes == ("10", "2", "Z", "a", "é", "한")
    assert table([10, 2, -1, "2.0", 10, -1]).classes == ("-1", "2", "10")  # numbers as numbers


@pytest.mark.parametrize(
    ("targets", "task", "said"),
    [
        ([0, 1, 2] * 5, "classification", ""),
        (["0.0", "1.0"] * 5, "classification", ""),
        ([0.5, 1, 2] * 5, "regression", "target 't' holds fractions"),
        (list(range(30)), "regression", "30 different numbers: its values are told"),
        (list(range(25)) * 10, "classification", "25 different whole numbers: taken for classes"),
        (["1e3", "-2.5e-3"] * 5, "regression", "fractions"),
        (["x", "1.5"] * 5, "classification", ""),
    ],
)
def test_the_task_is_what_the_targets_look_like(table, targets, task, said):
    data = table(targets)
    assert data.task == task
    assert said in "".join(data.notes)
    assert bool(data.notes) == bool(said)


def test_the_task_may_be_said(table):
    data = table([0, 1, 2] * 5, task="regression")
    assert (data.task, data.classes, data.outputs) == ("regression", (), 1)
    assert data.y_train.dtype == np.float64
    assert table([0.5, 1.5] * 5, task="classification").classes == ("0.5", "1.5")
    with pytest.raises(DataError, match=r"t\.csv: row 3: the target 'x' is no number"):
        table([1, "x"] * 5, task="regression")


def test_several_targets_are_regression(tmp_path):
    path = write(tmp_path / "t.csv", [(n, n % 2, n / 3, 1 - n) for n in range(10)], tuple("abcd"))
    data = opened(path, target=["c", "d"])
    assert (data.task, data.outputs, data.targets) == ("regression", 2, ("c", "d"))
    np.testing.assert_allclose(data.y_train[:, 0] * 3, data.x_train[:, 0])


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (["a"] * 5, "row 2: the only class is 'a': expected two or more"),
        (["a"] * 5 + ["b"], r"row 7 is the only sample of the class 'b'"),
        ([f"{n}x" for n in range(1001)], "'t' holds 1,001 different labels, .* --target"),
        ([1.5], "a part would be empty"),
        ([1.5, "1e39"], "the target is 1e.39: expected a finite number"),
        ([1.5, "inf"], "the target is inf"),
    ],
)
def test_targets_that_leave_nothing_to_learn(table, targets, said):
    with pytest.raises(InputError, match=said):
        table(targets)


def test_an_archive_with_one_hot_targets(tmp_path):
    y = np.array([0, 1, 2] * 5)
    np.savez(tmp_path / "a.npz", x=np.arange(30.0).reshape(15, 2), y=np.eye(3)[y])
    data = opened(tmp_path / "a.npz")
    assert (data.task, data.classes) == ("classification", ("0", "1", "2"))
    np.testing.assert_array_equal(data.x_train[:, 0] // 2 % 3, data.y_train)
    np.savez(tmp_path / "b.npz", x=np.arange(30.0).reshape(15, 2), y=np.eye(3)[y] / 2)
    assert opened(tmp_path / "b.npz").task == "regression"
    with pytest.raises(DataError, match="row 0 of the one-hot labels"):
        opened(tmp_path / "b.npz", task="classification")


def test_labels_with_gaps_have_no_empty_classes(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((8, 2)), y=np.array([7, 200] * 4, np.uint8))
    data = opened(tmp_path / "a.npz")
    assert data.classes == ("7", "200")
    assert set(data.y_train) == {0, 1}


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_targets_in_arrays_are_looked_at(tmp_path, bad):
    np.savez(tmp_path / "a.npz", x=np.zeros((8, 2)), y=np.array([0.5] * 7 + [bad]))
    with pytest.raises(DataError, match=r"a\.npz: y: sample 7: the target is"):
        opened(tmp_path / "a.npz")


def test_a_test_part_of_its_own_is_kept(tmp_path):
    x, y = np.arange(12.0).reshape(6, 2), np.array([0, 1] * 3)
    np.savez(tmp_path / "a.npz", x_train=x, y_train=y, x_test=x[:2] + 100, y_test=y[:2])
    data = opened(tmp_path / "a.npz")
    np.testing.assert_array_equal(data.x_train, x)
    assert data.x_test[0, 0] == 100
    np.savez(tmp_path / "b.npz", x_train=x, y_train=y, x_test=x[:2], y_test=[1, 5])
    with pytest.raises(
        DataError, match=r"y_test: sample 1: the label '5' did not occur in training"
    ):
        opened(tmp_path / "b.npz")


def test_large_files_stay_on_the_disk(tmp_path, monkeypatch):
    x, y = np.arange(80, dtype=np.float32).reshape(20, 4), np.array([0, 1] * 10)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    read = opened(tmp_path / "x.npy")
    monkeypatch.setattr("groundup.data.mapped.MAP_FROM", 0)
    mapped = opened(tmp_path / "x.npy")
    for part in ("x_train", "x_test"):
        assert isinstance(getattr(mapped, part), Rows)
        np.testing.assert_array_equal(np.asarray(getattr(mapped, part)), getattr(read, part))
    assert mapped.describe() == read.describe()
    x[3, 2] = np.nan
    np.save(tmp_path / "x.npy", x)
    with pytest.raises(DataError, match="x is nan in sample"):
        opened(tmp_path / "x.npy")


def test_a_folder_with_a_pair(tmp_path):
    write_idx(tmp_path / "train-images-idx3-ubyte", np.zeros((10, 4, 4), np.uint8))
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(10, dtype=np.uint8) % 2)
    assert opened(tmp_path).in_shape == (1, 4, 4)
    np.save(tmp_path / "x.npy", np.zeros((10, 2)))
    np.save(tmp_path / "y.npy", np.arange(10) % 2)
    with pytest.raises(
        InputError, match=r"expected one pair .*, found train-images-idx3-ubyte, x.npy"
    ):
        opened(tmp_path)


def test_a_folder_of_pictures(tmp_path):
    for name in ("dog", "cat"):
        (tmp_path / name).mkdir()
        for n in range(5):
            Image.new("L", (3, 2), n).save(tmp_path / name / f"{n}.png")
    data = opened(tmp_path)
    assert (data.classes, data.in_shape, len(data.y_test)) == (("cat", "dog"), (1, 2, 3), 2)
    assert opened(tmp_path, image_size="8x6").in_shape == (1, 8, 6)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no file or folder"),
        (
            lambda path: path.with_suffix(".xlsx").write_bytes(b"x"),
            "expected a folder with one sub",
        ),
        (lambda path: path.mkdir(), "expected one pair of samples and targets, found none"),
    ],
)
def test_paths_that_are_no_data(tmp_path, make, said):
    make(tmp_path / "data")
    path = next(tmp_path.iterdir(), tmp_path / "data")
    with pytest.raises(InputError, match=said):
        opened(path)


def test_close_names_are_hinted_at(tmp_path):
    write(tmp_path / "flowers.csv", rows(["a", "b"] * 5))
    with pytest.raises(
        InputError, match=r"no file or folder .*flower\.csv\. Did you mean 'flowers"
    ):
        opened(tmp_path / "flower.csv")


def test_where_no_name_can_be_hinted_at(tmp_path, monkeypatch):
    for missing in (tmp_path / "none" / "a.csv", tmp_path / ("n" * 300)):
        with pytest.raises(InputError) as caught:
            opened(missing)
        assert str(caught.value) == f"there is no file or folder {missing}."
    write(tmp_path / "flowers.csv", rows(["a", "b"] * 5))

    def refuse(folder):
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=r"no file or folder .*flower\.csv\.$"):
        opened(tmp_path / "flower.csv")


def test_a_name_is_no_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    (tmp_path / "mine").mkdir()
    assert [is_path(given) for given in ("digits", "./digits", "mine", "a.csv", "b/c")] == [
        False, True, True, True, True,
    ]  # fmt: skip
    with pytest.raises(UnknownName, match="Did you mean 'digits'"):
        is_path("digit")
    with pytest.raises(UnknownName):
        is_path("n" * 300)  # longer than any file's


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": "iris", "path": "a.csv"}, "data: expected a name or a path, not both"),
        ({"target": "kind"}, "data: expected target only beside a path: 'digits' has its own"),
        ({"path": ""}, "data: expected a path of letters"),
        ({"path": "a", "image_size": "8y8"}, "data.image_size = '8y8': expected a size in pixels"),
        ({"path": "a", "image_size": [1, 2, 3]}, "expected a size in pixels such as 28 or 28x32"),
        ({"path": "a", "test": 0}, "data.test = 0"),
        ({"path": "a", "task": "regress"}, "data.task = 'regress'"),
        ({"path": "a", "target": 1.5}, "data.target = 1.5: expected text or a whole number"),
    ],
)
def test_configurations_that_cannot_be(values, said):
    with pytest.raises(ConfigError, match=said):
        from_mapping({"data": values})


def test_arrays_have_no_columns_to_choose(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2)), y=[0, 1, 0, 1])
    with pytest.raises(ConfigError, match="expected the name of an array or file"):
        opened(tmp_path / "a.npz", target=1)


def test_a_split_that_leaves_a_class_out(table):
    few = table(["a", "b", "c", "d"] * 2)  # a fifth of them would be two
    assert (sorted(few.y_train), sorted(few.y_test)) == ([0, 1, 2, 3], [0, 1, 2, 3])
    with pytest.raises(
        DataError, match=r"the test part of 2 samples has none of the class .*another share"
    ):
        table(["a", "b", "c", "d"] * 2, test=0.2)
    with pytest.raises(DataError, match="the training part of 2 samples has none of the class"):
        table(["a", "b", "c", "d"] * 2, test=0.8)


# What others judge a network by


def judging(path, classes=("a", "b"), task="classification", **options):
    return judged(DataConfig(path=str(path), **options), task, classes, ("a", "b"), 2)


def test_all_of_a_file_judges(tmp_path):
    path = write(tmp_path / "t.csv", [(n, "b", 1) for n in range(3)], ("a", "t", "b"))
    data = judging(path)
    assert data.x_test.tolist() == [[n, 1] for n in range(3)]
    assert data.y_test.tolist() == [1, 1, 1]
    assert data.classes == ("a", "b")


def test_of_an_archive_the_test_part_judges(tmp_path):
    x, y = np.arange(12.0).reshape(6, 2), np.array([0, 1] * 3)
    np.savez(tmp_path / "a.npz", x=x, y=y)
    data = judging(tmp_path / "a.npz", ("0", "1"))
    np.testing.assert_array_equal(data.x_test, x)
    assert data.y_test.tolist() == data.y_train.tolist() == [0, 1] * 3
    np.savez(tmp_path / "b.npz", x_train=x, y_train=y, x_test=x[:2] + 100, y_test=[1, 1])
    data = judging(tmp_path / "b.npz", ("0", "1"))
    np.testing.assert_array_equal(data.x_test, x[:2] + 100)
    assert (data.y_test.tolist(), len(data.x_train)) == ([1, 1], 2)


def test_a_label_that_did_not_occur_in_training_is_named(tmp_path):
    path = write(tmp_path / "t.csv", rows(["a", "b", "c"]))
    with pytest.raises(DataError, match=r"t\.csv: row 4: the label 'c' did not occur in training"):
        judging(path)
    assert judging(write(path, rows(["1.0", "2"])), ("1", "2")).y_test.tolist() == [0, 1]
    assert judging(write(path, rows([1.5, 2])), (), "regression").y_test.tolist() == [1.5, 2]
    with pytest.raises(DataError, match="no column 'b', which the network was trained on"):
        judging(write(path, rows(["a"]), ("a", "c", "t")))


# scikit-learn's


@pytest.mark.parametrize(
    ("name", "shape", "classes", "counts"),
    [
        ("iris", (150, 4), 3, (120, 30)),
        ("wine", (178, 13), 3, (142, 36)),
        ("breast-cancer", (569, 30), 2, (455, 114)),
        ("diabetes", (442, 10), 0, (354, 88)),
    ],
)
def test_tables_that_come_with_scikit_learn(name, shape, classes, counts):
    from sklearn import datasets as theirs

    data = load(name)
    assert (len(data.features), len(data.classes)) == (shape[1], classes)
    assert (len(data.x_train), len(data.x_test)) == counts
    assert data.task == ("classification" if classes else "regression")
    options = {"scaled": False} if name == "diabetes" else {}
    x, y = getattr(theirs, f"load_{name.replace('-', '_')}")(return_X_y=True, **options)
    ours = np.column_stack(
        [np.vstack([data.x_train, data.x_test]), np.append(data.y_train, data.y_test)]
    )
    whole = np.column_stack([x, y])
    np.testing.assert_array_equal(ours[np.lexsort(ours.T)], whole[np.lexsort(whole.T)])
    assert {"iris", "wine", "breast-cancer", "diabetes"} < set(sources.names())
    assert sources["breast_cancer"] is sources["breast-cancer"]


@given(st.lists(st.sampled_from("abc"), min_size=30, max_size=40), st.integers(0, 3))
def test_every_sample_is_in_one_part(tmp_path_factory, letters, seed):
    targets = [*letters, *"aabbcc" * 3]
    path = write(tmp_path_factory.mktemp("csv") / "t.csv", rows(targets))
    data = opened(path, seed)
    found = sorted(
        (x[0], data.classes[y])
        for part in ("train", "test")
        for x, y in zip(getattr(data, f"x_{part}"), getattr(data, f"y_{part}"), strict=True)
    )
    assert found == [(float(n), target) for n, target in enumerate(targets)]
    assert set(data.y_test) == set(data.y_train) == {0, 1, 2}


def test_shapes_that_fit_no_reader(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2, 2, 2, 2)), y=[0, 1, 0, 1])
    with pytest.raises(ShapeError, match=r"a\.npz: x: samples of shape \(4, 2, 2, 2, 2\)"):
        opened(tmp_path / "a.npz")
