import numpy as np
import pytest

from groundup.data import batches
from groundup.errors import DataError, InputError, ShapeError
from groundup.rng import Stream

x = np.arange(23 * 6, dtype=np.uint8).reshape(23, 1, 2, 3)
y = np.arange(23) % 4
epoch = Stream(seed=1).at(epoch=2)


def test_an_epoch_shows_every_sample_once_and_the_odd_last_batch():
    seen = list(batches(x, y, 5, epoch))
    assert [len(batch.x) for batch in seen] == [5, 5, 5, 5, 3]
    order = np.concatenate([batch.indices for batch in seen])
    assert sorted(order) == list(range(23))
    assert order.tolist() != list(range(23))
    for batch in seen:
        np.testing.assert_array_equal(batch.x, x[batch.indices])
        np.testing.assert_array_equal(batch.y, y[batch.indices])
        assert batch.x.dtype == np.float32
        assert batch.y.dtype == y.dtype
        assert batch.weight is None


def test_without_a_stream_the_order_stays():
    seen = list(batches(x, y, 10))
    assert [batch.indices.tolist() for batch in seen] == [
        list(range(10)),
        list(range(10, 20)),
        [20, 21, 22],
    ]
    np.testing.assert_array_equal(np.concatenate([batch.x for batch in seen]), x)


def test_each_epoch_and_seed_has_its_order_whatever_the_step_and_purpose():
    def order(stream):
        return np.concatenate([batch.indices for batch in batches(x, y, 5, stream)]).tolist()

    assert order(epoch) == order(Stream(1, "dropout").at(epoch=2, step=9))
    assert order(epoch) != order(Stream(1).at(epoch=3))
    assert order(epoch) != order(Stream(2).at(epoch=2))


@pytest.mark.parametrize("stream", [None, epoch])
@pytest.mark.parametrize("start", [0, 1, 4, 5, 6])
def test_a_resumed_epoch_goes_on_with_the_same_batches(stream, start):
    weight = np.linspace(0, 1, 23)
    whole = list(batches(x, y, 5, stream, sample_weight=weight))
    rest = list(batches(x, y, 5, stream, sample_weight=weight, start=start))
    assert len(rest) == max(5 - start, 0)
    for a, b in zip(whole[start:], rest, strict=True):
        for left, right in zip(a, b, strict=True):
            np.testing.assert_array_equal(left, right)


def test_weights_follow_their_samples():
    weight = np.arange(23) / 4
    for batch in batches(x, y, 7, epoch, sample_weight=weight):
        assert batch.weight.dtype == np.float32
        np.testing.assert_array_equal(batch.weight, batch.indices / 4)


def test_the_network_s_type_holds_for_inputs_and_real_targets_but_not_labels():
    target = np.linspace(0, 1, 23)
    batch = next(batches(x, target, 4, epoch, dtype=np.float64))
    assert (batch.x.dtype, batch.y.dtype) == (np.float64, np.float64)
    batch = next(batches(x, target, 4, epoch))
    assert (batch.x.dtype, batch.y.dtype) == (np.float32, np.float32)


def test_a_transform_sees_the_raw_samples():
    def halve(raw):
        assert raw.dtype == np.uint8
        return raw / np.float32(2)

    batch = next(batches(x, y, 4, epoch, transform=halve))
    np.testing.assert_array_equal(batch.x, x[batch.indices] / 2)


def test_read_only_arrays_are_enough():
    frozen = x.copy()
    frozen.flags.writeable = False
    assert sum(len(batch.x) for batch in batches(frozen, y, 5, epoch)) == 23


@pytest.mark.parametrize("size", [0, -1, 2.5, "8", True, None])
def test_impossible_batch_sizes_are_refused_at_once(size):
    with pytest.raises(InputError, match="batch_size="):
        batches(x, y, size)


def test_a_negative_start_is_refused():
    with pytest.raises(InputError, match="start=-1"):
        batches(x, y, 5, start=-1)


def test_lengths_must_agree():
    with pytest.raises(ShapeError, match="x holds 23 samples and y 22"):
        batches(x, y[:-1], 5)
    with pytest.raises(ShapeError, match="more than none"):
        batches(x[:0], y[:0], 5)
    with pytest.raises(ShapeError, match="expected 23 numbers"):
        batches(x, y, 5, sample_weight=np.ones((23, 1)))


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_impossible_weights_are_refused(bad):
    weight = np.ones(23)
    weight[7] = bad
    with pytest.raises(DataError, match="at sample 7"):
        batches(x, y, 5, sample_weight=weight)
