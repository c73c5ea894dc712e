"""Pipelines, searches and cross-validation."""

import numpy as np
from joblib.externals.loky import get_reusable_executor
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import groundup as gu
from groundup import GroundupClassifier, GroundupRegressor
from groundup.data.preprocess import Standardize

x, y = load_iris(return_X_y=True)


def network(**options):
    return GroundupClassifier(
        hidden_layer_sizes=(16,), learning_rate=0.05, max_iter=40, random_state=0, **options
    )


def test_cross_validation_of_a_pipeline():
    scores = cross_val_score(make_pipeline(StandardScaler(), network()), x, y, cv=3)
    assert scores.shape == (3,) and scores.min() > 0.9
    ours = make_pipeline(Standardize().as_transformer(), network())
    aucs = cross_val_score(ours, x, y, cv=3, scoring="roc_auc_ovr")
    assert aucs.min() > 0.98


def test_weights_reach_the_network_in_a_pipeline():
    pipeline = make_pipeline(StandardScaler(), network())
    pipeline.fit(x, y, groundupclassifier__sample_weight=(y != 2).astype(float))
    assert set(pipeline.predict(x)) == {0, 1}


def test_a_search_over_a_grid_in_two_processes_finds_what_one_finds():
    grid = {
        "groundupclassifier__learning_rate": [1e-6, 0.05],
        "groundupclassifier__optimizer": ["sgd", gu.Adam(amsgrad=True)],
    }
    found = []
    for jobs in (1, 2):
        search = GridSearchCV(
            make_pipeline(StandardScaler(), network(batch_size=20)), grid, cv=2, n_jobs=jobs
        ).fit(x, y)
        found.append(search.cv_results_["mean_test_score"])
        assert search.best_params_["groundupclassifier__learning_rate"] == 0.05
        assert search.score(x, y) > 0.93
    get_reusable_executor().shutdown()  # else its processes stay beside all other tests
    np.testing.assert_array_equal(*found)
    assert len(set(found[0])) > 1


def test_a_random_search():
    space = {"learning_rate": [1e-6, 0.02], "hidden_layer_sizes": [(4, 4), (8,), 12]}
    search = RandomizedSearchCV(network(), space, n_iter=4, cv=2, random_state=0).fit(x - 3, y)
    assert search.best_params_["learning_rate"] == 0.02
    assert search.best_score_ > 0.8


def test_a_search_for_a_regressor():
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((200, 3))
    search = GridSearchCV(
        GroundupRegressor(max_iter=40, learning_rate=0.02, random_state=0),
        {"activation": ["identity", "relu"]},
        cv=2,
    ).fit(inputs, np.abs(inputs[:, 0]))
    assert search.best_params_ == {"activation": "relu"}
    assert search.best_score_ > 0.7
