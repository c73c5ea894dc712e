"""groundup data shift: whether two data sets come from one distribution."""

from typing import TYPE_CHECKING, Annotated

import typer

from groundup.cli.opened import ImageSize, Target, Task, opened
from groundup.cli.options import Json

if TYPE_CHECKING:
    from groundup.data.dataset import Dataset
    from groundup.data.shift import Shift
    from groundup.typing import Array

_LISTED = 10  # features in the table


def shift(
    a: Annotated[str, typer.Argument(metavar="A", help="A data set, by name, file or folder.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another with samples of the same shape.")],
    target: Target = None,
    task: Task = None,
    image_size: ImageSize = None,
    level: Annotated[
        float, typer.Option(metavar="X", help="Probability of an alarm where there is no shift.")
    ] = 0.05,
    seed: Annotated[int, typer.Option(metavar="N", help="Of the samples that are drawn.")] = 0,
    json: Json = False,
) -> None:
    """Test whether two data sets differ: feature by feature, and by a classifier.

    Up to 5,000 samples of each are looked at, of larger sets from their training part.

    \b
    Example:
      groundup data shift january.csv june.csv
    """
    from groundup.cli.output import show, show_json
    from groundup.data.inspection import feature_names
    from groundup.data.shift import measure_shift
    from groundup.errors import DataError

    first, second = (opened(name, target, task, image_size) for name in (a, b))
    if first.features and second.features and first.features != second.features:
        raise DataError(
            f"{b}: its columns are {', '.join(second.features)}; expected those of {a}, in their "
            f"order: {', '.join(first.features)}."
        )
    found = measure_shift(
        _samples(first), _samples(second), feature_names(first), level=level, seed=seed
    )
    if json:
        show_json({"a": a, "b": b} | found.plain())
    else:
        show(in_words(found))


def _samples(data: "Dataset") -> "Array":
    import numpy as np

    from groundup.data.shift import MOST

    if len(data.x_train) + len(data.x_test) > MOST:
        return data.x_train
    return np.concatenate([np.asarray(data.x_train), np.asarray(data.x_test)])


def in_words(found: "Shift") -> str:
    """The verdict, the classifier's score, and the features that differ most."""
    from groundup.cli.output import facts, table

    a, b = found.samples
    head = {"verdict": found.verdict, "samples": f"{a:,} and {b:,}"}
    if found.classifier is not None:
        one = found.classifier
        head["classifier"] = (
            f"AUC {one.auc:.3f} ({one.low:.3f} to {one.high:.3f}; 0.5 is chance), p = {one.p:.3g}"
        )
    rows = [
        [one.name, f"{one.distance:.3f}", f"{one.p:.3g}", f"{one.effect:+.2f}", f"{one.spread:.2f}"]
        for one in found.features[:_LISTED]
    ]
    more = len(found.features) - len(rows)
    listed = table(["feature", "distance", "p", "mean moves by", "spread times"], rows)
    rest = f"\n… and {more:,} more" if more > 0 else ""
    legend = (
        "distance: of Kolmogorov and Smirnov, 0 to 1; p: corrected for the number of features; "
        "means in\nstandard deviations."
    )
    return f"{facts(head)}\n\n{listed}{rest}\n\n{legend}"
