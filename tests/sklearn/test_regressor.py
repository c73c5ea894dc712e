"""The regressor, by values."""

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_squared_error

import groundup as gu
from groundup import GroundupRegressor
from groundup.data.split import train_validation_split
from groundup.errors import InputError

rng = np.random.default_rng(0)
x = rng.standard_normal((300, 4))
y = np.sin(2 * x[:, 0]) + x[:, 1] ** 2


def small(**options):
    """A small network that trains for few epochs."""
    known = {"hidden_layer_sizes": 16, "max_iter": 5, "learning_rate": 0.01, "random_state": 0}
    return GroundupRegressor(**known | options)


def test_it_learns():
    network = small(hidden_layer_sizes=(64, 64), max_iter=100, batch_size=32).fit(x, y)
    assert network.score(x, y) > 0.98
    assert 1 - network.loss_ == pytest.approx(network.score(x, y), abs=0.01)


def test_diabetes():
    inputs, targets = load_diabetes(return_X_y=True)
    network = small(max_iter=60).fit(20 * inputs[:400], targets[:400])
    assert network.score(20 * inputs[400:], targets[400:]) > 0.5


def test_units_do_not_matter():
    plain = small(batch_size=32).fit(x, y)
    large = small(batch_size=32).fit(x, 1e6 + 1000 * y)
    np.testing.assert_allclose(large.predict(x), 1e6 + 1000 * plain.predict(x), atol=0.1)
    assert large.target_mean_ == pytest.approx(1e6 + 1000 * y.mean())
    assert large.target_scale_ == pytest.approx(1000 * y.std())
    np.testing.assert_allclose(large.loss_curve_, plain.loss_curve_, rtol=1e-4)


@pytest.mark.parametrize("power", [-900, 600])
def test_units_do_not_matter_where_their_squares_leave_float64(power):
    unit = 2.0**power
    plain, far = (small(batch_size=32, max_iter=3).fit(x, y * s) for s in (1.0, unit))
    assert far.target_scale_ == plain.target_scale_ * unit
    np.testing.assert_array_equal(far.predict(x), plain.predict(x) * unit)


def test_it_is_the_sequential_that_one_would_write():
    network = small(batch_size=64).fit(x, y)
    model = gu.Sequential(
        [
            gu.Dense(16, "relu", kernel_initializer="he"),
            gu.Dense(1, kernel_initializer="std:0.01"),
        ]
    )
    model.compile(gu.Adam(0.01), "mse")
    model.fit(x.astype(np.float32), (y - y.mean()) / y.std(), 64, 5, verbose=0)
    expected = model.predict(x)[:, 0] * y.std() + y.mean()
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-6)


def test_several_targets():
    both = np.stack([y, 100 * x[:, 2]], axis=1)
    network = small(max_iter=150, batch_size=32).fit(x, both)
    assert network.predict(x).shape == (300, 2)
    assert network.score(x, both) > 0.9
    assert network.target_scale_ == pytest.approx(both.std(axis=0))


def test_answers_have_the_shape_of_the_targets():
    assert small().fit(x, y).predict(x).shape == (300,)
    assert small().fit(x, y[:, None]).predict(x).shape == (300, 1)


def test_a_constant_target_is_told_exactly():
    both = np.stack([np.full(300, 7.0), y], axis=1)
    network = small(max_iter=80).fit(x, both)
    assert network.target_scale_[0] == 1
    np.testing.assert_allclose(network.predict(x)[:, 0], 7, atol=0.1)


def test_a_weight_of_3_is_as_good_as_a_sample_three_times():
    weight = np.random.default_rng(1).integers(0, 4, 50)
    weighed = small(max_iter=50).fit(x[:50], y[:50], weight)
    again = small(max_iter=50).fit(x[:50].repeat(weight, 0), y[:50].repeat(weight))
    np.testing.assert_allclose(weighed.predict(x), again.predict(x), rtol=1e-8)
    assert np.abs(small(max_iter=50).fit(x[:50], y[:50]).predict(x) - again.predict(x)).max() > 0.01


def test_calls_of_partial_fit_are_the_epochs_of_a_fit():
    network = small(batch_size=64)
    for _ in range(3):
        network.partial_fit(x, y)
    whole = small(batch_size=64, max_iter=3).fit(x, y)
    np.testing.assert_array_equal(network.predict(x), whole.predict(x))
    assert network.loss_curve_ == whole.loss_curve_


def test_early_stopping_keeps_the_best_epoch():
    noisy = y + np.random.default_rng(3).standard_normal(300)
    network = small(
        hidden_layer_sizes=(64, 64), max_iter=300, batch_size=32, early_stopping=True,
        validation_fraction=0.3, learning_rate=0.02,
    ).fit(x, noisy)  # fmt: skip
    _, held = train_validation_split(noisy, 0.3, gu.Stream(0))
    assert network.n_iter_ < 300
    assert network.best_validation_score_ == max(network.validation_scores_)
    assert network.best_validation_score_ > network.validation_scores_[-1]
    left = mean_squared_error(noisy[held], network.predict(x[held])) / noisy.var()
    assert 1 - left == pytest.approx(network.best_validation_score_, rel=1e-4)


@pytest.mark.parametrize("target", [np.nan, np.inf])
def test_targets_that_are_no_numbers(target):
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        small().fit(x, np.where(y > 1, target, y))


def test_a_network_that_has_diverged_says_so():
    network = small().fit(x, y)
    network.model_.set_weights([np.full_like(w, np.nan) for w in network.model_.get_weights()])
    with pytest.raises(InputError, match="diverged"):
        network.predict(x)
