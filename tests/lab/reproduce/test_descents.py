"""Descents whose points can be told beforehand."""

import numpy as np
import pytest

from groundup.lab.reproduce.descents import VALLEY, descend
from groundup.lab.reproduce.experiment import Setting
from groundup.lab.reproduce.experiments.adam_bias import run as adam_bias
from groundup.lab.reproduce.experiments.learning_rates import DESCENTS, PLACES
from groundup.lab.reproduce.experiments.optimizer_paths import OPTIMIZERS, START


def test_plain_descent_in_the_valley_shrinks_both_coordinates_by_a_factor():
    path = descend(VALLEY.gradient, OPTIMIZERS["SGD"], START, 7)
    t = np.arange(8)
    assert path[:, 0] == pytest.approx(-7 * (1 - 0.95 / 10) ** t)
    assert path[:, 1] == pytest.approx(2 * (1 - 2 * 0.95) ** t)


def test_adagrad_goes_as_far_in_both_directions_at_first():
    path = descend(VALLEY.gradient, OPTIMIZERS["AdaGrad"], START, 1)
    assert np.diff(path, axis=0) == pytest.approx(np.array([[1.5, -1.5]]))


@pytest.mark.parametrize("place", PLACES.values(), ids=list(PLACES))
def test_gradients_are_those_of_the_heights(place):
    p, h = np.array([0.7, -0.4]), 1e-6
    numeric = [
        (place.height(*(p + step)) - place.height(*(p - step))) / (2 * h) for step in np.eye(2) * h
    ]
    assert place.gradient(p) == pytest.approx(numeric, abs=1e-8)


def test_descents_begin_inside_the_picture():
    for descent in DESCENTS.values():
        place = PLACES[descent.place]
        assert place.x[0] < descent.start[0] < place.x[1]
        assert place.y[0] < descent.start[1] < place.y[1]


def test_a_single_gradient_after_silence_moves_adam_as_the_bias_says():
    # t = 1001: m̂ = 0.1 / (1 - 0.9ᵗ), v̂ = 0.001 / (1 - 0.999ᵗ)
    step = adam_bias(Setting(quick=True)).values["step after silence"]
    assert step == pytest.approx(0.1 / (0.001 / (1 - 0.999**1001)) ** 0.5, rel=1e-4)
