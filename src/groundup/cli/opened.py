"""Data that a command names directly, not by a run: a name or a path, and how a path is read."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from groundup.data.dataset import Dataset

Target: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Of a file: what is to be told; by default the last."),
]
Task: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TASK", help="Of a file: classification or regression."),
]
ImageSize: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="HxW", help="Of a folder of pictures: the one size that they are given."),
]


def opened(name: str, target: str | None, task: str | None, image_size: str | None) -> "Dataset":
    """The data set of that name or at that path, split as a run of seed 0 would."""
    from groundup.cli.settings import configure
    from groundup.data.files import open_dataset

    options = {
        "data.name": name, "data.target": target, "data.task": task, "data.image_size": image_size,
    }  # fmt: skip
    return open_dataset(configure(None, options, []).data)
