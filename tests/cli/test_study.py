"""groundup study: what a search has found, while it runs and afterwards, and as other files."""

import csv
import shutil
import sqlite3
import tomllib

import pytest

from groundup.storage import Log
from groundup.tune import open_study, search
from groundup.tune.pages.files import write_files
from groundup.tune.pages.words import ranked

CONFIG = {
    "model": {"name": "two-layer", "units": 12},
    "train": {"epochs": 1, "batch_size": 100},
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a finished study; only to be read."""
    path = tmp_path_factory.mktemp("study") / "whole"
    search(CONFIG, {"learning_rate": "log:1e-4..1e-1", "units": [8, 16]}, trials=9, out=path)
    return path


@pytest.fixture
def begun(whole, tmp_path):
    """The same as it was after four trials."""
    path = tmp_path / "begun"
    path.mkdir()
    lines = (whole / "study.jsonl").read_bytes().splitlines(keepends=True)
    ends = [place for place, line in enumerate(lines) if b'"kind":"trial"' in line]
    (path / "study.jsonl").write_bytes(b"".join(lines[: ends[3] + 1]))
    return path


def test_a_finished_study(cli, whole) -> None:
    done = cli("study", "show", whole)
    assert (done.code, done.err) == (0, "")
    study = open_study(whole)
    lines = done.out.splitlines()
    first = lines.index("The best trials") + 2
    shown = [line.split()[:2] for line in lines[first : first + 9]]
    assert shown == [
        [str(trial.number), f"{100 * (trial.value or 0):.2f}"] for trial in ranked(study)
    ]
    (rate,) = (line.split() for line in lines if line.startswith("learning_rate"))
    assert rate[2] == "%" and rate[4:6] == ["%", "to"]  # a share with its interval
    assert "state     finished" in lines
    assert f"page      {whole / 'study.html'}" in lines
    assert f"network   {whole / 'best'}" in lines


def test_as_json(cli, whole) -> None:
    found = cli("study", "show", whole, "--json").json
    assert (found["state"], found["folder"]) == ("finished", str(whole))
    assert len(found["trials"]) == 9 and found["final"]["trial"] == found["best"]["trial"]


def test_one_that_was_interrupted(cli, begun) -> None:
    done = cli("study", "show", begun)
    assert done.code == 0
    assert (
        f"interrupted: 4 of 9 trials done. Go on with: groundup tune --resume {begun}" in done.out
    )
    assert "cannot be told yet" in " ".join(done.out.split())  # what matters
    assert "settings" in done.out and "network" not in done.out
    assert (begun / "study.html").exists() and (begun / "best.toml").exists()


def test_one_that_runs(cli, begun) -> None:
    with Log(begun / "study.jsonl"):
        assert cli("study", "show", begun, "--json").json["state"] == "running: 4 of 9 trials done"


def test_one_that_ends_while_it_is_shown(cli, whole, begun, monkeypatch) -> None:
    """Its coordinator has written the last files; older ones must not take their place."""
    from groundup.cli import studying

    ended = [(whole / "study.jsonl").read_bytes()]

    def write(folder, study):
        write_files(folder, study)
        if ended:
            (begun / "study.jsonl").write_bytes(ended.pop())

    monkeypatch.setattr(studying, "write_files", write)
    assert cli("study", "show", begun, "--json").json["state"] == "finished"
    assert (begun / "trials.csv").read_bytes() == (whole / "trials.csv").read_bytes()


def test_the_page_is_made_once(cli, begun) -> None:
    cli("study", "show", begun)
    first = (begun / "study.html").stat().st_mtime_ns
    cli("study", "show", begun)
    assert (begun / "study.html").stat().st_mtime_ns == first


def test_the_page_elsewhere(cli, begun, tmp_path) -> None:
    assert cli("study", "show", begun, "--page", tmp_path / "my.html").code == 0
    assert "<html" in (tmp_path / "my.html").read_text("utf-8")
    assert [path.name for path in begun.iterdir()] == ["study.jsonl"]


def test_the_best_settings_alone(cli, whole) -> None:
    printed = cli("study", "show", whole, "--toml").out
    assert printed == (whole / "best.toml").read_text("utf-8")
    best = open_study(whole).best
    assert best is not None
    assert tomllib.loads(printed)["model"]["units"] == best.settings["model.units"]


def test_as_a_table_and_for_optuna(cli, whole, tmp_path) -> None:
    pytest.importorskip("optuna")
    done = cli("study", "export", whole, "--csv", "t.csv", "--optuna", "study.db")
    assert done.out.split() == ["optuna", "study.db", "csv", "t.csv"]
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    study = open_study(whole)
    assert [float(row["val_accuracy"]) for row in rows] == [
        trial.value for trial in study.history.trials
    ]
    connection = sqlite3.connect(tmp_path / "study.db")
    (count,) = connection.execute("select count(*) from trials").fetchone()
    connection.close()
    assert count == 9


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "nowhere"), "holds no study"),
        (("export", "nowhere"), "--optuna"),
        (("export", "nowhere", "--csv", "t.csv"), "holds no study"),
        (("show", "nowhere", "--toml", "--json"), "leave out --json"),
    ],
)
def test_what_cannot_be_is_refused(cli, words, message) -> None:
    refused = cli("study", *words)
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err


def test_a_search_for_a_policy_is_shown_by_another_command(cli, tmp_path) -> None:
    from groundup.tune.autoaugment.folder import LOG as POLICIES

    (tmp_path / POLICIES).write_bytes(b"")
    refused = cli("study", "show", tmp_path)
    assert refused.code == 2 and f"groundup tune --resume {tmp_path}" in refused.err


def test_before_the_first_trial_has_ended(cli, whole, tmp_path) -> None:
    path = tmp_path / "new"
    path.mkdir()
    lines = (whole / "study.jsonl").read_bytes().splitlines(keepends=True)
    (path / "study.jsonl").write_bytes(b"".join(lines[:2]))
    assert "interrupted: 0 of 9 trials done" in cli("study", "show", path).out
    refused = cli("study", "show", path, "--toml")
    assert refused.code == 2 and "no trial is finished yet" in refused.err
    shutil.rmtree(path)
