"""NPZ: zip archives that lie about names, sizes and places."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

from trust.files.hostile.arrays import X, npy, said
from trust.files.hostile.doors import Case, exact, refused

_ARRAY = npy(said(), X.tobytes())
_LOCAL, _CENTRAL, _END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"


def members(named: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    """By the standard library, which writes any name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        for name, data in named.items():
            archive.writestr(zipfile.ZipInfo(name), data, kind)
    return file.getvalue()


def raw(*entries: dict[str, object]) -> bytes:
    """By hand, so that every field can lie: name, data, and what the two headers say."""
    body, directory = b"", b""
    for given in entries:
        entry = {"name": b"x.npy", "data": _ARRAY, "method": 0, "flags": 0, "extra": b"", **given}
        data, name = entry["data"], entry["name"]
        entry = {"size": len(data), "packed": len(data), "crc": zlib.crc32(data),
                 "place": len(body), "system": 0, "attributes": 0, **entry}  # fmt: skip
        sizes = entry["crc"], entry["packed"], entry["size"]
        common = 20, entry["flags"], entry["method"], 0, 33, *sizes, len(name)
        directory += struct.pack(
            _CENTRAL, b"PK\1\2", 20 | entry["system"] << 8, *common, len(entry["extra"]), 0, 0, 0,
            entry["attributes"], entry["place"],
        ) + name + entry["extra"]  # fmt: skip
        if entry.get("local", True):
            body += struct.pack(_LOCAL, b"PK\3\4", *common, 0) + name + data
    return body + directory + end(len(entries), len(directory), len(body))


def end(count: int, size: int, place: int) -> bytes:
    return struct.pack(_END, b"PK\5\6", 0, 0, count, count, size, place, 0)


def edited(change: Callable[[bytearray], None]) -> bytes:
    data = bytearray(raw({}))
    change(data)
    return bytes(data)


def put(place: int, code: str, value: int) -> bytes:
    """A number written over the archive of one member; from the end if negative."""
    return edited(lambda data: struct.pack_into(code, data, place % len(data), value))


def deflated(data: bytes) -> bytes:
    pack = zlib.compressobj(9, wbits=-15)
    return pack.compress(data) + pack.flush()


_NAMES = {
    "..": "../x.npy", "... in the middle": "a/../../x.npy", "a root": "/etc/x.npy",
    "a drive": "C:x.npy", "a drive and a root": "C:\\x.npy", "backslashes": "..\\..\\x.npy",
    "a network share": "\\\\host\\share\\x.npy", "nothing but dots": "..",
    "no suffix": "x", "a program": "x.py", "a folder": "x/", "an empty name": "",
    "a suffix in capitals": "x.NPY",
}  # fmt: skip
_ZEROS = deflated(bytes(2**26))
_DIRECTORY = raw({})[-(46 + 5 + 22) : -22]
_ZIP64 = struct.pack("<HHQQ", 1, 16, 2**60, 2**60)
_BOMB = npy(said(shape="(3,)"), bytes(2**24 - 200))
_REFUSED = {
    **{f"a member's name: {words}": members({name: _ARRAY}) for words, name in _NAMES.items()},
    "nothing": b"",
    "the magic alone": b"PK\3\4",
    "cut at half": raw({})[:60],
    "the end alone": end(0, 0, 0)[:-1],
    "an end that points beyond": end(1, 46, 2**31),
    "two members of one name": raw({}, {}),
    "two members over one another": raw({}, {"name": b"y.npy", "place": 0, "local": False}),
    "100 members over one another": raw(
        {}, *({"name": b"%d.npy" % n, "place": 0, "local": False} for n in range(100))
    ),
    "1,001 members": raw(*({"name": b"%d.npy" % n} for n in range(1001))),
    "60,000 members": raw(
        {}, *({"name": b"%d.npy" % n, "place": 0, "local": False} for n in range(60_000))
    ),
    "an archive in an archive": members({"x.npy": members({"x.npy": _ARRAY})}),
    "a wrong checksum": raw({"crc": 7}),
    "a size smaller than the data": raw({"size": 50, "packed": 50}),
    "a size larger than the data": raw({"size": 10**6, "packed": 10**6}),
    "a size of 4 GB": raw({"size": 2**32 - 2}),
    "a size of 2^60 by zip64": raw({"size": 2**32 - 1, "packed": 2**32 - 1, "extra": _ZIP64}),
    "an extra field that is cut": raw({"size": 2**32 - 1, "extra": _ZIP64[:9]}),
    "an encrypted member": raw({"flags": 1}),
    "a strongly encrypted member": raw({"flags": 0x41}),
    "an unknown method": raw({"method": 99}),
    "bzip2": members({"x.npy": _ARRAY}, zipfile.ZIP_BZIP2),
    "LZMA": members({"x.npy": _ARRAY}, zipfile.ZIP_LZMA),
    "deflate that is none": raw({"method": 8}),
    "a bomb of 64 MB that says 86 bytes": raw({"method": 8, "data": _ZEROS, "size": 86}),
    "a bomb of 64 MB over the budget": raw({"method": 8, "data": _ZEROS, "size": 2**26}),
    "a bomb inside of the budget whose array is small": raw(
        {"method": 8, "data": deflated(_BOMB), "size": len(_BOMB), "crc": zlib.crc32(_BOMB)}
    ),
    "a ratio that no compression reaches": raw({"method": 8, "data": b"\3\0", "size": 2**23}),
    "a local header of another name": put(30, "<c", b"y"),
    "a local header that is none": put(0, "<c", b"Q"),
    "a place beyond the end": put(-22 - 5 - 4, "<I", 2**31),
    "a directory of another size": put(-10, "<I", 2**31),
    "a directory at another place": put(-6, "<I", 9),
    "an object array in it": members({"x.npy": npy(said("'|O'", "(1,)"), b"\x80\x04N.")}),
    "an array that lies": members({"x.npy": npy(said(shape=f"({2**40},)"), X.tobytes())}),
    "a symbolic link": raw(
        {"data": b"/etc/passwd", "system": 3, "attributes": (stat.S_IFLNK | 0o777) << 16}
    ),
}  # fmt: skip
_TWO = {"x": X, "y": np.array([1, 2])}


def _saved(save: Callable[..., None], **arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    save(file, **arrays)
    return file.getvalue()


_HONEST = {
    "as NumPy writes it": (_saved(np.savez, **_TWO), _TWO),
    "as NumPy packs it": (_saved(np.savez_compressed, **_TWO), _TWO),
    "by hand": (raw({}), {"x": X}),
    "text before it": (b"#!/bin/sh\ntouch it-ran\n" + raw({}), {"x": X}),
    "a name of 300 letters": (members({"a" * 300 + ".npy": _ARRAY}), {"a" * 300: X}),
    "a name that Windows reserves": (members({"NUL.npy": _ARRAY}), {"NUL": X}),
    "a name with a percent sign": (members({"%2e%2e%2fx.npy": _ARRAY}), {"%2e%2e%2fx": X}),
    "a name in Korean": (members({"수.npy": _ARRAY}), {"수": X}),
    "a link whose target is an array": (
        raw({"system": 3, "attributes": (stat.S_IFLNK | 0o777) << 16}), {"x": X}
    ),
    "no members": (end(0, 0, 0), {}),
}  # fmt: skip
CASES: tuple[Case, ...] = (*refused("npz", _REFUSED), *exact("npz", _HONEST))
