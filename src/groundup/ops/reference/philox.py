"""The random words of many samples at once: Philox 4x64-10 over arrays.   [Salmon et al. 2011]

`Stream` draws by NumPy's generator, one sample a call; a batch of images needs all of them in one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup.rng import Stream

Words = NDArray[np.uint64]

MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
KEY_STEPS = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)


@dataclass(frozen=True, slots=True)
class Draws:
    """One stream for each of some samples: row b draws as `stream.at(sample=samples[b])` does.

    samples: (B,) whole numbers, which a sample keeps in whatever batch it stands.
    """

    stream: Stream
    samples: NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many samples."""
        return len(self.samples)

    def of(self, chosen: NDArray[np.bool_]) -> "Draws":
        """Those of the chosen samples."""
        return Draws(self.stream, self.samples[chosen])


def philox_words(draws: Draws, first: int, blocks: int) -> Words:
    """(B, 4 · blocks): the words of each sample from word 4 · first on."""
    stream = draws.stream
    block = np.arange(first + 1, first + 1 + blocks, dtype=np.uint64)  # NumPy counts up first
    samples = draws.samples.astype(np.uint64)[:, np.newaxis]
    counter = (block, samples, np.uint64(stream.epoch), np.uint64(stream.step))
    c0, c1, c2, c3 = (np.broadcast_to(c, (draws.size, blocks)) for c in counter)
    k0, k1 = stream.key
    for _ in range(10):
        (high0, low0), (high1, low1) = (
            _product(m, c) for m, c in zip(MULTIPLIERS, (c0, c2), strict=True)
        )
        c0, c1, c2, c3 = high1 ^ c1 ^ np.uint64(k0), low1, high0 ^ c3 ^ np.uint64(k1), low0
        k0, k1 = ((k + step) % 2**64 for k, step in zip((k0, k1), KEY_STEPS, strict=True))
    return np.stack([c0, c1, c2, c3], axis=2).reshape(draws.size, 4 * blocks)


def _product(a: int, b: Words) -> tuple[Words, Words]:
    """The high and the low 64 bits of a · b, from the products of their halves."""
    half, low_bits = np.uint64(32), np.uint64(2**32 - 1)
    a_high, a_low = np.uint64(a >> 32), np.uint64(a % 2**32)
    b_high, b_low = b >> half, b & low_bits
    cross1, cross2 = a_high * b_low, a_low * b_high
    carry = (a_low * b_low >> half) + (cross1 & low_bits) + (cross2 & low_bits)
    high = a_high * b_high + (cross1 >> half) + (cross2 >> half) + (carry >> half)
    return high, np.uint64(a) * b
