"""Text in whatever encoding people's tables come: said by its first bytes, or tried in turn."""

import codecs
import io

from groundup.errors import DataError
from groundup.storage import AnyPath, read_bytes, shown

LIMIT = 2**30  # bytes
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_PIECE = 2**20


def open_text(path: AnyPath, limit: int = LIMIT) -> tuple[io.TextIOWrapper, tuple[str, ...]]:
    """A text file in memory with its line ends as they are, and what is to be said of its encoding.

    UTF-8, or UTF-16 and UTF-32 with a byte order mark; else CP949, the Korean one of Windows.
    Raises DataError, which names the first line that fits neither, and for binary files.
    """
    where, data = shown(path), read_bytes(path, limit)
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
    notes: tuple[str, ...] = ()
    if encoding is None:
        _refuse_binary(data, where)
        fault = _fault(data, "utf-8")
        encoding = "utf-8" if fault is None else "cp949"
        if fault is not None:
            if _fault(data, "cp949") is not None:
                line = data.count(b"\n", 0, fault) + 1
                raise DataError(
                    f"{where} is neither UTF-8 nor CP949 text: line {line} holds the byte "
                    f"0x{data[fault]:02x}. Save it as UTF-8."
                )
            notes = (f"{where} is no UTF-8 text and was read as CP949, the Korean encoding.",)
    elif encoding != "utf-8-sig":
        notes = (f"{where} was read as {encoding.upper()}, as its first bytes say.",)
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""), notes


def _refuse_binary(data: bytes, where: str) -> None:
    place = data.find(b"\0")
    if place < 0:
        return
    head = data[: 2**16]
    if 3 * max(head[::2].count(0), head[1::2].count(0)) > len(head):  # of two bytes a letter
        raise DataError(f"{where} looks like UTF-16 without a byte order mark. Save it as UTF-8.")
    line = data.count(b"\n", 0, place) + 1
    raise DataError(f"{where}: line {line} holds a NUL character: expected text. Is it the file?")


def _fault(data: bytes, encoding: str) -> int | None:
    """Where the first byte stands that does not fit; a piece at a time, as text takes more room."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for begin in range(0, len(data) or 1, _PIECE):
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(data[begin : begin + _PIECE], final=begin + _PIECE >= len(data))
        except UnicodeDecodeError as error:
            return begin - waiting + error.start
    return None
