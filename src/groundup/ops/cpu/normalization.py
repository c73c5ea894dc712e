"""Batch normalization: statistics by channel over a batch, then one pass over it.

Rows (N, D) are read as D channels of N lines, images as C channels of N·H·W pixels. The sums go
over fixed groups of samples, which are added in order: the same bits for any number of threads.
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from typing import Any

import numba
import numpy as np

from groundup.ops.cpu.memory import floats, kernel, number, words
from groundup.ops.tape import Value

GROUP = 32  # samples whose sum is made at once
_ZERO, _ONE = np.float32(0), np.float32(1)


def batch_statistics(x: Value) -> tuple[Value, Value]:
    """As `ops.reference.normalization.batch_statistics`."""
    C, m = x.shape[1], x.size // x.shape[1]
    mean = _mean(_sum, [x], C, m)
    return mean, _mean(_sum_of_squares, [x, mean], C, m)


def batch_norm(
    x: Value, gamma: Value, beta: Value, mean: Value, var: Value, epsilon: float
) -> tuple[Value, Value, Value]:
    """As `ops.reference.normalization.batch_norm`."""
    tape, C = x.tape, x.shape[1]
    inv_std = tape.value((C,))
    tape.emit(_invert, [var], [inv_std], C, float(epsilon), over=1, moved=4 * C)
    xhat, y = (tape.value(x.shape, images=x.images) for _ in range(2))
    reads = [x, gamma, beta, mean, inv_std]
    tape.emit(_normalize, reads, [xhat, y], *_size(x), over=x.over, moved=3 * x.size)
    return y, xhat, inv_std


def batch_norm_backward(
    dy: Value, xhat: Value, inv_std: Value, gamma: Value, through_statistics: bool
) -> tuple[Value, Value, Value]:
    """As `ops.reference.normalization.batch_norm_backward`."""
    tape, C = dy.tape, dy.shape[1]
    dbeta = _mean(_sum, [dy], C, 1)
    dgamma = _mean(_sum_of_products, [dy, xhat], C, 1)
    dx = tape.value(dy.shape, images=dy.images)
    m = dy.size // C if through_statistics else 0
    reads = [dy, xhat, gamma, inv_std, dbeta, dgamma]
    tape.emit(_normalize_backward, reads, [dx], *_size(dy), m, over=dy.over, moved=3 * dy.size)
    return dx, dgamma, dbeta


def blend(old: Value, new: Value, share: float, scale: float) -> Value:
    """As `ops.reference.normalization.blend`."""
    made = old.tape.value(old.shape)
    numbers = (old.size, float(share), float((1 - share) * scale))
    old.tape.emit(_blend, [old, new], [made], *numbers, over=1, moved=3 * old.size)
    return made


def count_up(old: Value) -> Value:
    """As `ops.reference.normalization.count_up`."""
    made = old.tape.value(old.shape)
    old.tape.emit(_count_up, [old], [made], old.size, over=1, moved=old.size)
    return made


def _size(x: Value) -> tuple[int, int, int]:
    """Lines of a sample, pixels of a line, channels."""
    return (x.shape[2], x.shape[3], x.shape[1]) if x.images else (1, 1, x.shape[1])


def _mean(kernel: Any, reads: list[Value], C: int, m: int) -> Value:
    """(C,): what the kernel adds up by groups of samples, divided by m."""
    tape, x = reads[0].tape, reads[0]
    groups = -(-x.shape[0] // GROUP)
    sums, made = tape.value((groups, C)), tape.value((C,))
    numbers = (x.shape[0], *_size(x))
    tape.emit(kernel, reads, [sums], *numbers, over=groups, moved=x.size * len(reads))
    tape.emit(_add_up, [sums], [made], groups, C, m, over=1, moved=groups * C)
    return made


@numba.njit(inline="always")
def _pixels(w, i, n, line, width):
    return floats(w[i] + n * w[i + 1] + line * w[i + 3], width)


@kernel
def _sum(w, first, end, slot):
    """sums: (groups, C), of x"""
    w = words(w)
    N, H, W, C = w[8], w[9], w[10], w[11]
    for group in range(first, end):
        sums = floats(w[4] + 4 * group * C, C)
        for c in range(C):
            sums[c] = 0
        for n in range(group * GROUP, min(N, (group + 1) * GROUP)):
            for i in range(H):
                x = _pixels(w, 0, n, i, W * C)
                for j in range(W):
                    for c in range(C):
                        sums[c] += x[j * C + c]


@kernel
def _sum_of_squares(w, first, end, slot):
    """sums: (groups, C), of (x - mean)²"""
    w = words(w)
    N, H, W, C = w[12], w[13], w[14], w[15]
    mean = floats(w[4], C)
    for group in range(first, end):
        sums = floats(w[8] + 4 * group * C, C)
        for c in range(C):
            sums[c] = 0
        for n in range(group * GROUP, min(N, (group + 1) * GROUP)):
            for i in range(H):
                x = _pixels(w, 0, n, i, W * C)
                for j in range(W):
                    for c in range(C):
                        d = x[j * C + c] - mean[c]
                        sums[c] += d * d


@kernel
def _sum_of_products(w, first, end, slot):
    """sums: (groups, C), of dy · xhat"""
    w = words(w)
    N, H, W, C = w[12], w[13], w[14], w[15]
    for group in range(first, end):
        sums = floats(w[8] + 4 * group * C, C)
        for c in range(C):
            sums[c] = 0
        for n in range(group * GROUP, min(N, (group + 1) * GROUP)):
            for i in range(H):
                dy, xhat = _pixels(w, 0, n, i, W * C), _pixels(w, 4, n, i, W * C)
                for j in range(W):
                    for c in range(C):
                        sums[c] += dy[j * C + c] * xhat[j * C + c]


@kernel
def _add_up(w, first, end, slot):
    """made: (C,), the sum over groups in their order, over m"""
    w = words(w)
    groups, C, m = w[8], w[9], np.float32(w[10])
    sums, made = floats(w[0], groups * C), floats(w[4], C)
    for c in range(C):
        made[c] = sums[c]
    for group in range(1, groups):
        for c in range(C):
            made[c] += sums[group * C + c]
    for c in range(C):
        made[c] /= m


@kernel
def _invert(w, first, end, slot):
    """inv_std = 1 / √(var + ε)"""
    w = words(w)
    C, epsilon = w[8], number(w[9])
    var, inv_std = floats(w[0], C), floats(w[4], C)
    for c in range(C):
        inv_std[c] = _ONE / np.sqrt(var[c] + epsilon)


@kernel
def _normalize(w, first, end, slot):
    """xhat = (x - mean) · inv_std    y = γ xhat + β"""
    w = words(w)
    H, W, C = w[28], w[29], w[30]
    gamma, beta, mean, inv_std = (
        floats(w[4], C),
        floats(w[8], C),
        floats(w[12], C),
        floats(w[16], C),
    )
    for n in range(first, end):
        for i in range(H):
            x = floats(w[0] + n * w[1] + slot * w[2] + i * w[3], W * C)
            xhat = floats(w[20] + n * w[21] + slot * w[22] + i * w[23], W * C)
            y = floats(w[24] + n * w[25] + slot * w[26] + i * w[27], W * C)
            # Two loops, since LLVM makes no vectors of a loop over seven arrays that might overlap.
            for j in range(0, W * C, C):
                for c in range(C):
                    xhat[j + c] = (x[j + c] - mean[c]) * inv_std[c]
                for c in range(C):
                    y[j + c] = gamma[c] * xhat[j + c] + beta[c]


@kernel
def _normalize_backward(w, first, end, slot):
    """dx = γ inv_std (dy - (dβ + xhat dγ) / m), or without the bracket's second part if m is 0"""
    w = words(w)
    H, W, C, m = w[28], w[29], w[30], w[31]
    gamma, inv_std = floats(w[8], C), floats(w[12], C)
    dbeta, dgamma = floats(w[16], C), floats(w[20], C)
    share = _ONE / np.float32(m) if m else _ZERO
    for n in range(first, end):
        for i in range(H):
            dy = floats(w[0] + n * w[1] + slot * w[2] + i * w[3], W * C)
            xhat = floats(w[4] + n * w[5] + slot * w[6] + i * w[7], W * C)
            dx = floats(w[24] + n * w[25] + slot * w[26] + i * w[27], W * C)
            for j in range(0, W * C, C):
                for c in range(C):
                    through = (dbeta[c] + xhat[j + c] * dgamma[c]) * share
                    dx[j + c] = gamma[c] * inv_std[c] * (dy[j + c] - through)


@kernel
def _blend(w, first, end, slot):
    """made = share · old + rest · new"""
    w = words(w)
    size, share, rest = w[12], number(w[13]), number(w[14])
    old, new, made = floats(w[0], size), floats(w[4], size), floats(w[8], size)
    for i in range(size):
        made[i] = share * old[i] + rest * new[i]


@kernel
def _count_up(w, first, end, slot):
    w = words(w)
    old, made = floats(w[0], w[8]), floats(w[4], w[8])
    for i in range(w[8]):
        made[i] = old[i] + _ONE
