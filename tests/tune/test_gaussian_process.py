"""The Gaussian process and what is built on it, beside scikit-learn's, SciPy's and differences."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from groundup.rng import Stream
from groundup.tune.bayesian.acquisition import log_h, log_improvement, slope_h
from groundup.tune.bayesian.encoding import Encoding
from groundup.tune.bayesian.gaussian_process import (
    PRIOR,
    GaussianProcess,
    Hyper,
    Pairs,
    fitted,
    matern,
    misfit,
)
from groundup.tune.bayesian.maximizing import climbed, most_promising
from groundup.tune.bayesian.threads import one_thread
from groundup.tune.bayesian.warping import Warping
from groundup.tune.space import make_space

OWNER = np.array([0, 1, 2, 2])
HYPER = Hyper(np.array([0.3, 0.9, 0.6]), 1.7, 1e-2)
STREAM = Stream(0, "search")


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


def some_points(count=15, columns=4, name="X"):
    return STREAM.named(name).uniform((count, columns))


def some_process(count=15):
    X = some_points(count)
    return GaussianProcess.of(X, np.sin(5 * X[:, 0]) + X[:, 2], OWNER, HYPER)


def numerical(function, x, step=1e-6):
    return np.array(
        [(function(x + step * e) - function(x - step * e)) / (2 * step) for e in np.eye(len(x))]
    )


def reference():
    """The same process, by scikit-learn."""
    kernel = ConstantKernel(HYPER.signal) * Matern(HYPER.lengths[OWNER], nu=2.5)
    return GaussianProcessRegressor(kernel + WhiteKernel(HYPER.noise), optimizer=None)


def test_matern_is_scikit_learns_and_its_slope_is_its_derivative():
    r = np.array([1e-3, 0.1, 1.0, 3.0])
    expected = Matern(1.0, nu=2.5)(np.zeros((1, 1)), r[:, None])[0]
    np.testing.assert_allclose(matern(r**2)[0], expected, rtol=1e-12)
    slopes = [numerical(lambda q: matern(q)[0][0], np.array([q]), 1e-4 * q)[0] for q in r**2]
    np.testing.assert_allclose(matern(r**2)[1], slopes, rtol=1e-5)
    assert [float(part[0]) for part in matern(np.zeros(1))] == [1.0, -5 / 6]


def test_the_posterior_is_scikit_learns():
    process = some_process()
    mean, std = process.predict(some_points(7, name="new"))
    other = reference().fit(process.X, process.z)
    expected, spread = other.predict(some_points(7, name="new"), return_std=True)
    np.testing.assert_allclose(mean, expected, rtol=1e-8)
    np.testing.assert_allclose(std**2, spread**2 - HYPER.noise, rtol=1e-6)  # of f, without ε


def test_the_likelihood_is_scikit_learns():
    """With the prior's part and the constant one taken off."""
    process, theta = some_process(), np.log([*HYPER.lengths, HYPER.signal, HYPER.noise])
    pairs = Pairs.of(process.X, OWNER)
    half = 0.5 * len(process.z) * math.log(2 * math.pi)
    other = reference().fit(process.X, process.z).log_marginal_likelihood_value_
    mean, std = PRIOR.moments(3)
    prior = 0.5 * np.sum(((theta - mean) / std) ** 2)
    assert misfit(theta, pairs, process.z)[0] == pytest.approx(prior - other - half, rel=1e-8)


def test_the_likelihoods_gradient_is_its_derivative():
    process, theta = some_process(), np.array([-0.3, 0.2, 0.5, 0.1, -4.0])
    pairs = Pairs.of(process.X, OWNER)
    expected = numerical(lambda at: misfit(at, pairs, process.z)[0], theta)
    np.testing.assert_allclose(misfit(theta, pairs, process.z)[1], expected, rtol=1e-6)


def test_slopes_of_the_posterior_are_its_derivatives():
    process, x = some_process(), np.array([0.21, 0.43, 0.65, 0.87])
    mean, std, dmean, dstd = process.slopes(x)
    both = process.predict(x[None])
    assert (mean, std) == pytest.approx((both[0][0], both[1][0]), rel=1e-9)
    for place, slope in enumerate((dmean, dstd)):
        expected = numerical(lambda at, place=place: process.predict(at[None])[place][0], x)
        np.testing.assert_allclose(slope, expected, rtol=1e-5)


def test_what_does_not_matter_gets_a_long_scale_and_noise_is_found():
    X = some_points(80, 2)
    signal = np.sin(7 * X[:, 0])
    hyper = fitted(X, signal + 0.3 * STREAM.named("noise").normal(80), np.arange(2)).hyper
    assert hyper.lengths[1] > 5 * hyper.lengths[0]
    assert 0.05 < hyper.noise < 0.16  # 0.09
    exact = fitted(X, signal, np.arange(2)).hyper
    assert exact.noise < 1e-6


def test_noise_is_not_explained_by_the_shortest_scales():
    """Of the two peaks of the likelihood, the one that is next to the start is the lower."""
    stream = Stream(1, "search")
    X, z = stream.named("X").uniform((40, 2)), stream.named("noise").normal(40)
    hyper = fitted(X, z, np.arange(2)).hyper
    assert hyper.noise > 0.5
    assert hyper.lengths.min() > 0.2


def test_a_step_is_not_explained_by_noise():
    """Here the lower peak is where scales are shorter."""
    stream = Stream(23, "search")
    X = stream.named("X").uniform((20, 1))
    y = (X[:, 0] > 0.5) + 0.02 * stream.named("noise").normal(20)
    hyper = fitted(X, (y - y.mean()) / y.std(), np.array([0])).hyper
    assert hyper.noise < 0.01 and hyper.lengths[0] < 0.1


def test_of_very_many_points_some_set_the_scales_and_all_are_known():
    X = some_points(600, 2)
    z = np.sin(7 * X[:, 0]) * X[:, 1]
    process = fitted(X, z, np.arange(2))
    some = fitted(X[::3], z[::3], np.arange(2))
    assert process.hyper.lengths.tolist() == some.hyper.lengths.tolist()
    np.testing.assert_allclose(process.predict(X)[0], z, atol=1e-3)


def test_points_that_are_one_and_a_single_point_are_no_trouble():
    X = np.repeat(some_points(3, 2), 4, axis=0)
    process = fitted(X, np.tile([-1.0, 1.0], 6), np.arange(2))
    mean, std = process.predict(X)
    assert np.abs(mean).max() < 0.5
    assert np.isfinite(std).all()
    alone = fitted(X[:1], np.zeros(1), np.arange(2))
    assert alone.predict(X[:1])[0].tolist() == [0.0]
    sure = GaussianProcess.of(X, X[:, 0], np.arange(2), Hyper(np.ones(2), 1.0, 1e-30))
    assert np.isfinite(sure.predict(X)[0]).all()


def test_what_is_believed_moves_no_mean_but_leaves_less_doubt():
    process, new = some_process(), np.array([[0.9, 0.1, 0.9, 0.1]])
    believed = process.with_beliefs(new)
    probes = some_points(5, name="probes")
    np.testing.assert_allclose(believed.predict(probes)[0], process.predict(probes)[0], atol=1e-9)
    assert believed.predict(new)[1][0] < 0.2 * process.predict(new)[1][0]
    assert len(process.with_beliefs(new[:0]).z) == len(process.z)


@pytest.mark.parametrize("t", [-30.0, -5.0, -1.5, -1.0, -0.5, 0.0, 2.0, 20.0])
def test_log_h_is_the_integral(t):
    area = quad(
        lambda u: np.exp(norm.logcdf(u) - norm.logcdf(t)), t - 12 - abs(t), t, epsabs=1e-14
    )[0]
    assert float(log_h(np.array(t))) == pytest.approx(
        math.log(area) + norm.logcdf(t), rel=1e-6, abs=1e-6
    )


def test_log_h_is_smooth_where_its_formulas_meet_and_knows_its_slope():
    for seam in (-1.0, -1e3):
        below, above = log_h(np.array([np.nextafter(seam, -np.inf), np.nextafter(seam, 0)]))
        assert below == pytest.approx(above, rel=1e-10)
    for t in (-2e3, -50.0, -0.9, 3.0):
        value = float(log_h(np.array(t)))
        step = 1e-5 * max(1.0, abs(t))
        high, low = log_h(np.array([t + step, t - step]))
        assert slope_h(t, value) == pytest.approx((high - low) / (2 * step), rel=1e-4)


def test_what_is_known_is_not_suggested_however_promising():
    encoding = Encoding.of(make_space({"a": ["p", "q"], "b": "int:1..3"}))
    units = np.array([[a, b] for a in (0.25, 0.75) for b in (1 / 6, 1 / 2, 5 / 6)])
    left = 3  # its neighbors are bad
    tried = np.delete(units, left, axis=0)
    z = np.array([-2.0, 0.0, 1.0, 1.0, 1.0])
    hyper = Hyper(np.array([1.0, 1.0]), 1.0, 0.3)
    process = GaussianProcess.of(encoding.points(tried), z, encoding.owner, hyper)
    mean, std = process.predict(encoding.points(units))
    assert log_improvement(mean, std, mean.min()).argmax() != left
    found = most_promising(process, encoding, tried[:2], float(mean.min()), STREAM)
    assert found.tolist() == pytest.approx(units[left].tolist())


def test_more_is_expected_of_a_lower_mean_and_of_more_doubt():
    low, high, unsure = log_improvement(np.array([0.0, 1.0, 1.0]), np.array([0.1, 0.1, 1.0]), 0.2)
    assert math.exp(low) == pytest.approx(0.2008, rel=1e-3)
    assert high < unsure < low


def test_climbing_ends_where_no_step_leads_on():
    encoding = Encoding.of(make_space({"x": "uniform:0..1", "y": "uniform:0..1"}))
    X = some_points(12, 2)
    process = fitted(X, (X[:, 0] - 0.4) ** 2 + X[:, 1], np.arange(2))
    best = float(process.predict(X)[0].min())
    start = np.array([0.6, 0.5])
    top = climbed(process, encoding, start, best)

    def value(at):
        return log_improvement(*process.predict(at[None]), best)[0]

    assert value(top) > value(start)
    slope = numerical(value, np.clip(top, 1e-5, 1 - 1e-5))
    inside = (top > 1e-4) & (top < 1 - 1e-4)
    assert np.abs(slope[inside]).max(initial=0.0) < 1e-2
    found = most_promising(process, encoding, X[:2], best, STREAM)
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 60)] * 2), axis=-1).reshape(-1, 2)
    assert value(found) >= log_improvement(*process.predict(grid), best).max() - 1e-6


def test_a_long_tail_is_drawn_in_and_order_stays():
    y = np.exp(3 * STREAM.named("tail").normal(50))
    warping = Warping.of(y)
    z = warping(y)
    assert warping.power < 0.3
    assert z.max() < 4 < ((y - y.mean()) / y.std()).max()
    assert np.argsort(z).tolist() == np.argsort(y).tolist()
    np.testing.assert_allclose(warping.inverse(z), y, rtol=1e-9)
    assert (z.mean(), z.std()) == pytest.approx((0.0, 1.0))


def test_a_long_tail_of_the_best_is_left_alone():
    y = -np.exp(STREAM.named("tail").normal(50))
    warping = Warping.of(y)
    assert warping.power == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(warping(y), (y - y.mean()) / y.std(), atol=1e-2)


@pytest.mark.parametrize(
    "y",
    [
        [-1.7e308, -1e308, 0.0, 1e308, 1.7e308],
        [0.0, 1e-10, 2e-10, 3e-10, 1e-9, 1e300],
        [-1e300, 0.0, 1e-10, 2e-10, 3e-10],
        [1.0, 1.0, 1.0, 1.0, 1e200, 1e300],
        [1.7e308] * 5,
    ],
)
def test_losses_of_any_size_stay_in_order(y):
    y = np.array(y)
    warping = Warping.of(y)
    z = warping(y)
    assert np.isfinite(z).all() and np.abs(z).max() < 4
    assert (np.diff(z) >= 0).all() and (z[-1] > z[0]) == (y[-1] > y[0])
    assert not np.isnan(warping.inverse(np.array([-40.0, *z, 40.0]))).any()


def test_losses_across_all_floats_come_back():
    y = np.array([-1.7e308, -1e308, 0.0, 1e308, 1.7e308])
    warping = Warping.of(y)
    np.testing.assert_allclose(warping.inverse(warping(y)) / 1e308, y / 1e308, atol=1e-9)
    assert np.diff(warping(y)).min() > 0.2


@pytest.mark.parametrize("y", [[2.0], [2.0, 2.0, 2.0], [1.0, 5.0]])
def test_too_few_values_to_bend(y):
    z = Warping.of(np.array(y))(np.array(y))
    np.testing.assert_allclose(z, np.sign(np.array(y) - np.mean(y)), atol=1e-12)


def test_choices_are_equally_far_and_the_absent_is_not_apart():
    space = make_space(
        {
            "kind": ["a", "b", "c"],
            "x": {"kind": "uniform", "low": 0, "high": 1, "when": {"kind": "a"}},
        }
    )
    encoding = Encoding.of(space)
    tried = [{"kind": "a", "x": 0.2}, {"kind": "a", "x": 0.8}, {"kind": "b"}, {"kind": "c"}]
    X = encoding.points(np.array([space.unit(one) for one in tried]))
    apart = ((X[:, None] - X) ** 2)[:, :, encoding.owner == 0].sum(axis=-1)
    np.testing.assert_allclose(
        apart, [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]], atol=1e-12
    )
    x = X[:, 3]
    assert x.tolist() == [0.2, 0.8, 0.5, 0.5]


def test_snapping_is_what_settings_mean():
    space = make_space(
        {
            "name": ["sgd", "adam", "rmsprop"],
            "rate": "log:1e-4..1e-1",
            "units": "int-log:4..64",
            "momentum": {"kind": "uniform", "low": 0, "high": 0.9, "when": {"name": "sgd"}},
            "nesterov": {"kind": "choice", "choices": [True, False], "when": {"name": "sgd"}},
        }
    )
    units = STREAM.uniform((200, 5))
    expected = np.array([space.unit(space.settings(unit)) for unit in units])
    np.testing.assert_allclose(Encoding.of(space).snapped(units), expected, atol=1e-12)
