"""What `groundup train` does: begin or go on with a run, and say what came of it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from groundup.cli import output
from groundup.cli.settings import configure
from groundup.config import Config
from groundup.errors import InputError
from groundup.report.from_run import read_environment, write_run_report
from groundup.storage import shown
from groundup.train import run as runs
from groundup.train.callbacks import ProgressBar
from groundup.train.environment import environment
from groundup.train.run import ALL_DONE, RunResult
from groundup.train.run_directory import RunDirectory

PATHS = {
    "--data": "data.name",
    "--model": "model.name",
    "--optimizer": "optimizer.name",
    "--learning-rate": "optimizer.learning_rate",
    "--epochs": "train.epochs",
    "--batch-size": "train.batch_size",
    "--seed": "seed",
}


@dataclass(frozen=True)
class Finished:
    """A run that has come to its end: its result, its folder and its report."""

    result: RunResult
    directory: RunDirectory
    report: Path


def begin(
    file: Path | None,
    options: Mapping[str, Any],
    sets: Sequence[str],
    out: Path | None,
    quiet: bool,
) -> Finished:
    """A new run."""
    config = configure(file, {path: options[name] for name, path in PATHS.items()}, sets)
    onlookers = [] if quiet else [ProgressBar(notes=[_plan(config)])]
    output.show_notes(quiet)
    return _finish(*runs.run(config, out, onlookers), quiet)


def go_on(path: Path, quiet: bool) -> Finished:
    """The rest of an interrupted run."""
    output.show_notes(quiet)
    if not quiet:
        _note_changes(RunDirectory.open(path))
    return _finish(*runs.resume(path, [] if quiet else [ProgressBar()]), quiet)


def refuse(given: Mapping[str, Any], why: str) -> None:
    """Options that cannot be given along with another."""
    named = [option for option, value in given.items() if value not in (None, [])]
    if named:
        raise InputError(f"{why}: leave out {', '.join(named)}.")


def show(finished: Finished, json: bool) -> None:
    """The result on stdout."""
    if json:
        output.show_json(asdict(finished.result) | {"report": str(finished.report)})
    else:
        output.show(_in_words(finished))


def _finish(result: RunResult, directory: RunDirectory, quiet: bool) -> Finished:
    report = write_run_report(directory)
    if not quiet:
        output.note("")  # between progress and result
    return Finished(result, directory, report)


def _plan(config: Config) -> str:
    return (
        f"{runs.model_name(config)} on {config.data.name}: {config.train.epochs} epochs in batches "
        f"of {config.train.batch_size}, {config.optimizer.name}, seed {config.seed}"
    )


def _note_changes(run: RunDirectory) -> None:
    """Say what makes the end of a run another one than it would have been."""
    if run.records("end"):
        output.note("This run had ended already; here is its result.")
        return
    before, now = read_environment(run), environment()
    lasting = ("packages", "cpu", "strict", "kernels")
    names = [name for name in lasting if before.get(name) != now[name]]
    if any(library not in now["blas"] for library in before["blas"][:1]):  # NumPy's
        names.append("linear algebra")
    if names:
        output.note(
            f"note: {' and '.join(names)} changed since the run began (see env.json), so its "
            "result may differ in the last bits."
        )


def _in_words(finished: Finished) -> str:
    result = finished.result
    reason = finished.directory.records("end")[-1]["reason"]
    early = "" if reason == ALL_DONE else f"; ended early: {reason}"
    test = "test loss" if result.test_accuracy is None else "test accuracy"
    lines = {
        test: _scores(result.test_accuracy, result.test_loss),
        "validation": _scores(result.val_accuracy, result.val_loss),
        "training": f"{result.epochs} epochs in {result.seconds:.1f} s, "
        f"{result.samples_per_second:,.0f} samples/s{early}",
        "network": f"{result.model}, {result.parameters:,} parameters",
        "run": shown(result.run_dir),
        "report": shown(finished.report),
    }
    where = shlex.quote(result.run_dir)
    return (
        f"{output.facts({name: text for name, text in lines.items() if text})}\n\n"
        "Next, for example:\n"
        f"  groundup evaluate {where}\n"
        f"  groundup predict {where} picture.png --resize --invert\n"
        f"  groundup train --data {result.data} --model multi-layer --set depth=3"
    )


def _scores(accuracy: float | None, loss: float | None) -> str:
    if loss is None or accuracy is None:
        return "" if loss is None else f"{loss:.4f}"
    return f"{output.percent(accuracy)}   loss {loss:.4f}"
