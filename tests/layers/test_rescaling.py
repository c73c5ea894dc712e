"""Rescaling: numbers for all outputs or one for each, and what is refused."""

import numpy as np
import pytest

from groundup.errors import InputError, ShapeError
from groundup.layers import Mode, Rescaling
from groundup.registry import build, describe
from groundup.rng import Stream


def test_one_number_for_each_output():
    layer = Rescaling(scale=np.array([2.0, -1.0]), offset=[10, 20])
    assert layer.init(Stream(), (2,)).out_shape == (2,)
    y, cache, _ = layer.forward({}, {}, np.array([[1.0, 3.0]], np.float32), Mode())
    assert y.tolist() == [[12.0, 17.0]]
    assert y.dtype == np.float32
    dx, _ = layer.backward({}, cache, np.array([[1.0, 1.0]], np.float32), Mode())
    assert dx.tolist() == [[2.0, -1.0]]


def test_it_goes_into_files():
    layer = Rescaling((2.0, 3.0), 1.5)
    assert build(describe(layer)) == layer


@pytest.mark.parametrize("bad", ["2", None, np.nan, (1.0, None), True, 1e39, (1.0, -1e39)])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(InputError, match="Rescaling\\(scale="):
        Rescaling(bad)


def test_another_width_is_refused():
    with pytest.raises(ShapeError, match=r"expected x of shape \(N, 2\), got \(N, 3\)"):
        Rescaling(offset=(1.0, 2.0)).init(Stream(), (3,))
