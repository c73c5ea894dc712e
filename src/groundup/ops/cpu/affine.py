"""Dense layers by the tile: ahead of BLAS for the small products of small networks."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from typing import Any

from groundup.ops.cpu.memory import floats, kernel, number, words
from groundup.ops.cpu.panel import NO_FLOOR, RELU, panel
from groundup.ops.cpu.tile import COLUMNS, LANES, ROWS
from groundup.ops.tape import Value

SQUARE = 16  # rows turned at a time
LARGE = 2**18  # elements of W, from which on it should be read from far memory only once
PARTS = 8  # into which the sum over D is cut then; added in their order
WIDTH = COLUMNS * LANES
DEEP = 256  # rows of W that a tile goes through at a time, so that its columns stay near
PACKED = 4 * ROWS  # columns of x that are copied together before they are multiplied


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
    packed = tape.value((N, PACKED), scratch=True)
    tape.emit(_weights, [x, dy], [dW, packed], N, D, M, over=blocks, multiply_adds=work)
    tape.emit(_bias, [dy], [db], N, M, over=1, moved=N * M // 8)
    return (_input(dy, W) if need_dx else None), dW, db


def _affine(x: Value, W: Value, b: Value | None, floor: Any) -> Value:
    tape, N, (D, M) = x.tape, x.shape[0], W.shape
    b = tape.zeros(M) if b is None else b
    if W.size < LARGE:
        return _product(x, W, b, floor)
    parts, y = tape.value((PARTS, N, M)), tape.value((N, M))
    near = tape.value((DEEP, WIDTH), scratch=True)
    tape.emit(_part, [x, W], [parts, near], N, D, M, over=PARTS, multiply_adds=N * D * M)
    numbers = (N, M, float(floor))
    tape.emit(_join, [parts, b], [y], *numbers, over="samples", moved=PARTS * N * M)
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
        tape.emit(_turn, [W], [turned], D, M, over=blocks, moved=4 * D * M)
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
def _part(w, first, end, slot):
    """parts: (P, N, M), the products over a P-th of D each

    Columns of W are first put side by side, if enough rows of x then go over them.
    """
    w = words(w)
    N, D, M = w[16], w[17], w[18]
    near = w[12] + slot * w[14]
    for part in range(first, end):
        y = w[8] + 4 * part * N * M
        floats(y, N * M)[:] = 0
        begin, stop = part * D // PARTS, (part + 1) * D // PARTS
        for k in range(begin, stop, DEEP):
            deep = min(DEEP, stop - k)
            x, W = w[0] + 4 * k, w[4] + 4 * k * M
            if N <= ROWS:
                panel(N, M, x, D, 1, 0, W, M, 0, y, M, y, M, deep, 1, NO_FLOOR)
                continue
            for f in range(0, M, WIDTH):
                width = min(WIDTH, M - f)
                for i in range(deep):
                    source, target = floats(W + 4 * (i * M + f), width), near + 4 * i * width
                    floats(target, width)[:] = source
                to = y + 4 * f
                panel(N, width, x, D, 1, 0, near, width, 0, to, M, to, M, deep, 1, NO_FLOOR)


@kernel
def _join(w, first, end, slot):
    """y = max(b + Σ parts, floor), for some samples"""
    w = words(w)
    N, M, floor = w[12], w[13], number(w[14])
    b = floats(w[4], M)
    for n in range(first, end):
        y = floats(w[8] + n * w[9], M)
        for j in range(M):
            y[j] = b[j]
        for part in range(PARTS):
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
        x, row = w[0] + 4 * begin, D
        if D > DEEP:
            packed = w[12] + slot * w[14]
            for n in range(N):
                source, target = floats(x + 4 * n * D, count), floats(packed + 4 * n * count, count)
                for i in range(count):
                    target[i] = source[i]
            x, row = packed, count
        floats(dW, count * M)[:] = 0
        panel(count, M, x, 1, row, 0, w[4], M, 0, dW, M, dW, M, N, 1, NO_FLOOR)


@kernel
def _input_columns(w, first, end, slot):
    """dx = dy Wᵀ    dy: (N, M)  W: (D, M)  dx: (N, D), for blocks of columns"""
    w = words(w)
    N, D, M = w[20], w[21], w[22]
    address = w[16] + slot * w[18]
    for block in range(first, end):
        begin = block * WIDTH
        count = min(WIDTH, D - begin)
        turned, W = floats(address, M * count), floats(w[4] + 4 * begin * M, M * count)
        for j in range(M):
            for i in range(count):
                turned[j * count + i] = W[i * M + j]
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
    W, turned = floats(w[0], D * M), floats(w[4], D * M)
    for block in range(first, end):
        begin = block * SQUARE
        for j in range(M):
            for i in range(begin, min(begin + SQUARE, D)):
                turned[j * D + i] = W[i * M + j]
