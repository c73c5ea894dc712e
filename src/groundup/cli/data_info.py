"""groundup data info: what is in a data set, and what in it misleads a network or its judge."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from groundup.cli.opened import ImageSize, Target, Task, opened
from groundup.cli.options import Json

if TYPE_CHECKING:
    from groundup.data.inspection import Feature, Inspection
    from groundup.data.shift import Shift

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME|PATH", help="As `data list` shows it, or a file or folder.")
]
Picture: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE.html", help="Write a page with pictures of samples.")
]
WithShift: TypeAlias = Annotated[
    bool, typer.Option("--shift", help="Also test whether test data differ from training data.")
]
_LISTED = 30  # features in the table


def info(
    name: Name,
    target: Target = None,
    task: Task = None,
    image_size: ImageSize = None,
    picture: Picture = None,
    shift: WithShift = False,
    json: Json = False,
) -> None:
    """Say what is in a data set: shapes, values, classes, and what is wrong with it.

    \b
    Examples:
      groundup data info digits
      groundup data info flowers.csv --target species --picture flowers.html
    """
    from groundup.cli.data_shift import in_words
    from groundup.cli.output import show, show_json
    from groundup.data.inspection import inspect_data
    from groundup.errors import InputError

    if picture is not None and picture.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--picture {picture}: a page is written, expected a name.html.")
    data = opened(name, target, task, image_size)
    found = inspect_data(data)
    shifted = _shift(data.x_train, data.x_test, found) if shift else None
    if picture is not None:
        from groundup.report.data_page import data_page
        from groundup.report.page import write_page

        write_page(picture, data_page(found, data))
    if json:
        show_json(data.describe() | _plain(found) | ({"shift": shifted.plain()} if shifted else {}))
    else:
        tested = [f"test data against training data\n{in_words(shifted)}"] if shifted else []
        show("\n\n".join([*_in_words(found), *tested]))


def _shift(a: Any, b: Any, found: "Inspection") -> "Shift":
    from groundup.data.shift import measure_shift

    return measure_shift(a, b, names=[feature.name for feature in found.features])


def _plain(found: "Inspection") -> dict[str, Any]:
    """What the description of a data set lacks."""
    from dataclasses import asdict

    from groundup.data.findings import findings

    return {
        "task": found.task,
        "findings": findings(found),
        "constant": found.constant,
        "duplicates": found.duplicates,
        "outside": found.outside,
        "leaks": [asdict(leak) for leak in found.leaks],
        "repeated": {"training": found.training.repeated, "test": found.test.repeated},
        "features": [asdict(feature) for feature in found.features],
    }


def _in_words(found: "Inspection") -> list[str]:
    """Blocks of text: facts, classes or targets, features, findings."""
    from groundup.cli.output import facts, table
    from groundup.data.findings import findings

    low = min(feature.low for feature in found.features)
    high = max(feature.high for feature in found.features)
    shape = " x ".join(map(str, found.in_shape))
    head = {
        "name": found.name,
        "task": found.task,
        "sample": f"{shape}, {found.dtype}, values from {low:g} to {high:g}",
        "training": f"{found.training.samples:,} samples",
        "test": f"{found.test.samples:,} samples",
    }
    blocks = [facts(head)]
    if found.classes:
        rows = [
            [name, f"{a:,}", f"{b:,}"]
            for name, a, b in zip(
                found.classes, found.training.counts, found.test.counts, strict=True
            )
        ]
        blocks.append(table(["class", "training", "test"], rows))
    else:
        blocks.append(_numbers("target", found.training.targets))
    if not found.pictures:
        more = len(found.features) - _LISTED
        listed = _numbers("feature", found.features[:_LISTED])
        blocks.append(f"{listed}\n… and {more:,} more" if more > 0 else listed)
    said = findings(found) or ["Nothing that should trouble a network was found."]
    return [*blocks, "\n".join(f"- {words}" for words in said)]


def _numbers(kind: str, features: "tuple[Feature, ...]") -> str:
    from groundup.cli.output import table

    rows = [
        [one.name, *(f"{value:.4g}" for value in (one.low, one.high, one.mean, one.std))]
        for one in features
    ]
    return table([kind, "lowest", "highest", "mean", "std"], rows)
