"""Random numbers without a generator to carry around.

Every draw is a pure function of *what it is for*: Philox 4x64 with the key (seed, hash of
"purpose/name") and the counter (draw block, sample, epoch, step). So nothing about randomness is
ever saved: a resumed run, another worker or another order of samples draws the same numbers, and
adding a layer of another kind moves nobody's draws.

NumPy guarantees Philox's integers for ever but not what it makes of them, so the conversion to
floats, normals and permutations is written out here.   [Salmon et al. 2011, "Parallel random
numbers: as easy as 1, 2, 3"]
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from groundup.errors import InputError
from groundup.typing import Array, is_whole

Purpose: TypeAlias = Literal["init", "dropout", "shuffle", "augment", "split", "search", "bagging"]


@lru_cache(maxsize=4096)
def _stream_id(label: str) -> int:
    return int.from_bytes(hashlib.sha256(label.encode()).digest()[:8], "little")


@dataclass(frozen=True, slots=True)
class Stream:
    """An endless sequence of random numbers, named by what they are for.

    >>> dropout = Stream(seed=0, purpose="dropout").named("dropout_1").at(epoch=2, step=7)
    >>> bool((dropout.uniform((3,)) == dropout.uniform((3,))).all())   # a draw can be repeated
    True
    """

    seed: int = 0
    purpose: Purpose = "init"
    name: str = ""
    epoch: int = 0
    step: int = 0
    sample: int = 0

    def __post_init__(self) -> None:
        if not is_whole(self.seed):
            raise InputError(f"seed={self.seed!r}: expected a whole number, such as 0.")
        if not 0 <= self.seed < 2**64:
            raise InputError(f"seed={self.seed}: expected 0 <= seed < 2**64.")

    def named(self, name: str) -> "Stream":
        """The stream of a part: ``Stream(0).named("dense_1").named("W")`` is "dense_1/W"."""
        path = f"{self.name}/{name}" if self.name else name
        # Every layer asks in every step, and `replace` would take three times as long.
        return Stream(self.seed, self.purpose, path, self.epoch, self.step, self.sample)

    def of(self, purpose: Purpose) -> "Stream":
        """The stream of the same name for another purpose."""
        return replace(self, purpose=purpose)

    def at(
        self, *, epoch: int | None = None, step: int | None = None, sample: int | None = None
    ) -> "Stream":
        """The same stream at another moment of training or for one sample."""
        return type(self)(  # every step asks, and `replace` would take three times as long
            self.seed,
            self.purpose,
            self.name,
            self.epoch if epoch is None else epoch,
            self.step if step is None else step,
            self.sample if sample is None else sample,
        )

    @property
    def key(self) -> tuple[int, int]:
        """Philox's key: the seed, and what stands for the purpose and the name."""
        return int(self.seed), _stream_id(f"{self.purpose}/{self.name}")

    def words(self, count: int) -> NDArray[np.uint64]:
        """`count` raw 64-bit words."""
        key = np.array(self.key, np.uint64)
        counter = np.array([0, self.sample, self.epoch, self.step], np.uint64)
        return np.random.Philox(key=key, counter=counter).random_raw(count)

    def halves(self, count: int) -> NDArray[np.uint32]:
        """`count` raw 32-bit words: the low, then the high half of each 64-bit word."""
        return self.words((count + 1) // 2).astype("<u8", copy=False).view("<u4")[:count]

    def uniform(
        self,
        shape: int | Sequence[int],
        low: float = 0.0,
        high: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> Array:
        """Uniform on [low, high): 53 random bits for float64, 24 for float32

        Where low + (high - low) · u rounds up, high itself is drawn; not on [0, 1).
        """
        shape, count = _sizes(shape)
        if np.dtype(dtype) == np.float32:
            unit = (self.halves(count) >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)
        else:
            unit = as_unit(self.words(count))
        drawn: Array = (low + (high - low) * unit).astype(dtype, copy=False).reshape(shape)
        return drawn

    def normal(
        self,
        shape: int | Sequence[int],
        mean: float = 0.0,
        stddev: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> Array:
        """Normal(mean, stddev²) by Box and Muller, computed in float64, then cast."""
        shape, count = _sizes(shape)
        bits = (self.words(2 * ((count + 1) // 2)) >> np.uint64(11)).reshape(-1, 2)
        radius = np.sqrt(-2.0 * np.log((bits[:, 0] + np.uint64(1)) * 2.0**-53))  # never log(0)
        angle = (2.0 * math.pi * 2.0**-53) * bits[:, 1]
        pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        drawn: Array = (mean + stddev * pairs.ravel()[:count]).astype(dtype, copy=False)
        return drawn.reshape(shape)

    def integers(self, low: int, high: int, shape: int | Sequence[int]) -> NDArray[np.int64]:
        """Whole numbers in [low, high), by the high part of word x (high - low)."""
        shape, count = _sizes(shape)
        span = high - low
        if not 0 < span <= 2**32:
            raise InputError(f"integers({low}, {high}): expected 0 < high - low <= 2**32.")
        scaled = (self.words(count) >> np.uint64(32)) * np.uint64(span) >> np.uint64(32)
        return (low + scaled.astype(np.int64)).reshape(shape)

    def permutation(self, count: int) -> NDArray[np.int64]:
        """The numbers 0 … count-1 in random order: random words, sorted (stable)."""
        return np.argsort(self.words(count), kind="stable").astype(np.int64, copy=False)

    def keep_mask(self, shape: int | Sequence[int], rate: float) -> NDArray[np.bool_]:
        """True with probability 1 - rate (to 2⁻³²), the same for every dtype of network."""
        shape, count = _sizes(shape)
        return (self.halves(count) >= np.uint64(round(rate * 2**32))).reshape(shape)


def as_unit(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Uniform on [0, 1): the 53 high bits of each word."""
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _sizes(shape: int | Sequence[int]) -> tuple[tuple[Any, ...], int]:
    sizes = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
    return sizes, math.prod(sizes)
