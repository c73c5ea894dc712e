"""The lines of a log: what a record looks like on the disk, and how a damaged one is told.

    {"kind":"epoch","epoch":3,"loss":0.25,"crc":1234567890}

A line is one JSON object in ASCII. Its last member `crc` is the CRC-32 (zlib.crc32, as a decimal
number) of the bytes of the line before `,"crc":`; here of `{"kind":"epoch","epoch":3,"loss":0.25`.
It goes on from that of the line before, zlib.crc32(bytes, before), so a line that was lost, doubled
or put elsewhere is noticed, too. Lines end in a single newline. In logs of earlier versions every
line begins at 0; they are read and continued as they are.

JSON has no NaN and no infinities. They are written as the strings "NaN", "Infinity", "-Infinity";
a string that spells one of these, after any number of "~", is written with one "~" more. So every
float and every string comes back as it was.
"""

import io
import json
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from groundup.errors import CorruptFile, DataError, InputError
from groundup.storage.paths import AnyPath, shown
from groundup.storage.reads import open_regular, read_json_bytes, reading

LINE_LIMIT = 1024 * 1024
"""Most bytes of a line, so that a reader's memory is bounded whatever the file holds."""

_DEPTH = 16
_LINE = re.compile(rb'(\{.+),"crc":(0|[1-9][0-9]{0,9})\}', re.DOTALL)
_SPELLED = re.compile(r"~*(?:NaN|-?Infinity)")
_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"), check_circular=False)


def encode(record: Mapping[str, Any], before: int = 0) -> bytes:
    r"""The line of a record, newline included; InputError for what cannot be read back equal.

    before: the checksum of the line before it.

    >>> encode({"a": 1, "b": float("nan")})
    b'{"a":1,"b":"NaN","crc":945927543}\n'
    """
    if not isinstance(record, Mapping) or not record or "crc" in record:
        raise InputError(f"{record!r:.200}: expected named values, at least one, none named 'crc'.")
    try:
        body = _JSON.encode(_plain(record, _DEPTH))[:-1].encode("ascii")
    except InputError:
        raise
    except ValueError as error:  # a whole number of thousands of digits
        raise InputError(f"the record of {list(record)} cannot be written: {error}.") from error
    line = b'%b,"crc":%d}\n' % (body, zlib.crc32(body, before))
    if len(line) > LINE_LIMIT:
        raise InputError(f"a record of {len(line):,} bytes: expected at most {LINE_LIMIT:,}.")
    return line


def decode(line: bytes, before: int = 0) -> dict[str, Any] | None:
    """The record of a line without its newline; None if the line is not as it was written."""
    found = _LINE.fullmatch(line)
    if not found or zlib.crc32(found[1], before) != int(found[2]):
        return None
    try:
        record: Any = read_json_bytes(found[1] + b"}", limit=LINE_LIMIT, depth=_DEPTH)
    except DataError:
        return None
    if type(record) is not dict or "crc" in record:
        return None
    spelled = b'NaN"' in line or b'Infinity"' in line
    return {key: _original(value) for key, value in record.items()} if spelled else dict(record)


def checksum(line: bytes) -> int:
    """What a whole line says of itself."""
    return int(line.rpartition(b":")[2].rstrip(b"}\n"))


def scan(path: AnyPath) -> Iterator[tuple[dict[str, Any], int, int | None]]:
    """Each record of a log with the offset of its end, newline included, and its checksum.

    The checksum is None in a log of an earlier version, whose lines begin at 0.

    Bytes after the last newline that are no whole record are a write that never finished, a torn
    tail: the scan stops before it. A whole record there lacks only its newline and counts. Anything
    else that is no record was one once and has been damaged: CorruptFile with the line's number.
    """
    end = number = 0
    before: int | None = 0
    first = b""
    with reading(path), io.BufferedReader(open_regular(path)) as file:
        while line := file.readline(LINE_LIMIT + 1):
            number += 1
            finished = line.endswith(b"\n")
            record = decode(line.removesuffix(b"\n"), before or 0)
            if record is None and number == 2 and line != first:  # of an earlier version?
                record = decode(line.removesuffix(b"\n"))
                before = before if record is None else None
            if record is None:
                # A record and one byte more was finished: it is its newline that is damaged.
                if (
                    not finished
                    and len(line) <= LINE_LIMIT
                    and decode(line[:-1], before or 0) is None
                ):
                    return
                raise CorruptFile(
                    f"{shown(path)}: line {number} is damaged. Restore the file from a copy, or "
                    f"keep only the lines before it."
                )
            end += len(line) + (not finished)
            first = first or line
            before = None if before is None else checksum(line)
            yield record, end, before


def _plain(value: Any, depth: int) -> Any:
    """The value in JSON's own types, each key checked, non-finite floats spelled out."""
    kind = type(value)
    if kind is float:
        return value if math.isfinite(value) else _spelling(value)
    if kind is str:
        return "~" + value if _SPELLED.fullmatch(value) else value
    if kind is int or kind is bool or value is None:
        return value
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # a NumPy scalar
        plain = value.item()
        if type(plain) is not kind:
            return _plain(plain, depth)
    if depth == 0:
        raise InputError(f"a record holds at most {_DEPTH} levels of lists and objects.")
    if isinstance(value, Mapping):
        for key in value:
            if type(key) is not str:
                raise InputError(f"the key {key!r:.200}: expected text.")
        return {key: _plain(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth - 1) for item in value]
    raise InputError(f"{value!r:.200} cannot be logged: expected numbers, text, lists and objects.")


def _spelling(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _original(value: Any) -> Any:
    if type(value) is str and _SPELLED.fullmatch(value):
        return value[1:] if value.startswith("~") else float(value)
    if type(value) is list:
        return [_original(item) for item in value]
    if type(value) is dict:
        return {key: _original(item) for key, item in value.items()}
    return value
