"""What goes element by element: activations, dropout, and an image laid out as a row.

Rows (N, D) and channels-last images are the same to these kernels: a number of lines of a certain
width, one after the other with or without a margin between.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
from math import prod
from typing import Any

import numba
import numpy as np

from groundup.ops.cpu.exponential import exp
from groundup.ops.cpu.gather import again, from_samples
from groundup.ops.cpu.memory import bytes_at, floats, kernel, number, words
from groundup.ops.cpu.philox import philox
from groundup.ops.cpu.pooling import through_relu
from groundup.ops.tape import Slot, Untraceable, Value
from groundup.rng import Stream
from groundup.typing import Shape

_ZERO, _ONE = np.float32(0), np.float32(1)


def relu(x: Value) -> Value:
    """As `ops.reference.activations.relu`."""
    return _map(_relu, x)


def relu_backward(dy: Value, y: Value) -> Value:
    """As `ops.reference.activations.relu_backward`."""
    joined = through_relu(dy, y)
    return _map(_relu_backward, dy, y) if joined is None else joined


def sigmoid(x: Value) -> Value:
    """As `ops.reference.activations.sigmoid`."""
    return _map(_sigmoid, x, slowness=4)


def sigmoid_backward(dy: Value, y: Value) -> Value:
    """As `ops.reference.activations.sigmoid_backward`."""
    return _map(_sigmoid_backward, dy, y)


def tanh(x: Value) -> Value:
    """As `ops.reference.activations.tanh`."""
    return _map(_tanh, x, slowness=4)


def tanh_backward(dy: Value, y: Value) -> Value:
    """As `ops.reference.activations.tanh_backward`."""
    return _map(_tanh_backward, dy, y)


def leaky_relu(x: Value, slope: float) -> Value:
    """As `ops.reference.activations.leaky_relu`."""
    return _map(_leaky_relu, x, numbers=(float(slope),))


def leaky_relu_backward(dy: Value, x: Value, slope: float) -> Value:
    """As `ops.reference.activations.leaky_relu_backward`."""
    return _map(_leaky_relu_backward, dy, x, numbers=(float(slope),))


def dropout(x: Value, stream: Stream, rate: float, scale: float) -> tuple[Value, Value]:
    """As `ops.reference.dropout.dropout`; epoch and step are those of each run."""
    y, keep = _like(x), x.tape.value(x.shape, images=x.images, item=1)
    C, H, W = x.shape[1:] if x.images else (x.size // x.shape[0], 0, 0)
    least, key = round(rate * 2**32), [_signed(word) for word in stream.key]
    when = (_signed(stream.sample), Slot("epoch"), Slot("step"))
    numbers = (C, H, W, least, float(scale), *key, *when)
    over = "images" if x.images else "samples"
    x.tape.emit(_dropout, [x], [y, keep], *numbers, over=over, moved=12 * x.size)
    return y, keep


def dropout_backward(dy: Value, keep: Any, scale: float) -> Value:
    """As `ops.reference.dropout.dropout_backward`."""
    if not isinstance(keep, Value):
        raise Untraceable("dropout that kept everything")
    return _map(_dropout_backward, dy, keep, numbers=(float(scale),))


def flatten(x: Value) -> Value:
    """As `ops.reference.shapes.flatten`: channels-last images to rows in the order (C, H, W)."""
    if from_samples(x):
        return again(x, (x.shape[0], x.size // x.shape[0]))
    if x.ndim == 2:
        return x
    N, C, H, W = _image(x.shape)
    y = x.tape.value((N, C * H * W))
    x.tape.emit(_flatten, [x], [y], C, H, W, over="images", moved=4 * x.size)
    return y


def unflatten(y: Value, shape: Shape) -> Value:
    """As `ops.reference.shapes.unflatten`, the way back."""
    if len(shape) == 2:
        return y
    N, C, H, W = _image(shape)
    x = y.tape.value(shape, images=True)
    y.tape.emit(_unflatten, [y], [x], C, H, W, over="images", moved=4 * x.size)
    return x


def _image(shape: Shape) -> Shape:
    if len(shape) != 4:
        raise Untraceable(f"images of shape {shape}")
    return shape


def _like(x: Value) -> Value:
    return x.tape.value(x.shape, images=x.images)


def _map(kernel: Any, *reads: Value, numbers: tuple[Any, ...] = (), slowness: int = 1) -> Value:
    """One row for a function of elements; kernels find lines and width, then their own numbers."""
    x, y = reads[0], _like(reads[0])
    if any(value.images != x.images for value in reads):
        raise Untraceable("images and rows in one function")
    lines, width = (x.shape[2], x.shape[3] * x.shape[1]) if x.images else (1, prod(x.shape[1:]))
    over, moved = ("images" if x.images else "samples"), slowness * x.size * len(reads)
    x.tape.emit(kernel, reads, [y], lines, width, *numbers, over=over, moved=moved)  # type: ignore[arg-type]
    return y


def _signed(word: int) -> int:
    """A 64-bit word as the signed number of the same bits."""
    return word - 2**64 if word >= 2**63 else word


@numba.njit(inline="always")
def _line(w, i, n, slot, line, width):
    """A line of the value whose words begin at w[i]."""
    return floats(w[i] + n * w[i + 1] + slot * w[i + 2] + line * w[i + 3], width)


@kernel
def _relu(w, first, end, slot):
    w = words(w)
    lines, width = w[8], w[9]
    for n in range(first, end):
        for i in range(lines):
            x, y = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            for k in range(width):
                v = x[k]
                y[k] = _ZERO if v < _ZERO else v  # NaN stays


@kernel
def _relu_backward(w, first, end, slot):
    w = words(w)
    lines, width = w[12], w[13]
    for n in range(first, end):
        for i in range(lines):
            dy, y = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            dx = _line(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] if y[k] > _ZERO else _ZERO


@kernel
def _sigmoid(w, first, end, slot):
    w = words(w)
    lines, width = w[8], w[9]
    for n in range(first, end):
        for i in range(lines):
            x, y = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            for k in range(width):
                e = exp(-abs(x[k]))
                y[k] = (_ONE if x[k] >= _ZERO else e) / (_ONE + e)


@kernel
def _sigmoid_backward(w, first, end, slot):
    w = words(w)
    lines, width = w[12], w[13]
    for n in range(first, end):
        for i in range(lines):
            dy, y = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            dx = _line(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] * y[k] * (_ONE - y[k])


@kernel
def _tanh(w, first, end, slot):
    w = words(w)
    lines, width = w[8], w[9]
    for n in range(first, end):
        for i in range(lines):
            x, y = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            for k in range(width):
                y[k] = tanh_of(x[k])


@numba.njit(inline="always")
def tanh_of(x):
    """tanh by e⁻²ˣ, near 0 by its series up to x⁹, where the difference would lose digits."""
    e = exp(np.float32(-2) * abs(x))
    far = (_ONE - e) / (_ONE + e)
    s = x * x
    series = np.float32(62 / 2835)
    series = series * s + np.float32(-17 / 315)
    series = series * s + np.float32(2 / 15)
    series = series * s + np.float32(-1 / 3)
    near = x + x * s * series
    large = far if x >= _ZERO else -far
    return near if abs(x) < np.float32(0.25) else large


@kernel
def _tanh_backward(w, first, end, slot):
    w = words(w)
    lines, width = w[12], w[13]
    for n in range(first, end):
        for i in range(lines):
            dy, y = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            dx = _line(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] * (_ONE - y[k] * y[k])


@kernel
def _leaky_relu(w, first, end, slot):
    w = words(w)
    lines, width, slope = w[8], w[9], number(w[10])
    for n in range(first, end):
        for i in range(lines):
            x, y = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            for k in range(width):
                y[k] = x[k] if x[k] > _ZERO else slope * x[k]


@kernel
def _leaky_relu_backward(w, first, end, slot):
    w = words(w)
    lines, width, slope = w[12], w[13], number(w[14])
    for n in range(first, end):
        for i in range(lines):
            dy, x = _line(w, 0, n, slot, i, width), _line(w, 4, n, slot, i, width)
            dx = _line(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] if x[k] > _ZERO else slope * dy[k]


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
            dy, dx = _line(w, 0, n, slot, i, width), _line(w, 8, n, slot, i, width)
            keep = bytes_at(w[4] + n * w[5] + slot * w[6] + i * w[7], width)
            for k in range(width):
                dx[k] = dy[k] * np.float32(keep[k]) * scale


@kernel
def _flatten(w, first, end, slot):
    """Written in order: the row goes to far memory, the image is near."""
    w = words(w)
    C, H, W = w[8], w[9], w[10]
    x, y = w[0] + first * w[1] + slot * w[2], floats(w[4] + first * w[5], C * H * W)
    for c in range(C):
        for i in range(H):
            line = floats(x + i * w[3], W * C)
            for j in range(W):
                y[(c * H + i) * W + j] = line[j * C + c]


@kernel
def _unflatten(w, first, end, slot):
    w = words(w)
    C, H, W = w[8], w[9], w[10]
    y, x = floats(w[0] + first * w[1], C * H * W), w[4] + first * w[5] + slot * w[6]
    for c in range(C):
        for i in range(H):
            line = floats(x + i * w[7], W * C)
            for j in range(W):
                line[j * C + c] = y[(c * H + i) * W + j]
