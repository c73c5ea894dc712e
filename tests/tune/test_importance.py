"""Shares of the variance: of a tree exactly, of functions with known shares nearly."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.tree import DecisionTreeRegressor

from groundup.rng import Stream
from groundup.tune.history import History, Trial
from groundup.tune.importance import _shares_of, importances, unexplained
from groundup.tune.space import make_space

STREAM = Stream(0, "search", "importance")


def cube(count):
    return make_space({f"x{d}": "uniform:0..1" for d in range(count)})


def tried(space, function, trials, seed=0):
    drawn = [space.sample(Stream(seed, "search").at(step=step)) for step in range(trials)]
    return History(
        tuple(
            Trial(k, settings, "finished", function(settings)) for k, settings in enumerate(drawn)
        )
    )


def shares(found):
    return {one.name: one.share for one in found}


def linear(at):
    return 3 * at["x0"] + at["x1"]


@pytest.fixture(scope="module")
def of_linear():
    return importances(cube(3), tried(cube(3), linear, 100), STREAM)


def test_the_shares_of_one_tree_are_exact():
    """Against sums over every cell that its thresholds cut the cube into."""
    rng = np.random.default_rng(0)
    X = rng.random((40, 3))
    grown = DecisionTreeRegressor(random_state=0).fit(X, X[:, 0] * X[:, 1] + np.sin(5 * X[:, 2]))
    tree = grown.tree_
    cuts = [np.unique([0.0, 1.0, *tree.threshold[tree.feature == d]]) for d in range(3)]
    widths = [np.diff(each) for each in cuts]
    middles = [(each[1:] + each[:-1]) / 2 for each in cuts]
    cells = np.array(list(itertools.product(*middles)))
    f = grown.predict(cells).reshape([len(each) for each in middles])
    weights = np.einsum("i,j,k->ijk", *widths)
    mean = (f * weights).sum()
    variance = ((f - mean) ** 2 * weights).sum()
    sums = ("ijk,j,k->i", "ijk,i,k->j", "ijk,i,j->k")
    for d, sum_ in enumerate(sums):
        others = [width for e, width in enumerate(widths) if e != d]
        alone = np.einsum(sum_, f, *others)
        expected = ((alone - mean) ** 2 * widths[d]).sum() / variance
        assert _shares_of(tree)[d] == pytest.approx(expected, abs=1e-6)  # sums in float32


def test_a_tree_without_a_split_explains_nothing():
    tree = DecisionTreeRegressor().fit(np.zeros((3, 2)), np.arange(3.0)).tree_
    assert _shares_of(tree).tolist() == [0.0, 0.0]


def test_known_shares_are_found(of_linear):
    """3x + y: the variances are 9/12 and 1/12."""
    assert [one.name for one in of_linear] == ["x0", "x1", "x2"]
    found = shares(of_linear)
    assert found["x0"] == pytest.approx(0.9, abs=0.05)
    assert found["x1"] == pytest.approx(0.1, abs=0.06)
    assert found["x2"] < 0.02


def test_intervals_hold_the_truth_and_zero_for_what_has_no_influence(of_linear):
    for one, truth in zip(of_linear, (0.9, 0.1, 0.0), strict=True):
        assert 0 <= one.low <= truth <= one.high <= 1
        assert one.low <= one.share <= one.high
    assert of_linear[0].low > 0.5
    assert of_linear[2].high < 0.1


def test_more_trials_make_intervals_narrower(of_linear):
    few = importances(cube(3), tried(cube(3), linear, 20), STREAM)
    assert few[0].high - few[0].low > 1.5 * (of_linear[0].high - of_linear[0].low)


def test_it_depends_on_the_trials_and_the_stream_alone(of_linear):
    history = tried(cube(3), linear, 100)
    assert importances(cube(3), history, STREAM) == of_linear
    assert importances(cube(3), history, STREAM.named("another")) != of_linear


def test_what_is_good_and_the_scale_make_no_difference(of_linear):
    history = tried(cube(3), linear, 100)
    trials = tuple(replace(trial, value=-1024.0 * trial.value) for trial in history.trials)
    assert importances(cube(3), History(trials, "high"), STREAM) == of_linear


def test_a_scale_is_what_the_space_says():
    """Of a function of the logarithm, either half of the log scale explains the same."""
    space = make_space({"rate": "log:1e-6..1e0", "x": "uniform:0..1"})
    found = importances(space, tried(space, lambda at: math.log10(at["rate"]), 40), STREAM)
    assert shares(found)["rate"] > 0.95


def test_choices_and_whole_numbers_are_dimensions_like_others():
    space = make_space({"kind": ["a", "b", "c"], "width": "int:1..8", "other": ["p", "q"]})
    found = shares(
        importances(space, tried(space, lambda at: 3.0 * (at["kind"] == "b"), 60), STREAM)
    )
    assert found["kind"] > 0.95
    assert max(found["width"], found["other"]) < 0.02


def test_what_is_there_at_times_explains_what_it_does_at_those_times():
    """f = m where the optimizer is sgd, else ½; so E[f | m] = ½m + ¼."""
    space = make_space(
        {
            "optimizer": ["sgd", "adam"],
            "m": {"kind": "uniform", "low": 0.0, "high": 1.0, "when": {"optimizer": "sgd"}},
        }
    )
    found = importances(space, tried(space, lambda at: at.get("m", 0.5), 150), STREAM)
    # Var[f] = ½ · 1/12 and Var[½m] = 1/48: half of it; the rest is of both together.
    assert shares(found)["m"] == pytest.approx(0.5, abs=0.1)
    assert shares(found)["optimizer"] < 0.05


def test_failed_trials_count_as_the_worst_and_running_ones_do_not():
    space = cube(2)
    history = tried(space, lambda at: at["x1"], 60)

    def failing(trial):
        bad = trial.settings["x0"] > 0.7
        return replace(trial, state="failed", value=None) if bad else trial

    worst = max(trial.value for trial in history.trials if trial.settings["x0"] <= 0.7)
    counted = tuple(failing(trial) for trial in history.trials)
    as_worst = tuple(
        replace(trial, state="finished", value=worst) if trial.state == "failed" else trial
        for trial in counted
    )
    found = importances(space, History(counted), STREAM)
    expected = shares(importances(space, History(as_worst), STREAM))
    assert shares(found) == pytest.approx(expected, abs=0.02)
    assert found[0].name == "x0"
    running = Trial(60, {"x0": 0.1, "x1": 0.1})
    assert importances(space, History((*counted, running)), STREAM) == found


def test_stopped_trials_count_with_what_they_had_reached():
    history = tried(cube(2), linear, 30)
    stopped = tuple(
        replace(trial, state="stopped") if trial.number % 3 else trial for trial in history.trials
    )
    expected = importances(cube(2), history, STREAM)
    assert importances(cube(2), History(stopped), STREAM) == expected


@pytest.mark.parametrize(
    ("history", "why"),
    [
        (History(), "at least 8 finished trials are needed, and there are 0"),
        (tried(cube(2), linear, 7), "and there are 7"),
        (tried(cube(2), lambda at: math.nan, 9), "and there are 0"),
        (tried(cube(2), lambda at: 1.5, 20), "all trials have the same value"),
    ],
)
def test_where_nothing_can_be_said_it_says_why(history, why):
    assert importances(cube(2), history, STREAM) == ()
    assert why in unexplained(history)


def test_eight_trials_are_enough():
    history = tried(cube(2), linear, 8)
    assert unexplained(history) == ""
    assert len(importances(cube(2), history, STREAM)) == 2


def test_a_dimension_without_alternatives_explains_nothing():
    space = make_space({"x": "uniform:0..1", "only": ["adam"]})
    found = importances(space, tried(space, lambda at: at["x"], 20), STREAM)
    assert (found[1].name, found[1].low) == ("only", 0.0)
    assert found[1].high == pytest.approx(0.0, abs=1e-12)


def test_values_that_differ_little_are_told_apart():
    shifted = tried(cube(3), lambda at: 1 + 1e-8 * linear(at), 60)
    found = shares(importances(cube(3), shifted, STREAM))
    expected = shares(importances(cube(3), tried(cube(3), linear, 60), STREAM))
    assert found == pytest.approx(expected, abs=0.03)
    assert found["x0"] > 0.85


@pytest.mark.parametrize("number", [7, 20, 59])
def test_one_loss_beyond_all_measure_is_not_all_of_the_variance(number):
    trials = list(tried(cube(3), linear, 60).trials)
    trials[number] = replace(trials[number], value=1e12)
    found = shares(importances(cube(3), History(tuple(trials)), STREAM))
    assert found["x0"] > 0.5
    assert max(found["x1"], found["x2"]) < 0.2


def test_of_very_many_trials_every_so_manieth_is_taken():
    history = tried(cube(2), linear, 900)
    spoiled = tuple(  # those between would turn it all around
        trial if trial.number % 3 == 0 else replace(trial, value=-3 * trial.settings["x1"])
        for trial in history.trials
    )
    found = shares(importances(cube(2), History(spoiled), STREAM))
    assert found["x0"] == pytest.approx(0.9, abs=0.05)


def test_huge_values_do_no_harm():
    found = importances(cube(2), tried(cube(2), lambda at: 1e300 * linear(at), 40), STREAM)
    assert shares(found)["x0"] == pytest.approx(0.9, abs=0.08)
