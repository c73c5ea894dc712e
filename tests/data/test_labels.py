import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data import as_targets, class_weights, one_hot, to_categorical
from groundup.errors import DataError, InputError, ShapeError


@pytest.mark.parametrize(
    "y",
    [
        [2, 0, 1],
        [[2], [0], [1]],
        [2.0, 0.0, 1.0],
        np.array([2, 0, 1], np.uint8),
        np.array([2, 0, 1], np.float16),
        [[0, 0, 1], [1, 0, 0], [0, 1, 0]],
        [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        [[False, False, True], [True, False, False], [False, True, False]],
    ],
)
@pytest.mark.parametrize("num_classes", [3, None])
def test_every_form_of_labels_becomes_the_same_int64(y, num_classes):
    targets = as_targets(y, num_classes)
    assert targets.dtype == np.int64
    assert targets.tolist() == [2, 0, 1]


def test_booleans_are_classes_0_and_1():
    assert as_targets([True, False], 2).tolist() == [1, 0]


def test_no_labels_are_no_targets():
    assert as_targets([], 3).shape == (0,)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([0, 1, -1], "label -1 at index 2"),
        ([0, 3], "label 3 at index 1: expected a class from 0 to 2"),
        (np.array([0, 255], np.uint8), "label 255 at index 1"),
        (np.array([0, 2**64 - 1], np.uint64), "label 18446744073709551615 at index 1"),
        ([0.0, 0.5], "label 0.5 at index 1"),
        ([0.0, np.nan], "label nan at index 1"),
        ([np.inf], "label inf at index 0"),
        (["cat", "dog"], "the first is .*cat"),
        ([None, 1], "type object"),
        (np.array([1j]), "type complex"),
        ([[0, 0, 1], [0, 0, 0]], "row 1 of the one-hot labels"),
        ([[1, 0, 0], [1, 1, 0]], "row 1 of the one-hot labels"),
        ([[0.5, 0.5, 0.0]], "row 0 of the one-hot labels"),
        ([[2, 0, -1]], "row 0"),
        ([[np.nan, 1, 0]], "row 0"),
    ],
)
def test_impossible_labels_are_refused_by_the_first_bad_one(y, said):
    with pytest.raises(DataError, match=said):
        as_targets(y, 3)


@pytest.mark.parametrize("y", [3, np.zeros((2, 3, 3)), np.zeros((2, 4)), [[1, 0], [1]]])
def test_impossible_shapes_are_refused(y):
    with pytest.raises(ShapeError):
        as_targets(y, 3)


def test_labels_are_bounded_even_without_a_number_of_classes():
    with pytest.raises(DataError, match="expected a class from 0 up"):
        as_targets([1e300])


@given(st.lists(st.integers(0, 6), min_size=1))
def test_one_hot_and_targets_are_inverse(labels):
    rows = one_hot(labels, 7)
    assert rows.dtype == np.float32
    assert rows.sum(axis=1).tolist() == [1.0] * len(labels)
    assert as_targets(rows, 7).tolist() == labels


def test_to_categorical_takes_what_keras_documents():
    expected = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    assert to_categorical([0, 1, 2, 3], num_classes=4).tolist() == expected
    assert to_categorical([0, 1, 2, 3]).tolist() == expected


def test_balanced_weights_are_scikit_learns():
    from sklearn.utils.class_weight import compute_class_weight

    y = np.array([0] * 7 + [1] * 2 + [2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=y)
    np.testing.assert_array_equal(class_weights(y, "balanced", 3), expected)


def test_a_class_without_samples_weighs_one():
    assert class_weights([0, 0, 2, 2], "balanced", 4).tolist() == [1.0, 1.0, 1.0, 1.0]
    assert class_weights([0, 0, 0, 2], "balanced", 3).tolist() == [4 / 6, 1.0, 2.0]


@pytest.mark.parametrize(
    "weights",
    ["equal", {3: 1.0}, {-1: 1.0}, {"0": 1.0}, {0: -1.0}, {0: np.nan}, {0: "2"}, {0.5: 1.0}],
)
def test_impossible_class_weights_are_refused(weights):
    with pytest.raises(InputError, match="class_weight"):
        class_weights([0, 1, 2], weights, 3)
