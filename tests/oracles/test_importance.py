"""Shares of the variance against Optuna's functional ANOVA, whose forests are others."""

import numpy as np
import optuna
import pytest
from optuna.importance import FanovaImportanceEvaluator

from groundup.rng import Stream
from groundup.tune.bayesian.warping import targets
from groundup.tune.history import History, Trial
from groundup.tune.importance import importances
from groundup.tune.optuna_trials import optuna_trial, parameters, silent
from groundup.tune.space import make_space

SPACE = make_space(
    {"x": "uniform:0..1", "y": "uniform:-1..1", "k": "int:1..9", "z": "uniform:0..1"}
)


def function(at):
    return 3 * at["x"] + at["y"] ** 2 * 2 + 0.1 * at["k"]


@pytest.mark.parametrize("seed", range(2))
def test_the_shares_are_those_of_optuna(seed):
    drawn = [SPACE.sample(Stream(seed, "search").at(step=step)) for step in range(80)]
    values = targets(np.array([function(at) for at in drawn]))  # both see the warped ones
    trials = [Trial(k, at, "finished", float(values[k])) for k, at in enumerate(drawn)]
    history = History(tuple(trials))
    with silent():
        study = optuna.create_study()
    study.add_trials(optuna_trial(parameters(SPACE), trial) for trial in history.trials)
    peer = FanovaImportanceEvaluator(seed=seed).evaluate(study)
    ours = importances(SPACE, history, Stream(seed, "search"))
    for one in ours:
        assert one.share == pytest.approx(peer[one.name], abs=0.05)
    assert ours[0].name == next(iter(peer)) == "x"
