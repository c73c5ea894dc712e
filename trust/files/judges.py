"""Readers that are not ours, for honest bytes; they are asked about what our readers took."""

import csv
import gzip
import io
import json
import pickle
import struct
import tomllib
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from PIL import Image, ImageOps

Verdict = str | None
_IDX = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
_TENSORS = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
_PICKLED = {
    ("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode"), ("__builtin__", "bytes"),
    *((f"numpy.{core}.{where}", name) for core in ("core", "_core")
      for where, name in (("multiarray", "_reconstruct"), ("numeric", "_frombuffer"))),
}  # fmt: skip


def or_refusal(judge: Callable[[bytes], Any], data: bytes) -> Any:
    """What the judge reads, or why it does not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return judge(data)
    except Exception as error:
        return error


def idx(data: bytes) -> np.ndarray:
    zeros, code, rank = struct.unpack_from(">HBB", data)
    assert not zeros
    shape = struct.unpack_from(f">{rank}I", data, 4)
    return np.frombuffer(data[4 + 4 * rank :], _IDX[code]).reshape(shape)


def gzipped_idx(data: bytes) -> np.ndarray:
    return idx(gzip.decompress(data))


def npy(data: bytes) -> np.ndarray:
    file = io.BytesIO(data)
    array = np.load(file, allow_pickle=False)
    assert file.tell() == len(data)
    return array


def npz(data: bytes) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
    with np.load(io.BytesIO(data), allow_pickle=False) as loaded:
        return dict(loaded)


def pillow(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.array(ImageOps.exif_transpose(image.convert("RGB")))


def png(data: bytes) -> np.ndarray:
    place = 8
    while data[place + 4 : place + 8] != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, place)
        (crc,) = struct.unpack_from(">I", data, place + 8 + length)
        assert crc == zlib.crc32(data[place + 4 : place + 8 + length]), kind
        place += 12 + length
    return pillow(data)


def safetensors(data: bytes) -> dict[str, np.ndarray]:
    """As the format's description has it, without its library."""
    (length,) = struct.unpack_from("<Q", data)
    pairs = json.loads(data[8 : 8 + length], object_pairs_hook=list)
    names = [name for name, _ in pairs if name != "__metadata__"]
    assert len(set(names)) == len(names)
    found, body = {}, data[8 + length :]
    for name in sorted(names):
        entry = dict(dict(pairs)[name])
        begin, end = entry["data_offsets"]
        found[name] = np.frombuffer(body[begin:end], _TENSORS[entry["dtype"]]).reshape(
            entry["shape"]
        )
    assert sum(array.nbytes for array in found.values()) == len(body)
    return {name: array.astype(np.float32) for name, array in found.items()}


def unpickled(data: bytes) -> Any:
    """Python's and NumPy's own, with nothing but what arrays need."""

    class Reader(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            assert (module, name) in _PICKLED
            return super().find_class(module, name)

    return Reader(io.BytesIO(data), encoding="latin1").load()


def rows(data: bytes, found: Any) -> Verdict:
    """Some encoding and some delimiter make these rows of the text, below a header or not."""
    x, labels, features = found
    for encoding in ("utf-8-sig", "utf-16", "utf-32", "cp949"):
        try:
            text = data.decode(encoding)
        except ValueError:
            continue
        for delimiter in ",;\t|":
            if _table_is(text, delimiter, x, labels, features):
                return None
    return f"no delimiter makes {x.shape} and {labels[:3]} of the text"


def _table_is(text: str, delimiter: str, x: Any, labels: Any, features: Any) -> bool:
    lines = io.StringIO(text, newline="")
    try:
        table = [
            row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row
        ]
    except csv.Error:
        return False
    if features:
        named = tuple(cell.strip() or f"column {i}" for i, cell in enumerate(table.pop(0), 1))
        if named[:-1] != tuple(features):
            return False
    if len(table) != len(x) or any(len(row) != x.shape[1] + 1 for row in table):
        return False
    try:
        numbers = [[float(cell) for cell in row[:-1]] for row in table]
    except ValueError:
        return False
    return bool((np.array(numbers) == x).all()) and [row[-1].strip() for row in table] == labels


def settings(data: bytes, found: Mapping[str, Any]) -> Verdict:
    """Whatever the file says stands so in the configuration."""
    said = or_refusal(lambda text: tomllib.loads(text.decode("utf-8-sig")), data)
    if isinstance(said, Exception):
        return f"tomllib refuses it: {said}"
    has = dict(_leaves(found))
    for path, value in _leaves(said):
        if path[:1] in ((), ("search",)):
            continue
        if value in ({}, []):  # a table that says nothing
            continue
        held = has.get(path)
        whole = path == ("data", "path") and str(held).endswith(str(value))
        other = held is None or held != value or isinstance(held, bool) != isinstance(value, bool)
        if other and not whole:
            return f"{'.'.join(map(str, path))} = {value!r} became {held!r}"
    return None


def policy(data: bytes, found: Mapping[str, Any]) -> Verdict:
    """The same operations with the same numbers; a table leaves out what is usual."""
    said = tomllib.loads(data.decode("utf-8-sig"))["data"]["augment"][0]
    has = dict(_leaves(found))
    for path, value in _leaves(said):
        if path[-1] in ("name", "kind"):
            here = has.get((*path[:-1], "name"), "")
            if _plain(here) != _plain(value):
                return f"{path} = {value!r} became {here!r}"
        elif path in has and has[path] != value:
            return f"{path} = {value!r} became {has[path]!r}"
    return None


def _plain(name: Any) -> str:
    return str(name).lower().replace("_", "").replace("-", "")


def _leaves(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    listed = isinstance(table, list | tuple)
    if not table or not (listed or isinstance(table, Mapping)):
        yield path, table
        return
    for key, value in enumerate(table) if listed else table.items():
        yield from _leaves(value, (*path, key))
