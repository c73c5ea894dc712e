"""NumPy's own files, NPY and NPZ, read without trusting them.

`numpy.load` allocates what a header claims and can run code that a file brings; `zipfile` believes
the sizes in the directory. So the header is parsed here, against the bytes really there, and only
plain numbers are let in. The names of an archive's members are keys, never paths.
"""

import ast
import io
import math
import re
import struct
import warnings
import zipfile
import zlib
from typing import NamedTuple, TypeAlias

import numpy as np

from groundup.errors import CorruptFile, DataError
from groundup.storage import AnyPath, read_bytes, shown
from groundup.typing import Array

Source: TypeAlias = AnyPath | bytes
LIMIT = 2**31  # bytes, of the file and of what it unpacks to
_MAX_HEADER = 10_000  # as NumPy's
_MAX_MEMBERS = 1_000
_MAX_ENTRY = 46 + 64  # bytes of the archive's directory for a member, usually
_MAX_DEFLATE = 1_032  # no more bytes come out of deflate for each that goes in
_NUMBER = re.compile(r"[<>=|][biuf]\d{1,2}")
_ZIP_FAULTS = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError,
    KeyError, IndexError, OverflowError, struct.error, zlib.error,
)  # fmt: skip


class Header(NamedTuple):
    """What the header of an NPY or IDX file says, and where the numbers begin."""

    dtype: "np.dtype[np.generic]"
    shape: tuple[int, ...]
    fortran_order: bool
    offset: int


def read_npy(source: Source, *, limit: int = LIMIT) -> Array:
    """The array of an NPY file, given by its path or its bytes: native, writable, in C order.

    Raises CorruptFile where header and bytes disagree, DataError for a type that holds no numbers.

    >>> import io
    >>> file = io.BytesIO(); np.save(file, np.arange(3, dtype=">i2"))
    >>> read_npy(file.getvalue())
    array([0, 1, 2], dtype=int16)
    """
    if isinstance(source, bytes):
        return _array(source, "bytes", limit)
    return _array(read_bytes(source, limit), shown(source), limit)


def read_npz(path: AnyPath, *, limit: int = LIMIT) -> dict[str, Array]:
    """The arrays of an NPZ archive by name; `limit` bytes bound all of them together.

    Raises CorruptFile for a damaged, dishonest or encrypted archive, DataError as `read_npy`.
    """
    where, data = shown(path), read_bytes(path, limit)
    _check_directory(data, where)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive, where, len(data), limit)
            return {
                name.removesuffix(".npy"): _array(
                    _unpack(archive, member, where), f"{where}: {name}", limit
                )
                for name, member in members.items()
            }
    except DataError:
        raise
    except _ZIP_FAULTS as error:
        raise CorruptFile(f"{where}: expected an NPZ archive ({error}).") from None


def read_header(data: bytes, total: int, where: str) -> Header:
    """Parse the NPY header at the front of `data`, for a file of `total` bytes.

    Raises CorruptFile unless the file holds exactly the array that the header describes.
    """
    wide = {b"\1\0": 2, b"\2\0": 4, b"\3\0": 4}.get(data[6:8])
    if data[:6] != b"\x93NUMPY" or wide is None:
        raise CorruptFile(
            f"{where}: expected an NPY file of version 1 to 3; it begins with "
            f"{data[:8].hex(' ') or 'nothing'}."
        )
    offset = 8 + wide + int.from_bytes(data[8 : 8 + wide], "little")
    if offset > min(total, _MAX_HEADER):
        raise CorruptFile(f"{where}: a header of {offset} bytes in a file of {total}.")
    dtype, shape, fortran_order = _fields(data[8 + wide : offset], where)
    expected = offset + math.prod(shape) * dtype.itemsize
    if expected != total or math.prod(max(n, 1) for n in shape) >= 2**48:
        raise CorruptFile(
            f"{where}: the header says {dtype.name} {shape}, {expected} bytes in all; "
            f"found {total}."
        )
    return Header(dtype, shape, fortran_order, offset)


def _fields(text: bytes, where: str) -> tuple["np.dtype[np.generic]", tuple[int, ...], bool]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python only warns of, no honest header has
            fields = ast.literal_eval(text.decode("utf-8"))
        descr, order, shape = fields["descr"], fields["fortran_order"], fields["shape"]
        regular = (
            len(fields) == 3
            and isinstance(descr, str | list)
            and isinstance(order, bool)
            and isinstance(shape, tuple)
            and len(shape) <= 32
            and all(type(n) is int and n >= 0 for n in shape)
        )
        dtype = np.dtype(descr) if _NUMBER.fullmatch(str(descr)) else None
    except (SyntaxError, ValueError, TypeError, KeyError, MemoryError, RecursionError):
        regular, dtype = False, None
    if not regular:
        raise CorruptFile(f"{where}: expected descr, fortran_order and shape; found {text[:80]!r}.")
    if dtype is None:
        raise DataError(
            f"{where}: holds {descr!r}; expected plain numbers. "
            "Save it with array.astype(np.float32) or another numeric type."
        )
    return dtype, shape, order


def _array(data: bytes, where: str, limit: int) -> Array:
    if len(data) > limit:
        raise DataError(f"{where}: {len(data)} bytes; expected at most {limit}.")
    header = read_header(data[:_MAX_HEADER], len(data), where)
    count = math.prod(header.shape)
    flat = np.frombuffer(data, header.dtype, count, offset=header.offset)
    if header.dtype.kind == "b" and flat.view(np.uint8).max(initial=0) > 1:
        raise CorruptFile(f"{where}: expected booleans of 0 and 1.")
    array = flat.reshape(header.shape, order="F" if header.fortran_order else "C")
    return array.astype(header.dtype.newbyteorder("="), order="C")


def _check_directory(data: bytes, where: str) -> None:
    """Refuse a long directory before `zipfile` makes an object of each of its entries."""
    end = data.rfind(b"PK\5\6")  # its size stands 12 bytes behind, also where zip64 says the rest
    size = int.from_bytes(data[end + 12 : end + 16], "little") if end >= 0 else 0
    most = _MAX_MEMBERS * _MAX_ENTRY
    if most < size and data.count(b"PK\1\2", max(end - size, 0), end) > _MAX_MEMBERS:
        raise CorruptFile(f"{where}: an NPZ archive with more than {_MAX_MEMBERS} members.")


def _members(
    archive: zipfile.ZipFile, where: str, size: int, limit: int
) -> dict[str, zipfile.ZipInfo]:
    entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
    members = {entry.filename: entry for entry in entries}
    ends = [entry.header_offset + 30 + entry.compress_size for entry in entries]
    starts = [entry.header_offset for entry in entries[1:]] + [size]
    faults = {
        f"more than {_MAX_MEMBERS} members": len(entries) > _MAX_MEMBERS,
        "a member whose name leads out of it": any(_leads_out(name) for name in members),
        "two members of one name": len(members) < len(entries),
        "a member that is no .npy array": not all(name.endswith(".npy") for name in members),
        "a member neither stored nor deflated": any(
            entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            for entry in entries
        ),
        "an encrypted member": any(entry.flag_bits & 1 for entry in entries),
        "members that overlap": any(a > b for a, b in zip(ends, starts, strict=False)),
        f"over {limit} bytes unpacked": sum(entry.file_size for entry in entries) > limit,
        "sizes that no compression reaches": any(
            entry.file_size > _MAX_DEFLATE * (entry.compress_size + 1) for entry in entries
        ),
    }
    for fault, found in faults.items():
        if found:
            raise CorruptFile(f"{where}: an NPZ archive with {fault}.")
    return members


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or parts[0][1:2] == ":"  # a drive of Windows


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, where: str) -> bytes:
    with archive.open(member) as file:  # its header first: what lies is never unpacked whole
        head = file.read(min(_MAX_HEADER, member.file_size))
    if len(head) == min(_MAX_HEADER, member.file_size):
        read_header(head, member.file_size, f"{where}: {member.filename}")
    with archive.open(member) as file:  # anew, as joining the two would copy all of it
        data = file.read(member.file_size)
    if len(data) != member.file_size:
        raise CorruptFile(
            f"{where}: {member.filename}: expected {member.file_size} bytes, found {len(data)}."
        )
    return data
