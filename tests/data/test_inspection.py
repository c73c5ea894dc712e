"""What is found in a data set, planted one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data import load
from groundup.data.dataset import Dataset
from groundup.data.findings import findings
from groundup.data.inspection import feature_names, inspect_data, row_hashes
from groundup.data.rows import Rows
from groundup.rng import Stream

X = Stream(0).normal((80, 4))
Y = np.arange(80) % 2


def dataset(x=X, y=Y, test=slice(60, 80), **changes):
    train = np.setdiff1d(np.arange(len(x)), np.arange(len(x))[test])
    given = {"classes": ("no", "yes")} | changes
    return Dataset("planted", x[train], y[train], x[test], y[test], **given)


def test_statistics_of_the_training_data() -> None:
    found = inspect_data(dataset(features=tuple("abcd")))
    for i, feature in enumerate(found.features):
        column = X[:60, i]
        assert feature.name == "abcd"[i]
        assert (feature.low, feature.high) == (column.min(), column.max())
        assert feature.mean == pytest.approx(column.mean(), abs=1e-12)
        assert feature.std == pytest.approx(column.std(), rel=1e-12)
    assert (found.training.samples, found.training.counts) == (60, (30, 30))
    assert (found.test.samples, found.test.counts) == (20, (10, 10))
    assert (found.leaks, found.duplicates, found.constant, found.training.repeated) == (
        (), (), (), 0,
    )  # fmt: skip


def test_small_spread_around_a_large_mean_is_measured() -> None:
    found = inspect_data(dataset(X + 1e9))
    assert found.features[0].std == pytest.approx(X[:60, 0].std(), rel=1e-6)


def test_leaks_are_found() -> None:
    x, y = X.copy(), Y.copy()
    x[[60, 65, 70]] = x[[3, 3, 9]]
    y[70] = 1 - y[9]
    leaks = inspect_data(dataset(x, y)).leaks
    wanted = [(0, 3, y[60] == y[3]), (5, 3, y[65] == y[3]), (10, 9, False)]
    assert [(leak.test, leak.train, leak.same_target) for leak in leaks] == wanted
    said = findings(inspect_data(dataset(x, y)))[0]
    assert "3 of 20 test samples (15.0 %) are in the training data, too" in said


def test_leaks_are_found_across_types_and_signs_of_zero() -> None:
    x = np.array([[0.0, 1.0], [2.0, 3.0]])
    test = np.array([[-0.0, 1.0]], np.float32)
    found = inspect_data(Dataset("zero", x, np.array([0, 1]), test, np.array([0]), ("a", "b")))
    assert [(leak.test, leak.train) for leak in found.leaks] == [(0, 0)]


def test_repeated_and_contradicting_samples() -> None:
    x, y = X.copy(), Y.copy()
    x[[10, 11, 12]] = x[4]
    y[[4, 10, 11, 12]] = [0, 0, 1, 1]
    part = inspect_data(dataset(x, y)).training
    assert (part.repeated, part.contradicting) == (3, 2)
    said = findings(inspect_data(dataset(x, y)))
    assert said[0] == "3 of 60 training samples are there already before, 2 with another target."


def test_constant_and_duplicate_columns() -> None:
    x = np.column_stack([X, X[:, 1], np.full(80, 7.0), X[:, 1], X[:, 0]])
    found = inspect_data(dataset(x))
    assert found.constant == ("feature 6",)
    assert found.duplicates == (("feature 1", "feature 8"), ("feature 2", "feature 5", "feature 7"))
    said = findings(found)
    assert said[0] == "feature 6 never varies: it tells nothing."
    assert said[1] == "feature 1 and feature 8 are the same column: one of them is enough."


def test_columns_that_differ_in_one_row_are_not_the_same() -> None:
    x = np.column_stack([X[:, 0], X[:, 0]])
    x[59, 1] += 1e-12
    assert inspect_data(dataset(x)).duplicates == ()


def test_values_beyond_the_training_range_scales_and_balance() -> None:
    x, y = X * [1, 1e4, 1, 1], np.where(np.arange(80) % 30 == 0, 1, 0)
    x[70, 2] = 50.0
    y[60:] = 0
    found = inspect_data(dataset(x, y))
    assert "feature 3" in found.outside
    said = " ".join(findings(found))
    assert 'preprocess = ["standardize"]' in said
    assert 'Class "yes" has no test sample.' in said
    assert "The largest class has 29 times as many training samples" in said


def test_regression_has_targets_in_place_of_classes() -> None:
    y = X[:, 0] * 3
    found = inspect_data(dataset(y=y, classes=(), targets=("height",)))
    assert (found.task, found.training.counts) == ("regression", ())
    (target,) = found.training.targets
    assert (target.name, target.low) == ("height", y[:60].min())
    two = inspect_data(dataset(y=np.column_stack([y, -y]), classes=()))
    assert [one.name for one in two.test.targets] == ["target 1", "target 2"]


def test_pictures() -> None:
    found = inspect_data(load("digits"))
    assert found.pictures
    assert len(found.features) == 64
    assert found.duplicates == ()
    assert found.constant[0] == "row 1, column 1"
    assert feature_names(replace(load("digits"), x_train=np.zeros((1438, 3, 2, 1)),
                                 x_test=np.zeros((359, 3, 2, 1))))[3] == (
        "channel 2, row 2, column 1"
    )  # fmt: skip


def test_rows_on_the_disk_are_inspected_the_same() -> None:
    data = dataset(np.vstack([X, X[:3]]), np.append(Y, [0, 1, 0]), slice(60, 83))
    mapped = replace(data, x_train=Rows(data.x_train), x_test=Rows(data.x_test))
    assert inspect_data(mapped) == inspect_data(data)
    assert len(inspect_data(mapped).leaks) == 3


def test_chunks_do_not_matter(monkeypatch) -> None:
    data = dataset(np.vstack([X, X[:3]]), np.append(Y, [0, 1, 0]), slice(60, 83))
    whole = inspect_data(data)
    monkeypatch.setattr("groundup.data.rows._CHUNK", 100)
    parts = inspect_data(data)
    assert (parts.leaks, parts.duplicates) == (whole.leaks, whole.duplicates)
    for a, b in zip(parts.features, whole.features, strict=True):
        assert (a.low, a.high) == (b.low, b.high)
        assert (a.mean, a.std) == pytest.approx((b.mean, b.std), rel=1e-12, abs=1e-12)


@given(rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
def test_hashes_are_equal_where_rows_are(rows) -> None:
    x = np.array(rows, np.int16)
    hashes = row_hashes(x, np.float64)
    assert ((hashes[:, None] == hashes) == (x[:, None] == x).all(axis=2)).all()


def test_nothing_to_say() -> None:
    x = np.clip(X, -1, 1)
    x[:2] = [[-1] * 4, [1] * 4]
    assert findings(inspect_data(dataset(x))) == []


def test_notes_of_the_reader_are_passed_on() -> None:
    assert findings(inspect_data(dataset(notes=("read as CP949",))))[-1] == "read as CP949"
