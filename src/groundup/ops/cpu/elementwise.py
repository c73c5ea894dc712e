"""What goes element by element: activations and their derivatives.

Rows (N, D) and channels-last images are the same to these kernels: a number of lines of a certain
width, one after the other with or without a margin between.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from math import prod
from typing import Any

import numba
import numpy as np

from groundup.ops.cpu.exponential import exp
from groundup.ops.cpu.memory import floats, kernel, number, words
from groundup.ops.cpu.pooling import through_relu
from groundup.ops.tape import Untraceable, Value
from groundup.typing import Array

_ZERO, _ONE = np.float32(0), np.float32(1)


def relu(x: Value) -> Value:
    """As `ops.reference.activations.relu`."""
    return map_elements(_relu, x)


def relu_backward(dy: Value, y: Value) -> Value:
    """As `ops.reference.activations.relu_backward`."""
    joined = through_relu(dy, y)
    return map_elements(_relu_backward, dy, y) if joined is None else joined


def sigmoid(x: Value) -> Value:
    """As `ops.reference.activations.sigmoid`."""
    return map_elements(_sigmoid, x, slowness=4)


def sigmoid_backward(dy: Value, y: Value) -> Value:
    """As `ops.reference.activations.sigmoid_backward`."""
    return map_elements(_sigmoid_backward, dy, y)


def tanh(x: Value) -> Value:
    """As `ops.reference.activations.tanh`."""
    return map_elements(_tanh, x, slowness=4)


def tanh_backward(dy: Value, y: Value) -> Value:
    """As `ops.reference.activations.tanh_backward`."""
    return map_elements(_tanh_backward, dy, y)


def leaky_relu(x: Value, slope: float) -> Value:
    """As `ops.reference.activations.leaky_relu`."""
    return map_elements(_leaky_relu, x, numbers=(float(slope),))


def leaky_relu_backward(dy: Value, x: Value, slope: float) -> Value:
    """As `ops.reference.activations.leaky_relu_backward`."""
    return map_elements(_leaky_relu_backward, dy, x, numbers=(float(slope),))


def rescale(x: Value, scale: Array, offset: Array) -> Value:
    """As `ops.reference.rescale.rescale`."""
    return map_elements(_rescale, x, along=(scale, offset))


def rescale_backward(dy: Value, scale: Array) -> Value:
    """As `ops.reference.rescale.rescale_backward`."""
    return map_elements(_rescale, dy, along=(scale, np.zeros_like(scale)))


def like(x: Value) -> Value:
    return x.tape.value(x.shape, images=x.images)


def map_elements(
    kernel: Any,
    *reads: Value,
    along: tuple[Array, ...] = (),
    numbers: tuple[Any, ...] = (),
    slowness: int = 1,
) -> Value:
    """One row for a function of elements; kernels find lines and width, then their own numbers.

    along: arrays that are the same for each line, read after the values.
    """
    x, y = reads[0], like(reads[0])
    if any(value.images != x.images for value in reads):
        raise Untraceable("images and rows in one function")
    lines, width = (x.shape[2], x.shape[3] * x.shape[1]) if x.images else (1, prod(x.shape[1:]))
    moved = slowness * x.size * len(reads)
    reads += tuple(x.tape.hold(np.broadcast_to(array, width).copy()) for array in along)
    x.tape.emit(kernel, reads, [y], lines, width, *numbers, over=x.over, moved=moved)
    return y


@numba.njit(inline="always")
def line_of(w, i, n, slot, line, width):
    """A line of the value whose words begin at w[i]."""
    return floats(w[i] + n * w[i + 1] + slot * w[i + 2] + line * w[i + 3], width)


@kernel
def _relu(w, first, end, slot):
    w = words(w)
    lines, width = w[8], w[9]
    for n in range(first, end):
        for i in range(lines):
            x, y = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
            for k in range(width):
                v = x[k]
                y[k] = _ZERO if v < _ZERO else v  # NaN stays


@kernel
def _relu_backward(w, first, end, slot):
    w = words(w)
    lines, width = w[12], w[13]
    for n in range(first, end):
        for i in range(lines):
            dy, y = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
            dx = line_of(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] if y[k] > _ZERO else _ZERO


@kernel
def _sigmoid(w, first, end, slot):
    w = words(w)
    lines, width = w[8], w[9]
    for n in range(first, end):
        for i in range(lines):
            x, y = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
            for k in range(width):
                e = exp(-abs(x[k]))
                y[k] = (_ONE if x[k] >= _ZERO else e) / (_ONE + e)


@kernel
def _sigmoid_backward(w, first, end, slot):
    w = words(w)
    lines, width = w[12], w[13]
    for n in range(first, end):
        for i in range(lines):
            dy, y = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
            dx = line_of(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] * y[k] * (_ONE - y[k])


@kernel
def _tanh(w, first, end, slot):
    w = words(w)
    lines, width = w[8], w[9]
    for n in range(first, end):
        for i in range(lines):
            x, y = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
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
            dy, y = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
            dx = line_of(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] * (_ONE - y[k] * y[k])


@kernel
def _leaky_relu(w, first, end, slot):
    w = words(w)
    lines, width, slope = w[8], w[9], number(w[10])
    for n in range(first, end):
        for i in range(lines):
            x, y = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
            for k in range(width):
                y[k] = x[k] if x[k] > _ZERO else slope * x[k]


@kernel
def _leaky_relu_backward(w, first, end, slot):
    w = words(w)
    lines, width, slope = w[12], w[13], number(w[14])
    for n in range(first, end):
        for i in range(lines):
            dy, x = line_of(w, 0, n, slot, i, width), line_of(w, 4, n, slot, i, width)
            dx = line_of(w, 8, n, slot, i, width)
            for k in range(width):
                dx[k] = dy[k] if x[k] > _ZERO else slope * dy[k]


@kernel
def _rescale(w, first, end, slot):
    w = words(w)
    lines, width = w[16], w[17]
    scale, offset = floats(w[4], width), floats(w[8], width)
    for n in range(first, end):
        for i in range(lines):
            x, y = line_of(w, 0, n, slot, i, width), line_of(w, 12, n, slot, i, width)
            for k in range(width):
                y[k] = x[k] * scale[k] + offset[k]
