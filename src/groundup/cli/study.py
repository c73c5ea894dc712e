"""groundup study: what came of a search, while it runs and afterwards."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json

app = typer.Typer(no_args_is_help=True, help="Show and export what `groundup tune` has found.")

Folder: TypeAlias = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of a study, as `tune --out` names it.")
]
Page: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Write the page there, instead of study.html in DIR."),
]
Toml: TypeAlias = Annotated[
    bool, typer.Option("--toml", help="Print the configuration of the best settings, nothing else.")
]
Optuna: TypeAlias = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A database for Optuna and optuna-dashboard, as study.db."),
]
Csv: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A table with a row for each trial.")
]


@app.command()
def show(folder: Folder, page: Page = None, toml: Toml = False, json: Json = False) -> None:
    """Show what a search has found so far: the best settings, the best trials, what mattered.

    Works while the study runs and afterwards; its page with all pictures is written anew.

    \b
    Examples:
      groundup study show runs/search
      groundup study show runs/search --toml > best.toml
    """
    from groundup.cli import studying, training

    if toml:
        training.refuse(
            {"--json": json or None, "--page": page}, "--toml prints the configuration alone"
        )
        return studying.show_toml(folder)
    return studying.show(folder, page, json)


@app.command()
def export(folder: Folder, optuna: Optuna = None, csv: Csv = None, json: Json = False) -> None:
    """Write a study for other programs.

    \b
    Examples:
      groundup study export runs/search --optuna study.db
      groundup study export runs/search --csv trials.csv
    """
    from groundup.cli import studying

    studying.export(folder, optuna, csv, json)
