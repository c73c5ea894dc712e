"""The method as a whole: what it finds, and that it is a pure function."""

import math
import time

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from groundup.rng import Stream
from groundup.tune.bayesian.warping import targets
from groundup.tune.history import History, Trial
from groundup.tune.methods.bayesian import Bayesian, design
from groundup.tune.methods.random_search import RandomSearch
from groundup.tune.space import make_space

SQUARE = make_space({"x": "uniform:-5..10", "y": "uniform:0..15"})


def branin(settings):
    x, y = settings["x"], settings["y"]
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def told(history, settings, loss):
    number = len(history)
    state, value = ("finished", loss) if math.isfinite(loss) else ("failed", None)
    return history.asked(settings).told(Trial(number, settings, state, value))


def searched(space, function, trials, seed=0, method=None):
    history, stream = History(), Stream(seed, "search", "test")
    method = method or Bayesian()
    for number in range(trials):
        settings = method.suggest(space, history, stream.at(step=number))
        history = told(history, space.check(settings), function(settings))
    return history


@pytest.fixture(scope="module")
def tried():
    """Thirty trials on Branin's function."""
    return searched(SQUARE, branin, 30)


def test_it_finds_what_random_search_does_not(tried):
    best = tried.best_trial.value
    assert best == pytest.approx(0.397887, abs=1e-3)
    drawn = searched(SQUARE, branin, 300, method=RandomSearch()).best_trial.value
    assert drawn > 10 * best - 9 * 0.397887


def test_it_is_pure_and_threads_change_no_bit(tried):
    stream = Stream(3, "search", "again")
    with threadpool_limits(limits=2):
        first = Bayesian().suggest(SQUARE, tried, stream)
    with threadpool_limits(limits=1):
        second = Bayesian().suggest(SQUARE, tried, stream)
    assert first == second


def test_high_is_as_good_as_low(tried):
    turned = History(
        tuple(Trial(one.number, one.settings, "finished", -one.value) for one in tried.trials),
        "high",
    )
    stream = Stream(3, "search")
    found, other = (Bayesian().suggest(SQUARE, history, stream) for history in (tried, turned))
    assert found == other


def test_first_trials_are_spread_evenly():
    stream = Stream(5, "search")
    points = np.array([design(3, number, stream.at(step=number)) for number in range(16)])
    shifted = (points - points[0] + 1e-9) % 1.0
    for values in shifted.T:
        assert sorted(np.floor(16 * values).astype(int)) == list(range(16))
    assert not np.array_equal(points[0], design(3, 0, Stream(6, "search")))


def test_the_model_begins_after_the_first_trials():
    history = searched(SQUARE, branin, 8, method=Bayesian(initial=4))
    spread = [SQUARE.settings(design(2, k, Stream(0, "search"))) for k in range(8)]
    same = [trial.settings == one for trial, one in zip(history.trials, spread, strict=True)]
    assert same == [True] * 4 + [False] * 4


def test_trials_that_run_send_the_next_ones_elsewhere(tried):
    history, stream = tried.before(12), Stream(0, "search")
    for _ in range(4):
        history = history.asked(Bayesian().suggest(SQUARE, history, stream))  # one stream for all
    places = np.array([SQUARE.unit(trial.settings) for trial in history.trials[-4:]])
    apart = np.abs(places[:, None] - places).max(axis=-1)[np.triu_indices(4, 1)]
    assert apart.min() > 0.02


def test_failures_are_kept_away_from():
    def function(settings):
        return math.inf if settings["x"] > 2.5 else branin(settings)

    history = searched(SQUARE, function, 30)
    failed = [trial.state == "failed" for trial in history.trials]
    assert sum(failed[:10]) >= 3
    assert sum(failed[10:]) <= 4
    assert history.best_trial.value < 0.45
    imputed = targets(np.array([1.0, np.inf, 3.0, 2.0]))
    assert imputed[1] == imputed[2] == imputed.max()


@pytest.mark.parametrize("loss", [math.inf, 1.0])
def test_it_goes_on_where_nothing_is_learned(loss):
    assert len(searched(SQUARE, lambda settings: loss, 14)) == 14


def test_one_value_among_failures_is_enough():
    history = searched(SQUARE, lambda settings: math.inf, 11)
    history = told(history, {"x": 0.0, "y": 0.0}, 1.0)
    SQUARE.check(Bayesian().suggest(SQUARE, history, Stream()))


def test_choices_whole_numbers_and_conditions():
    space = make_space(
        {
            "optimizer": ["sgd", "adam", "rmsprop"],
            "rate": "log:1e-5..1",
            "depth": "int:1..12",
            "momentum": {"kind": "uniform", "low": 0, "high": 1, "when": {"optimizer": "sgd"}},
        }
    )

    def function(settings):
        base = {"sgd": 0.0, "adam": 0.3, "rmsprop": 0.6}[settings["optimizer"]]
        momentum = (settings.get("momentum", 0.9) - 0.9) ** 2
        return (
            base + momentum + (math.log10(settings["rate"]) + 2) ** 2
            + 0.1 * (settings["depth"] - 7) ** 2
        )  # fmt: skip

    best = searched(space, function, 35).best_trial
    assert (best.settings["optimizer"], best.settings["depth"]) == ("sgd", 7)
    assert best.value < 0.02


def test_nothing_is_tried_twice_before_all_is_tried():
    space = make_space({"a": ["p", "q", "r"], "b": "int:1..4"})
    start = [{"a": "p", "b": 2}, {"a": "q", "b": 3}]
    history = History()
    for settings in start:
        history = told(history, settings, 1.0)
    for number in range(2, 14):
        settings = Bayesian(initial=2).suggest(space, history, Stream().at(step=number))
        history = told(history, settings, settings["b"] + (settings["a"] == "q"))
    tried = [tuple(trial.settings.values()) for trial in history.trials]
    assert len(set(tried[:12])) == 12


def test_nothing_is_tried_twice_where_values_are_noise():
    """Where much doubt is left at what was tried, it is still more than is hoped of the rest."""
    space = make_space({"a": ["p", "q", "r"], "b": "int:1..4"})
    noise, history = Stream(4, "search", "noise").normal(12), History()
    for number in range(12):
        settings = Bayesian(initial=3).suggest(space, history, Stream().at(step=number))
        good = settings == {"a": "p", "b": 2}
        history = told(history, settings, noise[number] - 5 * good)
    tried = {tuple(trial.settings.values()) for trial in history.trials[3:]}
    assert len(tried) == 9


@pytest.mark.parametrize("dimensions", [2, 6])
def test_a_suggestion_after_200_trials_is_quick(dimensions):
    space = make_space({f"x{k}": "uniform:0..1" for k in range(dimensions)})
    history = History()
    for number in range(200):
        settings = space.sample(Stream(0, "search").at(step=number))
        history = told(history, settings, sum(math.sin(7 * x) for x in settings.values()))
    Bayesian().suggest(space, history, Stream())
    seconds = []
    for number in range(3):
        began = time.process_time()
        Bayesian().suggest(space, history, Stream().at(step=number))
        seconds.append(time.process_time() - began)
    assert min(seconds) < 0.2  # 0.05 to 0.07 s when nothing else runs
