"""TPE: Optuna's own choice, from nothing but the history and the stream."""

import importlib.util
import json
import logging
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import optuna
import pytest

from groundup.errors import InputError
from groundup.rng import Stream
from groundup.tune.history import History, Trial
from groundup.tune.methods.random_search import RandomSearch
from groundup.tune.methods.tpe import TPE
from groundup.tune.space import make_space

STREAM = Stream(3, "search", "tpe")
BOWL = make_space({"rate": "log:1e-6..1e0", "width": "int:1..64"})
SPACE = make_space(
    {
        "optimizer": ["sgd", "adam"],
        "rate": "log:1e-6..1e0",
        "momentum": {"kind": "uniform", "low": 0.0, "high": 0.99, "when": {"optimizer": "sgd"}},
        "width": "int-log:8..512",
        "layers": [[50], [50, 50], {"kind": "Dense"}],
    }
)


def bowl(settings):
    return (math.log10(settings["rate"]) + 3) ** 2 + ((settings["width"] - 40) / 20) ** 2


def told(space, function, trials):
    """Fair draws with their values; None means that the trial failed."""
    history = History()
    for number in range(trials):
        settings = space.sample(Stream(9, "search").at(step=number))
        value = function(settings)
        state = "failed" if value is None else "finished"
        history = history.asked(settings).told(Trial(number, settings, state, value))
    return history


def searched(method, seed, trials):
    history = History()
    for number in range(trials):
        settings = method.suggest(BOWL, history, Stream(seed, "search").at(step=number))
        done = Trial(number, settings, "finished", bowl(settings))
        history = history.asked(settings).told(done)
    return history.best_trial.value


def suggestions(history, space=SPACE, count=8):
    return [TPE().suggest(space, history, STREAM.at(step=step)) for step in range(count)]


def test_it_is_what_optuna_itself_would_try():
    rate = optuna.distributions.FloatDistribution(1e-6, 1.0, log=True)
    width = optuna.distributions.IntDistribution(1, 64)
    history = told(BOWL, bowl, 30)
    sampler = optuna.samplers.TPESampler(seed=int(STREAM.halves(1)[0]))
    study = optuna.create_study(sampler=sampler)
    for trial in history.trials:
        study.add_trial(
            optuna.create_trial(
                params=dict(trial.settings),
                distributions={"rate": rate, "width": width},
                value=trial.value,
            )
        )
    asked = study.ask()
    expected = {
        "rate": asked.suggest_float("rate", 1e-6, 1.0, log=True),
        "width": asked.suggest_int("width", 1, 64),
    }
    assert TPE().suggest(BOWL, history, STREAM) == expected


def test_it_finds_better_than_chance():
    found = [
        [searched(method, seed, 35) for seed in range(3)] for method in (TPE(), RandomSearch())
    ]
    assert np.mean(found[0]) < 0.5 * np.mean(found[1])


def test_high_values_can_be_good():
    low = told(BOWL, bowl, 25)
    high = History(
        tuple(Trial(t.number, t.settings, "finished", -t.value) for t in low.trials), "high"
    )
    assert suggestions(low, BOWL, 3) == suggestions(high, BOWL, 3)


def test_the_same_history_and_stream_give_the_same_settings():
    history = told(SPACE, lambda at: math.log10(at["rate"]) ** 2, 25)
    assert suggestions(history) == suggestions(history)
    assert len({json.dumps(one) for one in suggestions(history)}) == 8


def test_another_process_suggests_the_same():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); import json, math, test_tpe as t\n"
        "history = t.told(t.SPACE, lambda at: math.log10(at['rate']) ** 2, 25)\n"
        "print(json.dumps(t.suggestions(history)))"
    )
    here = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    there = subprocess.run(
        [sys.executable, "-c", program, here], capture_output=True, text=True, env=environment
    )
    history = told(SPACE, lambda at: math.log10(at["rate"]) ** 2, 25)
    assert json.loads(there.stdout) == suggestions(history), there.stderr


def test_only_what_is_there_is_set():
    history = told(SPACE, lambda at: abs(math.log10(at["rate"]) + 3), 25)
    found = suggestions(history, count=16)
    assert all(SPACE.check(settings) == settings for settings in found)
    assert {"momentum" in settings for settings in found} == {True, False}


def test_choices_of_any_kind_come_back_as_they_are():
    space = make_space({"mixed": [True, 1, "1", None, [1, 2], "[1, 2]", 0.5]})
    wanted = [1, 2]
    history = told(space, lambda at: 0.0 if at["mixed"] == wanted else 1.0, 60)
    found = [settings["mixed"] for settings in suggestions(history, space, 16)]
    assert all(space.dimensions["mixed"].holds(value) for value in found)
    assert found.count(wanted) > 8


def test_it_keeps_away_from_what_runs():
    space = make_space({"x": "uniform:0..1"})
    history = told(space, lambda at: abs(at["x"] - 0.5), 30)
    alone = [settings["x"] for settings in suggestions(history, space, 12)]
    place = float(np.median(alone))
    for _ in range(6):
        history = history.asked({"x": place})
    beside = [settings["x"] for settings in suggestions(history, space, 12)]
    distance = [np.abs(np.array(each) - place).mean() for each in (alone, beside)]
    assert distance[1] > 2 * distance[0]


def test_it_learns_from_what_failed():
    """The best values lie at a cliff, behind which everything fails."""
    space = make_space({"x": "uniform:0..1"})
    history = told(space, lambda at: -at["x"] if at["x"] < 0.6 else None, 40)
    found = [settings["x"] for settings in suggestions(history, space, 12)]
    assert sum(x > 0.65 for x in found) <= 1
    assert sum(0.4 < x < 0.6 for x in found) >= 9


def test_a_stopped_trial_ranks_behind_a_finished_one():
    """All that finished lie on the right; what was stopped on the left had better values."""
    space = make_space({"x": "uniform:0..1"})

    def trial(number):
        x = (number + 0.5) / 40
        if x < 0.5:
            return Trial(number, {"x": x}, "stopped", 0.0, curve=(0.0,))
        return Trial(number, {"x": x}, "finished", x, curve=(x, x))

    history = History(tuple(trial(number) for number in range(40)))
    assert all(0.4 < settings["x"] < 0.8 for settings in suggestions(history, space))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_number_is_a_failure(value):
    broken = History((Trial(0, BOWL.sample(STREAM), "finished", value),))
    failed = History((Trial(0, BOWL.sample(STREAM), "failed"),))
    method = TPE(random_trials=1)
    assert method.suggest(BOWL, broken, STREAM) == method.suggest(BOWL, failed, STREAM)


def test_optuna_says_nothing(capfd):
    level = logging.getLogger("optuna").level
    suggestions(told(BOWL, bowl, 15), BOWL, 1)
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("optuna").level == level


def test_without_optuna_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'groundup\[optuna\]'"):
        TPE().suggest(BOWL, History(), STREAM)


@pytest.mark.parametrize("options", [{"random_trials": 0}, {"candidates": 0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(InputError, match="a whole number of at least 1"):
        TPE(**options)
