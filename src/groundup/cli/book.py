"""groundup book: the scripts of *Deep Learning from Scratch*, unchanged."""

from pathlib import Path
from typing import Annotated

import typer

from groundup.cli.options import Threads, threads

app = typer.Typer(no_args_is_help=True, help="Run the textbook's own scripts on these layers.")


@app.callback()
def book() -> None:
    """Run the textbook's own scripts on these layers."""


@app.command()
def run(
    script: Annotated[Path, typer.Argument(metavar="SCRIPT", help="A chapter's Python file.")],
    args: Annotated[
        list[str] | None, typer.Argument(metavar="ARGS", help="For the script, after --.")
    ] = None,
    seed: Annotated[
        int,
        typer.Option(min=0, max=2**32 - 1, metavar="N", help="Of weights, batches and dropout."),
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Figures go there; without a display: figures."),
    ] = None,
    threads_: Threads = None,
) -> None:
    """Run a script of the book unchanged, in its own folder.

    It finds common.layers, dataset.mnist and the book's other modules; they are groundup's. Figures
    become PNG files with --out, or where there is no display. Needs: pip install "groundup[book]".

    \b
    Examples:
      groundup book run ch05/train_neuralnet.py
      groundup book run ch07/train_convnet.py --seed 1 --out pictures
    """
    from groundup.book import run_script
    from groundup.cli.output import show_notes

    show_notes(quiet=False)
    with threads(threads_):
        run_script(script, args or (), seed, out)
