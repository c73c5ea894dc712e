"""Names that are no plain files, and files that change under the reader's eyes."""

import os
from collections.abc import Callable
from pathlib import Path

from trust.files.hostile.doors import DOORS, REFUSED, Case

_FILES = tuple(door for door in DOORS if door not in ("pictures",))


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path) -> None:
    path.mkdir()


def _device(name: str) -> Callable[[Path], None]:
    def link(path: Path) -> None:
        path.symlink_to(name)

    return link


def _circle(path: Path) -> None:
    path.symlink_to(path)


def _two_in_a_circle(path: Path) -> None:
    other = path.with_name("other")
    other.symlink_to(path)
    path.symlink_to(other)


def _nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def _sparse(path: Path) -> None:
    """2^40 bytes that take no room on the disk."""
    with path.open("wb") as file:
        file.truncate(2**40)


_PLACES = {
    "a pipe": _pipe,
    "a folder": _folder,
    "a link to itself": _circle,
    "two links in a circle": _two_in_a_circle,
    "a link to nothing": _nowhere,
    "/dev/zero": _device("/dev/zero"),
}


def _circles(path: Path) -> None:
    """A folder of pictures whose only class is the folder itself."""
    path.mkdir()
    (path / "a").symlink_to(path)


def _pipes(path: Path) -> None:
    (path / "a").mkdir(parents=True)
    os.mkfifo(path / "a" / "0.png")


def _devices(path: Path) -> None:
    (path / "a").mkdir(parents=True)
    (path / "a" / "0.png").symlink_to("/dev/zero")


def _no_classes(path: Path) -> None:
    path.mkdir()


def _empty_class(path: Path) -> None:
    (path / "a").mkdir(parents=True)


CASES: tuple[Case, ...] = (
    *(
        Case(name, door, make, [] if door == "run" and "link" in name else REFUSED)  # as no log yet
        for door in _FILES
        for name, make in _PLACES.items()
        if door != "log" or name != "a link to nothing"  # there a new log would begin
    ),
    *(
        Case("2^40 bytes of zeros", door, _sparse)
        for door in _FILES
        if door not in ("idx rows", "npy rows")
    ),
    Case("a folder in itself", "pictures", _circles),
    Case("a pipe", "pictures", _pipes),
    Case("/dev/zero", "pictures", _devices),
    Case("no classes", "pictures", _no_classes),
    Case("a class of nothing", "pictures", _empty_class),
)
