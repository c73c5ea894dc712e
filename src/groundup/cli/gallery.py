"""groundup data gallery: what augmentation makes of the samples."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from groundup.cli.options import Json

Data: TypeAlias = Annotated[
    str, typer.Option(metavar="NAME|PATH", help="As `data list` shows it, or a file or folder.")
]
ImageSize: TypeAlias = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Scale a folder's pictures to N pixels.")
]
Operations: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--augment",
        metavar="LIST",
        help='Operations, each with its magnitude if not 1: "rotation:0.5,noise"; or a TOML list.',
    ),
]
Magnitudes: TypeAlias = Annotated[
    bool, typer.Option("--magnitudes", help="Show each operation at magnitudes from 0 to 1.")
]
Rows: TypeAlias = Annotated[int, typer.Option(min=1, help="Samples, one of each class.")]
Columns: TypeAlias = Annotated[int, typer.Option(min=1, help="Variants of each.")]
Seed: TypeAlias = Annotated[int, typer.Option(help="Decides all that is drawn.")]
Out: TypeAlias = Annotated[
    Path, typer.Option(metavar="FILE", help="A .svg or .html; a .png has no words.")
]
USUAL = "rotation:0.5,shift:0.25,noise:0.5"


def gallery(
    data: Data = "digits",
    augment: Operations = None,
    magnitudes: Magnitudes = False,
    rows: Rows = 10,
    columns: Columns = 8,
    image_size: ImageSize = None,
    seed: Seed = 0,
    out: Out = Path("gallery.svg"),
    json: Json = False,
) -> None:
    """Draw samples with their augmented variants, as training would show them.

    \b
    Examples:
      groundup data gallery --augment "rotation,shift:0.5,noise"
      groundup data gallery --data mnist --magnitudes --out operations.html
      groundup data gallery --data photos --image-size 64 --augment horizontal_flip,zoom
    """
    from groundup.cli.output import show, show_json
    from groundup.config_data import DataConfig
    from groundup.data.augment import Augment, augmentations
    from groundup.data.files import is_path, open_dataset
    from groundup.registry import describe
    from groundup.report import gallery as pictures
    from groundup.storage import shown

    everything = ",".join(name for name in augmentations.names() if name != "policy")
    chosen = Augment(_listed(augment or (everything if magnitudes else USUAL)))
    size = None if image_size is None else (image_size, image_size)
    dataset = open_dataset(
        DataConfig(path=data, image_size=size) if is_path(data) else DataConfig(name=data)
    )
    if magnitudes:
        drawn = pictures.magnitudes(dataset, chosen.operations, seed)
    else:
        drawn = pictures.variants(dataset, chosen, seed, rows, columns)
    pictures.write_gallery(out, drawn)
    if json:
        operations = [describe(operation) for operation in chosen.operations]
        show_json({"data": data, "seed": seed, "operations": operations, "file": str(out)})
    else:
        show(f"{drawn.title}: {shown(out)}")


def _listed(text: str) -> list[object]:
    """The entries of a list in words, or of a TOML list as in a configuration."""
    from groundup.config import parse_value
    from groundup.errors import InputError

    if not text.strip().startswith("["):
        return [entry.strip() for entry in text.split(",") if entry.strip()]
    found = parse_value(text)
    if not isinstance(found, list):
        raise InputError(f"--augment {text!r}: expected a TOML list, or names with commas.")
    return found
