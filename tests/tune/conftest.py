"""Studies made by hand."""

import pytest

from groundup.config import from_mapping
from groundup.tune.history import History, Trial
from groundup.tune.plan import Plan
from groundup.tune.search import Search
from groundup.tune.space import make_space
from groundup.tune.study import Final, Study

SPACE = {"optimizer.learning_rate": "log:1e-4..1e-1", "model.l2": "log:1e-8..1e-4"}


def settings_of(number, space):
    """Different ones for each number, inside of the space."""
    return space.settings(
        [(0.11 + 0.29 * k + 0.37 * number) % 1.0 for k in range(len(space.dimensions))]
    )


def trial_of(number, what, settings, epochs):
    """A number has finished, a tuple was stopped, None runs, words say why it failed."""
    if what is None:
        return Trial(number, settings)
    if isinstance(what, str):
        return Trial(number, settings, "failed", reason=what, seconds=0.5)
    state, value = ("stopped", what[0]) if isinstance(what, tuple) else ("finished", what)
    done = epochs if state == "finished" else 1
    curve = tuple(value * (k + 1) / done for k in range(done))
    train = tuple(min(1.0, 1.1 * one) for one in curve)
    reason = "worse than the median" if state == "stopped" else ""
    return Trial(number, settings, state, value, curve, train, float(done), reason, 2.0 * done)


def study_of(
    values, space=SPACE, metric="accuracy", epochs=4, test=None, tried=None, terms=None, **options
):
    """A study whose trials came out so; `test` is the score of the final network."""
    space = make_space(space)
    best = "high" if metric == "accuracy" else "low"
    tried = tried or [settings_of(number, space) for number in range(len(values))]
    trials = [trial_of(k, what, tried[k], epochs) for k, what in enumerate(values)]
    history = History(tuple(trials), best)
    options = {"trials": max(len(values), 1), **options}
    config = from_mapping({"model": {"name": "multi-layer"}, "train": {"epochs": epochs}})
    plan = Plan(config, Search(space, best=best, epochs=epochs, **options), metric)
    final = None
    if test is not None:
        chosen = history.best_trial
        scores = {f"val_{metric}": chosen.value, f"test_{metric}": test}
        final = Final(chosen.number, scores, "runs/one/best")
    return Study(plan, history, final, *([terms] if terms else []))


@pytest.fixture(name="study_of")
def _study_of():
    return study_of
