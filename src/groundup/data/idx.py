"""The IDX format of the MNIST files: a few header bytes, then the numbers, perhaps gzipped.

    0 0 type rank | size of each axis, 4 bytes big-endian | values, big-endian, row by row

Every promise of the header is checked against the bytes that are really there before anything of
its size is allocated.   [LeCun, Cortes & Burges: the MNIST database]
"""

import gzip
import hashlib
import math
import zlib
from typing import TypeAlias

import numpy as np

from groundup.data.npz import Header
from groundup.errors import CorruptFile, InputError
from groundup.storage import AnyPath, read_bytes, shown, write_bytes
from groundup.typing import Array

Source: TypeAlias = AnyPath | bytes
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
LIMIT = 2**31  # bytes, of the file and of what it unpacks to
_MAX_RANK = 8
_MAX_HEADER = 4 + 4 * _MAX_RANK


def read_idx(source: Source, *, sha256: str | None = None, limit: int = LIMIT) -> Array:
    """The array of an IDX file, given by its path or its bytes; gzip is seen by itself.

    sha256: what the unpacked bytes must hash to. Raises CorruptFile for whatever does not fit.

    >>> read_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30]))
    array([[10, 20, 30]], dtype=uint8)
    >>> read_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20]))
    Traceback (most recent call last):
    groundup.errors.CorruptFile: bytes: the header says uint8 (1, 3), 15 bytes in all; found 14.
    """
    where = "bytes" if isinstance(source, bytes) else shown(source)
    data = source if isinstance(source, bytes) else read_bytes(source, limit)
    packed = data[:2] == b"\x1f\x8b"
    dtype, shape, _, start = _parse(_gunzip(data, _MAX_HEADER, where) if packed else data, where)
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > limit - start:
        raise CorruptFile(f"{where}: the header says {dtype.name} {shape}, over {limit} bytes.")
    total = start + math.prod(shape) * dtype.itemsize
    if packed:
        data = _gunzip(data, total + 1, where, whole=True)
    if len(data) != total:
        found = f"{len(data)}" if len(data) < total or not packed else "more"
        raise _another_length(dtype, shape, total, found, where)
    if sha256 is not None and (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise CorruptFile(f"{where}: expected SHA-256 {sha256}, found {found}.")
    values = np.frombuffer(data, dtype, math.prod(shape), offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="))


def write_idx(path: AnyPath, array: Array) -> None:
    """Write an array as IDX, gzipped if the name ends in ".gz"; atomic.

    Raises InputError for a type or rank that the format has no code for.
    """
    codes = {np.dtype(name).newbyteorder("="): code for code, name in TYPES.items()}
    code = codes.get(array.dtype.newbyteorder("="))
    if code is None or not 1 <= array.ndim <= _MAX_RANK or max(array.shape) >= 2**32:
        raise InputError(
            f"{shown(path)}: IDX holds uint8, int8, int16, int32, float32 and float64 of rank "
            f"1 to {_MAX_RANK}; got {array.dtype} {array.shape}."
        )
    sizes = np.array(array.shape, ">u4").tobytes()
    data = bytes([0, 0, code, array.ndim]) + sizes + array.astype(TYPES[code]).tobytes()
    if shown(path).endswith(".gz"):
        data = gzip.compress(data, mtime=0)
    write_bytes(path, data)


def read_header(data: bytes, total: int, where: str) -> Header:
    """Parse the header at the front of `data`, for a file of `total` bytes that is not gzipped.

    Raises CorruptFile unless the file holds exactly the array that the header describes.
    """
    header = _parse(data, where)
    expected = header.offset + math.prod(header.shape) * header.dtype.itemsize
    if expected != total:
        raise _another_length(header.dtype, header.shape, expected, str(total), where)
    return header


def _another_length(
    dtype: "np.dtype[np.generic]", shape: tuple[int, ...], expected: int, found: str, where: str
) -> CorruptFile:
    return CorruptFile(
        f"{where}: the header says {dtype.name} {shape}, {expected} bytes in all; found {found}."
    )


def _parse(head: bytes, where: str) -> Header:
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES:
        codes = ", ".join(f"{code:02x}" for code in TYPES)
        raise CorruptFile(
            f"{where}: expected an IDX file, which begins with 00 00 and a type code ({codes}); "
            f"found {head[:4].hex(' ') or 'nothing'}."
        )
    rank = head[3]
    if not 1 <= rank <= _MAX_RANK:
        raise CorruptFile(f"{where}: expected a rank from 1 to {_MAX_RANK}, found {rank}.")
    if len(head) < 4 + 4 * rank:
        raise CorruptFile(
            f"{where}: expected {4 + 4 * rank} bytes of header, found {len(head)}: it is cut short."
        )
    shape = tuple(int(size) for size in np.frombuffer(head, ">u4", rank, offset=4))
    return Header(np.dtype(TYPES[head[2]]), shape, False, 4 + 4 * rank)


def _gunzip(data: bytes, most: int, where: str, *, whole: bool = False) -> bytes:
    """The first `most` bytes that gzip data unpacks to; `whole` if nothing may follow them."""
    unpack = zlib.decompressobj(wbits=31)
    try:
        plain = unpack.decompress(data, most)
    except zlib.error as error:
        raise CorruptFile(f"{where}: the gzip data is damaged ({error}).") from None
    if whole and not unpack.eof and len(plain) < most:
        raise CorruptFile(f"{where}: the gzip data is cut short.")
    if whole and unpack.unused_data:
        raise CorruptFile(
            f"{where}: {len(unpack.unused_data)} bytes after the end of the gzip data."
        )
    return plain
