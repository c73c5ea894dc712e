"""groundup compare on the command line: what it says, and that no kill loses a run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from groundup.storage import read_log

SMALL = (
    "--vary", "optimizer=sgd,adam", "--model", "multi-layer", "--set", "units=12", "--set",
    "depth=1", "--set", "batch_size=100", "--epochs", 2, "--seeds", 3,
)  # fmt: skip
SAME = ("results.csv", "comparison.csv", "curves.csv", "config.toml")


def files(path):
    return {name: (path / name).read_bytes() for name in SAME}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a finished comparison; only to be read."""
    from groundup.cli import main

    path = tmp_path_factory.mktemp("compare") / "whole"
    words = ["compare", *SMALL, "--workers", 1, "-q", "--out", path]
    assert main([str(word) for word in words]) == 0
    return path


def test_the_result_in_columns(cli, whole) -> None:
    done = cli("compare", "--resume", whole, "--workers", 1)
    assert (done.code, done.err) == (0, "")
    result = json.loads((whole / "result.json").read_text("utf-8"))
    lines = done.out.splitlines()
    assert lines[0] == result["headline"]
    assert lines[1].startswith("2 methods on digits, each from the same 3 seeds for 2 epochs")
    heads = [i for i, line in enumerate(lines) if line.startswith("method ")]
    assert len(heads) == 2
    for head, standing in zip(heads, result["standings"], strict=True):
        best = standing["methods"][0]
        row = lines[head + 1].split()
        assert (row[0], row[2]) == (best["name"], f"{best['rate']:g}")
        assert row[3] == f"{100 * best['mean']:.2f}"
    assert str(whole / "report.html") in done.out


def test_the_result_as_json(cli, whole) -> None:
    found = cli("compare", "--resume", whole, "--workers", 1, "--json").json
    assert found["folder"] == str(whole)
    expected = json.loads((whole / "result.json").read_text("utf-8"))
    assert found == expected | {"folder": str(whole)}


def test_going_on_elsewhere_says_what_changed(cli, tmp_path, whole) -> None:
    path = tmp_path / "comparison"
    shutil.copytree(whole, path)
    log, environment = path / "runs.jsonl", path / "env.json"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))  # not ended yet
    before = json.loads(environment.read_text("utf-8"))
    environment.write_text(json.dumps({**before, "cpu": "Another"}), "utf-8")
    done = cli("compare", "--resume", path, "--workers", 1, "-q")
    assert (done.code, files(path)) == (0, files(whole))
    assert done.err.startswith("note: cpu was Another, now ")


def test_without_tuning_and_without_a_name(cli, tmp_path) -> None:
    done = cli("compare", *SMALL, "--seeds", 2, "--no-tune", "--workers", 1, "--json").json
    assert [one["rates"] for one in done["standings"]] == ["default"]
    assert done["runs"] == 4
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.endswith("-compare-digits")
    assert (folder / "report.html").exists()


def test_a_configuration_from_a_file(cli, tmp_path, whole) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.toml").write_bytes((whole / "config.toml").read_bytes())
    done = cli(
        "compare", tmp_path / "base" / "config.toml", "--vary", "optimizer=sgd,adam", "--seeds", 3,
        "--workers", 1, "--out", tmp_path / "again",
    )  # fmt: skip
    assert done.code == 0
    assert files(tmp_path / "again") == files(whole)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "what is to be compared?"),
        (("--vary", "optimizer"), "expected KEY=A,B"),
        (("--vary", "init=he", "--vary", "init=xavier"), "stands there twice"),
        (("--vary", "optimizer=sgd,adm"), "Did you mean 'adam'"),
        (("--vary", "data.name=digits,iris"), "judged on the same data"),
        (("--vary", "init=he,xavier", "--seeds", "1"), "--seeds"),
        (("--resume", "nowhere"), "holds no comparison"),
        (("--resume", "nowhere", "--vary", "init=he,xavier"), "leave out --vary"),
        (("--vary", "init=he,xavier", "--dask", "tcp://x:1", "--workers", "2"), "--workers"),
    ],
)
def test_what_cannot_be_is_refused(cli, tmp_path, words, message) -> None:
    refused = cli("compare", *words)
    assert refused.code == 2
    assert message in refused.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "code", "workers", "runs"),
    [(signal.SIGINT, 130, 2, 5), (signal.SIGTERM, 143, 1, 3), (signal.SIGKILL, -9, 1, 20)],
    ids=["int", "term", "kill"],
)
def test_interrupted_it_goes_on_to_the_same_files(
    cli, whole, tmp_path, number, code, workers, runs
) -> None:
    path = tmp_path / "stopped"
    options = map(str, (*SMALL, "--workers", workers, "-q", "--out", path))
    process = subprocess.Popen(
        [sys.executable, "-m", "groundup", "compare", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "GROUNDUP_DEBUG": "0"},
    )  # fmt: skip
    log, deadline = path / "runs.jsonl", time.monotonic() + 60
    while not (log.exists() and log.read_bytes().count(b"\n") > runs):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    if code > 0:
        assert err == f"stopped. Go on with: groundup compare --resume {path}\n"
    before = read_log(log)
    assert runs < len(before) < 36 and not (path / "results.csv").exists()
    assert cli("compare", "--resume", path, "--workers", 1, "-q").code == 0
    assert files(path) == files(whole)
    after = read_log(log)
    assert after[: len(before)] == before
    keys = [(one["method"], one["rate"], one["seed"]) for one in after[1:]]
    assert len(set(keys)) == len(keys)


def test_a_bar_on_a_terminal(monkeypatch) -> None:
    """Where stderr is none, nothing is said; that the other tests show."""
    from groundup.cli import comparing
    from groundup.lab.runs import Run
    from groundup.train.callbacks.screen import Screen

    drawn = []
    monkeypatch.setattr(Screen, "draws", True)
    monkeypatch.setattr(Screen, "width", 79)
    monkeypatch.setattr(Screen, "tell", lambda self, text="", end="\n": drawn.append((text, end)))
    monkeypatch.setattr(comparing, "_PAUSE", 0.0)
    assert comparing.teller(quiet=True) is None
    tell = comparing.teller(quiet=False)
    run = Run("adam", 0.01, 0, "tuning", {}, {}, "", 1.0, 0.1, 0.1)
    tell(4, 8, None)
    tell(5, 8, run)
    tell(8, 8, run)
    assert "4/8 runs" in str(drawn[0][0])
    assert "5/8 runs" in str(drawn[1][0]) and "adam, tuning" in str(drawn[1][0])
    assert str(drawn[-1][0]) == "" and {end for _, end in drawn} == {""}
