"""NPY and IDX files that are too large to be read whole: their rows are read as they are needed.

The header's promise is held against the size of the file before anything else, as in `npz` and
`idx`, where the formats are described. Rows are read by their place in the file. A map of it would
count as this process's memory page by page (and a fault may bring in megabytes), and who shortens
the file meanwhile would kill the process. Only Fortran order, where no row is in one piece, is
left to a map.
"""

import io
import math
import os
import weakref
from collections.abc import Callable

import numpy as np

from groundup.data import idx, npz
from groundup.data.rows import Index, Rows
from groundup.errors import CorruptFile, DataError
from groundup.storage import AnyPath, shown
from groundup.storage.reads import open_regular
from groundup.typing import Array

MAP_FROM = 2**26  # bytes; what is smaller is read whole
_HEAD = 10_000  # bytes, longer than any header


def open_npy(path: AnyPath) -> Array:
    """The array of an NPY file: whole, or from 64 MB on as `Rows` that stay on the disk.

    Raises as `read_npy` does.
    """
    return _open(path, npz.read_npy, npz.read_header)


def open_idx(path: AnyPath) -> Array:
    """The array of an IDX file: whole, or from 64 MB on as `Rows`, if it is not gzipped.

    Raises as `read_idx` does.
    """
    return _open(path, idx.read_idx, idx.read_header)


Parse = Callable[[bytes, int, str], npz.Header]


def _open(path: AnyPath, read: Callable[[AnyPath], Array], parse: Parse) -> Array:
    where = shown(path)
    with open_regular(path) as file:
        total = os.fstat(file.fileno()).st_size
        head = file.read(_HEAD)
        if total < MAP_FROM or head[:2] == b"\x1f\x8b":
            return read(path)
        header = parse(head, total, where)
        if math.prod(header.shape) == 0 or not header.shape:
            return read(path)
        rows = Rows(_map(file, header) if header.fortran_order else _Reader(file, header, where))
    if header.dtype.kind == "b" and rows.seen(lambda part: part.view(np.uint8)).max() > 1:
        raise CorruptFile(f"{where}: expected booleans of 0 and 1.")
    return rows  # type: ignore[return-value]


class _Reader:
    """Rows by their places; those that follow one another in one go."""

    def __init__(self, file: io.FileIO, header: npz.Header, where: str) -> None:
        descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, descriptor)
        self._file = io.FileIO(descriptor, closefd=False)
        self.shape, self.dtype = header.shape, header.dtype
        self._header, self._where = header, where
        self._row = math.prod(header.shape[1:]) * header.dtype.itemsize

    def __getitem__(self, index: Index, /) -> Array:
        header, row = self._header, self._row
        found: Array = np.empty((len(index), *header.shape[1:]), header.dtype)
        memory = found.reshape(-1).view(np.uint8).data
        begin = 0
        for end in [*(np.flatnonzero(np.diff(index) != 1) + 1).tolist(), len(index)]:
            if begin < end:
                place = header.offset + int(index[begin]) * row
                self._fill(memory[begin * row : end * row], place)
            begin = end
        return found

    def _fill(self, part: memoryview, place: int) -> None:
        self._file.seek(place)
        while part:
            count = self._file.readinto(part)
            if not count:
                raise DataError(f"{self._where} was cut while it was read: leave it as it is.")
            part = part[count:]


def _map(file: io.FileIO, header: npz.Header) -> Array:
    return np.memmap(file, header.dtype, "r", header.offset, header.shape, "F")
