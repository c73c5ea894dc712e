"""safetensors files that others have written, read without trusting their header.

    8 bytes: length of the header | JSON: {name: {dtype, shape, data_offsets: [begin, end]}} | data

The header is read strictly, a key that stands twice is refused, and each tensor has to fill its
place exactly, all of them the data; only then an array is made.   [safetensors, format]
"""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from groundup.errors import CorruptFile, DataError
from groundup.storage import read_json_bytes
from groundup.typing import Array

HEADER_LIMIT = 2**20  # bytes, some thousand times what a network of a hundred layers needs
_MAX_TENSORS, _MAX_RANK, _DEPTH = 10_000, 32, 8
_TYPES = {
    "BOOL": "|b1", "U8": "|u1", "I8": "|i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
    "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8",
}  # fmt: skip


def read_tensors(data: bytes, where: str) -> dict[str, Array]:
    """The arrays of a file's bytes by name; CorruptFile for a header that does not fit them.

    BF16, which NumPy lacks, becomes float32, exactly.

    >>> header = b'{"b": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}'
    >>> body = np.array([0.5, 2.0], "<f4").tobytes()
    >>> read_tensors(len(header).to_bytes(8, "little") + header + body, "bytes")
    {'b': array([0.5, 2. ], dtype=float32)}
    """
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(HEADER_LIMIT, len(data) - 8):
        raise CorruptFile(
            f"{where} is cut short, or no safetensors file: its header promises {length:,} bytes, "
            f"at most {HEADER_LIMIT:,} are read."
        )
    text = data[8 : 8 + length]
    try:
        header = read_json_bytes(text, limit=HEADER_LIMIT, depth=_DEPTH, name="its header")
    except DataError as error:
        raise CorruptFile(f"{where} cannot be read: {error}") from None
    body = memoryview(data)[8 + length :]
    if not isinstance(header, dict) or len(header) > _MAX_TENSORS:
        raise CorruptFile(f"{where} cannot be read: expected at most {_MAX_TENSORS:,} tensors.")
    meta = header.pop("__metadata__", {})
    if not isinstance(meta, dict) or not all(type(value) is str for value in meta.values()):
        raise CorruptFile(f"{where} cannot be read: its metadata are no texts.")
    places = sorted(_place(entry, name, where) for name, entry in header.items())
    ends = [(0, 0), *places, (len(body), len(body))]
    if any(before[1] != after[0] for before, after in pairwise(ends)):
        raise CorruptFile(
            f"{where} cannot be read: its tensors overlap, leave holes, or are not as long as the "
            f"{len(body):,} bytes of data."
        )
    return {name: _array(entry, body) for name, entry in header.items()}


def _place(entry: Any, name: str, where: str) -> tuple[int, int]:
    """Where a tensor begins and ends, held against its type and shape."""
    if isinstance(entry, Mapping) and set(entry) == {"dtype", "shape", "data_offsets"}:
        kind, shape, place = entry["dtype"], entry["shape"], entry["data_offsets"]
        if kind not in (*_TYPES, "BF16"):
            raise CorruptFile(f"{where}: {name[:80]!r} has the type {kind!r:.40}: NumPy lacks it.")
        if _whole(shape) and _whole(place) and len(place) == 2 and len(shape) <= _MAX_RANK:
            size = 2 if kind == "BF16" else np.dtype(_TYPES[kind]).itemsize
            room = math.prod(max(n, 1) for n in shape)
            if place[1] - place[0] == math.prod(shape) * size and room < 2**48:
                return place[0], place[1]
    raise CorruptFile(
        f"{where}: {name[:80]!r} is {entry!r:.200}: expected dtype, shape, and data_offsets that "
        "fit them."
    )


def _whole(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(n) is int and n >= 0 for n in numbers)


def _array(entry: Mapping[str, Any], body: memoryview) -> Array:
    begin, end = entry["data_offsets"]
    if entry["dtype"] == "BF16":  # the upper half of a float32
        halves = np.frombuffer(body[begin:end], "<u2").astype(np.uint32) << 16
        return halves.view(np.float32).reshape(entry["shape"])
    dtype = np.dtype(_TYPES[entry["dtype"]])
    flat: Array = np.frombuffer(body[begin:end], dtype)
    return flat.astype(dtype.newbyteorder("=")).reshape(entry["shape"])
