"""What has to be right in a PNG before a decoder sees it, and the part of it that is pixels.

    signature | length type data crc | length type data crc | …      [ISO/IEC 15948, section 5]

Decoders skip the checksums of the pixels, fill up rows that are missing with zeros, and unpack
texts and color profiles nobody asked for. So every chunk's CRC-32 is compared here, and only those
chunks are passed on that say what the pixels are.
"""

import struct
import zlib
from collections.abc import Iterator

from groundup.errors import CorruptFile, DataError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NEEDED = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_WANTED = (*_NEEDED, b"tRNS", b"eXIf")
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a pixel, by color type
_PALETTE = 3
_PASSES = (  # of an interlaced picture: the first column and row, and the steps between
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
)  # fmt: skip
_PIECE = 2**16
_MAX_CHUNKS = 20_000  # 64 MB in pieces of 8 KB, as cautious writers make them, are 8,192


def essential(data: bytes, where: str) -> bytes:
    """The same picture without what is not its pixels, transparency and orientation.

    Raises CorruptFile where a checksum or the order of the chunks is wrong, DataError for one that
    moves. What follows the end is left out, too.
    """
    parts, kinds = [SIGNATURE], list[bytes]()
    for kind, begin, end in _chunks(data, where):
        if kind == b"acTL":
            raise DataError(f"{where}: an animated picture; expected a still one.")
        if not kind[0] & 32 and kind not in _NEEDED:  # a capital: who does not know it cannot read
            raise CorruptFile(f"{where}: a PNG with the chunk {kind!r}, which is not known.")
        if kind in _WANTED:
            parts.append(data[begin:end])
            kinds.append(kind)
    head = parts[1][8:] if kinds[:1] == [b"IHDR"] else b""
    without_table = head[9:10] == bytes([_PALETTE]) and b"PLTE" not in kinds
    if len(head) != 17 or kinds.count(b"IHDR") > 1 or b"IDAT" not in kinds or without_table:
        raise CorruptFile(f"{where}: a PNG without its header, its colors or its pixels.")
    return b"".join(parts)


def check_pixels(plain: bytes, where: str) -> None:
    """CorruptFile unless there are exactly the pixels that the header says; of `essential` bytes.

    They are unpacked a piece at a time, and never more than there should be.
    """
    unpack, expected, found = zlib.decompressobj(), _expected(plain[16:29]), 0
    try:
        for kind, begin, end in _chunks(plain, where):
            waiting = plain[begin + 8 : end - 4] if kind == b"IDAT" else b""
            while waiting and not unpack.eof and found <= expected:
                found += len(unpack.decompress(waiting, _PIECE))
                waiting = unpack.unconsumed_tail
    except zlib.error as error:
        raise CorruptFile(f"{where}: the pixels of the PNG are damaged ({error}).") from None
    if found != expected or not unpack.eof:
        raise CorruptFile(
            f"{where}: the header of the PNG says {expected:,} bytes of pixels; found "
            f"{'more' if found > expected else f'{found:,}'}."
        )


def _chunks(data: bytes, where: str) -> Iterator[tuple[bytes, int, int]]:
    """(type, begin, end) of each chunk, its checksum compared; the last one is the end's."""
    place, count = len(SIGNATURE), 0
    while place + 12 <= len(data):
        count += 1
        if count > _MAX_CHUNKS:
            raise CorruptFile(f"{where}: a PNG of more than {_MAX_CHUNKS:,} chunks. Save it again.")
        (length,) = struct.unpack_from(">I", data, place)
        end = place + 12 + length
        if end > len(data):
            break
        kind = data[place + 4 : place + 8]
        if zlib.crc32(memoryview(data)[place + 4 : end - 4]) != int.from_bytes(
            data[end - 4 : end], "big"
        ):
            raise CorruptFile(f"{where}: the chunk {kind!r} of the PNG fails its checksum.")
        yield kind, place, end
        if kind == b"IEND":
            return
        place = end
    raise CorruptFile(f"{where}: the PNG is cut short after {place:,} bytes.")


def _expected(head: bytes) -> int:
    """How many bytes the header's rows take; each begins with the number of its filter."""
    width, height, depth, color, _, _, interlaced = struct.unpack(">2I5B", head)
    bits = depth * _SAMPLES.get(color, 0)
    total = 0
    for x, y, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -((x - width) // across), -((y - height) // down)
        total += rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0
    return total
