"""The kills of trainings and of searches: what they must see, planted; and a few that hold."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import groundup as gu
from groundup import config as configuration
from groundup.storage import Log, read_log
from groundup.train.run import resume, run
from groundup.train.run_directory import RunDirectory
from groundup.tune import search

ROOT = Path(__file__).parent.parent.parent
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SMALL = """
[data]
validation = 0.2
[model]
name = "two-layer"
[train]
epochs = 3
batch_size = 200
callbacks = [{ name = "model_checkpoint", filepath = "best.safetensors", save_best_only = true }]
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)


@pytest.fixture
def variant():
    from trust.crashes.training_variants import Variant

    return Variant("small", SMALL)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run in a folder as the check has it."""
    folder = tmp_path_factory.mktemp("kills") / "whole"
    folder.mkdir()
    (folder / "config.toml").write_text(SMALL, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        run(configuration.load(Path("config.toml")), Path("run"))
        (folder / "run" / "report.html").write_text("</html>", "utf-8")  # as `groundup train` does
    return folder


@pytest.fixture
def copy(finished, tmp_path):
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def lines(log):
    return log.read_text("utf-8").splitlines(keepends=True)


def without(log, *kinds):
    """The log as it was before the first record of these kinds."""
    kept = lines(log)
    first = [json.loads(line)["kind"] in kinds for line in kept].index(True)
    log.write_text("".join(kept[:first]), "utf-8")


def double(log, kind):
    """The log with its first record of this kind once more, at its beginning."""
    records = read_log(log)
    log.unlink()
    with Log(log) as anew:
        for record in [next(one for one in records if one["kind"] == kind), *records]:
            anew.append(record)


# --- what a training leaves


def test_a_run_that_ended_otherwise_is_seen(variant, finished, copy) -> None:
    from trust.crashes.training_folder import at_the_end, reference

    whole = reference(variant, finished, 0.5, 1.0)
    assert at_the_end(variant, copy, whole) == []
    model, log = copy / "run" / "model.safetensors", copy / "run" / "metrics.jsonl"
    shutil.copy(copy / "run" / "checkpoints" / "last.safetensors", model)
    (fault,) = at_the_end(variant, copy, whole)
    assert fault.startswith("run/model.safetensors: expected")
    shutil.copy(finished / "run" / "model.safetensors", model)
    double(log, "step")
    (fault,) = at_the_end(variant, copy, whole)
    assert fault.startswith("run/metrics.jsonl: expected")
    shutil.copy(finished / "run" / "metrics.jsonl", log)
    (copy / "run" / ".groundup-0badf00d-1-0123456789abcdef.tmp").touch()
    (fault,) = at_the_end(variant, copy, whole)
    assert "tmp: expected None as undisturbed" in fault


def test_what_a_kill_must_not_undo_is_seen(variant, finished, copy) -> None:
    from trust.crashes.training_folder import State, reference

    whole, state, log = reference(variant, finished, 0.5, 1.0), State(), copy / "run/metrics.jsonl"

    def faults(told=""):
        return state.faults_after(variant, copy, whole, told)

    assert faults(" 3/3  loss 1.0\n") == []
    assert state.share_done(whole) == 1
    without(log, "end")
    assert faults() == ["run: it had ended, and its end is no longer in its log"]
    state.ended.clear()
    without(log, "epoch")
    lost, told = faults("note\n 1/3  loss 1.0\n")
    assert lost == "run: 3 epochs were in its log, and now 0"
    assert told == "epoch 1 was told, and the log has 0 epochs"
    shutil.copy(finished / "run" / "metrics.jsonl", log)
    double(log, "epoch")
    assert "its log tells of epochs [0, 0, 1, 2]" in faults()[0]
    shutil.copy(finished / "run" / "metrics.jsonl", log)
    state.epochs.clear()
    (copy / "best.safetensors").unlink()
    assert faults() == ["the best model is of epoch 0, and was of 3"]


def test_half_a_file_and_a_run_that_does_not_say_why_are_seen(variant, copy, finished) -> None:
    from trust.crashes.training_folder import State, reference

    whole, model = reference(variant, finished, 0.5, 1.0), copy / "run" / "model.safetensors"
    model.write_bytes(model.read_bytes()[:-1])
    (fault, reading, *_) = State().faults_after(variant, copy, whole, "")
    assert fault.startswith("model.safetensors is not whole")
    assert reading.startswith("groundup evaluate ends with 2")
    model.unlink()
    without(copy / "run" / "metrics.jsonl", "end")
    assert State().faults_after(variant, copy, whole, "") == []  # it says how to go on


# --- what a search leaves


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kills") / "study"
    search(configuration.from_mapping({
        "data": {"validation": 0.2}, "model": {"name": "two-layer"},
        "train": {"epochs": 1, "batch_size": 200},
    }), {"learning_rate": [1e-3, 1e-2]}, "grid", out=folder)  # fmt: skip
    return folder


def test_a_study_that_ended_otherwise_is_seen(study, tmp_path) -> None:
    from trust.crashes.search_folder import State, at_the_end, reference

    whole, copy, state = reference(study, 0.5, 1.0), tmp_path / "copy", State()
    shutil.copytree(study, copy)
    assert at_the_end(copy, whole) == []
    assert list(state.faults_after(copy, whole)) == []
    assert state.share_done(copy, whole) == 1
    (copy / "trials.csv").write_text("trial\n", "utf-8")
    (fault,) = at_the_end(copy, whole)
    assert fault.startswith("trials.csv: expected")
    log = copy / "study.jsonl"
    without(log, "trial")
    (lost,) = state.faults_after(copy, whole)
    assert lost == f"{len(lines(study / 'study.jsonl'))} records were in its log, and are not as "\
        "they were"  # fmt: skip
    faults = at_the_end(copy, whole)
    assert "its log chose 0 times, and ended 0 times" in faults
    assert "trials [0, 1] are running for ever" in faults
    other = replace(whole, trials={k: one | {"value": 0.5} for k, one in whole.trials.items()})
    shutil.copy(study / "study.jsonl", log)
    assert "'value': 0.5" in next(State().faults_after(copy, other))


# --- processes


@linux
def test_offspring_that_lives_on_is_seen(tmp_path, monkeypatch) -> None:
    from trust.claim import Outcome
    from trust.crashes import processes

    monkeypatch.setattr(processes, "GRACE", 0.1)
    sleeper = "[sys.executable, '-c', 'import time; time.sleep(60)']"
    parent = f"import subprocess, sys; subprocess.Popen({sleeper}, start_new_session=True)"
    started = processes.Started((), tmp_path, ("-c", parent))
    try:
        assert started.wait(20)
        (fault,) = processes.told_of(started, Outcome(), {0})
        assert fault.startswith("orphans: [") and "time.sleep(60)" in fault
    finally:
        started.end()
    assert started.orphans()[0] == []


@linux
def test_a_process_is_struck_where_it_is(tmp_path) -> None:
    from trust.claim import Outcome
    from trust.crashes.processes import BY_SIGNAL, Started, told_of

    for program, met, codes, faults in (
        ("import time; time.sleep(60)", True, BY_SIGNAL, 0),
        ("raise SystemExit(7)", False, BY_SIGNAL, 1),
    ):
        started = Started((), tmp_path, ("-c", program))
        started.wait(0.5 if met else 20)
        assert started.strike((9,), 0.1) is met
        assert len(list(told_of(started, Outcome(), codes))) == faults


@linux
def test_a_killed_training_holds() -> None:
    from trust.crashes.training_kills import _lane

    outcome = _lane(0, 2)
    assert (outcome.tried, outcome.faults) == (2, [])


@linux
@pytest.mark.long
def test_a_killed_search_holds() -> None:
    from trust.crashes.search_kills import search_kills

    outcome = search_kills(6, lambda words: None)
    assert (outcome.tried, outcome.faults) == (6, [])


def test_a_resumed_run_is_judged_as_the_whole_one(variant, finished, copy, monkeypatch) -> None:
    from trust.crashes.training_folder import at_the_end, reference

    shutil.rmtree(copy / "run")
    monkeypatch.chdir(copy)

    class Killed(BaseException):
        pass

    class Killer(gu.Callback):
        def on_batch_end(self, context):
            if context.updates == 9:
                raise Killed

    with pytest.raises(Killed):
        run(configuration.load(Path("config.toml")), Path("run"), [Killer()])
    resume(Path("run"))
    shutil.copy(finished / "run" / "report.html", "run")
    assert RunDirectory(Path("run")).records("end")
    assert at_the_end(variant, copy, reference(variant, finished, 0.5, 1.0)) == []
