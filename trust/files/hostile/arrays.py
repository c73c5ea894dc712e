"""IDX and NPY: headers that lie, types that hold no numbers, and odd ones that are honest."""

import gzip
import struct
import zlib

import numpy as np

from trust.files.hostile.doors import Case, exact, refused

X = np.arange(6, dtype=np.uint8).reshape(2, 3)
MANY = 2**31 - 1


def idx(shape: tuple[int, ...], body: bytes, code: int = 8, rank: int | None = None) -> bytes:
    head = bytes([0, 0, code, len(shape) if rank is None else rank])
    return head + struct.pack(f">{len(shape)}I", *shape) + body


def npy(
    header: str | bytes, body: bytes = b"", version: int = 1, length: int | None = None
) -> bytes:
    text = header.encode("latin1") if isinstance(header, str) else header
    size = struct.pack("<H" if version == 1 else "<I", len(text) if length is None else length)
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + body


def said(descr: str = "'|u1'", shape: str = "(2, 3)", order: str = "False", more: str = "") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}{more}}}\n"


_BODY = X.tobytes()
_IDX = {
    "nothing": b"",
    "three bytes": b"\0\0\x08",
    "magic of another format": b"\x93NUMPY" + bytes(20),
    "a first byte that is not 0": b"\1" + idx((2, 3), _BODY)[1:],
    "HTML": b"<!DOCTYPE html><html>not found</html>",
    "one byte too few": idx((2, 3), _BODY[:-1]),
    "one byte too many": idx((2, 3), _BODY + b"\0"),
    "a header cut short": idx((2, 3), b"")[:7],
    "rank 0": idx((), b"\1"),
    "rank 9": idx((1,) * 9, b"\1"),
    "rank 255": idx((1,), b"\1", rank=255),
    "sizes of 2^32-1": idx((2**32 - 1,) * 8, _BODY),
    "a product that is 6 modulo 2^64": idx((2**32 - 1, 2**32 - 1, 2**32 - 1, 6), _BODY),
    "a product that is 0 modulo 2^64": idx((2**16,) * 4, b""),
    "4 GB that are not there": idx((2**16, 2**16), _BODY),
    "8 bytes a number over the limit": idx((2**29,), _BODY, code=14),
    "no samples of enormous size": idx((0, 2**32 - 1, 2**32 - 1), b""),
    "int16 with an odd byte": idx((3,), b"\0" * 5, code=11),
    "MNIST's images cut at half": idx((60_000, 28, 28), bytes(2000)),
    **{f"the unknown type code {code:02x}": idx((2, 3), _BODY, code=code)
       for code in (0, 1, 7, 10, 15, 16, 127, 255)},
}  # fmt: skip
_NPY = {
    "nothing": b"",
    "the magic alone": b"\x93NUMPY",
    "version 0": npy(said(), _BODY, version=0),
    "version 9": npy(said(), _BODY, version=9),
    "minor version 7": npy(said(), _BODY).replace(b"\x01\x00", b"\x01\x07", 1),
    "a header longer than the file": npy(said(), _BODY, length=60_000),
    "a header of 4 GB": npy(said(), _BODY, version=2, length=2**32 - 1),
    "a header of 20,000 spaces": npy(said() + " " * 20_000, _BODY, version=2),
    "objects": npy(said("'|O'", "(1,)"), b"\x80\x04N."),
    "objects by an old name": npy(said("'O'", "(1,)"), b"\x80\x04N."),
    "a record with objects": npy(said("[('a', '|O')]", "(1,)"), b"\x80\x04N."),
    "a structured type": npy(said("[('a', '<i4'), ('b', '<f4')]", "(1,)"), bytes(8)),
    "a type in a type": npy(said("[('a', [('b', '<i4')])]", "(1,)"), bytes(4)),
    "text": npy(said("'<U2'", "(1,)"), bytes(8)),
    "bytes": npy(said("'|S2'", "(1,)"), bytes(2)),
    "raw memory": npy(said("'|V2'", "(1,)"), bytes(2)),
    "dates": npy(said("'<M8[s]'", "(1,)"), bytes(8)),
    "complex numbers": npy(said("'<c8'", "(1,)"), bytes(8)),
    "a type that is no type": npy(said("'<f3'", "(1,)"), bytes(3)),
    "a type of no bytes": npy(said("'<f0'", "(1,)")),
    "integers of 16 bytes": npy(said("'<i16'", "(1,)"), bytes(16)),
    "a shape that names its type": npy(said("('<f4', (2,))", "(1,)"), bytes(8)),
    "code instead of a type": npy(said("__import__('os').system('touch it-ran')"), _BODY),
    "code instead of a shape": npy(said(shape="tuple(open('it-ran', 'w'))"), _BODY),
    "a comprehension": npy(said(shape="(*[2, 3],)"), _BODY),
    "a power": npy(said(shape="(9 ** 9 ** 9,)"), _BODY),
    "sizes that are negative": npy(said(shape="(-2, -3)"), _BODY),
    "a size of -1": npy(said(shape="(-1,)"), _BODY),
    "a size of 2^63": npy(said(shape=f"({2**63},)"), _BODY),
    "a product that is 6 modulo 2^64": npy(said(shape=f"(6, {2**63 + 1}, {2**63 + 1})"), _BODY),
    "a product that is 0 modulo 2^64": npy(said(shape=f"({2**32}, {2**32})")),
    "10^18 numbers": npy(said(shape=f"({10**18},)"), _BODY),
    "a size of 4,000 digits": npy(said(shape=f"({'9' * 4000},)"), _BODY),
    "no rows of enormous size": npy(said(shape=f"(0, {2**62})")),
    "sizes that are true": npy(said(shape="(True, 6)"), _BODY),
    "sizes that are fractions": npy(said(shape="(2.0, 3)"), _BODY),
    "a shape that is a list": npy(said(shape="[2, 3]"), _BODY),
    "a shape that is a number": npy(said(shape="6"), _BODY),
    "33 axes": npy(said(shape=str((1,) * 33)), b"\1"),
    "65 axes": npy(said(shape=str((1,) * 65)), b"\1"),
    "an order that is text": npy(said(order="'no'"), _BODY),
    "an order that is a number": npy(said(order="0"), _BODY),
    "one key more": npy(said(more=", 'x': 1"), _BODY),
    "one key less": npy("{'descr': '|u1', 'shape': (2, 3)}\n", _BODY),
    "a list of its keys": npy("['descr', 'fortran_order', 'shape']\n", _BODY),
    "9,000 brackets": npy("(" * 9_000, _BODY),
    "9,000 minus signs": npy("-" * 9_000 + "1", _BODY),
    "an escape that Python warns of": npy(said(r"'\d'"), _BODY),
    "a number that Python warns of": npy(said(shape="(1if 1else 2,)"), _BODY),
    "a NUL in the header": npy(said() + "\0", _BODY),
    "no UTF-8": npy(b"\xff" * 20, _BODY),
    "one byte too few": npy(said(), _BODY[:-1]),
    "one byte too many": npy(said(), _BODY + b"\0"),
    "booleans of 2": npy(said("'|b1'"), b"\0\1\2\0\1\0"),
}
_BIG = np.array([[1.5, -2.0], [np.inf, 4.0]], ">f4")
_HONEST_NPY = {
    "big-endian": (npy(said("'>f4'", "(2, 2)"), _BIG.tobytes()), _BIG.astype("<f4")),
    "big-endian whole numbers": (npy(said("'>i8'", "(1,)"), b"\0" * 7 + b"\5"), np.array([5])),
    "Fortran order": (npy(said(order="True"), X.T.tobytes()), X),
    "no samples": (npy(said(shape="(0, 3)")), np.zeros((0, 3), np.uint8)),
    "one number": (npy(said(shape="()"), b"\7"), np.array(7, np.uint8)),
    "32 axes": (npy(said(shape=str((1,) * 32)), b"\1"), np.ones((1,) * 32, np.uint8)),
    "booleans": (npy(said("'|b1'", "(2,)"), b"\0\1"), np.array([False, True])),
    "version 3": (npy(said(), _BODY, version=3), X),
    "a header of other spaces": (npy(" " + said() + "  \n", _BODY), X),
    "half precision": (npy(said("'<f2'", "(1,)"), b"\0\x3c"), np.ones(1, np.float16)),
}
_HONEST_IDX = {
    "all in order": (idx((2, 3), _BODY), X),
    "no samples": (idx((0, 3), b""), np.zeros((0, 3), np.uint8)),
    "8 axes": (idx((1,) * 8, b"\7"), np.full((1,) * 8, 7, np.uint8)),
    "int8": (idx((2,), b"\xff\1", code=9), np.array([-1, 1], np.int8)),
    "int32": (idx((1,), b"\0\0\1\0", code=12), np.array([256], np.int32)),
    "float64": (idx((1,), struct.pack(">d", 0.1), code=14), np.array([0.1])),
}


def _bomb(size: int, head: bytes) -> bytes:
    """A gzip member of zeros, made a piece at a time."""
    pack = zlib.compressobj(9, wbits=31)
    parts = [pack.compress(head)]
    parts += [pack.compress(bytes(2**20)) for _ in range(size // 2**20)]
    return b"".join([*parts, pack.flush()])


_ZIPPED = gzip.compress(idx((2, 3), _BODY), mtime=0)
_GZIP = {
    "a bomb behind a small array": _bomb(2**27, idx((2, 3), _BODY)),
    "a bomb without a header": _bomb(2**27, b""),
    "a bomb that says its size": _bomb(2**26, idx((2**13, 2**13), b"")),
    "a member cut short": _ZIPPED[:-9],
    "a checksum cut off": _ZIPPED[:-8],
    "a wrong checksum": _ZIPPED[:-8] + bytes(4) + _ZIPPED[-4:],
    "a wrong length": _ZIPPED[:-4] + b"\7\0\0\0",
    "two members": _ZIPPED + gzip.compress(b"", mtime=0),
    "garbage behind": _ZIPPED + b"garbage",
    "zeros behind": _ZIPPED + bytes(8),
    "gzip in gzip": gzip.compress(_ZIPPED, mtime=0),
    "the magic alone": b"\x1f\x8b",
    "another method": _ZIPPED[:2] + b"\7" + _ZIPPED[3:],
    "a name that never ends": _ZIPPED[:3] + b"\x08" + _ZIPPED[4:10] + b"a" * 10_000,
    "an IDX cut short, zipped": gzip.compress(idx((2, 3), _BODY[:-1]), mtime=0),
    "an empty member": gzip.compress(b"", mtime=0),
}
_NAMED = _ZIPPED[:3] + b"\x08" + _ZIPPED[4:10] + b"../../it-ran\0" + _ZIPPED[10:]
CASES: tuple[Case, ...] = (
    *refused("idx", _IDX),
    *refused("npy", _NPY),
    *refused("idx.gz", _GZIP),
    *exact("npy", _HONEST_NPY),
    *exact("idx", _HONEST_IDX),
    *exact("idx.gz", {"zipped": (_ZIPPED, X), "a name that leads out": (_NAMED, X)}),
    *refused("npy rows", {name: _NPY[name] for name in (
        "objects", "10^18 numbers", "one byte too few", "booleans of 2", "no rows of enormous size",
        "a product that is 0 modulo 2^64", "an escape that Python warns of",
    )}),
    *refused("idx rows", {name: _IDX[name] for name in (
        "one byte too few", "one byte too many", "sizes of 2^32-1", "rank 255", "nothing",
    )}),
    *exact("npy rows", {name: _HONEST_NPY[name] for name in (
        "big-endian", "Fortran order", "no samples", "one number", "booleans",
    )}),
)  # fmt: skip
