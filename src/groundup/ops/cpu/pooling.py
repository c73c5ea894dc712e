"""Pooling over channels-last images; the inner loop over channels is the vector."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
import numba
import numpy as np

from groundup.ops.cpu.memory import bytes_at, floats, kernel, words
from groundup.ops.cpu.tile import LANES
from groundup.ops.cpu.vectors import best_of_four, to_the_winner
from groundup.ops.geometry import Window
from groundup.ops.tape import Untraceable, Value
from groundup.typing import Shape


def max_pool(x: Value, window: Window) -> tuple[Value, Value]:
    """As `ops.reference.pooling.max_pool`, places as bytes."""
    if window.size[0] * window.size[1] > 256:
        raise Untraceable("a place in the window that does not fit into a byte")
    shape, numbers = _geometry(x.shape, window)
    y = x.tape.value(shape, images=True)
    place = x.tape.value(shape, images=True, item=1)
    moved = x.size + y.size
    x.tape.emit(_max_pool, [x], [y, place], *numbers, over="images", moved=moved)
    return y, place


def max_pool_backward(dy: Value, place: Value, shape: Shape, window: Window) -> Value:
    """As `ops.reference.pooling.max_pool_backward`."""
    _, numbers = _geometry(shape, window)
    return _backward([dy, place, dy], shape, numbers, gated=False)


def through_relu(dx: Value, x: Value) -> Value | None:
    """The ReLU's backward of a max pooling's, where x, the ReLU's output, is what was pooled

    Only winners get anything, and a winner's value is the pooled one: that it is positive can be
    seen there, on a quarter of the numbers, and x need not be kept.
    """
    row = dx.maker
    if row is None or row.kernel is not _max_pool_backward:
        return None
    dy, place, _ = row.reads
    pooled = place.maker
    if pooled is None or pooled.reads[0] is not x:
        return None
    return _backward([dy, place, pooled.writes[0]], dx.shape, row.numbers[:-1], gated=True)


def _backward(reads: list[Value], shape: Shape, numbers: tuple[int, ...], gated: bool) -> Value:
    tape = reads[0].tape
    dx = tape.value(shape, images=True)
    moved = dx.size + reads[0].size
    tape.emit(_max_pool_backward, reads, [dx], *numbers, gated, over="images", moved=moved)
    return dx


def average_pool(x: Value, window: Window, count_padding: bool = False) -> Value:
    """As `ops.reference.pooling.average_pool`."""
    shape, numbers = _geometry(x.shape, window)
    y = x.tape.value(shape, images=True)
    moved = x.size + y.size
    x.tape.emit(_average_pool, [x], [y], *numbers, count_padding, over="images", moved=moved)
    return y


def average_pool_backward(
    dy: Value, shape: Shape, window: Window, count_padding: bool = False
) -> Value:
    """As `ops.reference.pooling.average_pool_backward`."""
    _, numbers = _geometry(shape, window)
    dx = dy.tape.value(shape, images=True)
    numbers = (*numbers, count_padding)
    moved = dx.size + dy.size
    dy.tape.emit(_average_pool_backward, [dy], [dx], *numbers, over="images", moved=moved)
    return dx


def _geometry(shape: Shape, window: Window) -> tuple[Shape, tuple[int, ...]]:
    """The shape of y, and C, H, W, OH, OW, KH, KW, SH, SW, top, left."""
    if window.overhangs:
        raise Untraceable("a window that sees nothing but padding")
    N, C, H, W = shape
    OH, OW = window.output(H, W)
    (top, _), (left, _) = window.pads
    return (N, C, OH, OW), (C, H, W, OH, OW, *window.size, *window.strides, top, left)


@kernel
def _max_pool(w, first, end, slot):
    w = words(w)
    C, H, W, OH, OW, KH, KW, SH, SW, top, left = (
        w[12], w[13], w[14], w[15], w[16], w[17], w[18], w[19], w[20], w[21], w[22],
    )  # fmt: skip
    x = w[0] + first * w[1] + slot * w[2]
    y, place = w[4] + first * w[5] + slot * w[6], w[8] + first * w[9] + slot * w[10]
    for i in range(OH):
        for j in range(OW):
            best = floats(y + i * w[7] + 4 * j * C, C)
            where = bytes_at(place + i * w[11] + j * C, C)
            y0, y1 = max(0, top - i * SH), min(KH, H + top - i * SH)
            x0, x1 = max(0, left - j * SW), min(KW, W + left - j * SW)
            corner = x + (i * SH - top) * w[3] + 4 * (j * SW - left) * C
            if y1 - y0 == 2 and x1 - x0 == 2:
                four, k = corner + y0 * w[3] + 4 * x0 * C, y0 * KW + x0
                to, at = y + i * w[7] + 4 * j * C, place + i * w[11] + j * C
                for c in range(0, C, LANES):
                    best_of_four(four + 4 * c, w[3], 4 * C, k, KW, to + 4 * c, at + c, C - c)
                continue
            for c in range(C):
                best[c] = floats(corner + y0 * w[3] + 4 * x0 * C, C)[c]
                where[c] = y0 * KW + x0
            for ky in range(y0, y1):
                for kx in range(x0, x1):
                    values = floats(corner + ky * w[3] + 4 * kx * C, C)
                    for c in range(C):
                        _take(values, c, ky * KW + kx, best, where)


@numba.njit(inline="always")
def _take(values, c, k, best, where):
    """The first of equals wins; a NaN beats every number."""
    v, b = values[c], best[c]
    wins = (v > b) | ((v != v) & (b == b))
    best[c] = v if wins else b
    where[c] = np.uint8(k) if wins else where[c]


@kernel
def _max_pool_backward(w, first, end, slot):
    w = words(w)
    C, H, W, OH, OW, KH, KW, SH, SW, top, left = (
        w[16], w[17], w[18], w[19], w[20], w[21], w[22], w[23], w[24], w[25], w[26],
    )  # fmt: skip
    dy, place = w[0] + first * w[1] + slot * w[2], w[4] + first * w[5] + slot * w[6]
    gates, dx = w[8] + first * w[9] + slot * w[10], w[12] + first * w[13] + slot * w[14]
    gated = w[27] != 0
    if KH == KW == SH == SW == 2 and top == left == 0 and OH * 2 == H and OW * 2 == W:
        for i in range(OH):
            for j in range(OW):
                four, given = dx + 2 * i * w[15] + 8 * j * C, dy + i * w[3] + 4 * j * C
                at, gate = place + i * w[7] + j * C, gates + i * w[11] + 4 * j * C
                for c in range(0, C, LANES):
                    to_the_winner(
                        four + 4 * c, w[15], 4 * C, 0, 2, given + 4 * c, at + c,
                        gate + 4 * c if gated else 0, C - c,
                    )  # fmt: skip
        return
    for i in range(H):
        line = floats(dx + i * w[15], W * C)
        for k in range(W * C):
            line[k] = 0
    for i in range(OH):
        for j in range(OW):
            given, gate = (
                floats(dy + i * w[3] + 4 * j * C, C),
                floats(gates + i * w[11] + 4 * j * C, C),
            )
            where = bytes_at(place + i * w[7] + j * C, C)
            for ky in range(max(0, top - i * SH), min(KH, H + top - i * SH)):
                for kx in range(max(0, left - j * SW), min(KW, W + left - j * SW)):
                    row, column, k = i * SH + ky - top, j * SW + kx - left, ky * KW + kx
                    values = floats(dx + row * w[15] + 4 * column * C, C)
                    for c in range(C):
                        passes = where[c] == k and (not gated or gate[c] > np.float32(0))
                        values[c] += given[c] if passes else np.float32(0)


@kernel
def _average_pool(w, first, end, slot):
    w = words(w)
    C, H, W, OH, OW, KH, KW, SH, SW, top, left = (
        w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15], w[16], w[17], w[18],
    )  # fmt: skip
    x, y = w[0] + first * w[1] + slot * w[2], w[4] + first * w[5] + slot * w[6]
    for i in range(OH):
        for j in range(OW):
            mean = floats(y + i * w[7] + 4 * j * C, C)
            for c in range(C):
                mean[c] = 0
            count = 0
            for ky in range(max(0, top - i * SH), min(KH, H + top - i * SH)):
                for kx in range(max(0, left - j * SW), min(KW, W + left - j * SW)):
                    row, column = i * SH + ky - top, j * SW + kx - left
                    values = floats(x + row * w[3] + 4 * column * C, C)
                    count += 1
                    for c in range(C):
                        mean[c] += values[c]
            size = np.float32(KH * KW if w[19] else count)
            for c in range(C):
                mean[c] /= size


@kernel
def _average_pool_backward(w, first, end, slot):
    w = words(w)
    C, H, W, OH, OW, KH, KW, SH, SW, top, left = (
        w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15], w[16], w[17], w[18],
    )  # fmt: skip
    dy, dx = w[0] + first * w[1] + slot * w[2], w[4] + first * w[5] + slot * w[6]
    for i in range(H):
        line = floats(dx + i * w[7], W * C)
        for k in range(W * C):
            line[k] = 0
    for i in range(OH):
        for j in range(OW):
            given = floats(dy + i * w[3] + 4 * j * C, C)
            y0, y1 = max(0, top - i * SH), min(KH, H + top - i * SH)
            x0, x1 = max(0, left - j * SW), min(KW, W + left - j * SW)
            size = np.float32(KH * KW if w[19] else (y1 - y0) * (x1 - x0))
            for ky in range(y0, y1):
                for kx in range(x0, x1):
                    row, column = i * SH + ky - top, j * SW + kx - left
                    values = floats(dx + row * w[7] + 4 * column * C, C)
                    for c in range(C):
                        values[c] += given[c] / size
