"""The order of an epoch: every sample once, by seed and epoch, classes in proportion if asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data import batches
from groundup.data.order import as_shuffle, epoch_order
from groundup.errors import InputError
from groundup.rng import Stream

epoch = Stream(seed=1).at(epoch=2)
labels = np.repeat([0, 1, 2], [50, 30, 20])


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=200),
    st.integers(1, 40),
    st.integers(0, 2**32),
)
def test_every_batch_has_every_class_in_proportion(given_labels, size, seed):
    y = np.array(given_labels)
    order = epoch_order(y, Stream(seed).at(epoch=1), "stratified")
    assert sorted(order) == list(range(len(y)))
    for begin in range(0, len(y), size):
        part = y[order[begin : begin + size]]
        for label in range(6):
            ideal = len(part) * np.mean(y == label)
            assert abs(np.sum(part == label) - ideal) < 2.5


@pytest.mark.parametrize("size", [10, 20, 50])
def test_shares_without_remainder_are_exact(size):
    order = epoch_order(labels, epoch, "stratified")
    for begin in range(0, 100, size):
        counts = np.bincount(labels[order[begin : begin + size]])
        assert counts.tolist() == [size // 2, 3 * size // 10, size // 5]


def test_stratified_orders_are_drawn():
    def order(stream):
        return epoch_order(labels, stream, "stratified").tolist()

    assert order(epoch) == order(Stream(1, "dropout").at(epoch=2, step=9))
    assert order(epoch) != order(Stream(1).at(epoch=3))
    assert order(epoch) != order(Stream(2).at(epoch=2))
    first = {epoch_order(labels, Stream(seed), "stratified")[0] for seed in range(100)}
    assert len(first) > 20  # any sample can be the first of its class
    even = np.arange(40) % 4
    assert {even[epoch_order(even, Stream(s), "stratified")[0]] for s in range(40)} == {0, 1, 2, 3}


def test_plain_orders():
    assert epoch_order(labels, epoch, False).tolist() == list(range(100))
    plain = epoch_order(labels, epoch)
    assert plain.tolist() == epoch.of("shuffle").at(step=0).permutation(100).tolist()


def test_batches_follow_it_and_keep_the_odd_last():
    x = np.arange(100)[:, None]
    whole = list(batches(x, labels, 30, epoch, shuffle="stratified"))
    assert [len(batch.x) for batch in whole] == [30, 30, 30, 10]
    assert [np.bincount(batch.y).tolist() for batch in whole] == [[15, 9, 6]] * 3 + [[5, 3, 2]]
    (last,) = batches(x, labels, 30, epoch, shuffle="stratified", start=3)
    np.testing.assert_array_equal(last.indices, whole[3].indices)


@pytest.mark.parametrize("given_shuffle", [None, 0, 1, "yes", "Stratified", "", 1.0])
def test_what_is_no_order_is_refused(given_shuffle):
    with pytest.raises(InputError, match='expected True, False or "stratified"'):
        batches(labels[:, None], labels, 5, epoch, shuffle=given_shuffle)
    assert as_shuffle(np.True_) is True


@pytest.mark.parametrize("y", [np.linspace(0, 1, 6), np.eye(6), np.eye(6, dtype=int)])
def test_values_have_no_classes(y):
    with pytest.raises(InputError, match="holds no class labels"):
        epoch_order(y, epoch, "stratified")
