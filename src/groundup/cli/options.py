"""Arguments that several commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeAlias

import typer


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"groundup {version('groundup')}")
        raise typer.Exit()


Version: TypeAlias = Annotated[
    bool,
    typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
]
Run: TypeAlias = Annotated[
    Path, typer.Argument(metavar="RUN", help="A run directory or a model file.")
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Threads: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        metavar="N",
        envvar="GROUNDUP_THREADS",
        help="Most threads to use.",
    ),
]

Strict: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--strict",
        help="No BLAS, and the same bits for any number of threads; as GROUNDUP_STRICT=1.",
    ),
]


def be_strict(wanted: bool) -> None:
    """See to it that this process, and those that it starts, are strict if that is wanted."""
    if not wanted:
        return
    import os

    from groundup.errors import InputError
    from groundup.ops.dispatch import strict

    os.environ["GROUNDUP_STRICT"] = "1"
    if not strict():
        raise InputError("--strict: this process computed without it. Set GROUNDUP_STRICT=1 first.")


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Let linear algebra and kernels use at most `count` threads meanwhile; None: as they do."""
    if count is None:
        yield
        return
    from groundup.train.threads import limited_threads

    with limited_threads(count):
        yield
