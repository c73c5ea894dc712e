"""Classes and their probabilities, from any classifier."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

import groundup as gu
from groundup.errors import DataError, InputError, ShapeError
from groundup.train.classify import class_names, judge, probabilities

X = np.array([[2.0, 0.0], [0.0, 3.0], [1.0, 0.5], [0.0, 1.0]])
W = np.array([[1.0, -1.0, 0.0], [-2.0, 0.0, 1.0]])


def classifier(activation, from_logits):
    """x W as logits, or their softmax."""
    model = gu.Sequential([gu.Dense(3, activation=activation, input_shape=(2,))], dtype="float64")
    model.set_weights([W, np.zeros(3)])
    model.compile("sgd", gu.CategoricalCrossentropy(from_logits=from_logits), ["accuracy"])
    return model.learner


@pytest.mark.parametrize(("activation", "from_logits"), [("softmax", False), (None, True)])
def test_probabilities_of_softmax_and_of_logits(activation, from_logits):
    found = probabilities(classifier(activation, from_logits), X)
    assert np.allclose(found, softmax(X @ W, axis=1), rtol=1e-12)


@pytest.mark.parametrize(("activation", "from_logits"), [("softmax", False), (None, True)])
def test_a_judgment_counts(activation, from_logits):
    y = np.array([0, 2, 1, 0])  # said: 0, 2, 2 (the logits are 0, -1, 0.5), 2
    judgment = judge(classifier(activation, from_logits), X, y)
    assert judgment.predicted.tolist() == [0, 2, 2, 2]
    assert judgment.accuracy == 0.5
    assert judgment.confusion.tolist() == [[1, 0, 1], [0, 0, 1], [0, 0, 1]]
    assert judgment.loss == pytest.approx(-log_softmax(X @ W, axis=1)[range(4), y].mean())
    said = softmax(X @ W, axis=1)
    assert said[3, 2] > said[2, 2]
    assert judgment.mistakes().tolist() == [3, 2]


def test_names_are_the_models_or_numbers():
    learner = classifier("softmax", False)
    assert class_names(learner) == ("0", "1", "2")
    learner.labels = ("cat", "dog", "owl")
    assert class_names(learner) == ("cat", "dog", "owl")


def test_what_does_not_fit_is_refused():
    learner = classifier("softmax", False)
    with pytest.raises(ShapeError):
        judge(learner, X[:, :1], [0, 0, 0, 0])
    with pytest.raises(DataError):
        judge(learner, X, [0, 0, 0, 3])
    with pytest.raises(DataError):
        probabilities(learner, X * np.nan)


def test_a_model_of_values_has_no_classes():
    model = gu.Sequential([gu.Dense(3, input_shape=(2,))])
    model.compile("sgd", "mse")
    with pytest.raises(InputError, match="gives values"):
        probabilities(model.learner, X)


def test_a_diverged_model_says_so():
    learner = classifier("softmax", False)
    learner.vector[:] = np.nan
    with pytest.raises(InputError, match="has diverged"):
        probabilities(learner, X)


def test_without_a_loss_there_is_no_judgment():
    model = gu.Sequential([gu.Dense(3, activation="softmax", input_shape=(2,))])
    with pytest.raises(InputError, match="without a loss"):
        judge(model.learner, X, [0, 0, 0, 0])
