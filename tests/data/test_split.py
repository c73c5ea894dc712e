import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data import stratified_split, train_validation_split
from groundup.errors import InputError, ShapeError
from groundup.rng import Stream

stream = Stream(seed=0)


def counts(labels, part, classes):
    return np.bincount(np.asarray(labels)[part], minlength=classes).tolist()


def test_each_class_gives_exactly_its_share():
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    train, validation = train_validation_split(labels, 0.2, stream)
    assert counts(labels, train, 3) == [80, 40, 8]
    assert counts(labels, validation, 3) == [20, 10, 2]


def test_three_parts_are_exact_too():
    labels = np.repeat([0, 1], [60, 40])
    parts = stratified_split(labels, (0.7, 0.2, 0.1), stream)
    assert [counts(labels, part, 2) for part in parts] == [[42, 28], [12, 8], [6, 4]]


def test_what_does_not_divide_goes_by_the_largest_remainder():
    labels = np.repeat([0, 1, 2], [5, 4, 3])  # a quarter: 1.25, 1, 0.75
    _, validation = train_validation_split(labels, 0.25, stream)
    assert counts(labels, validation, 3) == [1, 1, 1]
    labels = np.repeat([0, 1, 2], [14, 11, 5])  # a fifth: 2.8, 2.2, 1.0
    _, validation = train_validation_split(labels, 0.2, stream)
    assert counts(labels, validation, 3) == [3, 2, 1]


def test_a_small_class_is_on_both_sides_where_it_can_be():
    labels = np.repeat([0, 1, 2], [90, 2, 1])
    train, validation = train_validation_split(labels, 0.1, stream)
    assert len(validation) == 9
    assert counts(labels, train, 3)[1:] == [1, 1]  # the single sample trains
    assert counts(labels, validation, 3) == [8, 1, 0]
    train, validation = train_validation_split(labels, 0.9, stream)
    assert counts(labels, train, 3)[1:] == [1, 1]


def test_two_samples_in_three_parts_train_and_validate():
    labels = np.repeat([0, 1], [98, 2])
    parts = stratified_split(labels, (0.8, 0.1, 0.1), stream)
    assert [counts(labels, part, 2)[1] for part in parts] == [1, 1, 0]


def test_more_classes_than_the_part_has_room_for():
    labels = np.repeat(np.arange(20), 2)
    train, validation = train_validation_split(labels, 0.1, stream)
    assert (len(train), len(validation)) == (36, 4)
    train, validation = train_validation_split(np.arange(10), 0.5, stream)
    assert (len(train), len(validation)) == (5, 5)


def test_real_targets_are_split_without_strata_and_text_with():
    rng = np.random.default_rng(0)
    for target in (rng.normal(size=50), rng.normal(size=(50, 3)).astype(np.float32)):
        train, validation = train_validation_split(target, 0.3, stream)
        assert sorted([*train, *validation]) == list(range(50))
        assert len(validation) == 15
    words = np.array(["cat"] * 8 + ["dog"] * 4)
    _, validation = train_validation_split(words, 0.25, stream)
    assert sorted(words[validation]) == ["cat", "cat", "dog"]


def test_the_seed_decides_and_nothing_else():
    labels = np.arange(100) % 3
    train, validation = train_validation_split(labels, 0.2, Stream(seed=5))
    again = train_validation_split(labels, 0.2, Stream(5, "shuffle").at(epoch=7, step=3))
    other = train_validation_split(labels, 0.2, Stream(seed=6))
    np.testing.assert_array_equal(train, again[0])
    assert validation.tolist() != other[1].tolist()


def test_the_split_is_the_same_for_ever():
    _, validation = train_validation_split(np.arange(20) % 2, 0.2, Stream(seed=0))
    assert validation.tolist() == [1, 3, 12, 18]


@given(
    st.lists(st.integers(0, 5), min_size=5, max_size=60),
    st.lists(st.integers(1, 9), min_size=2, max_size=4),
    st.integers(0, 99),
)
def test_parts_hold_every_index_once_and_each_class_its_share(labels, weights, seed):
    fractions = [weight / sum(weights) for weight in weights]
    try:
        parts = stratified_split(labels, fractions, Stream(seed))
    except InputError as error:
        assert "a part would be empty" in str(error)
        return
    assert sorted(np.concatenate(parts)) == list(range(len(labels)))
    for part, fraction in zip(parts, fractions, strict=True):
        assert abs(len(part) - fraction * len(labels)) < 1
        assert (np.diff(part) > 0).all()
    n = np.bincount(labels)
    if (n[n > 0] >= 12 * len(parts)).all():  # then no class needs protection
        for part in parts:
            share = np.bincount(np.asarray(labels)[part], minlength=n.size)
            assert (abs(share - n * len(part) / len(labels)) < len(parts)).all()


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, np.nan, "0.2", True])
def test_fractions_out_of_range_are_refused(fraction):
    with pytest.raises(InputError, match="fraction"):
        train_validation_split([0, 1] * 5, fraction, stream)


@pytest.mark.parametrize("fractions", [(0.5, 0.4), (1.2, -0.2), (np.nan, 0.5), ()])
def test_fractions_that_do_not_share_out_everything_are_refused(fractions):
    with pytest.raises(InputError, match="sum to 1"):
        stratified_split([0, 1] * 5, fractions, stream)


def test_an_empty_part_is_refused():
    with pytest.raises(InputError, match="a part would be empty"):
        train_validation_split([0, 1, 0], 0.01, stream)


def test_nothing_and_matrices_of_labels_are_refused():
    with pytest.raises(InputError, match="nothing to split"):
        train_validation_split([], 0.5, stream)
    with pytest.raises(ShapeError, match="one class a sample"):
        train_validation_split(np.eye(4, dtype=int), 0.5, stream)
