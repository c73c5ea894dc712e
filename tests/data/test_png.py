"""PNG: every checksum counts, and every row has to be there."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from groundup.data.picture import decode
from groundup.data.png import check_pixels, essential
from groundup.errors import CorruptFile, DataError

GREY = np.arange(20, dtype=np.uint8).reshape(4, 5) * 9


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(rows=GREY, more=b"", height=4, end=True):
    head = chunk(b"IHDR", struct.pack(">2I5B", 5, height, 8, 0, 0, 0, 0))
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    whole = b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", data)
    return whole + (chunk(b"IEND") if end else b"")


def read(data):
    return decode(data, "a.png", True, (4, 5))


def test_only_what_makes_the_pixels_is_passed_on():
    data = png(more=chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**22))) + chunk(b"gAMA"))
    assert essential(data + b"behind", "a.png") == png()
    np.testing.assert_array_equal(read(data), GREY)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_the_size_of_the_pixels_is_known_for_every_kind(mode):
    for width, height in ((1, 1), (3, 2), (9, 7), (17, 16)):
        file = io.BytesIO()
        Image.new(mode, (width, height)).save(file, "PNG")
        check_pixels(file.getvalue(), "a.png")


def test_interlaced_pictures_have_seven_passes():
    head = chunk(b"IHDR", struct.pack(">2I5B", 9, 7, 8, 0, 0, 0, 1))
    sizes = [(2, 1), (1, 1), (3, 1), (2, 2), (5, 2), (4, 4), (9, 3)]  # columns and rows
    body = b"".join((b"\0" + bytes(columns)) * rows for columns, rows in sizes)
    check_pixels(
        b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND"), "a.png"
    )


def test_any_flipped_bit_is_noticed():
    whole = png()
    for place in range(8, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        with pytest.raises(DataError):
            read(bytes(damaged))


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (png(GREY[:3]), "24 bytes of pixels; found 18"),
        (png(height=3), "18 bytes of pixels; found more"),
        (png(end=False), "cut short"),
        (png(more=chunk(b"IDAT", b"no zlib")), "the pixels of the PNG are damaged"),
        (png(more=chunk(b"ABCD")), "b'ABCD', which is not known"),
        (png(more=chunk(b"IHDR", bytes(13))), "without its header"),
        (png(more=chunk(b"abCd") * 20_001), "20,000 chunks"),
    ],
)
def test_pictures_that_are_not_what_they_say(data, match):
    with pytest.raises(CorruptFile, match=match):
        read(data)
