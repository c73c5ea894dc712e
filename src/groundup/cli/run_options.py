"""Options that say what a run is, for every command that trains one."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Config: TypeAlias = Annotated[
    Path | None, typer.Argument(metavar="CONFIG.toml", help="What the run is.")
]
Data: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="DATA", help="What to learn: a name, a file or a folder."),
]
Target: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="What to tell, by name or position; by default the last."),
]
Task: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TASK", help="classification or regression; by default as it looks."),
]
ImageSize: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="HxW", help="Scale all pictures of a folder to one size, as 28 or 28x32."),
]
Model: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The network."),
]
Epochs: TypeAlias = Annotated[int | None, typer.Option(metavar="N", help="Passes over the data.")]
BatchSize: TypeAlias = Annotated[
    int | None, typer.Option(metavar="N", help="Samples in an update.")
]
Optimizer: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="How it learns."),
]
LearningRate: TypeAlias = Annotated[
    float | None, typer.Option(metavar="X", help="Of the optimizer.")
]
Seed: TypeAlias = Annotated[int | None, typer.Option(metavar="N", help="Of every random draw.")]
Sets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Any other setting, such as units=100; repeatable."
    ),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Run directory to make; by default runs/<time>-<name>."),
]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
