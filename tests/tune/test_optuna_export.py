"""A study as Optuna's database, read back by Optuna."""

import importlib.util
import math
import tomllib
from datetime import timedelta

import optuna
import pytest

from groundup import config as configuration
from groundup.errors import InputError, StorageError
from groundup.rng import Stream
from groundup.tune.history import History, Trial
from groundup.tune.methods.tpe import TPE
from groundup.tune.optuna_export import to_optuna
from groundup.tune.plan import Plan
from groundup.tune.search import Search
from groundup.tune.space import make_space
from groundup.tune.study import Final, Study

SPACE = make_space(
    {
        "optimizer.name": ["sgd", "momentum"],
        "optimizer.learning_rate": "log:1e-6..1e-2",
        "optimizer.momentum": {
            "kind": "uniform",
            "low": 0.5,
            "high": 0.99,
            "when": {"optimizer.name": "momentum"},
        },
        "train.batch_size": "int-log:16..256",
    }
)
CURVE = (0.25, 0.5, 0.75)
ENDS = [  # what became of each trial
    {"state": "finished", "value": 0.75, "curve": CURVE, "train_curve": (0.5, 0.75, 1.0)},
    {"state": "finished", "value": 0.875, "curve": (*CURVE, 0.875)},
    {"state": "stopped", "value": 0.5, "curve": CURVE[:2], "reason": "below the median"},
    {"state": "failed", "curve": (0.25, math.nan), "reason": "the loss is not finite"},
    {"state": "running"},
    {"state": "finished", "value": math.nan},
]


def made(best="high", final=None):
    trials = tuple(
        Trial(
            number,
            SPACE.sample(Stream(0, "search").at(step=number)),
            **end,
            epochs=float(len(end.get("curve", ()))),
            seconds=2.0,
            at=3.0 + number,
        )
        for number, end in enumerate(ENDS)
    )
    search = Search(SPACE, TPE(), trials=len(ENDS), best=best, epochs=4)
    return Study(Plan(configuration.Config(), search, "accuracy"), History(trials, best), final)


@pytest.fixture(scope="module")
def study():
    return made(final=Final(1, {"val_accuracy": 0.875, "test_accuracy": 0.8125}))


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("a folder, 100% odd?")
    to_optuna(study, folder / "study.db")
    return folder


@pytest.fixture(scope="module")
def read(folder, tmp_path_factory):
    plain = tmp_path_factory.mktemp("plain") / "study.db"  # no URL has room for all names
    plain.write_bytes((folder / "study.db").read_bytes())
    storage = optuna.storages.RDBStorage(f"sqlite:///{plain}")
    yield optuna.load_study(study_name="groundup", storage=storage)
    storage.remove_session()
    storage.engine.dispose()


def test_every_trial_is_there_with_its_settings(study, read):
    assert [trial.number for trial in read.trials] == list(range(len(ENDS)))
    assert [trial.params for trial in read.trials] == [
        dict(trial.settings) for trial in study.history.trials
    ]
    log = optuna.distributions.FloatDistribution(1e-6, 1e-2, log=True)
    whole = optuna.distributions.IntDistribution(16, 256, log=True)
    choice = optuna.distributions.CategoricalDistribution(("sgd", "momentum"))
    for trial in read.trials:
        assert trial.distributions["optimizer.learning_rate"] == log
        assert trial.distributions["train.batch_size"] == whole
        assert trial.distributions["optimizer.name"] == choice
        conditional = trial.params["optimizer.name"] == "momentum"
        assert ("optimizer.momentum" in trial.distributions) == conditional


def test_states_and_values_are_the_same_and_nothing_runs_for_ever(read):
    found = [(trial.state.name, trial.value) for trial in read.trials]
    assert found == [
        ("COMPLETE", 0.75),
        ("COMPLETE", 0.875),
        ("PRUNED", 0.5),
        ("FAIL", None),
        ("FAIL", None),
        ("FAIL", None),
    ]
    assert [trial.user_attrs["reason"] for trial in read.trials] == [
        "",
        "",
        "below the median",
        "the loss is not finite",
        "it was interrupted",
        "its value is nan",
    ]


def test_curves_are_the_values_of_the_epochs(read):
    first, broken = read.trials[0], read.trials[3]
    assert first.intermediate_values == {1: 0.25, 2: 0.5, 3: 0.75}
    assert first.user_attrs["train_curve"] == [0.5, 0.75, 1.0]
    assert broken.intermediate_values[1] == 0.25
    assert math.isnan(broken.intermediate_values[2])


def test_a_trial_says_what_it_took_and_what_it_ran(study, read):
    for trial, ours in zip(read.trials, study.history.trials, strict=True):
        assert trial.user_attrs["epochs"] == ours.epochs
        assert trial.user_attrs["seconds"] == 2.0
        assert trial.duration == timedelta(seconds=2)
        run = tomllib.loads(trial.user_attrs["configuration"])
        assert run["optimizer"]["learning_rate"] == ours.settings["optimizer.learning_rate"]
        assert run["train"]["batch_size"] == ours.settings["train.batch_size"]
    ends = [trial.datetime_complete for trial in read.trials]
    assert ends == [ends[0] + timedelta(seconds=number) for number in range(len(ENDS))]


def test_the_study_says_what_was_searched_and_what_came_of_it(study, read):
    assert read.direction.name == "MAXIMIZE"
    assert read.best_trial.number == study.best.number == 1
    assert read.user_attrs["metric"] == "accuracy"
    assert read.user_attrs["method"]["kind"] == "TPE"
    assert (read.user_attrs["seed"], read.user_attrs["epochs"]) == (0, 4)
    assert read.user_attrs["chosen"] == 1
    assert read.user_attrs["test_accuracy"] == 0.8125


def test_low_values_can_be_good(tmp_path):
    to_optuna(made(best="low"), tmp_path / "study.db", name="losses")
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/study.db")
    read = optuna.load_study(study_name="losses", storage=storage)
    assert (read.direction.name, read.best_trial.number) == ("MINIMIZE", 0)
    assert "chosen" not in read.user_attrs  # nothing came of it yet
    assert read.ask().number == len(ENDS)  # Optuna can go on with it
    storage.remove_session()
    storage.engine.dispose()


def test_nothing_else_is_left_beside_the_file(folder):
    assert [file.name for file in folder.iterdir()] == ["study.db"]


def test_what_exists_is_not_written_over(study, tmp_path):
    path = tmp_path / "study.db"
    path.write_text("mine")
    with pytest.raises(InputError, match=r"already exists\. Choose another name, or remove it"):
        to_optuna(study, path)
    assert path.read_text() == "mine"


def test_a_place_that_cannot_be_written_is_said(study, tmp_path):
    with pytest.raises(StorageError, match="Create its folder first"):
        to_optuna(study, tmp_path / "nowhere" / "study.db")


def test_without_optuna_it_says_how_to_get_it(study, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'groundup\[optuna\]'"):
        to_optuna(study, tmp_path / "study.db")
