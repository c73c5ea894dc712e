"""groundup data: which data sets there are, what is in them, and how to get them."""

from typing import Annotated, TypeAlias

import typer

from groundup.cli.data_info import info
from groundup.cli.data_shift import shift
from groundup.cli.gallery import gallery
from groundup.cli.options import Json

app = typer.Typer(no_args_is_help=True, help="List, describe and fetch data sets.")
Name: TypeAlias = Annotated[str, typer.Argument(metavar="NAME", help="As `data list` shows it.")]


@app.command("list")
def list_(json: Json = False) -> None:
    """List the data sets that have a name.

    \b
    Example:
      groundup data list
    """
    from groundup.cli.output import facts, show, show_json
    from groundup.data import sources

    known = {name: (sources[name].__doc__ or "").strip().split("\n")[0] for name in sources.names()}
    if json:
        show_json({"data": [{"name": name, "about": about} for name, about in known.items()]})
    else:
        show(facts(known))


app.command()(info)
app.command()(shift)
app.command()(gallery)


@app.command()
def fetch(name: Name, json: Json = False) -> None:
    """Download a data set into the cache, or repair what lies there.

    \b
    Example:
      groundup data fetch mnist
    """
    from groundup.cli.output import show, show_json
    from groundup.data import sources
    from groundup.storage import shown

    source = sources[name]()
    download = getattr(source, "fetch", None)
    folder = None if download is None else download()
    if json:
        show_json({"name": name, "folder": None if folder is None else str(folder)})
    elif folder is None:
        show(f"{name} needs no download: it comes with an installed package.")
    else:
        show(f"{name} is in {shown(folder)}")
