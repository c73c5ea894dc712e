"""groundup evaluate: how good a trained network is on test data, and where it is not."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.options import Json, Run, Strict, Threads, be_strict, threads

if TYPE_CHECKING:
    from groundup.data.dataset import Dataset
    from groundup.train.classify import Judgment
    from groundup.train.learner import Learner


def evaluate(
    run: Run,
    data: Annotated[
        str | None,
        typer.Option(metavar="DATA", help="A name, file or folder; by default that of the run."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The labels of a file; by default as in the run."),
    ] = None,
    threads_: Threads = None,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Judge a trained network by the test part of a data set, or by all of another file.

    \b
    Examples:
      groundup evaluate runs/20260101-120000-digits-keras-dnn
      groundup evaluate model.safetensors --data digits
      groundup evaluate runs/flowers --data more-flowers.csv
    """
    from groundup.cli.ensembles import members_table
    from groundup.cli.output import note, show, show_json
    from groundup.cli.runs import data_for, open_run
    from groundup.train.inputs import examples_for
    from groundup.train.members import compare

    be_strict(strict)
    trained = open_run(run)
    dataset = data_for(trained, data, target)
    for remark in dataset.notes:
        note(remark)
    about = _values if dataset.task == "regression" else _classes
    with threads(threads_):
        found, words = about(trained.learner, dataset)
        examples = examples_for(trained.learner, dataset.x_test, dataset.y_test)
        comparison = compare(trained.learner, examples)
    if json:
        head = {"run": str(run), "data": dataset.name, "samples": len(dataset.y_test)}
        show_json(head | found | {"members": comparison.members if comparison else ()})
    else:
        show(f"{words}\n\n{members_table(comparison)}" if comparison else words)


def _classes(learner: "Learner", dataset: "Dataset") -> tuple[dict[str, Any], str]:
    """How well a classifier tells each class from the others, as plain data and in words."""
    from groundup.cli.output import facts, percent, table
    from groundup.train.classify import class_names, judge

    judgment = judge(learner, dataset.x_test, dataset.y_test)
    rows, macro = list(_per_class(judgment, class_names(learner))), judgment.scores.macro
    right, count = int((judgment.predicted == judgment.labels).sum()), len(judgment.labels)
    head = {
        "test accuracy": f"{percent(judgment.accuracy)}   {right:,} of {count:,} right",
        "test loss": f"{judgment.loss:.4f}",
        "data": dataset.name,
    }
    cells = [
        [row["class"], f"{row['samples']:,}", f"{row['right']:,}", *_shares(row), row["taken_for"]]
        for row in rows
    ]
    cells.append(["mean over classes", f"{count:,}", f"{right:,}", *_shares(macro), ""])
    columns = ["class", "samples", "right", "recall", "precision", "F1", "AUC", "often taken for"]
    found = {
        "loss": judgment.loss, "accuracy": judgment.accuracy, "macro": macro,
        "classes": [row | {"taken_for": row["taken_for"] or None} for row in rows],
    }  # fmt: skip
    return found, f"{facts(head)}\n\n{table(columns, cells)}"


def _per_class(judgment: "Judgment", names: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Each class: how many of it were found, and how many taken for it belong to it."""
    scores = judgment.scores
    for i, name in enumerate(names):
        wrong = judgment.confusion[i].copy()
        wrong[i] = 0
        yield {
            "class": name, "samples": int(scores.samples[i]), "right": int(scores.right[i]),
            "recall": float(scores.recall[i]), "precision": float(scores.precision[i]),
            "f1": float(scores.f1[i]), "auc": float(scores.auc[i]),
            "taken_for": names[int(wrong.argmax())] if wrong.any() else "",
        }  # fmt: skip


def _shares(row: Mapping[str, Any]) -> list[str]:
    from groundup.cli.output import percent

    auc = "-" if math.isnan(row["auc"]) else f"{row['auc']:.4f}"
    return [*(percent(row[name]) for name in ("recall", "precision", "f1")), auc]


def _values(learner: "Learner", dataset: "Dataset") -> tuple[dict[str, Any], str]:
    """How near a regression comes to each target, as plain data and in words."""
    from groundup.cli.output import facts, table
    from groundup.train.regress import estimate, target_names

    estimates = estimate(learner, dataset.x_test, dataset.y_test)
    rows = [
        {"target": name, **fit._asdict()}
        for name, fit in zip(target_names(dataset), estimates.fits(), strict=True)
    ]
    head = {
        "test R²": f"{estimates.r2:.4f}   1 is perfect, 0 as good as always the mean",
        "test loss": f"{estimates.loss:.4f}",
        "samples": f"{len(estimates.targets):,}",
        "data": dataset.name,
    }
    cells = [
        [str(row["target"]), f"{row['r2']:.4f}", *(f"{row[k]:.4g}" for k in ("mae", "rmse", "std"))]
        for row in rows
    ]
    columns = ["target", "R²", "mean absolute error", "root mean square", "standard deviation"]
    found = {"loss": estimates.loss, "r2": estimates.r2, "targets": rows}
    return found, f"{facts(head)}\n\n{table(columns, cells)}"
