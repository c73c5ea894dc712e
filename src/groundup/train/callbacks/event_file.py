"""One event file of TensorBoard: records, each with its length and two checksums.

The messages and checksums are tensorboardX's. Its writer is not used: a second one in the same
second replaces the file of the first, and a full disk ends its thread, after which it waits for
ever. Here a record is with the system when a call returns, and no file stays open.
Imported only by a training with `TensorBoard`: tensorboardX brings in torch where that is present.
"""

import io
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.summary_pb2 import HistogramProto, Summary
from tensorboardX.record_writer import masked_crc32c
from tensorboardX.summary import make_histogram

from groundup.storage import make_directory
from groundup.storage.paths import storage_error
from groundup.train.probes.exam import LayerExam
from groundup.typing import Array

_BINS = 30  # of a histogram, as in TensorFlow's


class EventFile:
    """A new event file in a folder, which is made if it is missing."""

    def __init__(self, folder: Path) -> None:
        now = time.time()
        self.path = _create(folder, f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}")
        self._write(Event(wall_time=now, file_version="brain.Event:2"))

    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Add a point to each curve."""
        self._add([Summary.Value(tag=tag, simple_value=x) for tag, x in values.items()], step)

    def histograms(self, arrays: Mapping[str, Array], step: int) -> None:
        """Add a histogram for each array, of its finite values."""
        finite = {tag: a[np.isfinite(a)].astype(np.float64) for tag, a in arrays.items()}
        self._add(
            [
                Summary.Value(tag=tag, histo=make_histogram(a, _BINS))
                for tag, a in finite.items()
                if a.size
            ],
            step,
        )

    def counted(self, layers: Mapping[str, LayerExam], step: int) -> None:
        """Add a histogram for each layer's output, which an exam has counted already."""
        self._add([Summary.Value(tag=t, histo=_counted(one)) for t, one in layers.items()], step)

    def images(self, images: Mapping[str, NDArray[np.uint8]], step: int) -> None:
        """Add a picture for each array, (H, W) in shades or (H, W, 3) in colors, as PNG."""
        self._add([Summary.Value(tag=t, image=_image(one)) for t, one in images.items()], step)

    def _add(self, values: list[Summary.Value], step: int) -> None:
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))

    def _write(self, event: Event) -> None:
        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        record = length + _checksum(length) + data + _checksum(data)
        try:
            with self.path.open("ab") as file:
                file.write(record)
        except OSError as error:
            raise storage_error("write", self.path, error) from error


def _counted(one: LayerExam) -> HistogramProto:
    n = sum(one.counts)
    squares = n * (one.std**2 + one.mean**2)
    edges = np.linspace(one.low, one.high, len(one.counts) + 1)[1:]
    return HistogramProto(
        min=one.low, max=one.high, num=n, sum=n * one.mean, sum_squares=squares,
        bucket_limit=edges.tolist(), bucket=one.counts,
    )  # fmt: skip


def _image(pixels: NDArray[np.uint8]) -> Summary.Image:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return Summary.Image(
        height=pixels.shape[0], width=pixels.shape[1], colorspace=1 if pixels.ndim == 2 else 3,
        encoded_image_string=file.getvalue(),
    )  # fmt: skip


def _create(folder: Path, stem: str) -> Path:
    """An empty file that nobody else has."""
    make_directory(folder)
    number = 0
    while True:
        path = folder / f"{stem}.{number}"
        try:
            path.open("xb").close()
            return path
        except FileExistsError:
            number += 1
        except OSError as error:
            raise storage_error("write", path, error) from error


def _checksum(data: bytes) -> bytes:
    return struct.pack("<I", masked_crc32c(data))
