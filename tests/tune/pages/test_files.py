"""The files of a study: what was tried, exactly, and nothing of when or where."""

import csv
import json
from dataclasses import replace

import pytest

from groundup import config as configuration
from groundup.tune import search
from groundup.tune.history import History
from groundup.tune.pages.files import plain, write_files

TRIED = [{"optimizer.learning_rate": 0.01 * (k + 1), "model.l2": 1e-6} for k in range(4)]


@pytest.fixture
def study(study_of):
    return study_of([0.5, (0.25,), "NaN, in epoch 2", 0.75], tried=TRIED, epochs=2, test=0.7)


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_table_of_trials(study, tmp_path):
    write_files(tmp_path, study)
    assert (tmp_path / "trials.csv").read_text().splitlines() == [
        "trial,state,val_accuracy,optimizer.learning_rate,model.l2,epochs,reason",
        "0,finished,0.5,0.01,1e-06,2.0,",
        "1,stopped,0.25,0.02,1e-06,1.0,worse than the median",
        '2,failed,,0.03,1e-06,0.0,"NaN, in epoch 2"',
        "3,finished,0.75,0.04,1e-06,2.0,",
    ]


def test_curves_and_times_stand_apart(study, tmp_path):
    write_files(tmp_path, study)
    curves = rows_of(tmp_path / "curves.csv")
    assert [(row["trial"], row["epoch"], row["val_accuracy"]) for row in curves] == [
        ("0", "1", "0.25"), ("0", "2", "0.5"), ("1", "1", "0.25"), ("3", "1", "0.375"),
        ("3", "2", "0.75"),
    ]  # fmt: skip
    assert float(curves[-1]["accuracy"]) == pytest.approx(0.825)
    seconds = [row["seconds"] for row in rows_of(tmp_path / "times.csv")]
    assert seconds == ["4.0", "2.0", "0.5", "4.0"]


def test_who_was_faster_changes_no_byte_but_those_of_the_times(study, tmp_path):
    slow = [replace(one, seconds=9.0, at=9.0 - one.number) for one in study.history.trials]
    other = replace(study, history=History(tuple(slow), "high"))
    for name, one in {"a": study, "b": other}.items():
        (tmp_path / name).mkdir()
        write_files(tmp_path / name, one)
    for name in ("trials.csv", "curves.csv", "result.json", "best.toml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    a, b = ((tmp_path / name / "times.csv").read_bytes() for name in "ab")
    assert a != b


def test_the_result_as_plain_data(study, tmp_path):
    write_files(tmp_path, study)
    found = json.loads((tmp_path / "result.json").read_text())
    assert found == plain(study)
    assert found["best"]["trial"] == 3
    assert found["best"]["settings"] == {"optimizer.learning_rate": 0.04, "model.l2": 1e-06}
    assert found["final"]["scores"]["test_accuracy"] == 0.7
    assert found["states"] == {"finished": 2, "stopped": 1, "failed": 1}
    assert found["trials"][2]["value"] is None
    assert found["search"]["space"]["model.l2"]["low"] == 1e-8


def test_what_is_not_finite_is_null(study_of):
    broken = study_of([0.5, float("nan")], metric="loss")
    assert plain(broken)["trials"][1]["value"] is None
    json.dumps(plain(broken), allow_nan=False)


def test_the_best_configuration_is_read_back(study, tmp_path):
    write_files(tmp_path, study)
    config = configuration.load(tmp_path / "best.toml")
    assert config == study.config
    assert config.optimizer.options["learning_rate"] == 0.04
    assert config.model.options["l2"] == 1e-06


def test_a_study_without_a_result_has_its_tables(study_of, tmp_path):
    write_files(tmp_path, study_of([]))
    assert (tmp_path / "trials.csv").read_text().count("\n") == 1
    assert json.loads((tmp_path / "result.json").read_text())["best"] is None
    assert not (tmp_path / "best.toml").exists()
    assert "No trial yet" in (tmp_path / "study.html").read_text()


def test_the_files_of_a_real_search(tmp_path):
    config = {"model": {"name": "two-layer", "units": 8},
              "train": {"epochs": 2, "batch_size": 200}}  # fmt: skip
    space = {"learning_rate": "log:1e-4..1e-1", "init": ["he", "xavier"]}
    study = search(config, space, trials=4, out=tmp_path / "one")
    rows = rows_of(tmp_path / "one" / "trials.csv")
    assert [float(row["val_accuracy"]) for row in rows] == [
        trial.value for trial in study.history.trials
    ]
    assert {row["model.init"] for row in rows} <= {"he", "xavier"}
    curves = rows_of(tmp_path / "one" / "curves.csv")
    assert len(curves) == 4 * 2
    assert all(0 < float(row["accuracy"]) <= 1 for row in curves)
    page = (tmp_path / "one" / "study.html").read_text()
    assert str(study) in page
    assert configuration.load(tmp_path / "one" / "best.toml") == study.config
