"""What writes one file, or a few: pages, figures, data, exports, tables for other programs."""

import hashlib
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from groundup.book.figures import Shelf
from groundup.book.siblings.two_layer_net import TwoLayerNet
from groundup.data import write_idx
from groundup.data.augment import Policy
from groundup.data.fetch import fetch
from groundup.layers.graph.textbook import apples_and_oranges
from groundup.report import write_graph
from groundup.report.gallery import Gallery, write_gallery
from groundup.report.page import Section, render_page, write_page
from groundup.train.callbacks import CSVLogger
from trust.crashes.writer import Found, Tell, Writer

IMAGES = np.arange(10 * 28 * 28).reshape(10, 28, 28).astype(np.uint8)
GALLERY = Gallery("Title", "words", ["a"], [("row", [IMAGES[0] / 255.0])])


@cache
def _page() -> str:
    return render_page("Title", "Headline", [Section("Part", "words " * 500)])


@cache
def _network() -> TwoLayerNet:
    return TwoLayerNet(20, 10, 3)


def _written(name: str, write: Any, needs: tuple[str, ...] = ()) -> Writer:
    """A writer of one file, over an old one of the same name."""

    def act(folder: Path, tell: Tell) -> None:
        write(folder / name)
        tell("done")

    return Writer(name, act, lambda folder: (folder / name).write_bytes(b"old"), needs=needs)


def _fetched(folder: Path, tell: Tell) -> None:
    data = IMAGES.tobytes()
    source = folder.parent / "mirror"
    source.write_bytes(data)
    path = fetch(folder / "data" / "set", [source.as_uri()], hashlib.sha256(data).hexdigest())
    tell(path.name)


def _shelved(folder: Path, tell: Tell) -> None:
    shelf = Shelf(folder / "figures", "script", iter((1, 2)))
    shelf.add(IMAGES.tobytes())
    shelf.add(b"the second")
    tell("done")


def _rows(folder: Path, tell: Tell) -> None:
    """A table that grows by a row an epoch, after the rows of another training."""
    logger = CSVLogger(folder / "log.csv", append=True)
    logger.on_train_begin(None)  # type: ignore[arg-type]
    for epoch in range(3):
        logs = {"loss": 0.5 / (epoch + 1), "val_loss": 0.75}
        logger.on_epoch_end(SimpleNamespace(epoch=epoch, logs=logs))  # type: ignore[arg-type]
        tell(f"{epoch}")


def _older_rows(folder: Path) -> None:
    (folder / "log.csv").write_text("epoch,loss,val_loss\n0,0.1,0.2", "utf-8")


def _whole_rows(found: Found) -> str:
    """The old rows, and the first of the new ones: those that were told, and perhaps one more."""
    rows = _text(found).removesuffix("\n").split("\n")
    wanted = _text(found, found.new).splitlines()
    least = 2 + len(found.done.told)
    if rows != wanted[: len(rows)] or not least <= len(rows) <= least + 1:
        return f"{least} rows were written, found {rows}"
    return ""


def _rows_again(found: Found) -> str:
    """Whole rows still, after another training of three epochs."""
    before, after = _text(found, found.old).splitlines(), _text(found).splitlines()
    rows = _text(found, found.new).splitlines()[2:]
    right = after[:2] == before and after[-3:] == rows and set(after[2:]) <= set(rows)
    return "" if right else f"found {after}"


def _text(found: Found, files: Any = None) -> str:
    return (found.files if files is None else files)["log.csv"][1].decode()


POLICY = Policy([["rotation", "shift:0.5"], ["zoom"]])
WRITERS = (
    _written("page.html", lambda path: write_page(path, _page())),
    _written("graph.svg", lambda path: write_graph(path, apples_and_oranges())),
    _written("gallery.png", lambda path: write_gallery(path, GALLERY)),
    _written("gallery.svg", lambda path: write_gallery(path, GALLERY)),
    _written("images-idx3-ubyte", lambda path: write_idx(path, IMAGES)),
    _written("images-idx3-ubyte.gz", lambda path: write_idx(path, IMAGES)),
    _written("policy.toml", lambda path: POLICY.save(path)),
    _written("params.pkl", lambda path: _network().save_params(str(path))),
    Writer("a data set downloaded", _fetched),
    Writer("figures of a script of the book", _shelved),
    Writer("CSVLogger", _rows, _older_rows, _whole_rows, ended=_rows_again),
)
