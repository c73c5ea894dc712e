"""Estimates: a regression's answers on the raw scale, and how near they are."""

import numpy as np
import pytest

import groundup as gu
from groundup.errors import InputError
from groundup.train.regress import estimate, predictions

X = np.array([[1.0], [2.0], [3.0], [6.0]])


def doubled(**options):
    model = gu.Sequential([gu.Dense(1, kernel_initializer=gu.Constant(2.0), input_shape=(1,))])
    if options.pop("compiled", True):
        model.compile("sgd", "mse")
    return model.learner


def test_the_numbers():
    told = estimate(doubled(), X, [2.0, 5.0, 6.0, 11.0])
    assert told.predictions.tolist() == [[2.0], [4.0], [6.0], [12.0]]
    assert told.targets.shape == (4, 1)
    assert told.loss == 0.5
    (fit,) = told.fits()
    assert (fit.mae, fit.rmse) == (0.5, pytest.approx(np.sqrt(0.5)))
    assert fit.std == pytest.approx(np.std([2.0, 5.0, 6.0, 11.0]))
    assert told.r2 == fit.r2 == pytest.approx(1 - 2 / 42)


def test_who_has_diverged_says_so():
    learner = doubled()
    learner.vector[...] = np.nan
    with pytest.raises(InputError, match="diverged"):
        predictions(learner, X)


def test_a_model_without_a_loss_cannot_be_judged():
    with pytest.raises(InputError, match="without a loss"):
        estimate(doubled(compiled=False), X, [1.0] * 4)
