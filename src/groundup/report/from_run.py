"""The report of a run directory: what its files say, put together for the page."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from groundup import config as configuration
from groundup.data.dataset import Dataset
from groundup.errors import InputError
from groundup.report.from_members import epochs_of, member_rows
from groundup.report.page import write_page
from groundup.report.run_report import run_report
from groundup.report.run_summary import ClassRow, LayerRow, Mistake, RunSummary, TargetRow
from groundup.storage import shown
from groundup.train import model_file
from groundup.train.classify import Judgment, class_names, judge
from groundup.train.environment import read_environment
from groundup.train.learner import Learner
from groundup.train.probes.exam import exam_of
from groundup.train.regress import estimate, target_names
from groundup.train.run import ALL_DONE, data_of
from groundup.train.run_directory import RunDirectory
from groundup.train.summary import summarize

MISTAKES = 12
_PLACE = ("kind", "step")


def write_run_report(run: RunDirectory) -> Path:
    """Write report.html into the directory of a finished run.

    Raises:
        InputError: the run has not ended, or its data cannot be had any more.
        StorageError: the page could not be written.
    """
    write_page(run.report, run_report(summary_of(run)))
    return run.report


def summary_of(run: RunDirectory, dataset: Dataset | None = None) -> RunSummary:
    """Everything that the page shows, gathered from the run's files and the test data."""
    ended = run.records("end")
    if not ended:
        raise InputError(
            f"{shown(run.path)} has not ended: it has no result to report yet. Go on with: "
            f"groundup train --resume {shlex.quote(shown(run.path))}"
        )
    end, config = ended[-1], run.config()
    dataset = dataset or data_of(config)
    learner = model_file.load(run.model).learner
    about = _values if dataset.task == "regression" else _classes
    return RunSummary(
        name=run.path.resolve().name,
        data=end["data"],
        model=end["model"],
        seed=end["seed"],
        parameters=end["parameters"],
        seconds=end["seconds"],
        samples_per_second=end["samples_per_second"],
        test_accuracy=end["test_accuracy"],
        test_loss=end["test_loss"],
        test_samples=len(dataset.y_test),
        val_accuracy=end["val_accuracy"],
        val_loss=end["val_loss"],
        samples_are="images" if len(dataset.in_shape) == 3 else "samples",
        config=configuration.to_mapping(config),
        environment=_environment(run),
        epochs=[_without_place(record) for record in epochs_of(run, end)],
        members=list(member_rows(end)),
        layers=list(_layers(learner)),
        exams=[exam_of(record) for record in run.records("probe")],
        batch_losses=[one["batch_loss"] for one in run.records("step") if "batch_loss" in one],
        command=f"groundup train {shlex.quote(shown(run.config_file))}",
        warning="" if end["reason"] == ALL_DONE else f"Ended early: {end['reason']}.",
        **about(learner, dataset),
    )


def _classes(learner: Learner, dataset: Dataset) -> dict[str, Any]:
    """What a classifier says of the test data."""
    judgment, names = judge(learner, dataset.x_test, dataset.y_test), class_names(learner)
    scores = judgment.scores
    columns = (scores.samples, scores.recall, scores.precision, scores.f1, scores.auc)
    rows = zip(names, *(column.tolist() for column in columns), strict=True)
    return {
        "labels": names,
        "confusion": judgment.confusion,
        "mistakes": list(_mistakes(judgment, names, dataset)),
        "classes": [ClassRow(*row) for row in rows],
        "macro": scores.macro,
    }


def _values(learner: Learner, dataset: Dataset) -> dict[str, Any]:
    """What a regression says of the test data."""
    estimates = estimate(learner, dataset.x_test, dataset.y_test)
    columns = (target_names(dataset), estimates.targets.T, estimates.predictions.T)
    pairs = zip(zip(*columns, strict=True), estimates.fits(), strict=True)
    rows = [TargetRow(*given, fit.r2, fit.mae, fit.rmse) for given, fit in pairs]
    return {"test_r2": estimates.r2, "targets": rows}


def _without_place(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in _PLACE}


def _environment(run: RunDirectory) -> dict[str, Any]:
    """The environment with each BLAS in words."""
    values = read_environment(run.environment_file)
    return values | {"blas": [_blas(library) for library in values["blas"]]}


def _blas(library: dict[str, Any]) -> str:
    threads = library.get("threads")
    words = [str(library[key]) for key in ("library", "version", "core") if library.get(key)]
    return " ".join([*words, f"({threads} thread{'s' if threads != 1 else ''})"])


def _layers(learner: Learner) -> Iterator[LayerRow]:
    for row in summarize(learner.network, learner.vector.itemsize).rows:
        yield LayerRow(
            row.name, row.kind, row.out_shape, row.parameters, row.bytes, row.multiply_adds
        )


def _mistakes(judgment: Judgment, labels: tuple[str, ...], dataset: Dataset) -> Iterator[Mistake]:
    """The most confident mistakes, each with its picture in shades from 0 to 1."""
    pictures = len(dataset.in_shape) == 3 and dataset.in_shape[0] in (1, 3)
    low, high = float(dataset.x_test.min()), float(dataset.x_test.max())
    for i in judgment.mistakes()[:MISTAKES]:
        said = judgment.predicted[i]
        picture = (dataset.x_test[i].astype(np.float64) - low) / ((high - low) or 1.0)
        yield Mistake(
            true=labels[judgment.labels[i]],
            predicted=labels[said],
            probability=float(judgment.probabilities[i, said]),
            image=picture if pictures else None,
            index=int(i),
        )
