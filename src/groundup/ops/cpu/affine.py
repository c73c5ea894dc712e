"""Dense layers by the tile: ahead of BLAS for the small products of small networks."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from typing import Any

from groundup.ops.cpu.memory import floats, kernel, number, words
from groundup.ops.cpu.packing import pack, turn
from groundup.ops.cpu.panel import NO_FLOOR, RELU, WIDTH, panel
from groundup.ops.cpu.tile import ROWS
from groundup.ops.tape import Value

SQUARE = 16  # rows turned at a time
LARGE = 2**18  # elements of W, from which on it should be read from far memory only once
SPAN, DEEP = 64, 128  # columns and rows of W that are put side by side then
SAMPLES = 256  # that go over them
PARTS = 8  # into which the sum over D is cut where columns are few; added in their order
LONG = 256  # numbers in a row of x, from which on its columns are put side by side for dW
PACKED = 4 * ROWS  # so many columns


def affine(x: Value, W: Value, b: Value | None) -> Value:
    """As `ops.reference.affine.affine`."""
    return _affine(x, W, b, NO_FLOOR)


def affine_relu(x: Value, W: Value, b: Value | None) -> Value:
    """As `ops.reference.affine.affine_relu`, the ReLU before the sums leave the registers."""
    return _affine(x, W, b, RELU)


def affine_backward(
    dy: Value, x: Value, W: Value, need_dx: bool = True
) -> tuple[Value | None, Value, Value]:
    """As `ops.reference.affine.affine_backward`."""
    tape, (N, D), M = dy.tape, x.shape, W.shape[1]
    dW, db = tape.value(W.shape), tape.value((M,))
    blocks, work = -(-D // PACKED), N * D * M
    packed = tape.value((min(N, SAMPLES), PACKED), scratch=True)
    tape.emit(_weights, [x, dy], [dW, packed], N, D, M, over=blocks, multiply_adds=work)
    tape.emit(_bias, [dy], [db], N, M, over=1, moved=N * M // 8)
    return (_input(dy, W) if need_dx else None), dW, db


def _affine(x: Value, W: Value, b: Value | None, floor: Any) -> Value:
    tape, N, (D, M) = x.tape, x.shape[0], W.shape
    b = tape.zeros(M) if b is None else b
    if W.size < LARGE:
        return _product(x, W, b, floor)
    blocks, work = -(-M // SPAN) * -(-N // SAMPLES), N * D * M
    parts = 1 if N > ROWS and blocks >= PARTS else min(PARTS, D)
    near = tape.value((DEEP, SPAN), scratch=True)
    sums = tape.value((N, M) if parts == 1 else (parts, N, M))
    first, lowest = (b, floor) if parts == 1 else (tape.zeros(M), NO_FLOOR)
    tape.emit(
        _blocks, [x, W, first], [sums, near], N, D, M, parts, float(lowest),
        over=parts * blocks, multiply_adds=work,
    )  # fmt: skip
    if parts == 1:
        return sums
    y, moved = tape.value((N, M)), parts * N * M
    tape.emit(_join, [sums, b], [y], N, M, parts, float(floor), over="samples", moved=moved)
    return y


def _product(x: Value, W: Value, b: Value, floor: Any) -> Value:
    tape, N, (D, M) = x.tape, x.shape[0], W.shape
    y, work = tape.value((N, M)), N * D * M
    tape.emit(_forward, [x, W, b], [y], D, M, float(floor), over="samples", multiply_adds=work)
    return y


def _input(dy: Value, W: Value) -> Value:
    """dx = dy Wᵀ, W turned as a whole if it is small, else by a few rows at a time."""
    tape, N, (D, M) = dy.tape, dy.shape[0], W.shape
    if W.size < LARGE:
        turned = tape.value((M, D))
        blocks = -(-D // SQUARE)
        tape.emit(_turn, [W], [turned], D, M, over=blocks, moved=D * M)
        return _product(dy, turned, tape.zeros(D), NO_FLOOR)
    dx, turned = tape.value((N, D)), tape.value((M, WIDTH), scratch=True)
    blocks, zeros = -(-D // WIDTH), tape.zeros(WIDTH)
    work = N * D * M
    tape.emit(
        _input_columns, [dy, W, zeros], [dx, turned], N, D, M, over=blocks, multiply_adds=work
    )
    return dx


@kernel
def _forward(w, first, end, slot):
    """y = max(x W + b, floor)    x: (N, D)  W: (D, M)  b: (M,)  y: (N, M), for a range of rows"""
    w = words(w)
    D, M = w[16], w[17]
    x, y = w[0] + first * w[1], w[12] + first * w[13]
    panel(end - first, M, x, D, 1, 0, w[4], M, 0, w[8], 0, y, M, D, 1, number(w[18]))


@kernel
def _blocks(w, first, end, slot):
    """sums: (P, N, M) = max(x W + start, floor), the products over a P-th of D each, by blocks

    Columns of W are first put side by side, if enough rows of x then go over them.
    """
    w = words(w)
    N, D, M, P, floor = w[20], w[21], w[22], w[23], number(w[24])
    near, packed = w[16] + slot * w[18], N > ROWS
    columns, groups = (M + SPAN - 1) // SPAN, (N + SAMPLES - 1) // SAMPLES
    for unit in range(first, end):
        f, n, part = unit % columns * SPAN, unit // columns % groups, unit // columns // groups
        n *= SAMPLES
        rows, span = min(SAMPLES, N - n), min(SPAN, M - f)
        y, begin, stop = w[12] + 4 * ((part * N + n) * M + f), part * D // P, (part + 1) * D // P
        for k in range(begin, stop, DEEP):
            deep = min(DEEP, stop - k)
            x, W = w[0] + 4 * (n * D + k), w[4] + 4 * (k * M + f)
            if packed:
                pack(W, M, near, deep, span)
            start, row = (w[8] + 4 * f, 0) if k == begin else (y, M)
            lowest = floor if k + deep == stop else NO_FLOOR
            for j in range(0, span, WIDTH):
                width = min(WIDTH, span - j)
                b, b_row = (near + 4 * j * deep, width) if packed else (W + 4 * j, M)
                panel(
                    rows, width, x, D, 1, 0, b, b_row, 0, start + 4 * j, row, y + 4 * j, M,
                    deep, 1, lowest,
                )  # fmt: skip


@kernel
def _join(w, first, end, slot):
    """y = max(b + Σ parts, floor), for some samples"""
    w = words(w)
    N, M, P, floor = w[12], w[13], w[14], number(w[15])
    b = floats(w[4], M)
    for n in range(first, end):
        y = floats(w[8] + n * w[9], M)
        for j in range(M):
            y[j] = b[j]
        for part in range(P):
            given = floats(w[0] + 4 * (part * N + n) * M, M)
            for j in range(M):
                y[j] += given[j]
        for j in range(M):
            y[j] = floor if y[j] < floor else y[j]  # NaN stays


@kernel
def _weights(w, first, end, slot):
    """dW = xᵀ dy    x: (N, D)  dy: (N, M)  dW: (D, M), for blocks of rows of dW

    Where the rows of x are long, their numbers of a block are first put side by side.
    """
    w = words(w)
    N, D, M = w[16], w[17], w[18]
    for block in range(first, end):
        begin = block * PACKED
        count = min(PACKED, D - begin)
        dW = w[8] + 4 * begin * M
        floats(dW, count * M)[:] = 0
        for n in range(0, N, SAMPLES):
            rows = min(SAMPLES, N - n)
            x, row, dy = w[0] + 4 * (n * D + begin), D, w[4] + 4 * n * M
            if D > LONG:
                packed = w[12] + slot * w[14]
                for i in range(rows):
                    to, source = floats(packed + 4 * i * count, count), floats(x + 4 * i * D, count)
                    for j in range(count):
                        to[j] = source[j]
                x, row = packed, count
            panel(count, M, x, 1, row, 0, dy, M, 0, dW, M, dW, M, rows, 1, NO_FLOOR)


@kernel
def _input_columns(w, first, end, slot):
    """dx = dy Wᵀ    dy: (N, M)  W: (D, M)  dx: (N, D), for blocks of columns"""
    w = words(w)
    N, D, M = w[20], w[21], w[22]
    address = w[16] + slot * w[18]
    for block in range(first, end):
        begin = block * WIDTH
        count = min(WIDTH, D - begin)
        turn(w[4] + 4 * begin * M, M, address, count, count, M)
        panel(
            N, count, w[0], M, 1, 0, address, count, 0, w[8], 0, w[12] + 4 * begin, D, M, 1,
            NO_FLOOR,
        )  # fmt: skip


@kernel
def _bias(w, first, end, slot):
    """db = Σₙ dyₙ    dy: (N, M)  db: (M,)"""
    w = words(w)
    N, M = w[8], w[9]
    dy, db = floats(w[0], N * M), floats(w[4], M)
    for j in range(M):
        db[j] = 0
    for n in range(N):
        for j in range(M):
            db[j] += dy[n * M + j]


@kernel
def _turn(w, first, end, slot):
    """The transpose of W: (D, M), for blocks of rows of W"""
    w = words(w)
    D, M = w[8], w[9]
    for block in range(first, end):
        begin = block * SQUARE
        count = min(SQUARE, D - begin)
        turn(w[0] + 4 * begin * M, M, w[4] + 4 * begin, D, count, M)
