"""The report of a run directory: what its files say, put together for the page."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from groundup import config as configuration
from groundup.data import dataset as datasets
from groundup.data.dataset import Dataset
from groundup.errors import CorruptFile, InputError
from groundup.report.page import write_page
from groundup.report.run_report import run_report
from groundup.report.run_summary import LayerRow, Mistake, RunSummary
from groundup.storage import read_bytes, read_json_bytes, shown
from groundup.train import model_file
from groundup.train.classify import Judgment, class_names, judge
from groundup.train.learner import Learner
from groundup.train.run import ALL_DONE
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
    dataset = dataset or datasets.load(config.data.name)
    learner = model_file.load(run.model).learner
    judgment = judge(learner, dataset.x_test, dataset.y_test)
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
        test_samples=len(judgment.labels),
        val_accuracy=end["val_accuracy"],
        val_loss=end["val_loss"],
        samples_are="images" if len(dataset.in_shape) == 3 else "samples",
        config=configuration.to_mapping(config),
        environment=_environment(run),
        epochs=[_without_place(record) for record in run.records("epoch")],
        layers=list(_layers(learner)),
        labels=class_names(learner),
        confusion=judgment.confusion,
        mistakes=list(_mistakes(judgment, class_names(learner), dataset)),
        command=f"groundup train {shlex.quote(shown(run.config_file))}",
        warning="" if end["reason"] == ALL_DONE else f"Ended early: {end['reason']}.",
    )


def _without_place(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in _PLACE}


def read_environment(run: RunDirectory) -> dict[str, Any]:
    """What env.json says the run began with."""
    values = read_json_bytes(read_bytes(run.environment_file, 2**20), name="env.json")
    if not (isinstance(values, dict) and isinstance(values.get("blas"), list)):
        raise CorruptFile(f"{shown(run.environment_file)} is not as a run writes it.")
    return values


def _environment(run: RunDirectory) -> dict[str, Any]:
    """The environment with each BLAS in words."""
    values = read_environment(run)
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
