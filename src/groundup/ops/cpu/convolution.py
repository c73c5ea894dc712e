"""Convolution without im2col: the tile walks over channels-last images.

Within one row of a window the KW·C values lie side by side, so a kernel row is one run of k, and
the KH rows are the outer loop r:

    forward   y[oy, ox, :]  = b + Σ_ky Σ_k  x[oy·S + ky, ox·S·C + k] · W[ky, k, :]
    dW        dW[ky, k, :]  =     Σ_oy Σ_ox x[oy·S + ky, ox·S·C + k] · dy[oy, ox, :]
    dx        the forward of dy, spread by the strides, with W turned around

Padding is the margin of zeros that lies around an image anyway. The sums over images are made in
fixed pieces and added in order: the same bits for any number of threads.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from typing import Any

from groundup.ops.cpu.memory import floats, kernel, number, words
from groundup.ops.cpu.panel import NO_FLOOR, RELU, panel
from groundup.ops.cpu.program import pieces_of
from groundup.ops.geometry import Window
from groundup.ops.tape import Untraceable, Value

L1 = 20_000  # bytes: what of a level-1 cache one operand may take


def conv2d(x: Value, W: Value, b: Value | None, window: Window) -> Value:
    """As `ops.reference.convolution.conv2d`."""
    return _conv2d(x, W, b, window, NO_FLOOR)


def conv2d_relu(x: Value, W: Value, b: Value | None, window: Window) -> Value:
    """As `ops.reference.convolution.conv2d_relu`, the ReLU before the sums leave the registers."""
    return _conv2d(x, W, b, window, RELU)


def _conv2d(x: Value, W: Value, b: Value | None, window: Window, floor: Any) -> Value:
    if window.overhangs:
        raise Untraceable("a window that sees nothing but padding")
    tape, (F, C, KH, KW), N = x.tape, W.shape, x.shape[0]
    packed = tape.value((KH * KW, C, F))
    tape.emit(_pack, [W], [packed], F, C, KH, KW, False, over=KH * KW, moved=4 * W.size)
    y = tape.value((N, F, *window.output(*x.shape[2:])), images=True)
    (top, _), (left, _) = window.pads
    x.with_margin(*window.pads[0], *window.pads[1])
    return _slide(x, packed, b, y, KH, KW, window.strides, (top, left), floor)


def conv2d_backward(
    dy: Value, x: Value, W: Value, window: Window, need_dx: bool = True
) -> tuple[Value | None, Value, Value]:
    """As `ops.reference.convolution.conv2d_backward`."""
    tape, (F, C, KH, KW), N = dy.tape, W.shape, x.shape[0]
    (OH, OW), (top, left) = dy.shape[2:], (window.pads[0][0], window.pads[1][0])
    x.with_margin(*window.pads[0], *window.pads[1])
    dx = _backward_input(dy, x, W, window) if need_dx else None
    used = pieces_of(N)
    pieces, sums = tape.value((used, KH * KW * C, F)), tape.value((used, F))
    shape = (N, OH, OW, C, KH, KW, F, *window.strides, top, left, used)
    work = N * OH * OW * W.size
    tape.emit(
        _weights, [x, dy], [pieces, sums], *shape, over="images", multiply_adds=work, samples=N
    )
    dW, db = tape.value(W.shape), tape.value((F,))
    tape.emit(_sum, [pieces], [dW], F, C, KH, KW, used, over=KH * KW, moved=used * W.size)
    tape.emit(_sum_bias, [sums], [db], F, used, over=1, moved=used * F)
    return dx, dW, db


def _backward_input(dy: Value, x: Value, W: Value, window: Window) -> Value:
    tape, (F, C, KH, KW) = dy.tape, W.shape
    N, _, OH, OW = dy.shape
    H, width = x.shape[2:]
    (SH, SW), ((top, _), (left, _)) = window.strides, window.pads
    if (SH, SW) != (1, 1):
        spread = tape.value((N, F, (OH - 1) * SH + 1, (OW - 1) * SW + 1), images=True)
        moved = OH * OW * F
        tape.emit(_spread, [dy], [spread], OH, OW, F, SH, SW, over="images", moved=N * moved)
        dy = spread
    up, before = KH - 1 - top, KW - 1 - left
    dy.with_margin(up, H + top - dy.shape[2], before, width + left - dy.shape[3])
    turned = tape.value((KH * KW, F, C))
    tape.emit(_pack, [W], [turned], F, C, KH, KW, True, over=KH * KW, moved=4 * W.size)
    dx = tape.value(x.shape, images=True)
    return _slide(dy, turned, None, dx, KH, KW, (1, 1), (up, before), NO_FLOOR)


def _slide(
    x: Value,
    packed: Value,
    b: Value | None,
    y: Value,
    KH: int,
    KW: int,
    strides: tuple[int, int],
    before: tuple[int, int],
    floor: Any,
) -> Value:
    tape, (N, C), (F, OH, OW) = x.tape, x.shape[:2], y.shape[1:]
    b = tape.zeros(F) if b is None else b
    shape = (OH, OW, C, KH, KW, F, *strides, *before)
    work = N * OH * OW * packed.size
    reads = [x, packed, b]
    tape.emit(_forward, reads, [y], *shape, float(floor), over="images", multiply_adds=work)
    return y


@kernel
def _forward(w, first, end, slot):
    """y of one image; W: (KH, KW·C, F) packed"""
    w = words(w)
    OH, OW, C, KH, KW, F, SH, SW, top, left = (
        w[16], w[17], w[18], w[19], w[20], w[21], w[22], w[23], w[24], w[25],
    )  # fmt: skip
    row = w[3]
    x = w[0] + first * w[1] + slot * w[2] - top * row - 4 * left * C
    y = w[12] + first * w[13] + slot * w[14]
    K = KW * C
    for i in range(OH):
        panel(
            OW, F, x + i * SH * row, SW * C, 1, row // 4, w[4], F, K * F, w[8], 0,
            y + i * w[15], F, K, KH, number(w[26]),
        )  # fmt: skip


@kernel
def _weights(w, first, end, slot):
    """One image's share of dW: (KH, KW·C, F) and db: (F,), added to those of its piece"""
    w = words(w)
    N, OH, OW, C, KH, KW, F, SH, SW, top, left, pieces = (
        w[16], w[17], w[18], w[19], w[20], w[21], w[22], w[23], w[24], w[25], w[26], w[27],
    )  # fmt: skip
    row, dy_row = w[3], w[7]
    x = w[0] + first * w[1] + slot * w[2] - top * row - 4 * left * C
    dy = w[4] + first * w[5] + slot * w[6]
    piece = ((first + 1) * pieces - 1) // N
    K = KW * C
    dW, db = w[8] + 4 * piece * KH * K * F, floats(w[12] + 4 * piece * F, F)
    if first == piece * N // pieces:
        sums = floats(dW, KH * K * F)
        for i in range(KH * K * F):
            sums[i] = 0
        for f in range(F):
            db[f] = 0
    lines = max(1, L1 // (4 * OW * F))  # of dy that stay near while the window's rows go over them
    for i in range(0, OH, lines):
        for k in range(KH):
            part = dW + 4 * k * K * F
            panel(
                K, F, x + (i * SH + k) * row, 1, SW * C, SH * row // 4, dy + i * dy_row, F,
                dy_row // 4, part, F, part, F, OW, min(lines, OH - i), NO_FLOOR,
            )  # fmt: skip
    for i in range(OH):
        line = floats(dy + i * dy_row, OW * F)
        for j in range(OW):
            for f in range(F):
                db[f] += line[j * F + f]


@kernel
def _pack(w, first, end, slot):
    """(F, C, KH, KW) as (KH·KW, C, F), or with the window turned around as (KH·KW, F, C)"""
    w = words(w)
    F, C, size, turned = w[8], w[9], w[10] * w[11], w[12]
    W, packed = floats(w[0], F * C * size), floats(w[4], F * C * size)
    for k in range(first, end):
        for f in range(F):
            for c in range(C):
                v = W[(f * C + c) * size + k]
                if turned:
                    packed[((size - 1 - k) * F + f) * C + c] = v
                else:
                    packed[(k * C + c) * F + f] = v


@kernel
def _sum(w, first, end, slot):
    """dW: (F, C, KH, KW), the sum of pieces (P, KH·KW, C, F) in their order, for places k"""
    w = words(w)
    F, C, size, P = w[8], w[9], w[10] * w[11], w[12]
    dW = floats(w[4], F * C * size)
    for k in range(first, end):
        total = floats(w[0] + 4 * k * C * F, C * F)
        for p in range(1, P):
            piece = floats(w[0] + 4 * (p * size + k) * C * F, C * F)
            for i in range(C * F):
                total[i] += piece[i]
        for f in range(F):
            for c in range(C):
                dW[(f * C + c) * size + k] = total[c * F + f]


@kernel
def _sum_bias(w, first, end, slot):
    """db: (F,), the sum of pieces (P, F) in their order"""
    w = words(w)
    F, P = w[8], w[9]
    pieces, db = floats(w[0], P * F), floats(w[4], F)
    for f in range(F):
        db[f] = pieces[f]
    for p in range(1, P):
        for f in range(F):
            db[f] += pieces[p * F + f]


@kernel
def _spread(w, first, end, slot):
    """An image with its rows and columns SH and SW apart; between them lie zeros already"""
    w = words(w)
    H, W, C, SH, SW = w[8], w[9], w[10], w[11], w[12]
    x, y = w[0] + first * w[1] + slot * w[2], w[4] + first * w[5] + slot * w[6]
    for i in range(H):
        line, wide = floats(x + i * w[3], W * C), floats(y + i * SH * w[7], W * SW * C)
        for j in range(W):
            for c in range(C):
                wide[j * SW * C + c] = line[j * C + c]
