"""groundup data: which data sets there are, what is in them, and how to get them."""

from typing import Annotated, TypeAlias

import typer

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


@app.command()
def info(name: Name, json: Json = False) -> None:
    """Say what is in a data set: shapes, values, classes, samples.

    \b
    Example:
      groundup data info digits
    """
    from groundup.cli.output import facts, show, show_json, table
    from groundup.data import sources

    about = sources[name]().load().describe()
    if json:
        show_json(about)
        return
    shape = " x ".join(map(str, about["in_shape"]))
    low, high = about["range"]
    train, test = about["training"], about["test"]
    head = {
        "name": about["name"],
        "sample": f"{shape}, {about['type']}, values from {low} to {high}",
        "training": f"{train['samples']:,} samples",
        "test": f"{test['samples']:,} samples",
    }
    counts = zip(about["classes"], train["per_class"], test["per_class"], strict=True)
    rows = [[label, f"{a:,}", f"{b:,}"] for label, a, b in counts]
    show(f"{facts(head)}\n\n{table(['class', 'training', 'test'], rows)}")


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
