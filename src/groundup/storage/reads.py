"""The one door through which bytes from outside come in, with budgets.

Size is checked before anything is allocated, nothing but a regular file is opened, and whatever is
wrong becomes one clear error: InputError for the file that was named, DataError for what is in it.
"""

import contextlib
import io
import json
import math
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from groundup.errors import ConfigError, DataError, InputError, did_you_mean
from groundup.storage.paths import AnyPath, checked, explained, shown

CONFIG_LIMIT = 64 * 1024
TEXT_LIMIT = 16 * 1024 * 1024
_TOML_LINE = 2048  # Python's parser takes time quadratic in the parts of a dotted key


def open_regular(path: AnyPath) -> io.FileIO:
    """A regular file open for reading, never a pipe or device that could block or never end.

    Raises InputError for a missing file (with the name that was perhaps meant), a folder, a device
    or a file that may not be read.
    """
    name = checked(path)
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(name, flags)
    except FileNotFoundError:
        raise InputError(_missing(name)) from None
    except OSError as error:
        raise InputError(explained("read", name, error)) from error
    with reading(name):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return io.FileIO(descriptor, "r")
        os.close(descriptor)
    raise InputError(f"cannot read {shown(name)}: it is no regular file. Name a file.")


@contextlib.contextmanager
def reading(path: AnyPath) -> Iterator[None]:
    """Has whatever the disk refuses meanwhile become InputError, which names the file."""
    try:
        yield
    except OSError as error:
        raise InputError(explained("read", path, error)) from error


def read_bytes(path: AnyPath, limit: int) -> bytes:
    """The file's bytes; DataError if there are more than `limit`, before any is read."""
    with reading(path), open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise DataError(
                f"{shown(path)} has {size:,} bytes: expected at most {limit:,}. "
                "Is it the file that you meant?"
            )
        data = file.read(size + 1)
        while len(data) < size and (more := file.read(size + 1 - len(data))):
            data += more
    if len(data) != size:
        raise DataError(f"{shown(path)} changed while it was read: read it when it is finished.")
    return data


def read_text(path: AnyPath, limit: int = TEXT_LIMIT) -> str:
    """The file's text, UTF-8 with or without a byte order mark; line ends are left as they are."""
    data = read_bytes(path, limit)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{shown(path)} is not UTF-8 text: line {line} holds the byte "
            f"0x{data[error.start]:02x}. Save it as UTF-8."
        ) from None


def read_json_bytes(
    data: bytes, *, limit: int = TEXT_LIMIT, depth: int = 32, name: str = "JSON"
) -> Any:
    """The value of a JSON text, strictly: `name` says in errors where the bytes are from.

    Refused with DataError: more than `limit` bytes, more than `depth` levels of nesting, a key
    twice in one object, NaN and Infinity, numbers beyond float64, anything but UTF-8.

    >>> read_json_bytes(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    >>> read_json_bytes(b'{"a": 1, "a": 2}', name="header")
    Traceback (most recent call last):
    groundup.errors.DataError: header is not valid JSON: the key 'a' comes twice.
    """
    if len(data) > limit:
        raise DataError(f"{name} has {len(data):,} bytes: expected at most {limit:,}.")
    try:
        value = _STRICT.decode(data.decode("utf-8"))
        if not _is_deeper(value, depth):
            return value
        fault = f"it is nested deeper than {depth} levels"
    except RecursionError:
        fault = f"it is nested deeper than {depth} levels"
    except ValueError as error:
        fault = str(error)
    raise DataError(f"{name} is not valid JSON: {fault}.")


def read_toml(path: AnyPath, limit: int = CONFIG_LIMIT, depth: int = 16) -> dict[str, Any]:
    """The table of a TOML file; ConfigError names line and column of what is not TOML."""
    text = read_text(path, limit)
    too_long = [n for n, line in enumerate(text.split("\n"), 1) if len(line) > _TOML_LINE]
    if too_long:
        raise ConfigError(
            f"{shown(path)}: line {too_long[0]} is longer than {_TOML_LINE} characters. Break it."
        )
    try:
        table = tomllib.loads(text)
        if not _is_deeper(table, depth):
            return table
        fault = f"it is nested deeper than {depth} levels"
    except RecursionError:
        fault = f"it is nested deeper than {depth} levels"
    except ValueError as error:
        fault = str(error)
    raise ConfigError(f"{shown(path)} is not valid TOML: {fault}.")


def _missing(name: str) -> str:
    path = Path(name)
    if not path.parent.is_dir():
        return f"there is no file {shown(name)}: its folder does not exist."
    return f"there is no file {shown(name)}.{nearest(path)}"


def nearest(path: Path) -> str:
    """The end of a message on a missing path: " Did you mean 'b'?" if a file beside it is close."""
    try:
        meant = did_you_mean(path.name, (shown(other.name) for other in path.parent.iterdir()))
    except OSError:  # no such folder, or one that may not be listed
        return ""
    return f" {meant}" if meant.startswith("Did") else ""  # the whole folder would be no hint


def _is_deeper(value: Any, depth: int) -> bool:
    items = value.values() if type(value) is dict else value if type(value) is list else ()
    return bool(items) and (depth == 0 or any(_is_deeper(item, depth - 1) for item in items))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in made if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} comes twice")
    return made


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]} is beyond float64")
    return value


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refused)
