"""A matplotlib backend whose figures become files: `plt.show()` writes PNG and goes on.

matplotlib imports this module by name, see `filing`; nobody else does, so that it may be missing.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from groundup.storage import make_directory, shown, write_bytes

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shelf:
    """Where a script's pictures go: FOLDER/NAME-1.png, NAME-2.png, …"""

    folder: Path
    name: str
    numbers: Iterator[int]

    def add(self, picture: bytes) -> None:
        """Write the next picture, and say where."""
        path = make_directory(self.folder) / f"{self.name}-{next(self.numbers)}.png"
        write_bytes(path, picture)
        logger.info("figure: %s", shown(path))


_shelf: ContextVar[Shelf] = ContextVar("shelf")


@contextmanager
def filing(folder: Path, name: str) -> Iterator[None]:
    """Figures and pictures that are shown meanwhile are filed in the folder."""
    token = _shelf.set(Shelf(folder.absolute(), name, count(1)))
    try:
        yield
    finally:
        _shelf.reset(token)


def file_picture(picture: Any, **options: Any) -> None:
    """What stands for `Image.show` of Pillow."""
    data = io.BytesIO()
    picture.save(data, "png")
    _shelf.get().add(data.getvalue())


def show_all() -> None:
    """Files all open figures, and closes them as their readers would."""
    from matplotlib import pyplot

    for number in pyplot.get_fignums():
        data = io.BytesIO()
        pyplot.figure(number).savefig(data, format="png")
        _shelf.get().add(data.getvalue())
        pyplot.close(number)
