"""The page on internal covariate shift."""

import math
import re

import pytest

from groundup.errors import InputError
from groundup.report.internal_shift import common_layers, internal_shift_page
from groundup.train.internal_shift import LayerShift


def shifts(scale, layers=("dense_1", "dense_2")):
    return [
        LayerShift(update, layer, scale * update * (layer != "dense_1"), scale / 10)
        for update in (1, 11)
        for layer in layers
    ]


def test_who_moves_most_is_the_headline() -> None:
    page = internal_shift_page({"plain": shifts(0.5), "normalized": shifts(0.02)})
    assert "An update moves a layer&#39;s input 25 times as far plain as normalized" in page
    text = re.sub(r"<[^>]+>", " ", page)
    assert re.search(r"dense_2\s+plain\s+3\s+0.05", text)  # the mean of 0.5 and 5.5
    assert "plain ends at 5.5; normalized ends at 0.22." in page


def test_layers_that_all_have_and_that_move() -> None:
    both = {"a": shifts(1.0, ("dense_1", "norm_1", "dense_2")), "b": shifts(1.0)}
    assert common_layers(both) == ["dense_2"]
    with pytest.raises(InputError, match="no layer's name in common"):
        internal_shift_page({"a": shifts(1.0, ("x",)), "b": shifts(1.0, ("y",))})


def test_one_network_alone_and_dead_units() -> None:
    dead = LayerShift(21, "dense_2", math.nan, math.nan)
    page = internal_shift_page({"plain": [*shifts(0.5), dead]})
    assert "moves a layer&#39;s input by 3 σ" in page
