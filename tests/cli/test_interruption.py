"""A run that is interrupted or killed goes on to the bits that it would have ended with."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from groundup.cli import main
from groundup.storage import Log, read_log
from groundup.train.run_directory import Recorder

# Dropout and batch normalization have random numbers and state that a checkpoint must carry.
RUN = (
    "--model", "multi-layer", "--set", "units=20", "--set", "depth=2", "--set", "dropout=0.3",
    "--set", "batch_norm=true", "--set", "log_every=3", "--epochs", "30", "--threads", "1",
)  # fmt: skip
TIMES = ("seconds", "samples_per_second", "run_dir")


def untimed(path):
    return [
        {key: value for key, value in record.items() if key not in TIMES}
        for record in read_log(path / "metrics.jsonl")
    ]


def outcome(path):
    return (path / "model.safetensors").read_bytes(), untimed(path)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What the run leaves if nothing happens."""
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    assert main(["train", *RUN, "--out", str(path), "--quiet"]) == 0
    return outcome(path)


def interrupt(path, number, records):
    """Train in a process of its own, and send it a signal once so many records are logged."""
    command = [sys.executable, "-m", "groundup", "train", *RUN, "--out", str(path), "-q"]
    environment = {**os.environ, "GROUNDUP_DEBUG": "0"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    log, deadline = path / "metrics.jsonl", time.monotonic() + 60
    while not (log.exists() and log.read_bytes().count(b"\n") >= records):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_it_after_a_checkpoint(cli, tmp_path, undisturbed, number, code):
    path = tmp_path / "run"
    ended, out, err = interrupt(path, number, records=100)
    assert (ended, out) == (code, "")
    assert err == f"stopped. Go on with: groundup train --resume {path}\n"
    assert not (path / "model.safetensors").exists()
    assert len(read_log(path / "metrics.jsonl")) < len(undisturbed[1])
    assert cli("train", "--resume", path, "--threads", 1, "-q").code == 0
    assert outcome(path) == undisturbed


@pytest.mark.parametrize("records", [1, 60, 200])
def test_a_killed_run_goes_on_as_well(cli, tmp_path, undisturbed, records):
    """Also before its first checkpoint (1), and with a torn log."""
    path = tmp_path / "run"
    ended, _, _ = interrupt(path, signal.SIGKILL, records)
    assert ended == -signal.SIGKILL
    with (path / "metrics.jsonl").open("ab") as log:
        log.write(b'{"kind":"step","epo')
    assert cli("train", "--resume", path, "--threads", 1, "-q").code == 0
    assert outcome(path) == undisturbed


@pytest.fixture
def stop_at(monkeypatch):
    """Lets the process send itself Ctrl-C after so many updates."""
    seen = Recorder.on_batch_end

    def choose(update):
        def on_batch_end(self, context):
            if context.updates == update:
                signal.raise_signal(signal.SIGINT)
            return seen(self, context)

        monkeypatch.setattr(Recorder, "on_batch_end", on_batch_end)

    return choose


def test_it_can_be_interrupted_again_and_again(cli, tmp_path, undisturbed, stop_at):
    """Within an epoch, at its end and at its beginning: an epoch has 41 updates."""
    path = tmp_path / "run"
    stop_at(1)
    assert cli("train", *RUN, "--out", path, "-q").code == 130
    for update in (2, 41, 82, 83):
        stop_at(update)
        assert cli("train", "--resume", path, "--threads", 1, "-q").code == 130
    stop_at(None)
    assert cli("train", "--resume", path, "--threads", 1, "-q").code == 0
    assert outcome(path) == undisturbed


def test_a_second_trainer_is_refused(cli, stop_at):
    """While one process writes a run, another one must not."""
    stop_at(1)
    cli("train", *RUN, "--out", "run", "-q")
    with Log("run/metrics.jsonl"):
        refused = cli("train", "--resume", "run", "-q")
    assert refused.code == 1
    assert "metrics.jsonl" in refused.err


def test_a_run_on_another_machine_says_so(cli, tmp_path, stop_at):
    stop_at(1)
    cli("train", *RUN, "--out", "run", "-q")
    environment = tmp_path / "run" / "env.json"
    text = environment.read_text(encoding="utf-8")
    environment.write_text(text.replace('"cpu": "', '"cpu": "Another '), encoding="utf-8")
    stop_at(2)
    resumed = cli("train", "--resume", "run", "--threads", 1, "-q")
    assert re.match("note: cpu was Another (.*), now \\1. This changed since the run", resumed.err)
