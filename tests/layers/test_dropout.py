"""Dropout: its two scalings, its rate, its mask."""

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.layers import Dropout, Mode
from groundup.rng import Stream

MODE = Mode(True, Stream(0, "dropout").named("dropout_1"))


def forward(layer: Dropout, x: np.ndarray, mode: Mode = MODE) -> np.ndarray:
    return layer.forward({}, {}, x, mode)[0]


@pytest.mark.parametrize("rate", [0.15, 0.2, 0.5, 0.9])
def test_both_scalings_preserve_the_mean(rate: float) -> None:
    """What a unit hands on is in the mean the same while training and afterwards."""
    x = np.ones((400, 500))
    sigma = np.sqrt(rate / (1 - rate) / x.size)
    inverted, book = Dropout(rate), Dropout(rate, "book")
    assert abs(forward(inverted, x).mean() - 1) < 4 * sigma
    assert (forward(inverted, x, Mode()) == x).all()
    assert abs(forward(book, x).mean() - (1 - rate)) < 4 * sigma
    np.testing.assert_allclose(forward(book, x, Mode()), 1 - rate, rtol=1e-15)


def test_values_while_training() -> None:
    x = np.full((50, 40), 3.0)
    assert set(np.unique(forward(Dropout(0.25), x))) == {0.0, 4.0}
    assert set(np.unique(forward(Dropout(0.25, "book"), x))) == {0.0, 3.0}


def test_the_book_scales_by_the_kept_share_not_the_dropped() -> None:
    """One version of the notes multiplies by the dropped share; at rate 0.15 that is 0.15."""
    assert forward(Dropout(0.15, "book"), np.ones((1, 1)), Mode()).item() == pytest.approx(0.85)


@pytest.mark.parametrize("scaling", ["inverted", "book"])
@pytest.mark.parametrize("train", [True, False])
def test_backward_is_the_same_map(scaling, train) -> None:
    """y = a x element by element, so dx = a dy."""
    layer, mode = Dropout(0.4, scaling), Mode(train, MODE.rng)
    x = np.random.Generator(np.random.Philox(key=1)).normal(size=(5, 7))
    y, cache, _ = layer.forward({}, {}, x, mode)
    dx, grads = layer.backward({}, cache, np.ones_like(x), mode)
    np.testing.assert_allclose(dx, y / x, rtol=1e-14)
    assert not grads


def test_rate_0_changes_nothing() -> None:
    x = np.arange(6.0).reshape(2, 3)
    for scaling in ("inverted", "book"):
        for train in (True, False):
            assert (forward(Dropout(0.0, scaling), x, Mode(train)) == x).all()


def test_both_dtypes_drop_the_same_units() -> None:
    x = np.ones((30, 30))
    single = forward(Dropout(0.5), x.astype(np.float32))
    assert single.dtype == np.float32
    assert ((single == 0) == (forward(Dropout(0.5), x) == 0)).all()


def test_the_mask_is_named_by_layer_epoch_and_step() -> None:
    x = np.ones((10, 100))
    here = forward(Dropout(0.5), x)
    for rng in (
        Stream(0, "dropout").named("dropout_2"),
        MODE.rng.at(epoch=1),
        MODE.rng.at(step=1),
        Stream(1, "dropout").named("dropout_1"),
    ):
        agree = (forward(Dropout(0.5), x, Mode(True, rng)) == here).mean()
        assert 0.4 < agree < 0.6  # as two fair coins do
    # whatever the stream was for before, dropout draws its own
    init = Mode(True, MODE.rng.of("init"))
    assert (forward(Dropout(0.5), x, init) == here).all()


@pytest.mark.parametrize("rate", [-0.1, 1, 1.0, 1.5])
def test_impossible_rates(rate) -> None:
    with pytest.raises(InputError, match=r"Dropout\(rate=.*expected a number from 0 to 1, 1 excl"):
        Dropout(rate)


@pytest.mark.parametrize("rate", ["0.5", None, float("nan"), True])
def test_rates_that_are_no_numbers(rate) -> None:
    with pytest.raises(InputError, match=r"Dropout\(rate=.*expected a number from 0 to 1"):
        Dropout(rate)


def test_impossible_scaling() -> None:
    with pytest.raises(InputError, match='expected "inverted" or "book"'):
        Dropout(0.5, "keras")


def test_a_rate_may_come_from_numpy() -> None:
    assert Dropout(np.float32(0.5)) == Dropout(np.float64(0.5)) == Dropout(0.5)
    assert forward(Dropout(np.float64(0.5)), np.ones((3, 3), np.float32)).dtype == np.float32
