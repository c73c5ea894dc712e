"""The map of a search, in the metric's own unit."""

import math

import numpy as np
import pytest

from groundup.errors import InputError
from groundup.rng import Stream
from groundup.tune.history import History, Trial
from groundup.tune.space import make_space
from groundup.tune.surrogate import Surrogate

SPACE = make_space({"rate": "log:1e-4..1", "name": ["a", "b"]})


def accuracy(settings):
    return 0.9 - 0.1 * (math.log10(settings["rate"]) + 2) ** 2 - 0.2 * (settings["name"] == "b")


def history_of(function, count=30, best="high"):
    tried = [SPACE.sample(Stream(0, "search").at(step=number)) for number in range(count)]
    trials = [Trial(k, one, "finished", function(one)) for k, one in enumerate(tried)]
    return History(tuple(trials), best)


@pytest.mark.parametrize("best", ["high", "low"])
def test_it_knows_settings_that_were_not_tried(best):
    new = [{"rate": rate, "name": name} for rate in (3e-3, 1e-2, 0.2) for name in "ab"]
    mean, std = Surrogate.of(SPACE, history_of(accuracy, best=best)).predict(new)
    np.testing.assert_allclose(mean, [accuracy(one) for one in new], atol=5e-3)
    assert (std > 0).all()
    assert std.max() < 0.03


def test_a_long_tail_is_given_back_in_its_own_unit():
    def loss(settings):
        return math.exp(8 * abs(math.log10(settings["rate"]) + 2) / 2)

    history = history_of(loss, best="low")
    values = [trial.value for trial in history.trials]
    mean, _ = Surrogate.of(SPACE, history).predict([trial.settings for trial in history.trials])
    np.testing.assert_allclose(np.log(mean), np.log(values), atol=0.2)
    far, std = Surrogate.of(SPACE, history).predict([{"rate": 1e-4, "name": "a"}])
    assert 0 < far[0] < 2 * max(values)
    assert np.isfinite(std).all()


def test_doubt_grows_where_nothing_was_tried():
    space = make_space({"x": "uniform:0..1"})
    trials = tuple(Trial(k, {"x": 0.4 * k / 9}, "finished", math.sin(k / 2)) for k in range(10))
    _, std = Surrogate.of(space, History(trials)).predict([{"x": 0.2}, {"x": 0.7}, {"x": 1.0}])
    assert std[0] < 0.2 * std[1] <= std[2]


def test_failed_and_running_trials_have_no_value():
    history = history_of(accuracy)
    more = (
        *history.trials,
        Trial(30, {"rate": 0.5, "name": "a"}, "failed"),
        Trial(31, {"rate": 0.1, "name": "b"}),
    )
    expected = Surrogate.of(SPACE, history).predict([{"rate": 0.4, "name": "a"}])
    found = Surrogate.of(SPACE, History(more, "high")).predict([{"rate": 0.4, "name": "a"}])
    np.testing.assert_array_equal(found, expected)


def test_two_values_are_needed():
    with pytest.raises(InputError, match="1 of 1 trials have a value: expected two or more"):
        Surrogate.of(SPACE, history_of(accuracy, 1))
