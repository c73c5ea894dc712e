"""Forms that the same numbers come in: how they lie in memory, and what holds them.

A form is made from a plain array, C-contiguous int64 or float, and has a kind. What a door
(`doors.py`) says of a kind decides: the result is the plain array's, bit for bit; or it is refused.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundup.typing import Array

NEVER = "never"  # a kind that no door may take
TEXT = "text"


@dataclass(frozen=True)
class Form:
    """One way to hold an array.

    Args:
        name: what a fault calls it.
        kind: "same" numbers of the same shape; another word where doors differ; or NEVER.
        make: from the plain array to what is given.
        plain: from the plain array to the one whose result is expected; the same by default.
        found: what a refusal may name besides the shape and the type that were given.
    """

    name: str
    kind: str
    make: Callable[[Array], Any]
    plain: Callable[[Array], Array] = lambda plain: plain
    found: tuple[str, ...] = ()


class Wrapped:
    """What is no array, but gives one: as columns of other libraries do."""

    def __init__(self, array: Array) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self._array.astype(dtype or self._array.dtype)


class Interface:
    """The same by NumPy's older protocol, `__array_interface__`."""

    def __init__(self, array: Array) -> None:
        self._array = array
        self.__array_interface__ = array.__array_interface__


class Listed:
    """A sequence of rows that is neither list nor array."""

    def __init__(self, array: Array) -> None:
        self._rows = array.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Any:
        return self._rows[index]


class Sub(np.ndarray):
    """An array of a class of its own."""


class Broken:
    """What promises an array and fails."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        raise RuntimeError("no array today")


def frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def wide(plain: Array) -> Array:
    """A view of every second column, or element, of a larger array of other numbers."""
    held = np.full((*plain.shape[:-1], 2 * plain.shape[-1]), 99, plain.dtype)
    held[..., ::2] = plain
    return held[..., ::2]


def tall(plain: Array) -> Array:
    """A view of every third row."""
    held = np.full((3 * plain.shape[0], *plain.shape[1:]), 99, plain.dtype)
    held[::3] = plain
    return held[::3]


def unaligned(plain: Array) -> Array:
    held = np.empty(plain.nbytes + 1, np.uint8)[1:].view(plain.dtype)
    held[...] = plain.reshape(-1)
    return held.reshape(plain.shape)


def mapped(plain: Array) -> Array:
    """On the disk: the file is unlinked at once, the mapping keeps it."""
    import tempfile

    with tempfile.NamedTemporaryFile(prefix="groundup-trust-") as file:
        file.write(plain.tobytes())
        file.flush()
        return np.memmap(file.name, plain.dtype, "r", shape=plain.shape)


def nested_tuple(values: Any) -> Any:
    return tuple(map(nested_tuple, values)) if isinstance(values, list) else values


def _masked(plain: Array, hidden: bool) -> Any:
    mask = np.zeros(plain.shape, bool)
    mask[(0,) * plain.ndim] = hidden
    return np.ma.array(plain.copy(), mask=mask)


def _sparse(plain: Array) -> Any:
    import scipy.sparse

    return scipy.sparse.csr_array(plain.reshape(len(plain), -1))


def _frame(plain: Array) -> Any:
    import pandas

    flat = plain.reshape(len(plain), -1)
    return pandas.Series(plain) if plain.ndim == 1 else pandas.DataFrame(flat)


def _tensor(plain: Array) -> Any:
    import torch

    return torch.from_numpy(plain.copy())


def _ragged(plain: Array) -> Any:
    rows = plain.tolist()
    return [[row, row] if n == 1 else row for n, row in enumerate(rows)]


LAYOUTS = (
    Form("as it is", "same", np.copy),
    Form("read-only", "same", lambda a: frozen(a.copy())),
    Form("F-order", "same", lambda a: np.array(a, order="F")),
    Form("every second column", "same", wide),
    Form("every third row", "same", tall),
    Form("rows backwards in memory", "same", lambda a: a[::-1].copy()[::-1]),
    Form("columns backwards in memory", "same", lambda a: a[..., ::-1].copy()[..., ::-1]),
    Form("bytes swapped", "swapped", lambda a: a.astype(a.dtype.newbyteorder())),
    Form("unaligned", "same", unaligned),
    Form("a transposed view", "same", lambda a: np.ascontiguousarray(a.T).T),
    Form(
        "read-only, backwards and swapped",
        "swapped",
        lambda a: frozen(a[::-1].astype(a.dtype.newbyteorder())[::-1]),
    ),
    Form("mapped from the disk", "same", mapped),
    Form("from a buffer", "same", lambda a: np.frombuffer(a.tobytes(), a.dtype).reshape(a.shape)),
    Form("read from .npy", "same", lambda a: _saved(a)),
)

CONTAINERS = (
    Form("list", "same", lambda a: a.tolist()),
    Form("tuple", "same", lambda a: nested_tuple(a.tolist())),
    Form("list of arrays", "same", list),
    Form("tuple of arrays", "same", tuple),
    Form("array protocol", "same", Wrapped),
    Form("array interface", "same", Interface),
    Form("sequence of its own", "same", Listed),
    Form("subclass", "same", lambda a: a.copy().view(Sub)),
    Form("memoryview", "same", lambda a: memoryview(a.copy())),
    Form("masked, nothing hidden", "same", lambda a: _masked(a, hidden=False)),
    Form("masked array", NEVER, lambda a: _masked(a, hidden=True), found=("masked",)),
    Form(
        "list of masked rows", NEVER, lambda a: list(_masked(a[..., None], True)), found=("masked",)
    ),
    Form("no mask at all", "same", lambda a: np.ma.array(a.copy())),
    Form("pandas", "frame", _frame),
    Form("torch", "same", _tensor),
    Form("torch with gradient", NEVER, lambda a: _grad(a), found=("Tensor", "grad")),
    Form("sparse", NEVER, _sparse, found=("sparse", "csr")),
    Form("ragged", NEVER, _ragged, found=("one length", "inhomogeneous", "rows of")),
    Form("what fails to be one", NEVER, lambda a: Broken(), found=("Broken", "no array today")),
    Form("None", NEVER, lambda a: None, found=("None", "object", "()")),
    Form("a word", NEVER, lambda a: "words", found=("words", "<U5", "()")),
    Form("bytes", NEVER, lambda a: b"words", found=("words", "S5", "()")),
    Form("a dict", NEVER, lambda a: {"y": a.tolist()}, found=("dict", "object", "()")),
    Form("a set", NEVER, lambda a: set(a.reshape(-1).tolist()), found=("object", "()", "set")),
    Form("a generator", NEVER, lambda a: (n for n in a), found=("object", "()", "generator")),
    Form("a function", NEVER, lambda a: len, found=("object", "()", "built-in")),
    Form("a number", NEVER, lambda a: 1, found=("()", "1")),
    Form("0-d array", NEVER, lambda a: np.array(1, a.dtype), found=("()", "1")),
    Form("strings", TEXT, lambda a: a.astype(str)),
    Form("bytes each", TEXT, lambda a: a.astype("S8")),
    Form("complex", NEVER, lambda a: a.astype(complex)),
    Form("dates", "dates", lambda a: a.astype(np.int64).astype("datetime64[D]")),
    Form("spans of time", "dates", lambda a: a.astype(np.int64).astype("timedelta64[s]")),
    Form("records", NEVER, lambda a: _records(a), found=("void", "[(")),
    Form("raw bytes", NEVER, lambda a: _raw(a), found=("void", "V8", "|V")),
    Form("words among numbers", NEVER, lambda a: _with(a, "two"), found=("two", "object")),
    Form("None among numbers", NEVER, lambda a: _with(a, None), found=("None", "object")),
    Form("an object among numbers", NEVER, lambda a: _with(a, Broken()), found=("object",)),
    Form("whole numbers as objects", "objects", lambda a: a.astype(object)),
)


def _saved(plain: Array) -> Array:
    file = io.BytesIO()
    np.save(file, plain)
    return np.load(io.BytesIO(file.getvalue()))


def _records(plain: Array) -> Array:
    held = np.zeros(plain.shape, [("label", np.int64)])
    held["label"] = plain
    return held


def _raw(plain: Array) -> Array:
    return np.ascontiguousarray(plain.astype(np.float64)).view("V8")


def _with(plain: Array, value: Any) -> Any:
    held = plain.astype(object)
    held[(0,) * plain.ndim] = value
    return held


def _grad(plain: Array) -> Any:
    tensor = _tensor(plain.astype(np.float64))
    return tensor.requires_grad_()
