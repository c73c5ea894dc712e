import dataclasses
import json

import numpy as np
import pytest

from groundup.data import Dataset, load, sources
from groundup.errors import DataError, ShapeError, UnknownName

x = np.arange(24, dtype=np.uint8).reshape(4, 1, 2, 3)
y = np.array([0, 1, 2, 1])
good = Dataset("toy", x, y, x[:2], y[:2], ("a", "b", "c"))


def changed(**fields):
    return dataclasses.replace(good, **fields)


def test_a_data_set_describes_itself_in_plain_data():
    assert good.in_shape == (1, 2, 3)
    described = good.describe()
    assert described == {
        "name": "toy",
        "in_shape": [1, 2, 3],
        "type": "uint8",
        "range": [0, 23],
        "classes": ["a", "b", "c"],
        "training": {"samples": 4, "per_class": [1, 2, 1]},
        "test": {"samples": 2, "per_class": [1, 1, 0]},
    }
    assert json.loads(json.dumps(described)) == described


def with_nan():
    z = np.zeros((4, 3))
    z[2, 1] = np.nan
    return z


@pytest.mark.parametrize(
    ("fields", "error", "said"),
    [
        ({"x_train": x[:3]}, ShapeError, "the training part: 3 samples, but labels of shape"),
        ({"y_test": y}, ShapeError, "the test part: 2 samples, but labels of shape"),
        ({"y_train": y[:, None]}, ShapeError, "labels of shape"),
        ({"x_train": x[:0], "y_train": y[:0]}, DataError, "the training part is empty"),
        ({"x_test": x[:0], "y_test": y[:0]}, DataError, "the test part is empty"),
        ({"x_train": x[:, 0]}, ShapeError, "expected .N, D. or .N, C, H, W."),
        ({"x_test": x[:2, :, :1]}, ShapeError, "test samples of shape"),
        ({"x_train": with_nan()}, DataError, r"x is nan in sample 2, position \[1\]"),
        ({"x_train": np.full((4, 3), np.inf)}, DataError, "x is inf in sample 0"),
        ({"x_train": np.full((4, 3), "a")}, DataError, "expected real numbers"),
        ({"x_train": np.full((4, 3), 1j)}, DataError, "expected real numbers"),
        ({"x_train": np.full((4, 3), None)}, DataError, "expected real numbers"),
        ({"y_train": np.array([0, 1, 2, 3])}, DataError, "label 3 at index 3; expected 0 to 2"),
        ({"y_train": np.array([0, -1, 2, 0])}, DataError, "label -1 at index 1"),
        ({"y_train": y.astype(np.uint8)}, DataError, "expected int64"),
        ({"classes": ()}, DataError, "label 0 at index 0"),
    ],
)
def test_what_does_not_fit_together_is_refused(fields, error, said):
    with pytest.raises(error, match=f"toy.*{said}"):
        changed(**fields)


def test_every_source_says_in_a_line_what_it_is():
    assert sorted(sources.names()) == [
        "breast-cancer", "diabetes", "digits", "iris", "mnist", "wine",
    ]  # fmt: skip
    for source in sources:
        assert len(source.__doc__.splitlines()[0]) > 20


def test_an_unknown_name_gets_a_hint():
    with pytest.raises(UnknownName, match=r"unknown data set 'mnsit'\. Did you mean 'mnist'"):
        load("mnsit")
