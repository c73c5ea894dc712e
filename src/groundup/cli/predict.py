"""groundup predict: the class of each sample in some files and how sure that is, or its values."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from groundup.cli.options import Json, Run, Strict, Threads, be_strict, threads

if TYPE_CHECKING:
    from groundup.typing import Array


def predict(
    run: Run,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="CSV, pictures, NPY or NPZ, raw as the data is."),
    ],
    top: Annotated[int, typer.Option(metavar="K", help="Show the K likeliest classes.")] = 1,
    resize: Annotated[
        bool, typer.Option("--resize", help="Scale pictures of another size.")
    ] = False,
    invert: Annotated[
        bool, typer.Option("--invert", help="Pictures are dark on light, the data light on dark.")
    ] = False,
    white: Annotated[
        float | None,
        typer.Option(metavar="V", help="The value of white in the data, if the run cannot tell."),
    ] = None,
    threads_: Threads = None,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Classify the samples in files, or tell their values.

    Pictures become what the network was trained on: gray or color, in the data's range of values.

    \b
    Examples:
      groundup predict runs/20260101-120000-digits-keras-dnn seven.png --resize --invert
      groundup predict model.safetensors samples.npy --top 3
      groundup predict runs/flowers new-flowers.csv
    """
    from groundup.cli.output import show, show_json
    from groundup.cli.runs import open_run
    from groundup.cli.samples import Reading
    from groundup.errors import InputError
    from groundup.nn.losses import Difference
    from groundup.train.classify import class_names, probabilities
    from groundup.train.regress import predictions

    be_strict(strict)
    trained = open_run(run)
    learner, names = trained.learner, class_names(trained.learner)
    if not 1 <= top <= len(names):
        raise InputError(f"--top {top}: expected 1 to {len(names)}, the number of classes.")
    reading = Reading(trained, resize, invert, white)
    samples = [(file, reading.samples(file)) for file in files]
    of_values = isinstance(learner.loss, Difference)
    say = predictions if of_values else probabilities
    found: list[dict[str, Any]] = []
    with threads(threads_):
        for file, x in samples:
            for i, row in enumerate(say(learner, x)):
                told = {"values": row.tolist()} if of_values else _ranked(row, names, top)
                found.append({"file": str(file), "sample": i, **told})
    if json:
        show_json({"run": str(run), "predictions": found})
    else:
        show(_values_in_words(found) if of_values else _in_words(found))


def _ranked(row: "Array", names: Sequence[str], top: int) -> dict[str, Any]:
    """The likeliest class, and the `top` likeliest."""
    best = [int(k) for k in (-row).argsort(kind="stable")[:top]]
    ranked = [{"class": names[k], "probability": float(row[k])} for k in best]
    return {**ranked[0], "top": ranked}


def _values_in_words(found: Sequence[dict[str, Any]]) -> str:
    from groundup.cli.output import table

    count = len(found[0]["values"])
    columns = ["value"] if count == 1 else [f"value {k + 1}" for k in range(count)]
    rows = [
        [row["file"], str(row["sample"]), *(f"{value:.6g}" for value in row["values"])]
        for row in found
    ]
    return table(["file", "sample", *columns], rows)


def _in_words(found: Sequence[dict[str, Any]]) -> str:
    from groundup.cli.output import percent, table

    several = any(row["sample"] for row in found)
    ranks = len(found[0]["top"])
    columns = ["file", *(["sample"] if several else [])]
    columns += [word for k in range(ranks) for word in (f"class {k + 1}", "probability")]
    rows = [
        [
            row["file"],
            *([str(row["sample"])] if several else []),
            *(word for one in row["top"] for word in (one["class"], percent(one["probability"]))),
        ]
        for row in found
    ]
    if ranks == 1:
        columns[-2] = "class"
    return table(columns, rows)
