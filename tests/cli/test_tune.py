"""groundup tune on the command line: what is searched, what it says, and that no kill loses it."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib

import pytest

from groundup import config
from groundup.cli import live_table
from groundup.cli.live_table import picture
from groundup.storage import read_log
from groundup.train.callbacks.screen import Screen
from groundup.tune import open_study
from groundup.tune.history import History, Trial
from groundup.tune.method import methods
from groundup.tune.progress import Progress
from groundup.tune.stopping import stoppings

RUN = ("--model", "two-layer", "--set", "units=12", "--set", "batch_size=100", "--epochs", 1)
SPACE = ("--space", "learning_rate=log:1e-4..1e-1", "--space", "optimizer=sgd,adam")
SMALL = (*RUN, *SPACE, "--trials", 6)
SAME = ("trials.csv", "curves.csv", "best.toml")


def files(path):
    return {name: (path / name).read_bytes() for name in SAME}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a finished study; only to be read."""
    from groundup.cli import main

    path = tmp_path_factory.mktemp("tune") / "whole"
    words = ["tune", *SMALL, "--workers", 1, "-q", "--out", path]
    assert main([str(word) for word in words]) == 0
    return path


def test_the_help_names_what_there_is(cli) -> None:
    shown = cli("tune", "--help").out
    for title, kinds in (("Methods", methods), ("Stopping", stoppings)):
        (line,) = re.findall(rf"^ *{title}: +(.+)$", shown, re.MULTILINE)
        assert sorted(line.split(";")[0].split(", ")) == sorted(kinds.names())


def test_the_result_in_columns(cli, whole) -> None:
    done = cli("tune", "--resume", whole, "--workers", 1)
    assert (done.code, done.err) == (0, "")
    study = open_study(whole)
    assert study.best is not None and study.final is not None
    lines = done.out.splitlines()
    value = f"{100 * study.best.value:.2f} % validation accuracy"
    assert lines[0].startswith(f"Best of 6 trials: {value} with ")
    assert f"{100 * study.final.scores['test_accuracy']:.2f} % test accuracy" in done.out
    (row,) = (line.split() for line in lines if line.startswith("optimizer.name"))
    assert row == ["optimizer.name", "sgd,adam", study.best.settings["optimizer.name"]]
    assert lines[-2].split() == ["groundup", "train", str(whole / "best.toml")]
    for name in ("study.html", "best.toml"):
        assert str(whole / name) in done.out and (whole / name).exists()
    assert (whole / "best" / "model.safetensors").exists()


def test_the_result_as_json(cli, whole) -> None:
    found = cli("tune", "--resume", whole, "--workers", 1, "--json").json
    assert found["folder"] == str(whole)
    assert found == json.loads((whole / "result.json").read_text("utf-8")) | {"folder": str(whole)}
    assert [one["trial"] for one in found["trials"]] == list(range(6))


def test_the_best_settings_can_be_trained(cli, whole) -> None:
    best, study = config.load(whole / "best.toml"), open_study(whole)
    assert study.best is not None and study.final is not None
    assert best.optimizer.options["learning_rate"] == study.best.settings["optimizer.learning_rate"]
    trained = cli("train", whole / "best.toml", "--json", "-q").json
    assert trained["test_accuracy"] == pytest.approx(study.final.scores["test_accuracy"], abs=1e-6)


def test_a_file_says_the_run_and_the_search(cli, tmp_path, whole) -> None:
    """The one that a study leaves; what the command line says wins."""
    file = tmp_path / "again.toml"
    file.write_bytes((whole / "config.toml").read_bytes())
    assert tomllib.loads(file.read_text("utf-8"))["search"]["trials"] == 6
    out = tmp_path / "out"
    assert cli("tune", file, "--workers", 1, "-q", "--out", out).code == 0
    assert files(out) == files(whole)
    done = cli("tune", file, "--trials", 2, "--space", "lr=1e-3,1e-2", "--workers", 1, "--json")
    assert {one["settings"]["optimizer.learning_rate"] for one in done.json["trials"]} <= {
        1e-3, 1e-2
    }  # fmt: skip
    assert len(done.json["trials"]) == 2 and "optimizer.name" in done.json["trials"][0]["settings"]


def test_going_on_elsewhere_says_what_changed(cli, tmp_path, whole) -> None:
    path = tmp_path / "study"
    shutil.copytree(whole, path)
    log, environment = path / "study.jsonl", path / "env.json"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-2]))  # not ended yet
    before = json.loads(environment.read_text("utf-8"))
    environment.write_text(json.dumps({**before, "cpu": "Another"}), "utf-8")
    done = cli("tune", "--resume", path, "--workers", 1, "-q")
    assert (done.code, files(path)) == (0, files(whole))
    assert re.match("note: cpu was Another, now .*. This changed since the run began", done.err)
    assert cli("tune", "--resume", path, "--workers", 1, "-q").err == ""  # ended: nothing goes on


def test_without_a_space_the_usual_one_is_searched_and_said(cli, tmp_path) -> None:
    done = cli(
        "tune", "--data", "wine", "--epochs", 1, "--trials", 2, "--workers", 1, "--metric", "loss"
    )
    assert done.code == 0
    assert "optimizer.learning_rate  log:1e-05..0.1" in done.err
    assert "model.l2" in done.err  # as columns are learned with dense layers
    assert "validation loss" in done.out
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("-tune-wine")
    assert set(open_study(folder).history.trials[0].settings) == {
        "optimizer.learning_rate", "model.l2", "model.dropout", "model.units"
    }  # fmt: skip


def test_methods_and_rules_with_options(cli) -> None:
    space = ("--space", "learning_rate=log:1e-3..1e-1")
    done = cli("tune", *RUN, *space, "--method", "grid:points=3", "--workers", 1, "--json", "-q")
    rates = [one["settings"]["optimizer.learning_rate"] for one in done.json["trials"]]
    assert rates == [1e-3, 1e-2, 1e-1]
    done = cli(
        "tune", *RUN, *space, "--epochs", 4, "--trials", 8, "--stopping",
        "median:warmup_epochs=1,least_trials=2", "--batch", 2, "--workers", 1, "--json", "-q",
    ).json  # fmt: skip
    stopped = [one for one in done["trials"] if one["state"] == "stopped"]
    assert stopped and all(one["epochs"] < 4 and "behind" in one["reason"] for one in stopped)


def test_a_budget_ends_the_search(cli) -> None:
    done = cli("tune", *SMALL, "--trials", 5000, "--budget", "0.4s", "--workers", 1, "--json").json
    assert 0 < len(done["trials"]) < 5000
    assert all(one["state"] == "finished" for one in done["trials"])


def test_a_search_in_which_every_trial_fails(cli) -> None:
    done = cli(
        "tune", *RUN, "--optimizer", "sgd", "--space", "learning_rate=log:1e30..1e35",
        "--trials", 2, "--workers", 1,
    )  # fmt: skip
    assert done.code == 1
    assert done.out.startswith("All 2 trials failed\n")
    assert "NaN first in the output of layer" in done.out
    assert "best.toml" not in done.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--space", "learning_rate"), "expected KEY=RANGE"),
        (("--space", "lerning_rate=log:1e-3..1e-1"), "Did you mean 'learning_rate'"),
        (("--space", "l2=0.1..0.2"), "NAME:LOW..HIGH"),
        (("--space", "l2=log:1e-1..1e-3"), "above low"),
        (("--method", "randm"), "Did you mean 'random'"),
        (("--method", "grid:pints=3"), "Did you mean 'points'"),
        (("--stopping", "media"), "Did you mean 'median'"),
        (("--metric", "f1"), "metric = 'f1'"),
        (("--space", "data.name=digits,iris"), "data.name"),
        (("--budget", "5"), "--budget 5: expected a duration"),
        (("--method", "autoaugment", "--space", "lr=1,2"), "leave out --space"),
        (("--seeds", "3"), "--seeds is of --method autoaugment"),
        (("--resume", "nowhere"), "holds no study"),
        (("--resume", "nowhere", "--space", "lr=1,2"), "leave out --space"),
        (("--resume", "nowhere", "--async"), "leave out --async"),
        (("--dask", "tcp://x:1", "--workers", "2"), "--workers"),
        (("--dask", "tcp://x:1", "--timeout", "2s"), "--timeout"),
    ],
)
def test_what_cannot_be_is_refused(cli, tmp_path, words, message) -> None:
    model = () if "--resume" in words else ("--model", "multi-layer")
    refused = cli("tune", *model, *words, "-q")
    assert refused.code == 2
    assert message in refused.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)], ids=["int", "kill"]
)
def test_interrupted_it_goes_on_to_the_same_files(cli, whole, tmp_path, number, code) -> None:
    path = tmp_path / "stopped"
    options = map(str, (*SMALL, "--workers", 1, "-q", "--out", path))
    process = subprocess.Popen(
        [sys.executable, "-m", "groundup", "tune", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "GROUNDUP_DEBUG": "0"},
    )  # fmt: skip
    log, deadline = path / "study.jsonl", time.monotonic() + 60
    while not (log.exists() and log.read_bytes().count(b'"kind":"trial"') > 1):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    before = read_log(log)
    done = [one["number"] for one in before if one["kind"] == "trial"]
    assert 2 <= len(done) <= 6
    if code > 0:
        assert err.startswith("stopped after ") and "best so far" in err
        assert err.endswith(f"Go on with: groundup tune --resume {path}\n")
        shown = cli("study", "show", path)
        assert f"interrupted: {len(done)} of 6 trials done. Go on with" in shown.out
    assert cli("tune", "--resume", path, "--workers", 1, "-q").code == 0
    after = read_log(log)
    assert after[: len(before)] == before
    numbers = [one["number"] for one in after if one["kind"] == "trial"]
    assert sorted(numbers) == list(range(6)) and numbers[: len(done)] == done
    assert files(path) == files(whole)


# --- the live table


def progress() -> Progress:
    settings = {"optimizer.learning_rate": 0.01, "optimizer.name": "sgd"}
    trials = (
        Trial(0, settings, "finished", 0.875, epochs=5.0),
        Trial(1, settings, "stopped", 0.5, epochs=2.0),
        Trial(2, settings, "failed"),
        Trial(3, settings, "running"),
        Trial(4, settings, "running"),  # asked for, but not begun
    )
    return Progress(History(trials, "high"), (3,), 12, seconds=30.0)


def drawn(one: Progress) -> list[str]:
    screen = Screen()
    screen.width, screen._file = 100, io.StringIO()
    screen.print(picture(one, screen))
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]


def test_what_is_drawn_on_a_terminal() -> None:
    lines = drawn(progress())
    assert lines[0].endswith("  3/12 trials   0:30  eta  1:30")
    assert lines[1] == "1 finished, 1 stopped, 1 failed, 1 running"
    assert lines[2] == "best 87.50 %  trial 0: learning_rate 0.01, optimizer sgd"
    rows = [line.split() for line in lines[4:]]
    assert rows[0] == ["trial", "learning_rate", "optimizer", "val", "accuracy", "epochs"]
    assert rows[1] == ["3", "0.01", "sgd", "–", "–", "running"]
    assert rows[2:] == [
        ["2", "0.01", "sgd", "–", "–", "failed"],
        ["1", "0.01", "sgd", "50.00", "%", "2", "stopped"],
        ["0", "0.01", "sgd", "87.50", "%", "5", "best"],
    ]


def test_before_the_first_trial_and_after_the_last() -> None:
    assert drawn(Progress(History((), "low"))) == ["0 trials   0:00", "0 running"]
    last = Progress(progress().history.before(3), trials=3, seconds=9.0, final=True)
    assert drawn(last)[0] == "training the network of the best settings   0:09"


def test_only_a_terminal_is_drawn_on(monkeypatch) -> None:
    with live_table.live_table(quiet=False) as tell:
        assert tell is None  # in a pipe
    monkeypatch.setattr(Screen, "draws", True)
    with live_table.live_table(quiet=True) as tell:
        assert tell is None
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(Screen, "is_terminal", True)
    with live_table.live_table(quiet=False) as tell:
        assert tell is not None
        tell(progress())
        assert "3/12 trials" in written.getvalue()
