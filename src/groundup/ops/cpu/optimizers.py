"""Optimizers in one pass over the parameter vector, in place."""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg, misc"
from typing import Any

import numba
import numpy as np

from groundup.ops.cpu.memory import double, floats, kernel, number, words
from groundup.ops.tape import Slot, Value

BLOCK = 4096
# Gradients of dead units are 0, and their moments would fade through the denormal numbers, on which
# a CPU is many times slower. Below this they move no parameter any more.
TINY = np.float32(1e-30)
_ZERO = np.float32(0)


def sgd_step(params: Value, g: Value, rate: Any) -> Value:
    """As `ops.reference.optimizers.sgd_step`."""
    return _update(_sgd, [g], [params], rate)[0]


def momentum_step(
    params: Value, g: Value, v: Value, momentum: Any, rate: Any, nesterov: bool
) -> tuple[Value, ...]:
    """As `ops.reference.optimizers.momentum_step`."""
    return _update(_nesterov if nesterov else _momentum, [g], [params, v], momentum, rate)


def adagrad_step(
    params: Value, g: Value, h: Value, epsilon: Any, rate: Any, inside: bool
) -> tuple[Value, ...]:
    """As `ops.reference.optimizers.adagrad_step`."""
    return _update(_adagrad, [g], [params, h], epsilon, rate, inside)


def rmsprop_step(
    params: Value, g: Value, h: Value, rho: Any, epsilon: Any, rate: Any, inside: bool
) -> tuple[Value, ...]:
    """As `ops.reference.optimizers.rmsprop_step`."""
    return _update(_rmsprop, [g], [params, h], rho, epsilon, rate, inside)


def adam_step(
    params: Value, g: Value, m: Value, v: Value, beta_1: Any, beta_2: Any, epsilon: Any, rate: Any
) -> tuple[Value, ...]:
    """As `ops.reference.optimizers.adam_step`."""
    return _update(_adam, [g], [params, m, v], beta_1, beta_2, epsilon, rate)


def _update(
    kernel: Any, reads: list[Value], changed: list[Value], *numbers: Any
) -> tuple[Value, ...]:
    """A row over blocks of the vectors; what it changes is read and written."""
    size = reads[0].size
    blocks = -(-size // BLOCK)
    moved = size * (len(reads) + 2 * len(changed))
    tape = reads[0].tape
    numbers = tuple(n if isinstance(n, Slot) else float(n) for n in numbers)  # 1 is a rate, too
    tape.emit(kernel, [*reads, *changed], [], size, *numbers, over=blocks, moved=moved)
    return tuple(changed)


@numba.njit(inline="always")
def _block(w, i, first, size):
    """The elements of block `first` of the vector whose words begin at w[i]."""
    return floats(w[i] + 4 * first * BLOCK, min(BLOCK, size - first * BLOCK))


@numba.njit(inline="always")
def _flushed(v):
    return _ZERO if abs(v) < TINY else v  # NaN is not below, and stays


@numba.njit(inline="always")
def _rest(word):
    """1 - β, which in float32 would lose the digits of a β near 1."""
    return np.float32(1.0 - double(word))


@kernel
def _sgd(w, first, end, slot):
    w = words(w)
    size, rate = w[8], number(w[9])
    for block in range(first, end):
        g, params = _block(w, 0, block, size), _block(w, 4, block, size)
        for i in range(g.size):
            params[i] -= rate * g[i]


@kernel
def _momentum(w, first, end, slot):
    w = words(w)
    size, momentum, rate = w[12], number(w[13]), number(w[14])
    for block in range(first, end):
        g, params, v = (
            _block(w, 0, block, size),
            _block(w, 4, block, size),
            _block(w, 8, block, size),
        )
        for i in range(g.size):
            v[i] = _flushed(momentum * v[i] - rate * g[i])
            params[i] += v[i]


@kernel
def _nesterov(w, first, end, slot):
    w = words(w)
    size, momentum, rate = w[12], number(w[13]), number(w[14])
    for block in range(first, end):
        g, params, v = (
            _block(w, 0, block, size),
            _block(w, 4, block, size),
            _block(w, 8, block, size),
        )
        for i in range(g.size):
            push = rate * g[i]
            v[i] = _flushed(momentum * v[i] - push)
            params[i] += momentum * v[i] - push


@kernel
def _adagrad(w, first, end, slot):
    w = words(w)
    size, epsilon, rate, inside = w[12], number(w[13]), number(w[14]), w[15]
    for block in range(first, end):
        g, params, h = (
            _block(w, 0, block, size),
            _block(w, 4, block, size),
            _block(w, 8, block, size),
        )
        for i in range(g.size):
            h[i] = _flushed(h[i] + g[i] * g[i])
            root = np.sqrt(h[i] + epsilon) if inside else np.sqrt(h[i]) + epsilon
            params[i] -= rate * g[i] / root


@kernel
def _rmsprop(w, first, end, slot):
    w = words(w)
    size, rho, epsilon, rate, inside = w[12], number(w[13]), number(w[14]), number(w[15]), w[16]
    new = _rest(w[13])
    for block in range(first, end):
        g, params, h = (
            _block(w, 0, block, size),
            _block(w, 4, block, size),
            _block(w, 8, block, size),
        )
        for i in range(g.size):
            h[i] = _flushed(rho * h[i] + new * (g[i] * g[i]))
            root = np.sqrt(h[i] + epsilon) if inside else np.sqrt(h[i]) + epsilon
            params[i] -= rate * g[i] / root


@kernel
def _adam(w, first, end, slot):
    w = words(w)
    size = w[16]
    beta_1, beta_2, epsilon, rate = number(w[17]), number(w[18]), number(w[19]), number(w[20])
    new_1, new_2 = _rest(w[17]), _rest(w[18])
    for block in range(first, end):
        g, params = _block(w, 0, block, size), _block(w, 4, block, size)
        m, v = _block(w, 8, block, size), _block(w, 12, block, size)
        for i in range(g.size):
            m[i] = _flushed(beta_1 * m[i] + new_1 * g[i])
            v[i] = _flushed(beta_2 * v[i] + new_2 * (g[i] * g[i]))
            params[i] -= rate * m[i] / (np.sqrt(v[i]) + epsilon)
