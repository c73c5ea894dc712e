"""A list of operations on a batch: what a sample draws depends on nothing but itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import groundup as gu
from groundup import ops
from groundup.data import batches
from groundup.data.augment import Augment, augmentations
from groundup.errors import DataError, InputError, ShapeError
from groundup.rng import Stream

EVERYTHING = Augment([{"name": name, "probability": 0.7} for name in augmentations.names()])
rng = np.random.default_rng(0)
X = rng.integers(0, 256, (50, 1, 9, 8)).astype(np.uint8)
ALL = np.arange(50)
EPOCH = Stream(seed=1).at(epoch=3)


@given(st.lists(st.integers(0, 49), min_size=1, max_size=20), st.booleans())
def test_a_sample_looks_the_same_in_every_batch(chosen, floats):
    x = X.astype(np.float32) if floats else X
    augment = Augment(EVERYTHING.operations, (0, 255))
    whole = augment(x, ALL, EPOCH)
    np.testing.assert_array_equal(augment(x[chosen], chosen, EPOCH), whole[chosen])


@pytest.mark.parametrize("size", [1, 7, 50])
def test_batches_of_any_size_show_the_same_variants(size):
    seen = np.empty(X.shape, np.float32)
    for batch in batches(X, ALL, size, EPOCH, augment=EVERYTHING):
        seen[batch.indices] = batch.x
        np.testing.assert_array_equal(batch.y, batch.indices)
    np.testing.assert_array_equal(seen, EVERYTHING(X, ALL, EPOCH))


def test_an_epoch_in_order_and_a_resumed_one_show_them_too():
    wanted = EVERYTHING(X, ALL, EPOCH)
    rest = batches(X, ALL, 8, EPOCH, start=3, shuffle=False, augment=EVERYTHING)
    np.testing.assert_array_equal(np.concatenate([batch.x for batch in rest]), wanted[24:])


def test_seed_epoch_and_sample_decide_and_nothing_else():
    def bits(stream, samples=ALL):
        return EVERYTHING(X, samples, stream).tobytes()

    assert bits(EPOCH) == bits(Stream(1, "dropout").at(epoch=3, step=9))
    assert bits(EPOCH) != bits(EPOCH.at(epoch=4))
    assert bits(EPOCH) != bits(Stream(2).at(epoch=3))
    assert bits(EPOCH) != bits(EPOCH, ALL + 1)


def test_an_operation_of_another_kind_moves_nobody_s_draws():
    shift, noise = gu.RandomShift(3), gu.RandomNoise(0.1)
    after = Augment([shift, gu.Cutout(0), noise])(X, ALL, EPOCH)
    np.testing.assert_array_equal(after, Augment([shift, noise])(X, ALL, EPOCH))
    twice = Augment([shift, gu.Cutout(0), shift])(X, ALL, EPOCH)
    once = Augment([shift])(X, ALL, EPOCH)
    again = Augment([shift])(once, ALL, EPOCH)
    assert (twice != again).any()  # the second one draws numbers of its own


def test_neighbors_that_move_pixels_are_one_map():
    calls = []
    warp = ops.warp

    def counted(x, inverse, fill):
        calls.append(fill)
        return warp(x, inverse, fill)

    kinds = [gu.RandomRotation(9), gu.RandomHorizontalFlip(), gu.RandomShift(2), gu.RandomZoom(0.1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ops, "warp", counted)
        Augment(kinds)(X, ALL, EPOCH)
        assert calls == [0.0]
        calls.clear()
        mirrored = gu.RandomShift(2, fill="reflect")
        Augment([kinds[1], mirrored, kinds[1], kinds[0], "noise", kinds[0]])(X, ALL, EPOCH)
        assert calls == ["reflect", 0.0, 0.0]


def test_one_map_is_what_its_parts_are_one_after_the_other():
    """On a smooth image, far from the edges: there resampling twice costs little."""
    i, j = np.ogrid[:41, :41]
    x = np.tile(np.exp(-((i - 17) ** 2 + (j - 24) ** 2) / 60.0).astype(np.float32), (8, 1, 1, 1))
    turn, move = gu.RandomRotation(60), gu.RandomShift(4)
    together = Augment([turn, move])(x, range(8), EPOCH)
    parts = Augment([move])(Augment([turn])(x, range(8), EPOCH), range(8), EPOCH)
    np.testing.assert_allclose(together, parts, atol=0.02)
    other = Augment([move, turn])(x, range(8), EPOCH)
    assert np.abs(together - other).max() > 0.1  # the order matters


def test_images_without_channels_and_read_only_ones():
    frozen = X.copy()
    frozen.flags.writeable = False
    wanted = EVERYTHING(frozen, ALL, EPOCH)
    np.testing.assert_array_equal(EVERYTHING(frozen[:, 0], ALL, EPOCH), wanted[:, 0])
    np.testing.assert_array_equal(frozen, X)
    gaps = np.ascontiguousarray(X.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)[::2]
    np.testing.assert_array_equal(EVERYTHING(gaps, ALL[::2], EPOCH), wanted[::2])


def test_the_range_is_that_of_the_training_data_unless_it_is_given():
    x = rng.normal(size=(9, 1, 4, 4)).astype(np.float32)
    fitted = Augment(["noise"]).fit(x)
    assert fitted.value_range == (float(x.min()), float(x.max()))
    assert fitted.fit(x * 2) == fitted
    assert Augment(["noise"], (0, 1)).fit(x).value_range == (0, 1)
    with pytest.raises(InputError, match=r"RandomNoise: black and white of float32 are not known"):
        Augment(["shift", "noise"])(x, range(9), EPOCH)
    assert Augment(["shift", "blur"])(x, range(9), EPOCH).shape == x.shape


@pytest.mark.parametrize(
    ("x", "indices", "error", "words"),
    [
        (np.zeros((4, 5)), range(4), ShapeError, r"x has shape \(4, 5\): expected images"),
        (np.zeros((4, 0, 3)), range(4), ShapeError, "expected images"),
        (np.zeros((4, 1, 3, 3), complex), range(4), DataError, "complex128"),
        (np.zeros((4, 1, 3, 3)), range(3), ShapeError, r"indices of shape \(3,\)"),
    ],
)
def test_what_is_no_image_is_refused(x, indices, error, words):
    with pytest.raises(error, match=words):
        Augment(["shift"])(x, indices, EPOCH)


def test_a_fill_must_be_a_value_of_the_images():
    with pytest.raises(InputError, match=r"fill=-1\.0: expected a value of type uint8"):
        Augment([gu.RandomShift(2, fill=-1)])(X, ALL, EPOCH)


def test_batches_need_a_stream_to_draw_from():
    with pytest.raises(InputError, match="augment draws from a stream"):
        batches(X, ALL, 5, augment=EVERYTHING)


def test_an_empty_list_and_an_empty_batch():
    assert Augment([])(X, ALL, EPOCH) is not None
    np.testing.assert_array_equal(Augment([])(X, ALL, EPOCH), X)
    assert EVERYTHING(X[:0], [], EPOCH).shape == (0, 1, 9, 8)
