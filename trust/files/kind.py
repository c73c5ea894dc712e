"""What a kind of file is to the trials of damage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Verdict = str | None


@dataclass(frozen=True)
class Kind:
    """A kind of file, its reader and its judge.

    Args:
        name: for people.
        file: the name of the file that is damaged, in a folder of its own.
        write: fills a folder with that file and what stands beside; called for version 0 and 1.
        read: opens the folder by the door that users go through.
        wrong: (bytes, found, what was in the undamaged files) to what is silently wrong, or None.
    """

    name: str
    file: str
    write: Callable[[Path, int], None]
    read: Callable[[Path], Any]
    wrong: Callable[[bytes, Any, Sequence[Any]], Verdict]


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, of the same types; lists and tuples are one."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.shape == b.shape
            and _native(a).dtype == _native(b).dtype
            and _native(a).tobytes() == _native(b).tobytes()
        )
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return np.float64(a).tobytes() == np.float64(b).tobytes()
    return type(a) is type(b) and bool(a == b)


def _native(array: np.ndarray) -> np.ndarray:
    return np.asarray(array).astype(array.dtype.newbyteorder("="), order="C")
