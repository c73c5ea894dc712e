"""Studies of networks: what a trial is, what is checked before, and what the folder holds."""

import contextlib
import csv
import os
import signal
import tomllib

import numpy as np
import pytest

from groundup.config import SEARCH, from_mapping, load
from groundup.data import dataset as datasets
from groundup.errors import InputError, Interrupted, StorageError
from groundup.storage import Log, read_log
from groundup.train.executor import inline, local_pool
from groundup.train.run import run
from groundup.train.run_directory import RunDirectory
from groundup.train.threads import limited_threads
from groundup.tune import make_plan, open_study, resume, search, studying, training
from groundup.tune.folder import LOG, Folder
from groundup.tune.plan import Plan
from groundup.tune.planning import search_table
from groundup.tune.records import Order, Terms
from groundup.tune.table import load_search

DIGITS = datasets.load("digits")
SMALL = {
    "seed": 3,
    "data": {"validation": 0.2},
    "model": {"name": "multi-layer", "units": 12, "depth": 1},
    "train": {"epochs": 3, "batch_size": 100},
}
RATE = "optimizer.learning_rate"
MEDIAN = {"name": "median", "warmup_epochs": 1, "least_trials": 2}
SPACE = {"learning_rate": "log:1e-5..1e-1", "units": "int-log:4..32"}
TABLES = ("trials.csv", "curves.csv", "config.toml", "best.toml")


@pytest.fixture(scope="module")
def two_workers():
    """One pool for all tests: to begin takes processes longer than these trials."""
    with local_pool(2)() as pool:
        yield lambda: contextlib.nullcontext(pool)


def files(path):
    return {name: (path / name).read_bytes() for name in TABLES}


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study in batches, with trials that are stopped, and its folder; only to be read."""
    path = tmp_path_factory.mktemp("tune") / "whole"
    return search(SMALL, SPACE, "random", 8, MEDIAN, out=path), path


# --- trials


def test_a_trial_is_a_run_judged_on_validation_data(whole, tmp_path) -> None:
    study, _ = whole
    for trial in study.history.trials[:2]:
        config = from_mapping({
            **SMALL,
            "model": {**SMALL["model"], "units": trial.settings["model.units"]},
            "optimizer": {"learning_rate": trial.settings["optimizer.learning_rate"]},
        })  # fmt: skip
        with limited_threads(1):
            result, directory = run(config, tmp_path / f"{trial.number}")
        assert trial.value == result.val_accuracy
        epochs = directory.records("epoch")
        assert trial.curve == tuple(record["val_accuracy"] for record in epochs)
        assert trial.train_curve == tuple(record["accuracy"] for record in epochs)
        assert (trial.epochs, trial.state) == (3.0, "finished")


def test_the_best_is_trained_once_more_to_the_same_bits_and_alone_tested(whole) -> None:
    study, path = whole
    values = {trial.number: trial.value for trial in study.history.trials if trial.value}
    finished = {n: v for n, v in values.items() if study.history.trials[n].state == "finished"}
    assert study.best.value == max(finished.values()) > 0.5
    assert study.final.number == study.best.number
    assert study.final.scores["val_accuracy"] == study.best.value
    directory = RunDirectory(path / "best")
    assert directory.config() == study.config == load(path / "best.toml")
    (end,) = directory.records("end")
    assert end["test_accuracy"] == study.final.scores["test_accuracy"]
    assert study.final.folder == str(path / "best") and directory.model.is_file()


def test_the_log_proves_that_the_test_data_were_seen_once(whole) -> None:
    records = read_log(whole[1] / LOG)
    kinds = [record["kind"] for record in records]
    assert kinds[:3] == ["plan", "terms", "asked"] and kinds[-2:] == ["chosen", "final"]
    assert kinds.count("final") == kinds.count("chosen") == 1 and kinds.count("trial") == 8
    for record in records[:-1]:
        assert "test_" not in str(record)


def test_a_rule_stops_trials(tmp_path) -> None:
    plan = make_plan(SMALL, SPACE)
    settings = {"optimizer.learning_rate": 1e-5, "model.units": 8}
    trial = training.Training(plan)(Order(7, settings, {1: -0.9}))
    assert (trial.number, trial.state, trial.epochs) == (7, "stopped", 1.0)
    assert trial.reason == "behind 0.9 after epoch 1" and trial.curve == (trial.value,)
    ended = training.Training(plan)(Order(7, settings, {3: -0.9}))
    assert ended.state == "finished"  # at its last epoch there is nothing left to stop


@pytest.mark.parametrize(
    ("model", "space", "settings", "reason"),
    [
        (
            "multi-layer",
            {"learning_rate": "log:1e-3..1e30"},
            {RATE: 1e30},
            "first in the output of layer",
        ),
        ("simple-convnet", {"filter_size": [3, 9]}, {"model.filter_size": 9}, "filter"),
    ],
)
def test_settings_that_fail(model, space, settings, reason) -> None:
    config = {**SMALL, "model": {"name": model}, "optimizer": {"name": "sgd"}}
    trial = training.Training(make_plan(config, space))(Order(0, settings))
    assert (trial.state, trial.value) == ("failed", None)
    assert reason in trial.reason


def test_failed_trials_do_not_end_the_search(monkeypatch, tmp_path) -> None:
    real = training.run_trial

    def fragile(trial):
        units = trial.config.model.options["units"]
        if units == 4:
            raise MemoryError
        if units == 5:
            raise KeyError("a mistake in a layer")
        return real(trial)

    monkeypatch.setattr(training, "run_trial", fragile)
    study = search(SMALL, {"units": [4, 5, 6]}, "grid", out=tmp_path / "a")
    assert [(trial.state, trial.reason) for trial in study.history.trials] == [
        ("failed", "out of memory"), ("failed", "KeyError: 'a mistake in a layer'"),
        ("finished", ""),
    ]  # fmt: skip
    none = search(SMALL, {"units": [4, 5]}, "grid", out=tmp_path / "b")
    assert (none.best, none.final) == (None, None)
    assert resume(tmp_path / "b") == none and open_study(tmp_path / "b") == none
    assert "out of memory" in (tmp_path / "b" / "study.html").read_text("utf-8")


def test_processes_are_given_the_timeout(monkeypatch) -> None:
    given = []

    def pool(*args, **options):
        given.append((*args, options))
        return inline()

    monkeypatch.setattr(studying, "local_pool", pool)
    for executor in (None, 1, 2):
        search(SMALL, {"units": [4]}, "grid", timeout=60.0, executor=executor)
    limits = {"timeout": 60.0, "warm_up": 60.0}
    assert given == [(1, limits), (1, limits), (2, limits)]


# --- the same everywhere


WILD = {"learning_rate": "log:1e-5..1e25", "units": "int-log:4..32"}  # half of it diverges
METHODS = {
    "random": (WILD, "random", "none"),
    "narrowing": (SPACE, {"name": "narrowing", "samples": 4}, MEDIAN),
    "bayesian": (SPACE, "bayesian", MEDIAN),
}


@pytest.mark.parametrize("name", METHODS)
def test_the_same_tables_with_two_workers(name, tmp_path, two_workers) -> None:
    space, method, stopping = METHODS[name]
    one = search(SMALL, space, method, 12, stopping, out=tmp_path / "one")
    two = search(SMALL, space, method, 12, stopping, executor=two_workers, out=tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert (one.history, one.final.scores) == (two.history, two.final.scores)
    assert ("failed" in {trial.state for trial in one.history.trials}) == (space is WILD)


def test_without_a_folder_nothing_is_written_and_all_is_the_same(
    whole, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    study = search(SMALL, SPACE, "random", 8, MEDIAN)
    assert study.history == whole[0].history and study.final.folder == ""
    for name, value in whole[0].final.scores.items():
        assert study.final.scores[name] == value
    assert not list(tmp_path.iterdir())


def test_preprocessing_and_epochs_may_be_searched(tmp_path) -> None:
    space = {"preprocess": [["rescale"], ["standardize"]], "epochs": "int:1..2"}
    study = search(SMALL, space, "grid")
    assert study.plan.search.epochs == 2
    assert [trial.epochs for trial in study.history.trials] == [1.0, 2.0, 1.0, 2.0]


def test_lists_come_back_from_the_log(tmp_path) -> None:
    space = {"preprocess": [["rescale"], ["standardize"]], "units": [[8], [8, 4]]}
    config = {**SMALL, "model": {"name": "multi-layer"}}
    with pytest.raises(Interrupted):
        search(config, space, "bayesian", 6, out=tmp_path / "a", tell=stop_after(5))
    assert resume(tmp_path / "a").history == search(config, space, "bayesian", 6).history


# --- going on


def stop_after(count, number=signal.SIGINT):
    def tell(progress):
        if progress.ended == count:
            os.kill(os.getpid(), number)

    return tell


def test_interrupted_it_goes_on_to_the_same(whole, tmp_path, two_workers) -> None:
    study, path = whole
    mine = tmp_path / "mine"
    message = rf"stopped after 3 trials, best so far .* \(trial .\)\. Go on with: .*--resume {mine}"
    with pytest.raises(Interrupted, match=message) as caught:
        search(SMALL, SPACE, "random", 8, MEDIAN, out=mine, tell=stop_after(3))
    assert caught.value.exit_code == 130
    seen = open_study(mine)
    assert [trial.state for trial in seen.history.trials] == ["finished"] * 3 + ["running"]
    with pytest.raises(Interrupted) as caught:
        resume(mine, tell=stop_after(5, signal.SIGTERM))
    assert caught.value.exit_code == 143
    with (mine / LOG).open("ab") as log:
        log.write(b'{"kind":"trial","numb')
    done = resume(mine, executor=two_workers)
    assert (done.history, done.plan) == (study.history, study.plan)
    assert files(mine) == files(path)


def test_interrupted_in_the_final_training_it_goes_on(whole, tmp_path, monkeypatch) -> None:
    mine = tmp_path / "mine"

    def tell(progress):
        if progress.final:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(Interrupted, match="stopped after 8 trials"):
        search(SMALL, SPACE, "random", 8, MEDIAN, out=mine, tell=tell)
    with pytest.raises(InputError, match="Begin another study"):
        resume(mine, trials=9)
    monkeypatch.setattr(studying, "Training", None)  # no trial is run again
    assert resume(mine).final.scores == whole[0].final.scores
    assert [record["kind"] for record in read_log(mine / LOG)].count("chosen") == 1


@pytest.mark.parametrize("left", [[], ["config.toml"], ["config.toml", "env.json"]])
def test_killed_while_the_final_run_was_being_made(whole, tmp_path, left) -> None:
    """Whatever of its folder is there already."""
    study, path = whole
    mine = tmp_path / "best"
    mine.mkdir()
    for name in left:
        (mine / name).write_bytes((path / "best" / name).read_bytes())
    assert training.train_best(study.config, mine) == study.final.scores
    assert RunDirectory(mine).environment_file.is_file()


def test_a_study_that_ended_trains_nothing(whole, monkeypatch) -> None:
    study, path = whole
    before = (path / LOG).read_bytes()
    monkeypatch.setattr(studying, "Training", None)
    monkeypatch.setattr(studying, "train_best", None)
    assert resume(path) == study == open_study(path) == resume(path, trials=8)
    with pytest.raises(InputError, match="the best settings are chosen"):
        resume(path, trials=20)
    assert (path / LOG).read_bytes() == before


def test_more_trials_before_the_end(tmp_path) -> None:
    mine = tmp_path / "mine"
    with pytest.raises(Interrupted):
        search(SMALL, SPACE, "bayesian", 6, out=mine, tell=stop_after(5))
    more = resume(mine, trials=9)
    assert more.plan.search.trials == 9 == len(more.history)
    assert more.history == search(SMALL, SPACE, "bayesian", 9).history
    assert open_study(mine) == more


def test_fewer_trials_than_there_are_is_refused(tmp_path) -> None:
    with pytest.raises(Interrupted):
        search(SMALL, SPACE, trials=6, out=tmp_path / "mine", tell=stop_after(4))
    with pytest.raises(InputError, match="has 6 already"):
        resume(tmp_path / "mine", trials=2)


def test_data_that_are_gone_spoil_no_study(tmp_path) -> None:
    x, y = DIGITS.x_train[:300], DIGITS.y_train[:300]
    np.savez(tmp_path / "few.npz", x_train=x, y_train=y)
    config = SMALL | {"data": {"path": str(tmp_path / "few.npz"), "validation": 0.2}}
    with pytest.raises(Interrupted):
        search(config, SPACE, trials=6, out=tmp_path / "mine", tell=stop_after(2))
    before = (tmp_path / "mine" / LOG).read_bytes()
    (tmp_path / "few.npz").rename(tmp_path / "elsewhere.npz")
    with pytest.raises(InputError, match=r"few\.npz"):
        resume(tmp_path / "mine")
    assert (tmp_path / "mine" / LOG).read_bytes() == before
    (tmp_path / "elsewhere.npz").rename(tmp_path / "few.npz")
    assert {trial.state for trial in resume(tmp_path / "mine").history.trials} == {"finished"}


def test_the_final_scores_are_those_of_the_restored_weights(tmp_path) -> None:
    restored = {"kind": "EarlyStopping", "patience": 1, "restore_best_weights": True}
    config = SMALL | {"train": {"epochs": 12, "batch_size": 10, "callbacks": [restored]}}
    study = search(config, {"learning_rate": [0.1, 0.2]}, "grid", out=tmp_path / "mine")
    best = study.best
    assert best.value > best.curve[-1]  # else this would tell nothing
    assert study.final.scores["val_accuracy"] == best.value


def test_a_budget_ends_the_search_and_all_that_began_is_heard(tmp_path) -> None:
    study = search(SMALL, SPACE, trials=5000, budget=0.6, out=tmp_path / "a")
    assert 0 < len(study.history) < 5000
    assert {trial.state for trial in study.history.trials} == {"finished"}
    assert study.final is not None and study.terms.budget == 0.6
    assert open_study(tmp_path / "a") == study
    assert max(trial.at for trial in study.history.trials[:-1]) < 0.6 + 0.5


def test_asynchronous(tmp_path, two_workers) -> None:
    study = search(
        SMALL,
        SPACE,
        "bayesian",
        6,
        batch=2,
        asynchronous=True,
        executor=two_workers,
        out=tmp_path / "a",
    )
    assert study.terms.asynchronous and len(study.history) == 6 and study.final
    asked = [record for record in read_log(tmp_path / "a" / LOG) if record["kind"] == "asked"]
    assert sum(len(record["trials"]) for record in asked) == 6
    assert all(len(record.get("unknown", [])) <= 1 for record in asked)


# --- before anything is trained


@pytest.mark.parametrize(
    ("config", "space", "options", "message"),
    [
        ({}, {"lerning_rate": "log:1e-3..1"}, {}, "Did you mean 'learning_rate'"),
        ({}, {"momentum": "uniform:0..0.9"}, {}, "unknown key 'momentum'"),
        ({}, {"optimizer": ["sgd", "adm"]}, {}, "Did you mean 'adam'"),
        ({}, {"optimizer": ["sgd", "adam"], "momentum": "uniform:0..0.9"}, {}, "takes no opt"),
        ({}, {"units": "int:-5..5"}, {}, "units"),
        ({}, {"units": [8, "many"]}, {}, "units"),
        ({}, {"batch_size": [0, 10]}, {}, "batch_size = 0"),
        ({}, {"seed": "int:0..5"}, {}, "seed cannot be searched"),
        ({}, {"validation": "uniform:0.1..0.5"}, {}, "data.validation cannot be searched"),
        ({}, {"learning_rate": "log:1e-3..1", "lr": "log:1e-3..1"}, {}, "are both"),
        ({}, {"preprocess": [["rescale"], ["rescal"]]}, {}, "Did you mean"),
        ({"data": {"validation": 0.0}}, SPACE, {}, "data.validation = 0.2"),
        ({"train": {"ensemble": 3}}, SPACE, {}, "ensemble"),
        ({}, SPACE, {"metric": "precision"}, "accuracy or loss"),
        ({"data": {"name": "diabetes"}}, SPACE, {"metric": "accuracy"}, "Search by loss"),
        ({}, {"loss": ["mse", "categorical_crossentropy"]}, {"metric": "loss"}, "different losses"),
        ({"model": {"name": "simple-convnet"}}, {"filter_size": [9, 11]}, {}, "filter"),
        ({}, SPACE, {"method": "randm"}, "Did you mean"),
        ({}, SPACE, {"timeout": 5.0, "executor": inline()}, "executor=2"),
        ({}, SPACE, {"budget": -1.0}, "budget"),
    ],
)
def test_what_cannot_be_is_told_before_any_training(
    tmp_path, config, space, options, message
) -> None:
    with pytest.raises(InputError, match=message):
        search({**SMALL, **config}, space, **options, out=tmp_path / "no")
    assert not (tmp_path / "no").exists()


def test_one_value_that_does_not_fit_is_no_mistake() -> None:
    config = {**SMALL, "model": {"name": "simple-convnet"}}
    plan = make_plan(config, {"filter_size": [9, 3]})
    assert plan.metric == "accuracy"


def test_short_keys_and_conditions_mean_whole_paths() -> None:
    plan = make_plan(SMALL, {
        "momentum": {"kind": "uniform", "low": 0.0, "high": 0.9, "when": {"optimizer": "momentum"}},
        "optimizer": ["adam", "momentum"],
        "l2": "log:1e-8..1e-2",
        "batch_size": [50, 100],
    })  # fmt: skip
    assert list(plan.search.space.dimensions) == [
        "optimizer.name", "model.l2", "train.batch_size", "optimizer.momentum",
    ]  # fmt: skip
    settings = {"optimizer.momentum": 0.5, "optimizer.name": "momentum", "train.batch_size": 50}
    config = plan.configured(settings)
    assert config.optimizer.options == {"momentum": 0.5} and config.train.batch_size == 50


def test_regression_is_searched_by_loss() -> None:
    config = {**SMALL, "data": {"name": "diabetes"}}
    study = search(config, {"learning_rate": [1e-9, 1e-2]}, "grid")
    low, high = (trial.value for trial in study.history.trials)
    assert (study.plan.search.best, study.plan.metric, study.best.number) == ("low", "loss", 1)
    assert high < low and study.final.scores["val_loss"] == high


def test_the_folder_can_be_searched_again(whole, tmp_path) -> None:
    study, path = whole
    config, table = load_search(path / "config.toml")
    plan = make_plan(
        config, table.space, table.method, table.trials, table.stopping, table.metric, table.batch
    )
    assert plan == study.plan
    odd = make_plan(SMALL, {
        "units": {"kind": "int", "low": 4, "high": 9, "when": {"optimizer": "sgd"}},
        "optimizer": ["sgd", "adam"], "lr": "log:1.23456789e-5..1e-1",
    })  # fmt: skip
    with Folder.create(tmp_path / "odd", odd, Terms()):
        pass
    found = tomllib.loads((tmp_path / "odd" / "config.toml").read_text("utf-8"))[SEARCH]
    assert found == search_table(odd)
    again = make_plan(SMALL, found["space"])
    assert again == odd
    assert Plan.from_record(odd.record(), "log") == odd


def test_two_writers_are_refused(whole) -> None:
    with Log(whole[1] / LOG), pytest.raises(StorageError, match=LOG):
        resume(whole[1])
    open_study(whole[1])


def test_a_folder_that_is_none(whole, tmp_path) -> None:
    with pytest.raises(InputError, match="holds no study"):
        resume(tmp_path)
    with pytest.raises(InputError, match="holds no study"):
        open_study(tmp_path / "nowhere")
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="already exists"):
        search(SMALL, SPACE, out=whole[1])


def test_curves_of_all_trials_are_in_the_tables(whole) -> None:
    study, path = whole
    found = rows(path / "trials.csv")
    assert [row["state"] for row in found] == [trial.state for trial in study.history.trials]
    assert [float(row["val_accuracy"]) for row in found if row["val_accuracy"]] == [
        trial.value for trial in study.history.trials if trial.value is not None
    ]
