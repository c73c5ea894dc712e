"""Dense layers by the tile: ahead of BLAS for the small products of small networks."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call"
from groundup.ops.cpu.memory import floats, kernel, number, words
from groundup.ops.cpu.panel import NO_FLOOR, RELU, panel
from groundup.ops.cpu.tile import ROWS
from groundup.ops.tape import Value

_SQUARE = 16  # rows turned at a time


def affine(x: Value, W: Value, b: Value | None) -> Value:
    """As `ops.reference.affine.affine`."""
    return _product(x, W, b, NO_FLOOR)


def affine_relu(x: Value, W: Value, b: Value | None) -> Value:
    """As `ops.reference.affine.affine_relu`, the ReLU before the sums leave the registers."""
    return _product(x, W, b, RELU)


def affine_backward(
    dy: Value, x: Value, W: Value, need_dx: bool = True
) -> tuple[Value | None, Value, Value]:
    """As `ops.reference.affine.affine_backward`."""
    tape, (N, D), M = dy.tape, x.shape, W.shape[1]
    dW, db = tape.value(W.shape), tape.value((M,))
    blocks = -(-D // ROWS)
    tape.emit(_weights, [x, dy], [dW], N, D, M, blocks, over=blocks, multiply_adds=N * D * M)
    tape.emit(_bias, [dy], [db], N, M, over=1, moved=N * M // 8)
    if not need_dx:
        return None, dW, db
    turned = tape.value((M, D))
    blocks = -(-D // _SQUARE)
    tape.emit(_turn, [W], [turned], D, M, over=blocks, moved=4 * D * M)
    return _product(dy, turned, None, NO_FLOOR), dW, db


def _product(x: Value, W: Value, b: Value | None, floor: float) -> Value:
    tape, N, (D, M) = x.tape, x.shape[0], W.shape
    y = tape.value((N, M))
    b = tape.zeros(M) if b is None else b
    tape.emit(
        _forward, [x, W, b], [y], D, M, float(floor), over="samples", multiply_adds=N * D * M
    )
    return y


@kernel
def _forward(w, first, end, slot):
    """y = max(x W + b, floor)    x: (N, D)  W: (D, M)  b: (M,)  y: (N, M), for a range of rows"""
    w = words(w)
    D, M = w[16], w[17]
    x, y = w[0] + first * w[1], w[12] + first * w[13]
    panel(end - first, M, x, D, 1, 0, w[4], M, 0, w[8], 0, y, M, D, 1, number(w[18]))


@kernel
def _weights(w, first, end, slot):
    """dW = xᵀ dy    x: (N, D)  dy: (N, M)  dW: (D, M), for blocks of rows of dW"""
    w = words(w)
    N, D, M, blocks = w[12], w[13], w[14], w[15]
    first, end = first * D // blocks, end * D // blocks
    x, dW = w[0] + 4 * first, w[8] + 4 * first * M
    for i in range((end - first) * M):
        floats(dW, (end - first) * M)[i] = 0
    panel(end - first, M, x, 1, D, 0, w[4], M, 0, dW, M, dW, M, N, 1, NO_FLOOR)


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
        begin = block * _SQUARE
        for j in range(M):
            for i in range(begin, min(begin + _SQUARE, D)):
                turned[j * D + i] = W[i * M + j]
