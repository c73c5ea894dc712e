"""A folder of pictures with one sub-folder a class, perhaps one such folder each in train and test.

Classes and files are in the order of their names' bytes, so they are the same on every machine.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from groundup.data.picture import MAX_FILE, SUFFIXES, decode, look
from groundup.data.samples import Samples
from groundup.errors import DataError, InputError
from groundup.storage import read_bytes, shown
from groundup.storage.paths import explained
from groundup.typing import Array

Size = tuple[int, int]
LIMIT = 2**32  # bytes, of all pixels
_PARTS = ("train", "test")


@dataclass(frozen=True)
class _Found:
    """Pictures and their classes, and how many files were none."""

    files: tuple[Path, ...]
    classes: tuple[str, ...]
    others: tuple[Path, ...]


def read_folder(path: Path, size: Size | None = None) -> Samples:
    """The samples of a folder: x uint8 (N, 1, H, W) if all pictures are grey, else (N, 3, H, W).

    size: (H, W) to scale all pictures to; without it they must be of one size. Raises DataError,
    which names the picture or the folder, for empty classes, pictures of several sizes, and
    pictures that are damaged, too large, or cannot be told as grey or color.
    """
    inside = [name.name for name in _entries(path) if name.is_dir()]
    if sorted(inside) == sorted(_PARTS):
        found = [_find(path / part) for part in _PARTS]
        grey, size = _agree([file for one in found for file in one.files], size)
        train, test = (_read(one, grey, size) for one in found)
        return Samples(train.x, train.y, train.place, notes=train.notes, test=test)
    one = _find(path)
    return _read(one, *_agree(one.files, size))


def holds_pictures(path: Path) -> bool:
    """Whether a folder looks like one of pictures: sub-folders, and no tables or arrays."""
    return any(entry.is_dir() for entry in _entries(path))


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, hidden files left out, in the order of the names' bytes."""
    try:
        found = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise InputError(explained("read", folder, error)) from error
    return sorted(found, key=lambda entry: os.fsencode(entry.name))


def _find(folder: Path) -> _Found:
    files, classes, others = list[Path](), list[str](), list[Path]()
    for below in _entries(folder):
        if not below.is_dir():
            others.append(below)
            continue
        inside = _entries(below)
        pictures = [file for file in inside if file.suffix.lower() in SUFFIXES]
        others += [file for file in inside if file not in set(pictures)]
        if not pictures:
            raise DataError(
                f"{shown(below)} holds no picture ({', '.join(SUFFIXES)}): expected some of the "
                f"class {shown(below.name)!r}. Remove the folder or fill it."
            )
        files += pictures
        classes += [shown(below.name)] * len(pictures)
    if not files:
        raise DataError(
            f"{shown(folder)} holds no sub-folders: expected one for each class, such as "
            f"{shown(folder)}/cat and {shown(folder)}/dog, with pictures in them."
        )
    return _Found(tuple(files), tuple(classes), tuple(others))


def _agree(files: Sequence[Path], size: Size | None) -> tuple[bool, Size]:
    """Whether all are grey, and their size; from the headers, before any picture is decoded."""
    looks = [look(read_bytes(file, MAX_FILE), shown(file)) for file in files]
    if size is None:
        size = (looks[0].height, looks[0].width)
        for file, one in zip(files, looks, strict=True):
            if (one.height, one.width) != size:
                raise DataError(
                    f"{shown(file)}: {one.height} × {one.width} pixels, but {shown(files[0])} "
                    f"has {size[0]} × {size[1]}: expected one size. Scale all of them with "
                    f"--image-size {size[0]}x{size[1]}, or another size."
                )
    grey = all(one.grey for one in looks)
    total = len(files) * size[0] * size[1] * (1 if grey else 3)
    if total > LIMIT:
        raise DataError(
            f"{shown(files[0].parent.parent)}: {len(files):,} pictures of {size[0]} × {size[1]} "
            f"take {total:,} bytes: expected at most {LIMIT:,}. Give a smaller --image-size."
        )
    return grey, size


def _read(found: _Found, grey: bool, size: Size) -> Samples:
    shape = (len(found.files), *size) if grey else (len(found.files), *size, 3)
    pixels: Array = np.empty(shape, np.uint8)
    for n, file in enumerate(found.files):
        pixels[n] = decode(read_bytes(file, MAX_FILE), shown(file), grey, size)
    x = pixels[:, np.newaxis] if grey else np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    notes: tuple[str, ...] = ()
    if found.others:
        count = len(found.others)
        notes = (f"left out {count} that are no pictures, such as {shown(found.others[0])}.",)
    return Samples(x, np.array(found.classes), lambda n: shown(found.files[n]), notes=notes)
