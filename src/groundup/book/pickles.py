"""Weights as the book keeps them: pickles of dictionaries, arrays and strings, and nothing else.

A pickle is a program: reading one may run anything that its writer liked. Here what it names is
replaced by stand-ins that only take notes; from their notes arrays of numbers are made. It has the
names of Python's own `pickle`, which scripts get this module for.
"""

import io
import pickle
import re
import struct
from pickle import DEFAULT_PROTOCOL, HIGHEST_PROTOCOL, PickleError, PicklingError, UnpicklingError
from typing import IO, Any, ClassVar

import numpy as np

from groundup.errors import DataError, InputError
from groundup.typing import Array

__all__ = [
    "DEFAULT_PROTOCOL",
    "HIGHEST_PROTOCOL",
    "PickleError",
    "PicklingError",
    "UnpicklingError",
    "dump",
    "dumps",
    "load",
    "loads",
]

LIMIT = 2**28  # bytes
DEPTH, ENTRIES = 8, 10_000  # of dictionaries
NUMBERS = "biuf"  # kinds of dtype
_CODE = re.compile(rf"[{NUMBERS}]\d\d?")
_PLAIN = (3, None, None, None, -1, -1, 0)  # version, no parts, names or fields; size, flags


class _Dtype:
    """A dtype's name and byte order."""

    def __init__(self, code: Any, *how: Any) -> None:
        if not isinstance(code, str) or not _CODE.fullmatch(code) or how != (False, True):
            raise DataError(f"the pickle has an array of {code!r:.40}: expected numbers.")
        self.code, self.order = code, "="

    def __setstate__(self, state: Any) -> None:
        if (state[0], *state[2:]) != _PLAIN:
            raise DataError(
                f"the pickle has an array of {self.code!r:.40}: expected plain numbers."
            )
        self.order = _one_of({"<": "<", ">": ">", "=": "=", "|": "="}, state[1], "byte order")

    def real(self) -> Any:
        return np.dtype(self.order + self.code)


class _Array:
    """An array's shape, dtype, order and bytes."""

    def __init__(self, *given: Any) -> None:
        if given not in ((), (_Array, (0,), b"b"), (_Array, (0,), "b")):
            raise DataError("the pickle has an array that is damaged: it does not begin as one.")
        self.state: Any = None

    def __setstate__(self, state: Any) -> None:
        parts = state if isinstance(state, tuple) else ()
        if [type(part) for part in parts[1:]] != [tuple, _Dtype, bool, bytes] or parts[0] != 1:
            raise DataError("the pickle has an array that is damaged: expected version 1 of one.")
        self.state = state

    def real(self, room: int) -> Array:
        """The array; DataError beyond `room` bytes, which arrays of the same bytes may take."""
        try:
            _, shape, dtype, fortran, data = self.state
            if len(data) > room or min(shape, default=0) < 0:
                raise ValueError("more numbers than the file has bytes for, or fewer than none")
            flat = np.frombuffer(data, dtype.real())
            made = flat.reshape(shape, order="F" if fortran else "C")
        except DataError:
            raise
        except (TypeError, ValueError, AttributeError) as error:
            raise DataError(f"the pickle has an array that is damaged: {error}.") from None
        native = made.dtype.newbyteorder("=")
        return made.astype(native)  # a copy, that may be written to


def _from_buffer(data: Any, dtype: Any, shape: Any, order: str, *_: Any) -> _Array:
    """How protocol 5 spells an array."""
    array = _Array()
    array.state = 1, shape, dtype, _one_of({"C": False, "F": True}, order, "order"), data
    return array


def _bytes(text: str, encoding: str) -> bytes:
    """How old protocols spell bytes."""
    return text.encode(_one_of({"latin1": "latin1"}, encoding, "encoding"))


def _one_of(known: dict[str, Any], found: Any, what: str) -> Any:
    """What a word stands for; another one is damage, and the numbers would be others."""
    if not isinstance(found, str) or found not in known:
        raise DataError(f"the pickle is damaged: it has the {what} {found!r:.40}.")
    return known[found]


def _no_bytes() -> bytes:
    """How old protocols spell no bytes at all."""
    return b""


STAND_INS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _Array,
    ("numpy", "dtype"): _Dtype,
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy.core.numeric", "_frombuffer"): _from_buffer,
    ("numpy._core.numeric", "_frombuffer"): _from_buffer,
    ("_codecs", "encode"): _bytes,
    ("__builtin__", "bytes"): _no_bytes,
}


class _Whole(io.BytesIO):
    """Bytes of which a program cannot read more than there are."""

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if size is not None and len(found) < size:
            raise DataError("the pickle is damaged: it is cut short.")
        return found


# All that the arrays, dictionaries and strings of any protocol are spelled with. The others call
# what they like, change classes, or ask for what lies outside of the file.
_ALLOWED = (
    "PROTO FRAME STOP MARK POP POP_MARK DUP GLOBAL STACK_GLOBAL REDUCE BUILD MEMOIZE "
    "PUT BINPUT LONG_BINPUT GET BINGET LONG_BINGET NONE NEWTRUE NEWFALSE "
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT "
    "STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 "
    "BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8 EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 "
    "EMPTY_LIST LIST APPEND APPENDS EMPTY_DICT DICT SETITEM SETITEMS EMPTY_SET ADDITEMS FROZENSET"
)


class _Reader(pickle._Unpickler):  # the one written in Python: no memo as large as a file says
    dispatch: ClassVar[dict[int, Any]] = {
        code: read
        for code, read in pickle._Unpickler.dispatch.items()
        if code in {ord(getattr(pickle, name)) for name in _ALLOWED.split()}
    }

    def load_build(self: Any) -> None:
        """Only what takes notes has a state; Python would set attributes of anything."""
        if not isinstance(self.stack[-2], _Dtype | _Array):
            raise DataError("the pickle changes what it named: expected arrays and dictionaries.")
        pickle._Unpickler.dispatch[ord(pickle.BUILD)](self)

    def load_bytearray8(self: Any) -> None:
        """Of bytes that are there: Python would make room for as many as it says first."""
        (size,) = struct.unpack("<Q", self.read(8))
        self.append(self.read(size))

    dispatch[ord(pickle.BUILD)] = load_build
    dispatch[ord(pickle.BYTEARRAY8)] = load_bytearray8

    def find_class(self, module: str, name: str) -> Any:
        try:
            return STAND_INS[module, name]
        except KeyError:
            raise DataError(
                f"the pickle asks for {module}.{name}: expected arrays, dictionaries and strings "
                "and nothing else. It may come from somewhere else than it says; do not open it."
            ) from None


def load(file: IO[bytes], **_: Any) -> Any:
    """The dictionary, array or string in an open file; of DataError what is anything else."""
    data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise DataError(f"the pickle is too long: expected at most {LIMIT:,} bytes.")
    return loads(data)


def loads(data: bytes, **_: Any) -> Any:
    """The dictionary, array or string that these bytes say.

    >>> loads(dumps({"W1": np.array([1.0, 2.0])}))
    {'W1': array([1., 2.])}
    >>> loads(b"cos\\nsystem\\n(S'ls'\\ntR.")
    Traceback (most recent call last):
    groundup.errors.DataError: the pickle asks for os.system: expected arrays, dictionaries and \
strings and nothing else. It may come from somewhere else than it says; do not open it.
    """
    try:
        read = _Reader(_Whole(data), encoding="latin1").load()
    except DataError:
        raise
    except Exception as error:  # whatever a damaged program stumbles over
        raise DataError(f"the pickle is damaged: {error or type(error).__name__}.") from None
    return _Checked(len(data)).real(read)


def dump(obj: Any, file: IO[bytes], protocol: int | None = None, **_: Any) -> None:
    """Write a dictionary, array or string to an open file."""
    file.write(dumps(obj, protocol))


def dumps(obj: Any, protocol: int | None = None, **_: Any) -> bytes:
    """A dictionary, array or string as bytes that `loads` and Python's own pickle read."""
    try:
        return pickle.dumps(_Checked().real(obj), protocol)
    except DataError as error:
        raise InputError(str(error).replace("the pickle has", "cannot pickle")) from None


class _Checked:
    """The walk through what was read: small enough, and of nothing else."""

    def __init__(self, room: int = LIMIT) -> None:
        self.entries, self.room = 0, room
        self.made: dict[int, Array] = {}

    def real(self, value: Any, depth: int = 0) -> Any:
        self.entries += 1
        if depth > DEPTH or self.entries > ENTRIES:
            raise DataError(f"the pickle has more than {DEPTH} levels or {ENTRIES:,} entries.")
        if isinstance(value, _Array):
            return self._array(value)
        if type(value) is np.ndarray and value.dtype.kind in NUMBERS:
            return value.astype(value.dtype.newbyteorder("="), copy=False)
        if type(value) is str:
            return value
        if type(value) is dict:
            return {self._key(key): self.real(item, depth + 1) for key, item in value.items()}
        raise DataError(
            f"the pickle has a {type(value).__name__.strip('_').lower()}: expected arrays, "
            "dictionaries and strings and nothing else."
        )

    def _array(self, noted: _Array) -> Array:
        """The array that the notes tell; one that stands in several places is made once."""
        if id(noted) not in self.made:
            array = self.made[id(noted)] = noted.real(self.room)
            self.room -= array.nbytes
        return self.made[id(noted)]

    def _key(self, key: Any) -> Any:
        return key if type(key) is int else self.real(key, DEPTH)
