"""Samples that a trained network is asked about: PNG pictures, NPY and NPZ arrays.

A picture's size is read from its first bytes and held against a budget before anything is decoded.
"""

import math
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundup.data.npz import read_npy, read_npz
from groundup.errors import CorruptFile, DataError, ShapeError
from groundup.storage import AnyPath, read_bytes, shown
from groundup.typing import Array, Shape

if TYPE_CHECKING:
    from PIL import Image

_MAX_FILE = 2**26  # bytes
_MAX_PIXELS = 2**24  # 4096 × 4096
_DEEP = ("I;16", "I;16B", "I")  # Pillow's modes for a grey PNG of 16 bits


def read_images(
    paths: Sequence[AnyPath], in_shape: Shape, *, resize: bool = False, white: float = 255.0
) -> Array:
    """The samples of several files in a row, (N, *in_shape); see `read_samples`."""
    if not paths:
        raise DataError("no file was named: expected PNG, NPY or NPZ files.")
    parts = [read_samples(path, in_shape, resize=resize, white=white) for path in paths]
    return np.concatenate(parts)


def read_samples(
    path: AnyPath, in_shape: Shape, *, resize: bool = False, white: float = 255.0
) -> Array:
    """The samples of one file, (N, *in_shape): one of a PNG, one or many of an NPY or NPZ.

    in_shape: (C, H, W) or (D,), what the network takes. A PNG becomes grey for C = 1 and colour for
    C = 3; `resize=True` scales it to H × W, otherwise another size is an error. white: the value of
    a white pixel in the training data, such as 16 for `digits`; uint8 while that is 255. An NPY
    may leave out C = 1 and, for a single sample, N. An NPZ has one array, or one named "x".
    Raises CorruptFile, DataError or ShapeError with the file's name.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".png":
        picture = _read_png(path, in_shape, resize)
        return picture if white == 255 else picture * np.float32(white / 255)
    if suffix == ".npy":
        return _as_samples(read_npy(path), in_shape, path)
    if suffix == ".npz":
        arrays = read_npz(path)
        only = next(iter(arrays.values())) if len(arrays) == 1 else arrays.get("x")
        if only is None:
            raise DataError(
                f"{shown(path)}: holds {', '.join(sorted(arrays)) or 'nothing'}; expected one "
                'array, or one named "x".'
            )
        return _as_samples(only, in_shape, path)
    raise DataError(f"{shown(path)}: expected a file ending in .png, .npy or .npz.")


def _as_samples(array: Array, in_shape: Shape, path: AnyPath) -> Array:
    without_channel = in_shape[1:] if len(in_shape) == 3 and in_shape[0] == 1 else in_shape
    for shape in (in_shape, without_channel):
        if array.shape == shape or array.shape[1:] == shape:
            return array.reshape(-1, *in_shape)
    raise ShapeError(
        f"{shown(path)}: an array of shape {array.shape}; expected {in_shape} or "
        f"(N, {', '.join(map(str, in_shape))})."
    )


def _read_png(path: AnyPath, in_shape: Shape, resize: bool) -> Array:
    where, data = shown(path), read_bytes(path, _MAX_FILE)
    width, height = _png_size(data, where)
    channels, target = _target(in_shape, (height, width))
    if (height, width) != target and not resize:
        raise ShapeError(
            f"{where}: {height} × {width} pixels; the network takes {target[0]} × {target[1]}. "
            "Pass resize=True to scale the picture."
        )
    pixels = _decode(data, where, "L" if channels == 1 else "RGB", target)
    if channels == 1:
        return pixels.reshape(1, *in_shape)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))[np.newaxis]


def _png_size(data: bytes, where: str) -> tuple[int, int]:
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR" or len(data) < 33:
        raise CorruptFile(
            f"{where}: expected a PNG picture; it begins with {data[:8].hex(' ') or 'nothing'}."
        )
    width, height = (int.from_bytes(data[i : i + 4], "big") for i in (16, 20))
    if width * height > _MAX_PIXELS:
        raise DataError(
            f"{where}: {height} × {width} pixels; expected at most {_MAX_PIXELS:,}. "
            "Scale it down first."
        )
    return width, height


def _target(in_shape: Shape, size: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    """Channels and (H, W) that fill `in_shape`; a network of D features takes D grey pixels."""
    if len(in_shape) == 3 and in_shape[0] in (1, 3):
        return in_shape[0], (in_shape[1], in_shape[2])
    if len(in_shape) == 1:
        side = math.isqrt(in_shape[0])
        if math.prod(size) == in_shape[0]:
            return 1, size
        if side * side == in_shape[0]:
            return 1, (side, side)
    raise ShapeError(f"a network that takes {in_shape} cannot be shown a PNG; give it an NPY file.")


def _decode(data: bytes, where: str, mode: str, target: tuple[int, int]) -> Array:
    from PIL import Image

    try:
        with Image.open(BytesIO(data), formats=("PNG",)) as image:
            if getattr(image, "n_frames", 1) > 1:
                raise DataError(f"{where}: an animated picture; expected a still one.")
            plain = _opaque(image, where).convert(mode)
            if (plain.height, plain.width) != target:
                # Bilinear in Pillow averages over all pixels that shrink into one.
                plain = plain.resize((target[1], target[0]), Image.Resampling.BILINEAR)
            return np.array(plain)
    except DataError:
        raise
    except Exception as error:  # a decoder shown hostile bytes raises almost anything
        raise CorruptFile(f"{where}: the picture cannot be decoded ({error}).") from None


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
