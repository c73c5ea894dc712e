"""groundup evaluate: how good a trained network is on test data, and in which class it is not."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.options import Json, Run, Strict, Threads, be_strict, threads

if TYPE_CHECKING:
    from groundup.train.classify import Judgment


def evaluate(
    run: Run,
    data: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Data set; by default the one of the run."),
    ] = None,
    threads_: Threads = None,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Judge a trained network by the test part of a data set.

    \b
    Examples:
      groundup evaluate runs/20260101-120000-digits-keras-dnn
      groundup evaluate model.safetensors --data digits
    """
    from groundup.cli.output import show, show_json
    from groundup.cli.runs import open_run
    from groundup.data import load
    from groundup.errors import InputError
    from groundup.train.classify import class_names, judge

    be_strict(strict)
    trained = open_run(run)
    name = data or (trained.config.data.name if trained.config else None)
    if name is None:
        raise InputError(f"{run} is a model file, which names no data: add --data, as in digits.")
    dataset = load(name)
    with threads(threads_):
        judgment = judge(trained.learner, dataset.x_test, dataset.y_test)
    rows = list(_per_class(judgment, class_names(trained.learner)))
    if json:
        show_json({
            "run": str(run), "data": name, "samples": len(judgment.labels), "loss": judgment.loss,
            "accuracy": judgment.accuracy, "classes": rows,
        })  # fmt: skip
    else:
        show(_in_words(name, judgment, rows))


def _per_class(judgment: "Judgment", names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each class: how many of it were found, and how many taken for it belong to it."""
    counts = judgment.confusion
    rows = []
    for i, name in enumerate(names):
        samples, said, right = int(counts[i].sum()), int(counts[:, i].sum()), int(counts[i, i])
        wrong = counts[i].copy()
        wrong[i] = 0
        rows.append({
            "class": name, "samples": samples, "right": right,
            "recall": right / samples if samples else None,
            "precision": right / said if said else None,
            "taken_for": names[int(wrong.argmax())] if wrong.any() else None,
        })  # fmt: skip
    return rows


def _in_words(data: str, judgment: "Judgment", rows: list[dict[str, Any]]) -> str:
    from groundup.cli.output import facts, percent, table

    right, count = int((judgment.predicted == judgment.labels).sum()), len(judgment.labels)
    head = {
        "test accuracy": f"{percent(judgment.accuracy)}   {right:,} of {count:,} right",
        "test loss": f"{judgment.loss:.4f}",
        "data": data,
    }
    cells = [
        [
            row["class"], f"{row['samples']:,}", f"{row['right']:,}", percent(row["recall"]),
            percent(row["precision"]), row["taken_for"] or "",
        ]
        for row in rows
    ]  # fmt: skip
    columns = ["class", "samples", "right", "recall", "precision", "often taken for"]
    return f"{facts(head)}\n\n{table(columns, cells)}"
