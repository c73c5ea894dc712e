"""Where a batch comes from: samples chosen by number, as floats, in one pass."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from math import prod

import numpy as np

from groundup.ops.cpu.memory import bytes_at, floats, kernel, number, words
from groundup.ops.tape import Slot, Tape, Value
from groundup.typing import Shape


def gather(tape: Tape, shape: Shape, item: int, scale: float) -> Value:
    """x = source[index] / scale, (N, D) or (N, C, H, W)

    shape: of x. item: 1 for a source of bytes, 4 for float32, C-contiguous. Told for each run:
    where the "source" and the "index", N numbers (int64), lie.
    """
    images = len(shape) == 4
    x = tape.value(shape, images=images)
    C, H, W = shape[1:] if images else (1, 1, prod(shape[1:]))
    numbers = (C, H, W, item, float(scale), Slot("source"), Slot("index"))
    tape.emit(_gather, [], [x], *numbers, over=x.over, moved=2 * x.size)
    return x


def from_samples(x: Value) -> bool:
    """Whether a value is just what `gather` makes."""
    return x.maker is not None and x.maker.kernel is _gather


def again(x: Value, shape: Shape) -> Value:
    """The same samples in another shape."""
    assert x.maker is not None
    item, scale = x.maker.numbers[3:5]
    return gather(x.tape, shape, item, scale)


@kernel
def _gather(w, first, end, slot):
    w = words(w)
    C, H, W, item, scale, source, index = w[4], w[5], w[6], w[7], number(w[8]), w[9], words(w[10])
    size = C * H * W
    for n in range(first, end):
        begin = source + index[n] * size * item
        raw, real = bytes_at(begin, size), floats(begin, size)
        for i in range(H):
            line = floats(w[0] + n * w[1] + slot * w[2] + i * w[3], W * C)
            if C == 1:
                if item == 1:
                    for j in range(W):
                        line[j] = np.float32(raw[i * W + j]) / scale
                else:
                    for j in range(W):
                        line[j] = real[i * W + j] / scale
                continue
            for c in range(C):
                at = (c * H + i) * W
                for j in range(W):
                    v = np.float32(raw[at + j]) if item == 1 else real[at + j]
                    line[j * C + c] = v / scale


def lay_out(source: Value, strides: tuple[int, ...]) -> Value:
    """Images (N, C, H, W) from memory with any strides, in bytes, channels-last."""
    C, H, W = source.shape[1:]
    x = source.tape.value(source.shape, images=True, item=source.item)
    numbers = (C, H, W, source.item, *strides)
    source.tape.emit(_lay_out, [source], [x], *numbers, over="images", moved=2 * x.size)
    return x


@kernel
def _lay_out(w, first, end, slot):
    w = words(w)
    C, H, W, item = w[8], w[9], w[10], w[11]
    source = w[0] + first * w[12]
    x = w[4] + first * w[5] + slot * w[6]
    for i in range(H):
        line = x + i * w[7]
        for j in range(W):
            for c in range(C):
                at, to = source + c * w[13] + i * w[14] + j * w[15], line + (j * C + c) * item
                if item == 4:
                    floats(to, 1)[0] = floats(at, 1)[0]
                else:
                    bytes_at(to, 1)[0] = bytes_at(at, 1)[0]
