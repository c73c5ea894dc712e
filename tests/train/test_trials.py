"""Trials: the numbers of a run without its files, the same bits wherever they are made."""

import math
from dataclasses import replace

import numpy as np
import pytest

from groundup.config import from_mapping
from groundup.data import dataset as datasets
from groundup.data.dataset import Dataset
from groundup.data.rows import select
from groundup.errors import ConfigError, InputError, Interrupted
from groundup.train import trials
from groundup.train.executor import inline, local_pool
from groundup.train.learner import Examples
from groundup.train.loop import Training
from groundup.train.run import assemble, run
from groundup.train.threads import limited_threads
from groundup.train.trials import Trial, run_trial, run_trials

DIGITS = datasets.load("digits")


@pytest.fixture(autouse=True)
def _one_copy_of_the_data(monkeypatch):
    monkeypatch.setattr(datasets, "load", lambda name: DIGITS)


def config(seed=3, model=(), optimizer=(), data=(), **train):
    return from_mapping({
        "seed": seed,
        "data": {"validation": 0.2, **dict(data)},
        "model": {"name": "multi-layer", "units": 16, "depth": 1, **dict(model)},
        "optimizer": {"name": "adam", "learning_rate": 0.01, **dict(optimizer)},
        "train": {"epochs": 2, "batch_size": 100, **train},
    })  # fmt: skip


def test_the_bits_of_a_run(tmp_path) -> None:
    outcome = run_trial(Trial(config()))
    with limited_threads(1):
        result, directory = run(config(), tmp_path / "run")
    epochs = directory.records("epoch")
    for name, values in outcome.history.items():
        assert values == tuple(record[name] for record in epochs)
    assert outcome.scores["val_loss"] == outcome.history["val_loss"][-1] == result.val_loss
    assert outcome.scores["val_accuracy"] == result.val_accuracy
    assert (outcome.epochs, outcome.diverged) == (2.0, "")
    assert 0 < outcome.update_seconds < outcome.seconds


def test_scores_by_hand() -> None:
    """The recall is the mean over classes; the training part is what the network trained on."""
    outcome = run_trial(Trial(config()))
    assembly = assemble(config())
    model = assembly.learner
    with limited_threads(1):
        Training(model, assembly.train, assembly.validation, assembly.plan).run()
    held = assembly.validation
    right = model.predict(held.x, 1024).argmax(axis=1) == held.y
    recall = np.mean([right[held.y == k].mean() for k in range(10)])
    assert outcome.scores["val_recall"] == pytest.approx(recall)
    assert outcome.scores["val_recall"] != pytest.approx(right.mean(), abs=1e-6)
    train = model.evaluate(assembly.train, 1024)
    assert outcome.scores["train_loss"] == train["loss"]
    assert outcome.scores["train_accuracy"] == train["accuracy"]


def test_weights_of_classes_train_but_do_not_judge() -> None:
    weights = {str(k): 5.0 for k in range(10)}
    plain = run_trial(Trial(config(optimizer={"name": "sgd", "learning_rate": 0.1})))
    heavy = config(optimizer={"name": "sgd", "learning_rate": 0.02}, class_weight=weights)
    weighted = run_trial(Trial(heavy))  # five times the loss, a fifth of the rate
    assert weighted.scores["train_loss"] == pytest.approx(plain.scores["train_loss"], rel=1e-3)
    assert weighted.history["loss"][0] == pytest.approx(5 * plain.history["loss"][0], rel=1e-3)


def test_parts_of_an_epoch() -> None:
    steps = 12  # of 1,150 samples
    whole = run_trial(Trial(config()))
    half, one = run_trial(Trial(config(), 0.5)), run_trial(Trial(config(), 1))
    more = run_trial(Trial(config(), 1.01))
    assert (half.history, half.epochs) == ({}, 0.5)
    assert (one.epochs, more.epochs) == (1.0, 1 + 1 / steps)
    for name, values in whole.history.items():
        assert values[:1] == one.history[name] == more.history[name]
    losses = [done.scores["val_loss"] for done in (half, one, more, whole)]
    assert losses == sorted(losses, reverse=True) and len(set(losses)) == 4
    assert run_trial(Trial(config(), 2)) == whole


def test_here_or_in_workers() -> None:
    asked = [Trial(config(seed), 1.5) for seed in range(3)]
    with inline()() as pool:
        here = dict(run_trials(asked, pool))
    with local_pool(2)() as pool:
        there = dict(run_trials(asked, pool))
        given = dict(run_trials(asked[:1], pool, DIGITS))
    assert here == there and given[0] == here[0] and sorted(here) == [0, 1, 2]
    assert here[0] != here[1]


def test_a_trial_that_diverges_ends_well() -> None:
    wild = config(optimizer={"name": "sgd", "learning_rate": 1e30})
    outcome = run_trial(Trial(wild))
    assert "finite" in outcome.diverged or "in the output of layer" in outcome.diverged
    assert outcome.scores == {} and outcome.epochs < 2
    stopped = config(
        optimizer={"name": "sgd", "learning_rate": 1e30}, callbacks=[{"kind": "TerminateOnNaN"}]
    )
    assert run_trial(Trial(stopped)).diverged == outcome.diverged


def test_last_weights_that_are_not_finite_count_as_diverged() -> None:
    """In the middle of an epoch nobody else looks: one step, and the scores overflow."""
    wild = config(optimizer={"name": "sgd", "learning_rate": 3e38})
    outcome = run_trial(Trial(wild, 0.01))
    assert outcome.diverged and outcome.scores == {}


def test_nothing_is_written(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    writers = [
        {"kind": "CSVLogger", "filename": "log.csv"},
        {"kind": "ModelCheckpoint", "filepath": "best.safetensors"},
        {"kind": "TensorBoard", "log_dir": "logs"},
    ]
    assert run_trial(Trial(config(callbacks=writers))) == run_trial(Trial(config()))
    assert not list(tmp_path.iterdir())


def test_callbacks_that_decide_are_kept() -> None:
    early = {"kind": "EarlyStopping", "monitor": "val_loss", "patience": 0, "min_delta": 100.0}
    assert run_trial(Trial(config(callbacks=[early], epochs=9))).epochs < 9


def test_the_test_data_do_not_matter() -> None:
    other = replace(DIGITS, x_test=DIGITS.x_test[:3] * 0, y_test=DIGITS.y_test[:3])
    assert run_trial(Trial(config()), other) == run_trial(Trial(config()))


def test_judged_on_the_test_data_only_where_that_is_asked_for(tmp_path) -> None:
    judged = run_trial(Trial(config(), judged=("test",)))
    with limited_threads(1):
        result, _ = run(config(), tmp_path / "run")
    assert judged.scores["test_accuracy"] == result.test_accuracy
    assert {name.split("_")[0] for name in judged.scores} == {"test"}
    assert judged.history == run_trial(Trial(config())).history


def test_validation_data_of_their_own() -> None:
    """Given what the split would hold out, all is as with the split."""
    assembly = assemble(config())
    part = Dataset("part", assembly.train.x, assembly.train.y, *_parts(DIGITS), DIGITS.classes)
    held = Examples(assembly.validation.x, assembly.validation.y)
    given = run_trial(Trial(config()), part, held)
    assert given == run_trial(Trial(config()))
    other = Examples(select(held.x, np.arange(20)), held.y[:20])
    assert run_trial(Trial(config()), part, other).scores["val_loss"] != given.scores["val_loss"]
    assert run_trial(Trial(config()), part, other).history["loss"] == given.history["loss"]


def _parts(data):
    return data.x_test, data.y_test


def test_regression_has_no_recall() -> None:
    values = from_mapping({
        "data": {"name": "diabetes", "validation": 0.2},
        "model": {"name": "multi-layer", "units": 8, "depth": 1},
        "train": {"epochs": 1},
    })  # fmt: skip
    data = datasets.sources.resolve("diabetes").load()
    outcome = run_trial(Trial(values), data)
    assert set(outcome.scores) == {"train_loss", "train_mae", "val_loss", "val_mae"}
    assert all(math.isfinite(value) for value in outcome.scores.values())


def test_files_are_read_once(tmp_path, monkeypatch) -> None:
    rows = [f"{k % 7},{k % 3},{'ab'[k % 2]}" for k in range(60)]
    (tmp_path / "table.csv").write_text("\n".join(["u,v,w", *rows]))
    opened, real = [], trials.open_dataset
    monkeypatch.setattr(trials, "open_dataset", lambda *a: opened.append(a) or real(*a))
    data = {"path": str(tmp_path / "table.csv"), "validation": 0.2, "split_seed": 0}
    first = run_trial(Trial(config(0, data=data)))
    run_trial(Trial(config(1, data=data | {"validation": 0.3, "preprocess": ["minmax"]})))
    assert len(opened) == 1
    run_trial(Trial(config(0, data=data | {"test": 0.4})))
    assert len(opened) == 2
    assert run_trial(Trial(config(0, data=data))) == first


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match=r"epochs=0\): expected a finite number above 0"):
        Trial(config(), 0)
    with pytest.raises(ConfigError, match="one network"):
        run_trial(Trial(config(ensemble=3)))


def test_a_check_ends_the_waiting() -> None:
    def check():
        raise Interrupted(2, "stopped")

    with inline()() as pool, pytest.raises(Interrupted):
        list(run_trials([Trial(config(), 0.1)] * 2, pool, check=check))
