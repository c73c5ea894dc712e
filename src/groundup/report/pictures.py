"""Small pictures inside the page: arrays as PNG in a data URI, each pixel a crisp square.

PNG is written by hand here, since it is three chunks: size, compressed rows, end.   [W3C PNG, 2003]
"""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from groundup.errors import InputError, ShapeError
from groundup.report.templates import render
from groundup.typing import Array


def to_bytes(image: Array) -> NDArray[np.uint8]:
    """The image as (H, W) or (H, W, 3) bytes.

    uint8 is taken as it is and values in [0, 1] are multiplied by 255; any other range, such as
    that of standardized data, is stretched from its minimum (black) to its maximum (white).
    What is not finite becomes black.

    image: (H, W), (1, H, W) or (3, H, W). Raises ShapeError for another shape.

    >>> to_bytes(np.array([[-2.0, 2.0], [0.0, 2.0]])).tolist()
    [[0, 255], [128, 255]]
    """
    image = np.asarray(image)
    if image.ndim == 2:
        image = image[None]
    if image.ndim != 3 or image.shape[0] not in (1, 3) or 0 in image.shape:
        raise ShapeError(
            f"a picture of shape {image.shape}: expected (H, W), (1, H, W) or (3, H, W). "
            "Show the channels of an activation one by one."
        )
    pixels = image.transpose(1, 2, 0)
    if pixels.dtype != np.uint8:
        pixels = _scaled(pixels.astype(np.float64))
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def _scaled(pixels: Array) -> NDArray[np.uint8]:
    known = pixels[np.isfinite(pixels)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    half = max(high / 2 - low / 2, 1e-300)  # halves, since high - low may overflow
    share = (np.where(np.isfinite(pixels), pixels, low) / 2 - low / 2) / half
    return np.floor(255 * np.clip(share, 0, 1) + 0.5).astype(np.uint8)


def png(image: Array) -> bytes:
    """The image as a PNG file."""
    pixels = to_bytes(image)
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    unfiltered = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    color_type = 0 if pixels.ndim == 2 else 2
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(unfiltered, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def data_uri(image: Array) -> str:
    """The image as the address of an <img>."""
    return "data:image/png;base64," + base64.b64encode(png(image)).decode("ascii")


def image_grid(images: Sequence[Array], captions: Sequence[str], *, size: int = 96) -> Markup:
    """Pictures side by side, as many in a row as fit, each `size` pixels wide with its caption.

    >>> image_grid([np.eye(8)], ["7 → 1"]).count("<img")
    1
    """
    if len(images) != len(captions):
        raise InputError(f"image_grid: {len(images)} images and {len(captions)} captions.")
    pairs = [(data_uri(one), caption) for one, caption in zip(images, captions, strict=True)]
    return render("images.html", pairs=pairs, size=size)
