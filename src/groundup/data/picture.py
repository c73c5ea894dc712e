"""One picture from bytes: PNG, JPEG or BMP, its size held against a budget before it is decoded."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from groundup.data import png
from groundup.errors import CorruptFile, DataError
from groundup.typing import Array

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
MAX_FILE = 2**26  # bytes
MAX_PIXELS = 2**24  # 4096 × 4096
_SIGNATURES = {png.SIGNATURE: "PNG", b"\xff\xd8\xff": "JPEG", b"BM": "BMP"}
_GREY = ("1", "L", "LA", "I;16", "I;16B", "I")
_DEEP = ("I;16", "I;16B", "I")  # Pillow's modes for a grey picture of 16 bits
_ORIENTATION = 0x0112  # of EXIF: how the camera was held
_UPRIGHT = {  # how Pillow sets it right
    2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270",
    7: "TRANSVERSE", 8: "ROTATE_90",
}  # fmt: skip
_QUARTERS = (5, 6, 7, 8)  # turned so that height and width change places


class Look(NamedTuple):
    """What a picture's header says: its size as it is shown, and whether it is grey."""

    height: int
    width: int
    grey: bool


def look(data: bytes, where: str) -> Look:
    """Read the header alone.

    Raises CorruptFile for what is no picture, DataError for one that is too large, moves, or has
    colors for print (CMYK).
    """
    with _opened(data, where) as image:
        height, width = image.height, image.width
        if _orientation(image) in _QUARTERS:
            height, width = width, height
        return Look(height, width, image.mode in _GREY)


def decode(data: bytes, where: str, grey: bool, size: tuple[int, int]) -> Array:
    """The pixels, uint8 (H, W) or (H, W, 3), turned as EXIF says and scaled to size = (H, W).

    Raises as `look`, and DataError where parts are transparent.
    """
    from PIL import Image

    with _opened(data, where, whole=True) as image:
        plain = _opaque(image, where).convert("L" if grey else "RGB")
        turn = _UPRIGHT.get(_orientation(image))
        if turn is not None:
            plain = plain.transpose(Image.Transpose[turn])
        if (plain.height, plain.width) != size:
            # Bilinear in Pillow averages over all pixels that shrink into one.
            plain = plain.resize((size[1], size[0]), Image.Resampling.BILINEAR)
        return np.array(plain)


@contextmanager
def _opened(data: bytes, where: str, *, whole: bool = False) -> Iterator["Image.Image"]:
    from PIL import Image

    kind = next((kind for mark, kind in _SIGNATURES.items() if data.startswith(mark)), None)
    if kind is None:
        raise CorruptFile(
            f"{where}: expected a PNG, JPEG or BMP picture; it begins with "
            f"{data[:8].hex(' ') or 'nothing'}."
        )
    _check_size(*_promised(data, kind), where)
    if kind == "PNG":
        data = png.essential(data, where)
        if whole:
            png.check_pixels(data, where)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own limits are tighter
            with Image.open(BytesIO(data), formats=(kind,)) as image:  # the header alone
                _check(image, where)
                yield image
    except DataError:
        raise
    except Exception as error:  # a decoder shown hostile bytes raises almost anything
        raise CorruptFile(f"{where}: the picture cannot be decoded ({error}).") from None


def _promised(data: bytes, kind: str) -> tuple[int, int]:
    """(H, W) as the first bytes have it; (0, 0) where they have none, so that the decoder says."""
    if kind == "PNG":
        return int.from_bytes(data[20:24], "big"), int.from_bytes(data[16:20], "big")
    if kind == "BMP":
        wide = 2 if data[14:18] == b"\x0c\0\0\0" else 4
        sides = (int.from_bytes(data[k : k + wide], "little", signed=True) for k in (18 + wide, 18))
        height, width = map(abs, sides)
        return height, width
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # a start of frame
            return (
                int.from_bytes(data[place + 5 : place + 7], "big"),
                int.from_bytes(data[place + 7 : place + 9], "big"),
            )
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return 0, 0


def _check(image: "Image.Image", where: str) -> None:
    _check_size(image.height, image.width, where)
    if (count := getattr(image, "n_frames", 1)) > 1:  # as cameras with two lenses make
        raise DataError(f"{where}: {count} pictures in one file; expected one. Save it alone.")
    if image.mode in ("CMYK", "YCCK", "LAB", "F"):
        raise DataError(f"{where}: its colors are {image.mode}; expected grey or RGB. Convert it.")


def _check_size(height: int, width: int, where: str) -> None:
    if height * width > MAX_PIXELS:
        raise DataError(
            f"{where}: {height} × {width} pixels; expected at most {MAX_PIXELS:,}. "
            "Scale it down first."
        )


def _orientation(image: "Image.Image") -> int:
    """1 as it lies, 2 to 8 turned or mirrored. What stands behind the pixels is not waited for."""
    return int(image.getexif().get(_ORIENTATION, 1)) if "exif" in image.info else 1


def _opaque(image: "Image.Image", where: str) -> "Image.Image":
    from PIL import Image

    if image.mode in _DEEP:  # Pillow would cut off at 255 instead of scaling
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            raise DataError(
                f"{where}: parts of the picture are transparent. Lay it on a background first."
            )
    return image
