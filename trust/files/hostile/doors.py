"""A hostile file, and the doors through which such files come in."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

import groundup as gu
from groundup import config as configuration
from groundup.book import pickles
from groundup.config_data import DataConfig
from groundup.data import open_dataset, read_idx
from groundup.data.folder import read_folder
from groundup.data.npz import read_npy, read_npz
from groundup.data.picture import decode, look
from groundup.data.table import read_table
from groundup.formats import load_pytorch_weights
from groundup.lab.folder import Folder as Comparison
from groundup.nn.layout import leaves
from groundup.storage import Log, read_bytes, read_json_bytes, read_log, read_text, read_toml
from groundup.train import model_file
from groundup.train.run_directory import RunDirectory
from groundup.tune.folder import read_story
from trust.files.foreign import read_array

REFUSED = "refused"
CANARY = "it-ran"


@dataclass(frozen=True)
class Case:
    """One hostile file.

    Args:
        name: what is wrong with it.
        door: how it is opened, a key of DOORS.
        content: its bytes, or what makes it, given its path.
        expected: REFUSED, or exactly what is to come out.
    """

    name: str
    door: str
    content: bytes | Callable[[Path], None]
    expected: Any = REFUSED

    def write(self, folder: Path) -> None:
        path = folder / DOORS[self.door][0]
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
        else:
            self.content(path)


def refused(door: str, contents: dict[str, bytes]) -> tuple[Case, ...]:
    """Files that have to be refused, by what is wrong with them."""
    return tuple(Case(name, door, content) for name, content in contents.items())


def exact(door: str, contents: dict[str, tuple[bytes, Any]]) -> tuple[Case, ...]:
    """Odd ones that are honest, with what they say."""
    return tuple(Case(name, door, *pair) for name, pair in contents.items())


@cache
def _network() -> gu.Sequential:
    return gu.Sequential([gu.Dense(2, input_shape=(3,))])


def _weights(path: Path) -> list[np.ndarray]:
    load_pytorch_weights(_network(), path)
    return [array.copy() for array in _network().params["dense_1"].values()]


def _model(path: Path) -> list[Any]:
    learner = model_file.load(path).learner
    return [(name, array) for name, array in leaves(learner.params)]


def _picture(path: Path) -> np.ndarray:
    data = read_bytes(path, 2**26)
    seen = look(data, str(path))
    return decode(data, str(path), seen.grey, (seen.height, seen.width))


def _table(path: Path) -> list[Any]:
    found = read_table(path)
    return [np.asarray(found.x), [str(label) for label in found.y]]


def _labels(path: Path) -> list[int]:
    data = open_dataset(DataConfig(path=str(path), task="classification"))
    return sorted(np.concatenate([data.y_train, data.y_test]).tolist())


def _pictures(path: Path) -> list[Any]:
    found = read_folder(path)
    return [np.asarray(found.x), [str(label) for label in found.y]]


def _log(path: Path) -> list[Any]:
    before = read_log(path)
    Log(path).close()
    assert read_log(path) == before
    return before


def _comparison(path: Path) -> int:
    with Comparison.open(path.parent) as folder:
        folder.plan()
        return len(folder.runs())


def _run(path: Path) -> list[Any]:
    return RunDirectory(path.parent).records("epoch")


def _rows(path: Path) -> np.ndarray:
    return read_array(path.parent, path.name, path.name, rows=True)


def _json(path: Path) -> Any:
    return read_json_bytes(read_bytes(path, 2**20), name=str(path))


Read = Callable[[Path], Any]
DOORS: dict[str, tuple[str, Read]] = {
    "idx": ("a.idx", read_idx),
    "idx.gz": ("a.idx.gz", partial(read_idx, limit=2**24)),
    "idx rows": ("images.idx", _rows),
    "npy": ("x.npy", read_npy),
    "npy rows": ("x.npy", _rows),
    "npz": ("a.npz", partial(read_npz, limit=2**24)),
    "csv": ("a.csv", _table),
    "labels": ("a.csv", _labels),
    "picture": ("a.png", _picture),
    "pictures": ("pictures", _pictures),
    "json": ("a.json", _json),
    "text": ("a.txt", read_text),
    "toml": ("config.toml", read_toml),
    "config": ("config.toml", lambda path: configuration.load(path).seed),
    "policy": ("policy.toml", lambda path: gu.Policy.load(path).table()),
    "weights": ("w.safetensors", _weights),
    "model": ("m.safetensors", _model),
    "log": ("metrics.jsonl", _log),
    "run": ("metrics.jsonl", _run),
    "study": ("study.jsonl", lambda path: len(read_story(path.parent).begun.history)),
    "comparison": ("runs.jsonl", _comparison),
    "pickle": ("p.pkl", lambda path: pickles.loads(read_bytes(path, pickles.LIMIT))),
}
