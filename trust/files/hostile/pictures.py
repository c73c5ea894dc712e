"""Pictures: sizes that lie, colors that are not ours, and bombs beside the pixels."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from trust.files.hostile.doors import Case, exact, refused

GREY = np.add.outer(np.arange(4) * 9, np.arange(5) * 20).astype(np.uint8)
COLOR = np.stack([GREY, GREY[::-1], 255 - GREY], axis=-1)
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes = b"", crc: int | None = None) -> bytes:
    real = zlib.crc32(kind + data)
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", real if crc is None else crc)
    )


def header(width: int = 5, height: int = 4, depth: int = 8, color: int = 0, lace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, color, 0, 0, lace))


def pixels(array: np.ndarray = GREY) -> bytes:
    """The data of a picture: a filter byte, 0, before every row."""
    rows = array.reshape(len(array), -1)
    return chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows)))


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def made(mode: str, kind: str, array: Any = None, **options: Any) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(COLOR if array is None else array)
    (image.convert(mode) if mode else image).save(file, kind, **options)
    return file.getvalue()


END = chunk(b"IEND")
_TEXT = zlib.compress(bytes(2**20 - 64))
_PROFILE = b"ICC\0\0" + zlib.compress(bytes(2**26), 9)
_LONG = zlib.compress(bytes(2**26), 9)
_JPEG = made("RGB", "JPEG")
_BMP = made("RGB", "BMP")
_ANIMATED = made("P", "GIF", save_all=True, append_images=[Image.new("P", (5, 4))])


def sized(data: bytes, place: int, code: str, *sizes: int) -> bytes:
    copy = bytearray(data)
    struct.pack_into(code, copy, place, *sizes)
    return bytes(copy)


def _frame(data: bytes) -> int:
    """Where a JPEG says its height."""
    return data.index(b"\xff\xc0") + 5


_REFUSED = {
    "nothing": b"",
    "the signature alone": SIGNATURE,
    "text": b"no picture",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg' onload='it-ran'/>",
    "GIF": _ANIMATED,
    "TIFF": made("RGB", "TIFF"),
    "WebP's magic": b"RIFF\x24\0\0\0WEBPVP8 ",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 5 4\n(touch it-ran) system\n",
    "PNG of 2^31 by 2^31 pixels": png(header(2**31 - 1, 2**31 - 1), pixels(), END),
    "PNG of 65,000 by 65,000 pixels": png(header(65_000, 65_000), pixels(), END),
    "PNG of one pixel too many": png(header(2**24 + 1, 1), pixels(), END),
    "PNG without height": png(header(5, 0), pixels(), END),
    "PNG without width": png(header(0, 4), pixels(), END),
    "PNG with two headers": png(header(), header(2**14, 2**14), pixels(), END),
    "PNG whose header comes last": png(pixels(), header(), END),
    "PNG of depth 3": png(header(depth=3), pixels(), END),
    "PNG of color 1": png(header(color=1), pixels(), END),
    "PNG without pixels": png(header(), END),
    "PNG of too few rows": png(header(), pixels(GREY[:3]), END),
    "PNG of a filter that is none": png(header(), chunk(b"IDAT", zlib.compress(b"\7" * 24)), END),
    "PNG whose pixels are no deflate": png(header(), chunk(b"IDAT", b"x" * 40), END),
    "PNG without an end": png(header(), pixels()),
    "PNG with a wrong checksum of its header": png(
        header()[:-4] + bytes(4), pixels(), END
    ),
    "PNG with a wrong checksum of its pixels": png(header(), pixels()[:-4] + bytes(4), END),
    "PNG whose pixels fail their own checksum": png(
        header(), chunk(b"IDAT", zlib.compress(b"\0" * 24)[:-4] + b"abcd"), END
    ),
    "PNG with a chunk of 2 GB": png(header(), struct.pack(">I4s", 2**31 - 1, b"IDAT"), END),
    "PNG with an unknown chunk that it needs": png(header(), chunk(b"ABCD"), pixels(), END),
    "PNG of colors without their table": png(header(color=3), pixels(), END),
    "PNG with a hole in it": png(header(color=4), pixels(np.stack([GREY, GREY], axis=-1)), END),
    "PNG that moves": made(
        "RGB", "PNG", save_all=True, append_images=[Image.fromarray(255 - COLOR)]
    ),
    "PNG with 50,000 unknown chunks": png(header(), chunk(b"abCd") * 50_000, pixels(), END),
    "JPEG cut at half": _JPEG[: len(_JPEG) // 2],
    "JPEG without its end": _JPEG[:-40],
    "JPEG's magic alone": _JPEG[:3],
    "JPEG of 65,000 by 65,000 pixels": sized(_JPEG, _frame(_JPEG), ">2H", 65_000, 65_000),
    "JPEG without height": sized(_JPEG, _frame(_JPEG), ">2H", 0, 5),
    "JPEG for print": made("CMYK", "JPEG"),
    "JPEG whose frame is longer than the file": sized(_JPEG, _frame(_JPEG) - 3, ">H", 65_535),
    "BMP of 30,000 by 30,000 pixels": sized(_BMP, 18, "<2i", 30_000, 30_000),
    "BMP of negative width": sized(_BMP, 18, "<2i", -5, 4),
    "BMP of 2^31 rows upwards": sized(_BMP, 18, "<2i", 5, -(2**31)),
    "BMP whose pixels lie behind its end": sized(_BMP, 10, "<I", 2**31),
    "BMP cut at half": _BMP[:60],
    "BMP of 7 bits": sized(_BMP, 28, "<H", 7),
    "BMP packed as nobody does": sized(_BMP, 30, "<I", 77),
}  # fmt: skip
_DEEP = (GREY.astype(np.uint16) << 8) + 77


def _shown(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image.convert("RGB"))


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("it-ran", "touch it-ran")
    return file.getvalue()


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return made("RGB", "PNG", exif=exif)


_LACED = made("", "PNG", GREY)
_HONEST: dict[str, tuple[bytes, Any]] = {
    "PNG by hand": (png(header(), pixels(), END), GREY),
    "PNG in two pieces": (
        png(header(), *(chunk(b"IDAT", part) for part in (pixels()[8:20], pixels()[20:-4])), END),
        GREY,
    ),
    "PNG of 16 bits": (made("", "PNG", _DEEP), GREY),
    "PNG with its own palette": (
        made("P", "PNG", palette=Image.Palette.ADAPTIVE),
        _shown(made("P", "PNG", palette=Image.Palette.ADAPTIVE)),
    ),
    "PNG of one bit": (
        made("", "PNG", GREY > 40), np.where(GREY > 40, 255, 0).astype(np.uint8)
    ),
    "PNG that is opaque all over": (made("RGBA", "PNG"), COLOR),
    "PNG that lies on its side": (_turned(), np.rot90(COLOR, 3)),
    "PNG as Pillow packs it": (_LACED, GREY),
    "PNG with a profile of 64 MB": (png(header(), chunk(b"iCCP", _PROFILE), pixels(), END), GREY),
    "PNG with a text of 64 MB": (
        png(header(), chunk(b"zTXt", b"a\0\0" + _LONG), pixels(), END), GREY
    ),
    "PNG with 80 texts of 1 MB": (
        png(header(), chunk(b"zTXt", b"a\0\0" + _TEXT) * 80, pixels(), END), GREY
    ),
    "PNG with 80 texts of 1 MB behind": (
        png(header(), pixels(), chunk(b"iTXt", b"a\0\1\0\0\0" + _TEXT) * 80, END), GREY
    ),
    "PNG with 5,000 unknown chunks": (
        png(header(), chunk(b"abCd") * 5_000, pixels(), END), GREY
    ),
    "PNG and a zip archive": (png(header(), pixels(), END) + _zip(), GREY),
    "PNG and a script": (png(header(), pixels(), END) + b"<script>it-ran</script>", GREY),
    "JPEG under the name of a PNG": (_JPEG, _shown(_JPEG)),
    "JPEG in steps": (
        made("RGB", "JPEG", progressive=True), _shown(made("RGB", "JPEG", progressive=True))
    ),
    "JPEG without its usual tables": (_JPEG.replace(b"\xff\xc4", b"\xff\xfe"), _shown(_JPEG)),
    "JPEG with a comment of 64 kB": (
        _JPEG[:2] + b"\xff\xfe\xff\xff" + b"a" * 65_533 + _JPEG[2:], _shown(_JPEG)
    ),
    "BMP under the name of a PNG": (_BMP, COLOR),
    "BMP from top to bottom": (sized(_BMP, 22, "<i", -4), COLOR[::-1]),
}  # fmt: skip


def _folder(**files: bytes) -> Callable[[Any], None]:
    """A folder of pictures, by class and name: a__0 is a/0.png"""

    def write(path: Any) -> None:
        for name, data in files.items():
            file = path / (name.replace("__", "/") + ".png")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    return write


_GOOD = png(header(), pixels(), END)
_BOTH = [np.stack([GREY, GREY])[:, np.newaxis], ["a", "b"]]
CASES: tuple[Case, ...] = (
    *refused("picture", _REFUSED),
    *exact("picture", _HONEST),
    Case("two classes", "pictures", _folder(a__0=_GOOD, b__0=_GOOD), _BOTH),
    Case("one of 0 bytes", "pictures", _folder(a__0=_GOOD, b__0=b"")),
    Case("one that is text", "pictures", _folder(a__0=_GOOD, b__0=b"no picture")),
    Case("one of another size", "pictures", _folder(a__0=_GOOD, b__0=_JPEG[:2] + _BMP)),
    Case("one that is a bomb", "pictures", _folder(
        a__0=_GOOD, b__0=png(header(2**15, 2**15), pixels(), END))),
)  # fmt: skip
