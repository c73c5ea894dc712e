"""Rows of pictures: samples with their variants, or an operation at growing magnitudes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from groundup.checks import refusal
from groundup.data.augment import Augment, Augmentation, Policy, augmentations
from groundup.data.dataset import Dataset
from groundup.registry import describe
from groundup.report import axes, svg
from groundup.report.page import Section, chart_box, render_page
from groundup.report.pictures import data_uri, png, to_bytes
from groundup.rng import Stream
from groundup.storage import write_bytes, write_text
from groundup.typing import Array

MAGNITUDES = (0.0, 0.25, 0.5, 0.75, 1.0)
TRIES = 24  # draws of which an operation's most visible one is shown
SIDE = 68.0  # of a picture, in pixels of the figure
GAP = 5.0
_ZOOM = 4  # pixels of a mosaic for one of the image, at least
FORMATS = (".svg", ".html", ".png")


@dataclass(frozen=True)
class Gallery:
    """Pictures in rows and columns, from 0 (black) to 1 (white), with words around them."""

    title: str
    subtitle: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Array]]]


def variants(
    data: Dataset, augment: Augment, seed: int = 0, rows: int = 10, columns: int = 8
) -> Gallery:
    """Training samples, one of each class, and what the first epochs show of them."""
    augment = augment.fit(data.x_train)
    chosen = _first_of_each_class(data)[:rows]
    x = np.asarray(data.x_train[chosen])
    epochs = [augment(x, chosen, Stream(seed).at(epoch=epoch)) for epoch in range(columns)]
    shown = [_shades(augment, y) for y in (x, *epochs)]
    return Gallery(
        f"Samples of {data.name} and their variants",
        f"{', '.join(map(in_words, augment.operations)) or 'no augmentation'}; seed {seed}",
        ["original", *(f"epoch {epoch + 1}" for epoch in range(columns))],
        [(_label(data, n), [y[k] for y in shown]) for k, n in enumerate(chosen)],
    )


def magnitudes(data: Dataset, operations: Sequence[Augmentation], seed: int = 0) -> Gallery:
    """One sample under each operation at growing magnitudes, the draws being the same."""
    x = np.asarray(data.x_train[:1])
    drawn = []
    for operation in operations:
        fitted = [
            Augment([replace(operation, probability=1.0, magnitude=m)]).fit(data.x_train)
            for m in MAGNITUDES
        ]
        stream = Stream(seed).at(epoch=_most_visible(fitted[-1], x, seed))
        images = [_shades(augment, augment(x, [0], stream))[0] for augment in fitted]
        drawn.append((augmentations.name_of(type(operation)).replace("_", " "), images))
    return Gallery(
        "Operations at growing magnitude",
        "The same random numbers along a row. A flip becomes more frequent, not stronger.",
        [f"{m:g}" for m in MAGNITUDES],
        drawn,
    )


def draw(gallery: Gallery, *, headed: bool = True) -> Markup:
    """The pictures with the words around them, as an SVG figure."""
    names = [name for name, _ in gallery.rows]
    left = max((svg.text_width(name, "small") for name in names), default=0.0) + 10
    width = left + len(gallery.columns) * (SIDE + GAP)
    head = (gallery.title, gallery.subtitle) if headed else ("", "")
    body, top = axes.heading(*head, width)
    for j, words in enumerate(gallery.columns):
        x = left + j * (SIDE + GAP) + SIDE / 2
        body.append(svg.text(x, top + 8, words, size="small", color="muted", anchor="middle"))
    top += 16
    for i, (name, images) in enumerate(gallery.rows):
        y = top + i * (SIDE + GAP)
        body.append(svg.text(left - 10, y + SIDE / 2 + 4, name, size="small", anchor="end"))
        body += [_picture(image, left + j * (SIDE + GAP), y) for j, image in enumerate(images)]
    height = top + len(gallery.rows) * (SIDE + GAP)
    return svg.figure(gallery.title, gallery.subtitle, width, height, body)


def write_gallery(path: Path, gallery: Gallery) -> None:
    """The gallery as a page, a figure, or its pictures alone; by the ending of the name.

    Raises InputError for another ending.
    """
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise refusal("out", str(path), f"a name that ends in {' or '.join(FORMATS)}")
    if ending == ".png":
        write_bytes(path, png(mosaic(gallery)))
    elif ending == ".svg":
        write_text(path, svg.standalone(draw(gallery)))
    else:
        pictures = Section("Pictures", chart_box(draw(gallery, headed=False)))
        write_text(path, render_page("Data", gallery.title, [pictures], lead=gallery.subtitle))


def mosaic(gallery: Gallery) -> NDArray[np.uint8]:
    """All pictures on white, (3, H, W), each pixel enlarged to a square."""
    tiles = [[_colored(image) for image in images] for _, images in gallery.rows]
    height, width = tiles[0][0].shape[:2]
    zoom = max(_ZOOM, round(SIDE / max(height, width)))
    line = np.full((height * zoom, int(GAP), 3), 255, np.uint8)
    rows = []
    for images in tiles:
        parts = [line]
        for tile in images:
            parts += [tile.repeat(zoom, 0).repeat(zoom, 1), line]
        rows.append(np.concatenate(parts, 1))
    between = np.full((int(GAP), rows[0].shape[1], 3), 255, np.uint8)
    parts = [between]
    for row in rows:
        parts += [row, between]
    return np.concatenate(parts).transpose(2, 0, 1)


def in_words(operation: Augmentation) -> str:
    """An operation by its name, with what is not as usual.

    >>> from groundup.data.augment import RandomShift
    >>> in_words(RandomShift()), in_words(RandomShift(2, probability=0.5))
    ('shift', 'shift(probability=0.5, pixels=2)')
    >>> in_words(Policy([["shift", "noise"], ["zoom"]]))
    'policy of 2 sub-policies'
    """
    name = augmentations.name_of(type(operation))
    if isinstance(operation, Policy):
        return f"{name} of {len(operation.subpolicies)} sub-policies"
    changed = [
        f"{option}={value:g}" if isinstance(value, float) else f"{option}={value}"
        for option, value in describe(operation).items()
        if option != "kind"
    ]
    return f"{name}({', '.join(changed)})" if changed else name


def _most_visible(augment: Augment, x: Array, seed: int) -> int:
    """The epoch whose draw changes the image most."""
    changes = [
        np.abs(augment(x, [0], Stream(seed).at(epoch=e)).astype(float) - x).sum()
        for e in range(TRIES)
    ]
    return int(np.argmax(changes))


def _first_of_each_class(data: Dataset) -> NDArray[np.int64]:
    if not data.classes:
        return np.arange(len(data.y_train))
    _, first = np.unique(data.y_train, return_index=True)
    return first.astype(np.int64)


def _label(data: Dataset, n: int) -> str:
    return data.classes[data.y_train[n]] if data.classes else f"sample {n}"


def _shades(augment: Augment, x: Array) -> Array:
    """From 0 to 1 over the range of the data."""
    low, high = augment.value_range or (0.0, 1.0)
    return np.clip((x.astype(np.float64) - low) / ((high - low) or 1.0), 0, 1)


def _colored(image: Array) -> NDArray[np.uint8]:
    pixels = to_bytes(image)
    return pixels if pixels.ndim == 3 else pixels[:, :, np.newaxis].repeat(3, 2)


def _picture(image: Array, x: float, y: float) -> Markup:
    return svg.tag(
        "image", x=x, y=y, width=SIDE, height=SIDE, href=data_uri(image),
        style="image-rendering:pixelated",
    )  # fmt: skip
