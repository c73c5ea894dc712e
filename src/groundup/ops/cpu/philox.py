"""Philox 4x64-10 inside a kernel: four random words from a key and a counter, no state.

The words are those of `groundup.rng.Stream`: key = (seed, stream id), counter = (block, sample,
epoch, step), where NumPy counts up before it draws, so block 1 comes first.   [Salmon et al. 2011]
"""

# mypy: disable-error-code="untyped-decorator, no-untyped-def, no-untyped-call, call-arg"
# mypy: disable-error-code="var-annotated, unreachable"
import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from groundup.ops.cpu.threads import run
from groundup.ops.reference.philox import KEY_STEPS, MULTIPLIERS, Draws, Words

_M0, _M1 = map(np.uint64, MULTIPLIERS)
_W0, _W1 = map(np.uint64, KEY_STEPS)
WORDS = 150  # that one thread draws in a microsecond, roughly


@intrinsic
def multiply_high(context, a, b):
    """The high 64 bits of the product of two 64-bit words: one instruction of the processor."""

    def generate(target, builder, signature, given):
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(word, wide) for word in given))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


@numba.njit(cache=True, inline="always")
def philox(key0, key1, c0, c1, c2, c3):
    """Four words from a key and a counter, all uint64."""
    for _ in range(10):
        high0, low0 = multiply_high(_M0, c0), _M0 * c0
        high1, low1 = multiply_high(_M1, c2), _M1 * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ key0, low1, high0 ^ c3 ^ key1, low0
        key0 += _W0
        key1 += _W1
    return c0, c1, c2, c3


def philox_words(draws: Draws, first: int, blocks: int) -> Words:
    """As `ops.reference.philox.philox_words`."""
    stream, words = draws.stream, np.empty((draws.size, 4 * blocks), np.uint64)
    given = map(np.uint64, (*stream.key, first + 1, stream.epoch, stream.step))
    samples = draws.samples.astype(np.uint64)
    run(_philox_words, words.size / WORDS, draws.size, *given, samples, words)
    return words


@numba.njit(cache=True, nogil=True)
def _philox_words(begin, end, key0, key1, first, epoch, step, samples, words):
    for n in range(begin, end):
        fill(key0, key1, first, samples[n], epoch, step, words[n])


@numba.njit(cache=True, inline="always")
def fill(key0, key1, first, sample, epoch, step, words):
    """The words of one sample from block `first` on (the first of all is 1), 4 a block."""
    for i in range(words.size // 4):
        four = philox(key0, key1, first + np.uint64(i), sample, epoch, step)
        words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3] = four
