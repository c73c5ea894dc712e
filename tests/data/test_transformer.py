"""Preprocessors as steps of scikit-learn's pipelines."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from groundup.data import digits
from groundup.data.preprocess import MinMax, PCAWhitening, Standardize, ZCAWhitening
from groundup.data.preprocess.transformer import Transformer

x, y = load_iris(return_X_y=True)


@parametrize_with_checks([Transformer(Standardize()), Transformer(MinMax()), Transformer("zca")])
def test_what_scikit_learn_asks_of_an_estimator(estimator, check):
    check(estimator)


def test_a_pipeline_learns_and_remembers():
    steps = [Standardize().as_transformer(), ZCAWhitening(epsilon=1e-3).as_transformer()]
    pipeline = make_pipeline(*steps, LogisticRegression()).fit(x[::2], y[::2])
    assert pipeline.score(x[1::2], y[1::2]) > 0.9
    seen = pipeline[:-1].transform(x)
    first = Standardize().transform(Standardize().fit(x[::2]), x)
    whiten = ZCAWhitening(epsilon=1e-3)
    again = Standardize().transform(Standardize().fit(x[::2]), x[::2])
    np.testing.assert_array_equal(seen, whiten.transform(whiten.fit(again), first))
    np.testing.assert_allclose(pipeline[:-1].inverse_transform(seen), x, atol=1e-4)


def test_a_search_varies_the_preprocessor():
    pipeline = make_pipeline(Transformer("pca"), LogisticRegression())
    values = [PCAWhitening(components=1), PCAWhitening(components=3)]
    search = GridSearchCV(pipeline, {"transformer__preprocessor": values}, cv=3).fit(x, y)
    assert search.best_params_["transformer__preprocessor"] in values
    assert len(set(search.cv_results_["mean_test_score"])) == 2


def test_fitting_a_copy_leaves_the_value_as_it_was():
    value = Standardize()
    step = clone(value.as_transformer()).fit(x)
    assert vars(value) == {}
    assert step.preprocessor == value
    with pytest.raises(NotFittedError):
        clone(step).transform(x)


def test_images_pass():
    images = digits.load().x_test
    step = ZCAWhitening(epsilon=1e-2).as_transformer()
    assert step.fit_transform(images).shape == images.shape
