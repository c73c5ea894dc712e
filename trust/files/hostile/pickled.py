"""Pickles of the book that are programs: the nine kinds of gadgets, and bombs of memory.

They are never unpickled by Python's own means here; they are written by hand, or by `pickle` from
objects whose class says how they would be made again.
"""

import os
import pickle
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from trust.files.hostile.doors import CANARY, Case, exact, refused

TOUCH = f"touch {CANARY}"
WRITE = f"open({CANARY!r}, 'w').close()"


class Made:
    """Says that it is made by calling something."""

    def __init__(self, call: Callable[..., Any], *given: Any, state: Any = None) -> None:
        self.parts = (call, given) if state is None else (call, given, state)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.parts


def called(module: str, name: str, given: bytes = b"") -> bytes:
    """c module name, ( … t R: what `given` pushes is what it is called with."""
    return f"c{module}\n{name}\n(".encode() + given + b"tR."


_TEXT = b"X" + struct.pack("<I", len(TOUCH)) + TOUCH.encode()
_CODE = b"X" + struct.pack("<I", len(WRITE)) + WRITE.encode()
_LOADED = np.lib.format.__name__  # a module that is surely there
_OF_OBJECTS = {
    "os.system": Made(os.system, TOUCH),
    "eval": Made(eval, WRITE),
    "exec": Made(exec, WRITE),
    "getattr in a chain": Made(getattr, Made(__import__, "os"), "system"),
    "np.load that unpickles": Made(np.load, CANARY, None, True),
    "partial": Made(partial, os.system, TOUCH),
    "a state that is code": Made(dict, state=Made(os.system, TOUCH)),
    "in a dictionary in a dictionary": {"W": {"b": Made(os.system, TOUCH)}},
    "as a key": {Made(os.system, TOUCH): 1},
    "in an array": np.array([Made(os.system, TOUCH)], object),
    "open for writing": Made(open, CANARY, "w"),
    "a memory map": Made(np.memmap, CANARY, "u1", "w+", 0, (1,)),
}
_BY_HAND = {
    "codecs": b"c_codecs\ndecode\n(" + _TEXT + b"tR.",
    "codecs with another encoding": called("_codecs", "encode", b"X\1\0\0\0aX\5\0\0\0idna1"),
    "os.system by protocol 0": b"cos\nsystem\n(S'" + TOUCH.encode() + b"'\ntR.",
    "INST": b"(S'" + TOUCH.encode() + b"'\nios\nsystem\n.",
    "OBJ": b"(cos\nsystem\n" + _TEXT + b"o.",
    "NEWOBJ": b"\x80\x02cos\nsystem\n" + _TEXT + b"\x85\x81.",
    "NEWOBJ_EX": b"\x80\x04cos\nsystem\n" + _TEXT + b"\x85}\x92.",
    "STACK_GLOBAL": b"\x80\x04\x8c\x02os\x8c\x06system\x93" + _TEXT + b"\x85R.",
    "a name with dots": b"\x80\x04\x8c\x05numpy\x8c\x0bos.getcwdxx\x93.",
    "a name of numpy that is not expected": called("numpy", "fromfile", b"X\6\0\0\0it-ran"),
    "numpy's way to run a test": called("numpy.testing._private.utils", "runstring", _CODE),
    "builtins by their old name": called("__builtin__", "eval", _CODE),
    "an extension code": b"\x80\x02\x82\1.",
    "a persistent id": b"\x80\x02" + _TEXT + b"Q.",
    "a buffer from outside": b"\x80\5\x97.",
    "BUILD of a dictionary on a stand-in": called("numpy", "dtype", b"X\2\0\0\0f8")[:-1]
    + b"}X\4\0\0\0codeX\1\0\0\0Osb.",
    "BUILD on a class": b"\x80\2cnumpy\nndarray\n}X\x0c\0\0\0__setstate__K\1sb.",
    "BUILD on a function": b"\x80\2c_codecs\nencode\n}X\5\0\0\0otherK\1sb.",
    "BUILD that changes a function": (
        b"\x80\2cnumpy.core.numeric\n_frombuffer\nN}X\x0c\0\0\0__defaults__K\1K\2K\3\x87s\x86b."
    ),
    "a loop": b"\x80\2}q\0X\1\0\0\0ah\0s.",
    "a list in itself": b"\x80\2]q\0h\0a.",
    "10,000 marks": b"\x80\2" + b"(" * 10_000 + b".",
    "100,000 tuples in tuples": b"\x80\2)" + b"\x85" * 100_000 + b".",
    "no opcode": b"\x80\2\xff.",
    "nothing": b"",
    "no end": b"\x80\2}",
    "an empty stack": b"\x80\2.",
    "protocol 200": b"\x80\xc8}.",
    "a frame longer than the file": b"\x80\4\x95" + struct.pack("<Q", 2**60) + b"}.",
    "a whole number of 100,000 digits": b"L" + b"9" * 100_000 + b"L\n.",
    "a memo of 2^32 places": b"\x80\2K\1r" + struct.pack("<I", 2**32 - 1) + b".",
    "text of 2^40 bytes": b"\x80\4\x8d" + struct.pack("<Q", 2**40) + b"x.",
    "bytes of 2^31 - 1": b"\x80\4\x8e" + struct.pack("<Q", 2**31 - 1) + b"x.",
    "a bytearray of 512 MB": b"\x80\5\x96" + struct.pack("<Q", 2**29) + b"x.",
    "a bytearray of 2^62 bytes": b"\x80\5\x96" + struct.pack("<Q", 2**62) + b"x.",
    "a whole number of 2^31 bytes": b"\x80\2\x8b" + struct.pack("<i", 2**31 - 1) + b"x.",
}


def array(shape: bytes, data: bytes, dtype: bytes = b"f8") -> bytes:
    """An array as protocol 2 spells it, with any shape; bytes are pushed as they are given."""
    code = b"X" + struct.pack("<I", len(dtype)) + dtype
    return (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85C\1b\x87R(K\1" + shape
        + b"cnumpy\ndtype\n" + code + b"K\0K\1\x87R(K\3X\1\0\0\0<NNN"
        + b"J\xff\xff\xff\xff" * 2 + b"K\0tb\x89" + data + b"tb"
    )  # fmt: skip


def data(count: int) -> bytes:
    return b"B" + struct.pack("<I", count) + bytes(count)


def _memo_bomb(count: int) -> bytes:
    """Arrays that all have the same 400,000 bytes, kept in the memo."""
    body = array(b"M\x50\xc3\x85", data(400_000) + b"q\1")
    again = array(b"M\x50\xc3\x85", b"h\1")
    items = b"".join(b"X\4\0\0\0" + b"%04d" % n + again for n in range(count))
    return b"\x80\3}(X\1\0\0\0a" + body + items + b"u."


def _shared(count: int) -> bytes:
    """One array under many names."""
    items = b"".join(b"X\4\0\0\0" + b"%04d" % n + b"h\2" for n in range(count))
    return b"\x80\3}(X\1\0\0\0a" + array(b"M\x50\xc3\x85", data(400_000)) + b"q\2" + items + b"u."


_ARRAYS = {
    "an array of objects": b"\x80\3" + array(b"K\1\x85", data(8), b"O8") + b".",
    "an array of text": b"\x80\3" + array(b"K\1\x85", data(8), b"U2") + b".",
    "an array of records": b"\x80\3" + array(b"K\1\x85", data(8), b"i4,f4") + b".",
    "an array of fewer bytes than it says": b"\x80\3" + array(b"K\2\x85", data(8)) + b".",
    "an array of more bytes than it says": b"\x80\3" + array(b"K\1\x85", data(16)) + b".",
    "an array of 2^62 numbers": b"\x80\3"
    + array(b"\x8a\x08" + struct.pack("<q", 2**62) + b"\x85", data(8)) + b".",
    "an array of -2 numbers": b"\x80\3" + array(b"J\xfe\xff\xff\xff\x85", data(16)) + b".",
    "an array of -1 numbers": b"\x80\3" + array(b"J\xff\xff\xff\xff\x85", data(16)) + b".",
    "an array whose shape is text": b"\x80\3" + array(b"X\1\0\0\0a", data(8)) + b".",
    "an array of 80 axes": b"\x80\3" + array(b"(" + b"K\1" * 80 + b"t", data(8)) + b".",
    "300 arrays of the same 400 kB": _memo_bomb(300),
    "20,000 entries": pickle.dumps({str(n): "x" for n in range(20_000)}),
}  # fmt: skip
_ONE = np.zeros(50_000)
_HONEST = {
    "an array by hand": (b"\x80\3" + array(b"K\1\x85", data(8)) + b".", np.zeros(1)),
    "the book's weights": (pickle.dumps({"W1": np.eye(2), "b1": _ONE[:2]}, 2),
                           {"W1": np.eye(2), "b1": _ONE[:2]}),
    "protocol 5": (pickle.dumps({"W1": np.eye(2)}, 5), {"W1": np.eye(2)}),
    "big-endian": (pickle.dumps({"W": np.arange(3, dtype=">i4")}), {"W": np.arange(3, dtype="i4")}),
    "Fortran order": (pickle.dumps({"W": np.asfortranarray(np.eye(3)[:2])}), {"W": np.eye(3)[:2]}),
    "one array under 300 names": (
        _shared(300), {"a": _ONE, **{f"{n:04d}": _ONE for n in range(300)}}
    ),
    "garbage behind": (pickle.dumps("x") + _TEXT, "x"),
}  # fmt: skip
CASES: tuple[Case, ...] = (
    *refused("pickle", {
        f"{name}, protocol {protocol}": pickle.dumps(value, protocol)
        for name, value in _OF_OBJECTS.items()
        for protocol in (0, 2, 4)
    }),
    *refused("pickle", _BY_HAND),
    *refused("pickle", _ARRAYS),
    *exact("pickle", _HONEST),
)  # fmt: skip
