"""Files of others, each beside a judge that is not our reader.

What comes out has to be what the judge reads from the same bytes, whatever was there before they
were damaged. The judges: `json` and `struct` for safetensors, `struct` and `gzip` for IDX,
`numpy.load` and the CRCs of `zipfile`, `csv` and `float`, `tomllib`, NumPy's own unpickling; for
PNG the CRCs of its chunks and Pillow; for JPEG and BMP, which have no checksum, Pillow alone.
Beyond that a data set that is opened has labels among its classes, finite numbers, and as many
targets as samples.
"""

import pickle
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

import groundup as gu
from groundup import config as configuration
from groundup.book import pickles
from groundup.config_data import DataConfig
from groundup.data import mapped, open_dataset, write_idx
from groundup.data.npz import read_npz
from groundup.data.picture import decode, look
from groundup.data.table import read_table
from groundup.errors import GroundupError
from groundup.formats import load_pytorch_weights
from groundup.rng import Stream
from groundup.storage import read_bytes
from trust.files import judges
from trust.files.kind import Kind, Verdict, same


def _grid(version: int) -> np.ndarray:
    return np.arange(96 + 8 * version, dtype=np.uint8).reshape(12 + version, 2, 4)


def _labels(version: int) -> np.ndarray:
    return (np.arange(12 + version) % 3).astype(np.uint8)


def write_idx_pair(folder: Path, version: int, end: str = "") -> None:
    write_idx(folder / f"images.idx{end}", _grid(version))
    write_idx(folder / "labels.idx", _labels(version))


def write_npy_pair(folder: Path, version: int) -> None:
    x = _grid(version).astype((np.float32, ">i2")[version])
    np.save(folder / "x.npy", np.asfortranarray(x) if version else x)
    np.save(folder / "y.npy", _labels(version))


def write_archive(folder: Path, version: int, save: Callable[..., None] = np.savez) -> None:
    save(folder / "a.npz", x=_grid(version), y=_labels(version))


def write_table(folder: Path, version: int, kind: str = "plain") -> None:
    rows = range(12 + version)
    text, encoding = {
        "plain": ("long,wide,kind\n" + "".join(f"{n}.5,{n % 7},k{n % 3}\n" for n in rows), "ascii"),
        "quoted": ("a;b;c\n" + "".join(f'"{n}";{n}; "k\n""{n % 3}"\n' for n in rows), "utf-8-sig"),
        "cp949": ("".join(f"{n}e-3\t{n}\t꽃{n % 3}\n" for n in rows), "cp949"),
        "utf-16": ("".join(f"{n}|-{n}|{n % 3}\r\n" for n in rows), "utf-16"),
    }[kind]
    (folder / "a.csv").write_bytes(text.encode(encoding))


def write_pictures(folder: Path, version: int, end: str = "png", **options: Any) -> None:
    for name in "ab":
        for n in range(3):
            path = folder / "pictures" / name / f"{n}.{end}"
            path.parent.mkdir(parents=True, exist_ok=True)
            shades = np.add.outer(np.arange(9) * (n + version), np.arange(8) * 9).astype(np.uint8)
            Image.fromarray(shades).convert("RGB" if n % 2 else "L").save(path, **options)


def write_weights(folder: Path, version: int) -> None:
    normal = partial(Stream(version).normal, dtype=np.float32)
    shapes = {"fc1.weight": (4, 3), "fc1.bias": (4,), "fc2.weight": (2, 4), "fc2.bias": (2,)}
    save_file({name: normal(shape) for name, shape in shapes.items()}, folder / "w.safetensors")


def write_settings(folder: Path, version: int) -> None:
    config = configuration.from_mapping({
        "seed": version,
        "data": {"path": "a.csv", "validation": 0.25, "augment": [{"name": "zoom"}]},
        "model": {"name": "multi-layer", "units": 20 + version, "init": "he"},
        "optimizer": {"name": "sgd", "learning_rate": 0.5},
    })  # fmt: skip
    (folder / "config.toml").write_text(configuration.to_toml(config), "utf-8")


def write_policy(folder: Path, version: int) -> None:
    parts = [["rotation", "shift:0.5"], [{"name": "zoom", "probability": 0.25}], ["noise"]]
    gu.Policy(parts[version:]).save(folder / "policy.toml")


def write_pickle(folder: Path, version: int) -> None:
    numbers = {"W1": np.arange(6.0).reshape(2, 3), "b1": np.arange(3, dtype=">f4"), "name": "é"}
    (folder / "p.pkl").write_bytes(pickle.dumps(numbers, 2 + 2 * version))


def opened(folder: Path, path: str) -> Any:
    """Whether a data set could be made of it; one that was must make sense."""
    try:
        data = open_dataset(DataConfig(path=str(folder / path)))
    except GroundupError:
        return "no data set"
    for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
        assert np.isfinite(np.asarray(x[:])).all() and np.isfinite(y).all(), "not finite"
        assert len(x) == len(y) > 0, "another number of targets than samples"
        if data.task == "classification":
            assert y.min() >= 0 and y.max() < len(data.classes), "a label that is no class"
    return "a data set"


def read_array(folder: Path, name: str, data: str, *, rows: bool = False) -> np.ndarray:
    """By the door of large files if `rows`, which leaves them on the disk."""
    before, mapped.MAP_FROM = mapped.MAP_FROM, 0 if rows else mapped.MAP_FROM
    try:
        found = (mapped.open_npy if name.endswith("npy") else mapped.open_idx)(folder / name)
        whole = np.array(found[:] if found.ndim else found)
        opened(folder, data)
        return whole
    finally:
        mapped.MAP_FROM = before


def read_archive(folder: Path) -> Any:
    found = read_npz(folder / "a.npz")
    opened(folder, "a.npz")
    return found


def read_rows(folder: Path) -> list[Any]:
    found = read_table(folder / "a.csv")
    opened(folder, "a.csv")
    return [np.asarray(found.x), [str(label) for label in found.y], found.features]


def read_picture(folder: Path, end: str) -> np.ndarray:
    """As the folder's reader does, in color."""
    path = folder / "pictures" / "a" / f"1.{end}"
    data = read_bytes(path, 2**26)
    seen = look(data, str(path))
    pixels = decode(data, str(path), False, (seen.height, seen.width))
    opened(folder, "pictures")
    return pixels


@cache
def network() -> gu.Sequential:
    return gu.Sequential([gu.Dense(4, input_shape=(3,)), gu.Dense(2)])


def read_weights(folder: Path) -> dict[str, np.ndarray]:
    """The weights by PyTorch's names, taken out of the network that got them."""
    chosen = load_pytorch_weights(network(), folder / "w.safetensors")
    params = network().params
    found = {
        f"{module}.{name}": params[layer][key].T.copy()
        for layer, module in chosen.items()
        for name, key in (("weight", "W"), ("bias", "b"))
    }
    return dict(sorted(found.items()))


def by_judge(
    judge: Callable[[bytes], Any], data: bytes, found: Any, whole: Sequence[Any]
) -> Verdict:
    """The judge's reading and no other."""
    read = judges.or_refusal(judge, data)
    return None if same(found, read) else f"the judge reads {read!r:.150}, found {found!r:.150}"


def by_question(asked: Callable[[bytes, Any], Verdict]) -> Callable[..., Verdict]:
    """Where a judge can tell whether a reading is right, but not which one it should be."""

    return lambda data, found, whole: asked(data, found)


def _pictures(end: str, judge: Callable[[bytes], Any], **options: Any) -> Kind:
    return Kind(
        f"{end.upper()} picture", f"pictures/a/1.{end}",
        partial(write_pictures, end=end, **options), partial(read_picture, end=end),
        partial(by_judge, judge),
    )  # fmt: skip


def _array(words: str, name: str, write: Any, judge: Any, **options: Any) -> Kind:
    read = partial(read_array, name=name, data=name.replace("labels", "images"), **options)
    return Kind(words, name, write, read, partial(by_judge, judge))


def _table(words: str, kind: str) -> Kind:
    write = partial(write_table, kind=kind)
    return Kind(words, "a.csv", write, read_rows, by_question(judges.rows))


def _read_pickle(folder: Path) -> Any:
    return pickles.loads(read_bytes(folder / "p.pkl", pickles.LIMIT))


KINDS = (
    _array("IDX", "images.idx", write_idx_pair, judges.idx),
    _array("IDX of labels", "labels.idx", write_idx_pair, judges.idx),
    _array("IDX by rows", "images.idx", write_idx_pair, judges.idx, rows=True),
    _array("IDX gzipped", "images.idx.gz", partial(write_idx_pair, end=".gz"), judges.gzipped_idx),
    _array("NPY", "x.npy", write_npy_pair, judges.npy),
    _array("NPY by rows", "x.npy", write_npy_pair, judges.npy, rows=True),
    Kind("NPZ", "a.npz", write_archive, read_archive, partial(by_judge, judges.npz)),
    Kind("NPZ deflated", "a.npz", partial(write_archive, save=np.savez_compressed), read_archive,
         partial(by_judge, judges.npz)),
    _table("CSV", "plain"),
    _table("CSV quoted", "quoted"),
    _table("CSV in CP949", "cp949"),
    _table("CSV in UTF-16", "utf-16"),
    _pictures("png", judges.png),
    _pictures("jpg", judges.pillow, quality=90),
    _pictures("bmp", judges.pillow),
    Kind("weights of PyTorch", "w.safetensors", write_weights, read_weights,
         partial(by_judge, judges.safetensors)),
    Kind("configuration", "config.toml", write_settings,
         lambda folder: configuration.to_mapping(configuration.load(folder / "config.toml")),
         by_question(judges.settings)),
    Kind("policy", "policy.toml", write_policy,
         lambda folder: gu.Policy.load(folder / "policy.toml").table(),
         by_question(judges.policy)),
    Kind("pickle of the book", "p.pkl", write_pickle, _read_pickle,
         partial(by_judge, judges.unpickled)),
)  # fmt: skip
