"""groundup reproduce: the figures of the textbook, made again, and their claims checked."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json, Strict, be_strict
from groundup.cli.run_options import Quiet

Keys: TypeAlias = Annotated[
    list[str] | None, typer.Argument(metavar="KEY…", help="Which; as short as is clear.")
]
All: TypeAlias = Annotated[bool, typer.Option("--all", help="All of them, and a book.")]
List: TypeAlias = Annotated[bool, typer.Option("--list", help="Show which there are.")]
Quick: TypeAlias = Annotated[
    bool, typer.Option("--quick", help="Less data, fewer updates, at most 2 seeds.")
]
Seeds: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Over how many seeds, where anything is random."),
]
Workers: TypeAlias = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Runs at a time; by default one a processor core."),
]
Lang: TypeAlias = Annotated[
    str, typer.Option(metavar="en|ko", help="The language of the figures' labels.")
]
Out: TypeAlias = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder; by default runs/<time>-reproduce.")
]


def reproduce(
    keys: Keys = None,
    all: All = False,
    list: List = False,
    quick: Quick = False,
    seeds: Seeds = None,
    workers: Workers = None,
    lang: Lang = "en",
    out: Out = None,
    strict: Strict = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make figures of the textbook again, and say of every claim whether it holds.

    Each experiment gets a folder DIR/KEY with its figures (SVG, PNG), their data (CSV), the
    verdicts (result.json) and a page. The same call gives the same CSV files, for any number of
    workers. Ends with code 3 if a claim that should hold does not.

    \b
    Examples:
      groundup reproduce --list
      groundup reproduce 6-optimizer-paths
      groundup reproduce gates overfit --quick --out figures
      groundup reproduce --all --lang ko --out book
    """
    from groundup.cli import reproducing

    be_strict(strict)
    reproducing.check_choice(keys or [], all, list)
    if list:
        reproducing.show_list(json)
    else:
        chosen = reproducing.chosen(keys or [])
        reproducing.reproduce(
            chosen, all, quick, seeds, workers, lang, reproducing.folder(out), json, quiet
        )
