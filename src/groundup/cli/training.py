"""What `groundup train` does: begin or go on with a run, and say what came of it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from groundup.cli import ensembles, output
from groundup.cli.settings import configure
from groundup.config import Config
from groundup.errors import InputError
from groundup.report.from_run import write_run_report
from groundup.storage import shown
from groundup.train import ensemble_run, model_file
from groundup.train import run as runs
from groundup.train.callbacks import ProgressBar
from groundup.train.defaults import complete
from groundup.train.run import ALL_DONE, RunResult
from groundup.train.run_directory import RunDirectory

PATHS = {
    "--data": "data.name",
    "--target": "data.target",
    "--task": "data.task",
    "--image-size": "data.image_size",
    "--model": "model.name",
    "--optimizer": "optimizer.name",
    "--learning-rate": "optimizer.learning_rate",
    "--epochs": "train.epochs",
    "--batch-size": "train.batch_size",
    "--seed": "seed",
    "--ensemble": "train.ensemble",
    "--bagging": "train.bagging",
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
    workers: int | None = None,
) -> Finished:
    """A new run."""
    config = configure(file, {path: options[name] for name, path in PATHS.items()}, sets)
    output.show_notes(quiet)
    dataset = runs.data_of(config)
    config = complete(config, dataset.in_shape, dataset.task)
    notes = [plan_in_words(config), *dataset.notes]
    if config.train.ensemble > 1:
        if not quiet:
            output.note("\n".join(notes))
        pool, tell = ensembles.fan_out(config, workers), ensembles.teller(config, quiet)
        return _finish(*ensemble_run.run_ensemble(config, out, pool, tell), quiet)
    onlookers = [] if quiet else [ProgressBar(notes=notes)]
    return _finish(*runs.run(config, out, onlookers, dataset), quiet)


def go_on(path: Path, quiet: bool, workers: int | None = None) -> Finished:
    """The rest of an interrupted run."""
    output.show_notes(quiet)
    directory = RunDirectory.open(path)
    if directory.records("end") and not quiet:
        output.note("This run had ended already; here is its result.")
    config = directory.config()
    if config.train.ensemble > 1:
        pool, tell = ensembles.fan_out(config, workers), ensembles.teller(config, quiet)
        return _finish(*ensemble_run.resume_ensemble(path, pool, tell), quiet)
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


def plan_in_words(config: Config) -> str:
    """What is trained on what, and how long."""
    networks = f"{_networks(config.train.ensemble)}{runs.model_name(config)}"
    return (
        f"{networks} on {config.data.title}: {config.train.epochs} epochs in batches of "
        f"{config.train.batch_size}, {config.optimizer.name}, seed {config.seed}"
    )


def _networks(count: int) -> str:
    return f"{count} x " if count > 1 else ""


def _in_words(finished: Finished) -> str:
    result = finished.result
    reason = finished.directory.records("end")[-1]["reason"]
    early = "" if reason == ALL_DONE else f"; ended early: {reason}"
    lines = {
        **_on_test(result),
        "validation": _scores(result.val_accuracy, result.val_loss),
        "training": f"{result.epochs} epochs in {result.seconds:.1f} s, "
        f"{result.samples_per_second:,.0f} samples/s{early}",
        "network": f"{_networks(len(result.members))}{result.model}, "
        f"{result.parameters:,} parameters",
        "run": shown(result.run_dir),
        "report": shown(finished.report),
    }
    where = shlex.quote(result.run_dir)
    data = shlex.quote(finished.directory.config().data.given)
    in_columns = len(model_file.load(finished.directory.model).learner.network.in_shape) == 1
    samples = "more.csv" if in_columns else "picture.png --resize --invert"
    comparison = ensembles.comparison_of(result)
    members = f"{ensembles.members_table(comparison)}\n\n" if comparison else ""
    return (
        f"{output.facts({name: text for name, text in lines.items() if text})}\n\n{members}"
        "Next, for example:\n"
        f"  groundup evaluate {where}\n"
        f"  groundup doctor {shlex.quote(str(_network(finished)))}\n"
        f"  groundup predict {where} {samples}\n"
        f"  groundup train --data {data} --model multi-layer --set depth=3"
    )


def _network(finished: Finished) -> Path:
    """Where the network's log is, of an ensemble that of the first member."""
    directory = finished.directory
    return directory.member(1) if finished.result.members else directory.path


def _on_test(result: RunResult) -> dict[str, str]:
    if result.test_r2 is not None:
        return {"test R²": f"{result.test_r2:.3f}   loss {result.test_loss:.4f}"}
    name = "test loss" if result.test_accuracy is None else "test accuracy"
    return {name: _scores(result.test_accuracy, result.test_loss)}


def _scores(accuracy: float | None, loss: float | None) -> str:
    if loss is None or accuracy is None:
        return "" if loss is None else f"{loss:.4f}"
    return f"{output.percent(accuracy)}   loss {loss:.4f}"
