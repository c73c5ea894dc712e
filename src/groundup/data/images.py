"""Samples that a trained network is asked about: PNG, JPEG and BMP pictures, NPY and NPZ arrays."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from groundup.data.npz import read_npy, read_npz
from groundup.data.picture import MAX_FILE, SUFFIXES, decode, look
from groundup.errors import DataError, ShapeError
from groundup.storage import AnyPath, read_bytes, shown
from groundup.typing import Array, Shape


def read_images(
    paths: Sequence[AnyPath], in_shape: Shape, *, resize: bool = False, white: float = 255.0
) -> Array:
    """The samples of several files in a row, (N, *in_shape); see `read_samples`."""
    if not paths:
        raise DataError("no file was named: expected pictures, NPY or NPZ files.")
    parts = [read_samples(path, in_shape, resize=resize, white=white) for path in paths]
    return np.concatenate(parts)


def read_samples(
    path: AnyPath, in_shape: Shape, *, resize: bool = False, white: float = 255.0
) -> Array:
    """The samples of one file, (N, *in_shape): one of a picture, one or many of an NPY or NPZ.

    in_shape: (C, H, W) or (D,), what the network takes. A picture becomes grey for C = 1 and color
    for C = 3; `resize=True` scales it to H × W, otherwise another size is an error. white: the
    value of a white pixel in the training data, such as 16 for `digits`; uint8 while that is 255.
    An NPY may leave out C = 1 and, for a single sample, N. An NPZ has one array, or one named "x".
    Raises CorruptFile, DataError or ShapeError with the file's name.
    """
    suffix = Path(path).suffix.lower()
    if suffix in SUFFIXES:
        picture = _read_picture(path, in_shape, resize)
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
    raise DataError(
        f"{shown(path)}: expected a file ending in {', '.join(SUFFIXES)}, .npy or .npz."
    )


def _as_samples(array: Array, in_shape: Shape, path: AnyPath) -> Array:
    without_channel = in_shape[1:] if len(in_shape) == 3 and in_shape[0] == 1 else in_shape
    for shape in (in_shape, without_channel):
        if array.shape == shape or array.shape[1:] == shape:
            return array.reshape(-1, *in_shape)
    raise ShapeError(
        f"{shown(path)}: an array of shape {array.shape}; expected {in_shape} or "
        f"(N, {', '.join(map(str, in_shape))})."
    )


def _read_picture(path: AnyPath, in_shape: Shape, resize: bool) -> Array:
    where, data = shown(path), read_bytes(path, MAX_FILE)
    seen = look(data, where)
    channels, target = _target(in_shape, (seen.height, seen.width))
    if (seen.height, seen.width) != target and not resize:
        raise ShapeError(
            f"{where}: {seen.height} × {seen.width} pixels; the network takes {target[0]} × "
            f"{target[1]}. Pass resize=True to scale the picture."
        )
    pixels = decode(data, where, channels == 1, target)
    if channels == 1:
        return pixels.reshape(1, *in_shape)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))[np.newaxis]


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
    raise ShapeError(
        f"a network that takes {in_shape} cannot be shown a picture; give it an NPY file."
    )
