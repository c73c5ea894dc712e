"""Dropout: the random bits are made where they are used."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from typing import Any

import numpy as np

from groundup.ops.cpu.elementwise import like, line_of, map_elements
from groundup.ops.cpu.memory import bytes_at, floats, kernel, number, words
from groundup.ops.cpu.philox import philox
from groundup.ops.tape import Slot, Untraceable, Value
from groundup.rng import Stream

_ZERO = np.float32(0)


def dropout(x: Value, stream: Stream, rate: float, scale: float) -> tuple[Value, Value]:
    """As `ops.reference.dropout.dropout`; epoch and step are those of each run."""
    y, keep = like(x), x.tape.value(x.shape, images=x.images, item=1)
    C, H, W = x.shape[1:] if x.images else (x.size // x.shape[0], 0, 0)
    least, key = round(rate * 2**32), [_signed(word) for word in stream.key]
    when = (_signed(stream.sample), Slot("epoch"), Slot("step"))
    numbers = (C, H, W, least, float(scale), *key, *when)
    x.tape.emit(_dropout, [x], [y, keep], *numbers, over=x.over, moved=12 * x.size)
    return y, keep


def dropout_backward(dy: Value, keep: Any, scale: float) -> Value:
    """As `ops.reference.dropout.dropout_backward`."""
    if type(keep) is int and keep == scale == 1:
        return dy
    if not isinstance(keep, Value):
        raise Untraceable("dropout by a mask that no row has drawn")
    return map_elements(_dropout_backward, dy, keep, numbers=(float(scale),))


def _signed(word: int) -> int:
    """A 64-bit word as the signed number of the same bits."""
    return word - 2**64 if word >= 2**63 else word


@kernel
def _dropout(w, first, end, slot):
    """y = x · keep · scale; the bits are those of `Stream.keep_mask` in the order (N, C, H, W)."""
    w = words(w)
    C, H, W, least, scale = w[12], w[13], w[14], np.uint64(w[15]), number(w[16])
    key0, key1, sample = np.uint64(w[17]), np.uint64(w[18]), np.uint64(w[19])
    epoch, step, size = np.uint64(w[20]), np.uint64(w[21]), C * H * W if H > 0 else C
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    start, last = first * size, end * size
    for block in range(start // 8, (last + 7) // 8):
        four = philox(key0, key1, np.uint64(block + 1), sample, epoch, step)
        for i in range(max(start, 8 * block), min(last, 8 * block + 8)):
            word = four[(i - 8 * block) // 2]
            kept = (word >> half if i % 2 else word & low) >= least
            x, y, keep = w[0] + 4 * i, w[4] + 4 * i, w[8] + i
            if H > 0:  # images: element (n, c, line, column), channels-last
                n, place = i // size, i % size
                at = place % W * C + place // (H * W)
                line = place // W % H
                x = w[0] + n * w[1] + slot * w[2] + line * w[3] + 4 * at
                y = w[4] + n * w[5] + slot * w[6] + line * w[7] + 4 * at
                keep = w[8] + n * w[9] + slot * w[10] + line * w[11] + at
            factor = scale if kept else _ZERO
            floats(y, 1)[0] = floats(x, 1)[0] * factor
            bytes_at(keep, 1)[0] = kept


@kernel
def _dropout_backward(w, first, end, slot):
    w = words(w)
    lines, width, scale = w[12], w[13], number(w[14])
    for n in range(first, end):
        for i in range(lines):
            dy, dx = line_of(w, 0, n, slot, i, width), line_of(w, 8, n, slot, i, width)
            keep = bytes_at(w[4] + n * w[5] + slot * w[6] + i * w[7], width)
            for k in range(width):
                dx[k] = dy[k] * np.float32(keep[k]) * scale
