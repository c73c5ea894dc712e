"""Ensembles on the command line."""

import os
import signal
import subprocess
import sys
import time

import pytest

from groundup.storage import read_log

RUN = ("--model", "multi-layer", "--set", "units=12", "--set", "depth=2", "--ensemble", 3)
TIMES = ("seconds", "samples_per_second", "run_dir")


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    from groundup.cli import main

    path = tmp_path_factory.mktemp("runs") / "three"
    words = ["train", *RUN, "--epochs", 3, "--workers", 1, "--bagging", "-q", "--out", path]
    assert main([str(word) for word in words]) == 0
    return path


def test_train_shows_members_beside_the_ensemble(cli, ensemble) -> None:
    shown = cli("train", "--resume", ensemble)
    assert shown.code == 0
    table = shown.out.split("\n\n")[1].splitlines()
    assert table[0].split() == ["network", "loss", "accuracy"]
    assert [line.split()[0] for line in table[1:]] == [
        "member", "member", "member", "mean", "std", "ensemble",
    ]  # fmt: skip
    assert "3 x multi-layer" in shown.out
    assert f"\n  groundup doctor {ensemble}/members/1\n" in shown.out
    assert "Members against the ensemble" in (ensemble / "report.html").read_text("utf-8")


def test_train_as_json(cli, ensemble) -> None:
    result = cli("train", "--resume", ensemble, "--json").json
    assert len(result["members"]) == 3
    assert set(result["members"][0]) == {"loss", "accuracy"}


def test_evaluate_takes_the_directory_and_the_file(cli, ensemble) -> None:
    result = cli("train", "--resume", ensemble, "--json").json
    for run in ([ensemble], [ensemble / "model.safetensors", "--data", "digits"]):
        judged = cli("evaluate", *run, "--json").json
        assert judged["accuracy"] == result["test_accuracy"]
        assert [one["accuracy"] for one in judged["members"]] == [
            one["accuracy"] for one in result["members"]
        ]
    assert "member 3" in cli("evaluate", ensemble).out


def test_predict_takes_it(cli, ensemble, tmp_path) -> None:
    import numpy as np

    import groundup as gu

    _, (x, _) = gu.datasets.digits.load_data()
    np.save(tmp_path / "x.npy", x[:2, None])
    found = cli("predict", ensemble, tmp_path / "x.npy", "--json").json["predictions"]
    wanted = gu.load_model(ensemble / "model.safetensors").predict(x[:2, None]).max(axis=1)
    assert [one["probability"] for one in found] == pytest.approx(wanted.tolist())


def test_progress_is_a_line_a_member(cli, tmp_path) -> None:
    said = cli("train", *RUN, "--epochs", 1, "--workers", 1, "--out", tmp_path / "run").err
    assert said.startswith("3 x multi-layer on digits: 1 epochs in batches of 32")
    assert [line.split(":")[0] for line in said.splitlines()[1:4]] == [
        f"member {k} of 3" for k in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--ensemble", 0), "train.ensemble = 0"),
        (("--set", "bagging=1"), "train.bagging = 1: expected true or false"),
    ],
)
def test_what_cannot_be_is_refused(cli, tmp_path, options, message) -> None:
    refused = cli("train", *options, "--out", tmp_path / "run")
    assert refused.code == 2
    assert message in refused.err
    assert not (tmp_path / "run").exists()


def end(path):
    (record,) = read_log(path / "metrics.jsonl")
    return {key: value for key, value in record.items() if key not in TIMES}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=["int", "term", "kill"],
)
def test_interrupted_it_goes_on_to_the_same_bits(
    cli, tmp_path_factory, tmp_path, number, code, workers
) -> None:
    options = (*RUN, "--epochs", 20, "--workers", workers, "-q")
    whole = tmp_path_factory.getbasetemp() / "whole-ensemble"
    if not whole.exists():
        assert cli("train", *options, "--out", whole).code == 0
    path = tmp_path / "run"
    process = subprocess.Popen(
        [sys.executable, "-m", "groundup", "train", *map(str, options), "--out", str(path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "GROUNDUP_DEBUG": "0"},
    )  # fmt: skip
    log, deadline = path / "members" / "2" / "metrics.jsonl", time.monotonic() + 60
    while not (log.exists() and log.read_bytes().count(b"\n") >= 20):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "")
    if code > 0:
        assert err == f"stopped. Go on with: groundup train --resume {path}\n"
    assert not (path / "model.safetensors").exists()
    time.sleep(0.5 if code < 0 else 0)  # the orphans are just dying
    assert cli("train", "--resume", path, "--workers", workers, "-q").code == 0
    assert (path / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()
    assert end(path) == end(whole)
