"""Whatever dies, and whenever: no finished trial is lost, none counts twice, the result is one."""

import errno
import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from groundup.errors import StorageError
from groundup.storage import read_log
from groundup.storage.log import os as log_os
from groundup.train.executor import local_pool
from groundup.tune import minimize, open_study, resume, search, studying
from groundup.tune.folder import LOG

SMALL = {
    "seed": 3,
    "data": {"validation": 0.2},
    "model": {"name": "two-layer"},
    "train": {"epochs": 3, "batch_size": 100},
}
SPACE = {"learning_rate": "log:1e-5..1e-1"}
MEDIAN = {"name": "median", "warmup_epochs": 1, "least_trials": 2}
OPTIONS = ({"name": "narrowing", "samples": 4}, 12, MEDIAN)
SCRIPT = """
import json
import sys

from groundup.tune import search

if __name__ == "__main__":
    config, space, options = json.loads(sys.argv[2])
    search(config, space, *options, executor=2, out=sys.argv[1])
"""
TASKS = """
import os, signal, time

def deadly(at):
    if at["x"] == 0:
        os.kill(os.getpid(), signal.SIGKILL)  # as the system does where memory runs out
    if at["x"] == 1:
        time.sleep(600)
    return at["x"]
"""


def files(path):
    return {name: (path / name).read_bytes() for name in ("trials.csv", "curves.csv", "best.toml")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("tune") / "whole"
    return search(SMALL, SPACE, *OPTIONS, out=path), path


@contextmanager
def coordinator(path):
    """A process that carries the study out with two workers."""
    script = path.with_name("study_script.py")
    script.write_text(SCRIPT, "utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script), str(path), json.dumps([SMALL, SPACE, OPTIONS])],
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def count(path):
    """How many trials are in the log, which may not be there yet."""
    log = path / LOG
    records = read_log(log) if log.is_file() else []
    return sum(record["kind"] == "trial" for record in records)


def offspring(process):
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    return [int(number) for task in tasks for number in task.read_text("ascii").split()]


def is_alive(process_id):
    """A process that ended, and that nobody has asked for its end yet, is no longer alive."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def check(path, whole):
    """The finished study in this folder is the one that was never interrupted."""
    records = read_log(path / LOG)
    ended = Counter(record["number"] for record in records if record["kind"] == "trial")
    assert set(ended.values()) == {1} and len(ended) == len(whole[0].history)
    kinds = Counter(record["kind"] for record in records)
    assert (kinds["chosen"], kinds["final"]) == (1, 1)
    study = open_study(path)
    assert (study.plan, study.history) == (whole[0].plan, whole[0].history)
    assert study.final.scores == whole[0].final.scores
    assert files(path) == files(whole[1])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_killed_coordinator_loses_nothing_and_leaves_nobody_behind(whole, tmp_path) -> None:
    path = tmp_path / "study"
    with coordinator(path) as process:
        while count(path) < 5:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.01)
        children = offspring(process)
        process.kill()
    assert len(children) >= 2
    until = time.monotonic() + 20
    while any(map(is_alive, children)):
        assert time.monotonic() < until
        time.sleep(0.05)
    kept = read_log(path / LOG)
    resume(path)
    assert read_log(path / LOG)[: len(kept)] == kept
    check(path, whole)


def test_a_killed_worker_is_replaced_and_its_trial_run_again(whole, tmp_path) -> None:
    killed = []

    def tell(progress):
        if progress.ended >= 2 and not killed:
            children = multiprocessing.active_children()  # also those that other tests left
            killed.append(next(one for one in children if one.name.startswith("Spawn")))
            killed[0].kill()

    search(SMALL, SPACE, *OPTIONS, executor=2, out=tmp_path / "study", tell=tell)
    assert killed
    check(tmp_path / "study", whole)


def test_a_trial_that_kills_its_worker_or_hangs_has_failed(tmp_path, monkeypatch) -> None:
    (tmp_path / "deadly_tasks.py").write_text(TASKS, "utf-8")  # workers import it by name
    monkeypatch.syspath_prepend(tmp_path)
    deadly = importlib.import_module("deadly_tasks").deadly
    pool = local_pool(1, retries=1)
    killed, fine = minimize(deadly, {"x": [0, 2]}, "grid", None, executor=pool).trials
    assert (killed.state, fine.state, fine.value) == ("failed", "finished", 2)
    assert killed.reason.startswith("trial, tried 2 times: its process ended by signal 9")
    assert "use fewer workers" in killed.reason
    pool = local_pool(1, timeout=0.5, retries=0)
    (hung,) = minimize(deadly, {"x": [1]}, "grid", None, executor=pool).trials
    assert hung.state == "failed"
    assert hung.reason == "timed out: trial, tried 1 times: it was still running after 0.5 seconds."


# --- the log at every moment


class Replayed:
    """Instead of trainings: what came of them in the whole study, and how often each was asked."""

    def __init__(self, study, monkeypatch):
        self.study, self.ran = study, Counter()
        monkeypatch.setattr(studying, "Training", lambda plan: self.trial)
        monkeypatch.setattr(studying, "train_best", lambda config, path: study.final.scores)
        monkeypatch.setattr(studying, "write_files", lambda path, study: None)

    def trial(self, order):
        self.ran[order.number] += 1
        assert order.settings == self.study.history.trials[order.number].settings
        return self.study.history.trials[order.number]


def test_a_log_cut_anywhere_is_gone_on_with(whole, tmp_path, monkeypatch) -> None:
    study, path = whole
    log, records = (path / LOG).read_bytes(), read_log(path / LOG)
    replayed = Replayed(study, monkeypatch)
    ends = [place + 1 for place, byte in enumerate(log) if byte == ord("\n")]
    trials = [
        (end, record["number"])
        for end, record in zip(ends, records, strict=True)
        if record["kind"] == "trial"
    ]
    mine = tmp_path / "study"
    mine.mkdir()
    for cut in sorted({end - 1 for end in ends[1:]} | set(range(ends[1], len(log) + 1, 61))):
        (mine / LOG).write_bytes(log[:cut])
        replayed.ran.clear()
        done = {number for end, number in trials if cut >= end - 1}  # its line end may be missing
        seen = open_study(mine).history.trials
        assert {trial.number for trial in seen if trial.state != "running"} == done
        assert resume(mine).history == study.history
        assert set(replayed.ran) == set(range(12)) - done
        assert set(replayed.ran.values()) <= {1}


def test_a_full_disk_loses_nothing(whole, tmp_path, monkeypatch) -> None:
    """Whichever record it meets, also after a part of it was written."""
    study, path = whole
    records = len(read_log(path / LOG))
    Replayed(study, monkeypatch)
    real = os.write
    for full in range(3, records + 1):
        written = 0

        def write(descriptor, data, full=full):
            nonlocal written
            written += 1
            if written >= full:
                real(descriptor, data[:20])
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(descriptor, data)

        mine = tmp_path / f"{full}"
        with monkeypatch.context() as patch:
            patch.setattr(log_os, "write", write)
            with pytest.raises(StorageError, match="No space left"):
                search(SMALL, SPACE, *OPTIONS, out=mine)
        assert len(read_log(mine / LOG)) == full - 1
        assert resume(mine).history == study.history
        kinds = Counter(record["kind"] for record in read_log(mine / LOG))
        assert (kinds["trial"], kinds["final"]) == (12, 1)
