"""Initial values: pure functions from a random stream and a shape to an array.

    fan_in n, fan_out m:  dense W (n, m);  convolution W (F, C, KH, KW): n = C·KH·KW, m = F·KH·KW

All of them draw in float64; a network casts to its own dtype, so float32 and float64 networks of
the same seed start from the same numbers.   [Saito 2016, 6.2]
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from groundup.checks import NOT_NEGATIVE, check_number
from groundup.errors import InputError
from groundup.registry import Registry
from groundup.rng import Stream
from groundup.typing import Array, Shape


@dataclass(frozen=True)
class Initializer(ABC):
    """Initial values of one parameter."""

    @abstractmethod
    def __call__(self, rng: Stream, shape: Shape) -> Array:
        """An array of `shape`, float64, drawn from `rng`."""


initializers: Registry[Initializer] = Registry("initializer", Initializer)


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight's shape.

    >>> fans((784, 100)), fans((30, 1, 5, 5)), fans((7,))
    ((784, 100), (25, 750), (7, 7))
    """
    if len(shape) == 1:
        return shape[0], shape[0]
    if len(shape) == 2:
        return shape[0], shape[1]
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


@initializers.register()
@dataclass(frozen=True)
class Zeros(Initializer):
    """0 everywhere: right for a bias; for weights it keeps all units of a layer alike forever.

    >>> from groundup import Stream, Zeros
    >>> Zeros()(Stream(0), (2,))
    array([0., 0.])
    """

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return np.zeros(shape)


@initializers.register()
@dataclass(frozen=True)
class Ones(Initializer):
    """1 everywhere: what the scale γ of a normalization starts with.

    >>> from groundup import Ones, Stream
    >>> Ones()(Stream(0), (2,))
    array([1., 1.])
    """

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return np.ones(shape)


@initializers.register()
@dataclass(frozen=True)
class Constant(Initializer):
    """The same value everywhere. In configurations "constant:0.25" means Constant(0.25).

    >>> from groundup import Constant, Stream
    >>> Constant(0.1)(Stream(0), (2,))
    array([0.1, 0.1])
    """

    value: float = 0.0

    def __post_init__(self) -> None:
        check_number(self, "value")

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return np.full(shape, float(self.value))


@initializers.register("normal")
@dataclass(frozen=True)
class RandomNormal(Initializer):
    """Normal(mean, stddev²). In configurations "std:0.01" means RandomNormal(stddev=0.01).

    >>> from groundup import RandomNormal, Stream
    >>> RandomNormal(stddev=0.01)(Stream(0), (784, 50)).std().round(4)
    np.float64(0.01)
    """

    mean: float = 0.0
    stddev: float = 0.05

    def __post_init__(self) -> None:
        check_number(self, "mean")
        check_number(self, "stddev", NOT_NEGATIVE)

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return rng.normal(shape, self.mean, self.stddev)


@initializers.register("uniform")
@dataclass(frozen=True)
class RandomUniform(Initializer):
    """Uniform on [minval, maxval).

    >>> from groundup import RandomUniform, Stream
    >>> W = RandomUniform(2.0, 3.0)(Stream(0), (100, 50))
    >>> float(W.min().round(2)), float(W.max().round(2))
    (2.0, 3.0)
    """

    minval: float = -0.05
    maxval: float = 0.05

    def __post_init__(self) -> None:
        check_number(self, "minval")
        check_number(self, "maxval")
        if self.minval > self.maxval:
            raise InputError(
                f"RandomUniform(minval={self.minval}, maxval={self.maxval}): "
                "expected minval <= maxval."
            )

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return rng.uniform(shape, self.minval, self.maxval)


@initializers.register("glorot")
@dataclass(frozen=True)
class GlorotNormal(Initializer):
    """Normal with variance 2/(n + m), its tails not cut as Keras does   [Glorot & Bengio 2010]

    >>> from groundup import GlorotNormal, Stream
    >>> W = GlorotNormal()(Stream(0), (50, 150))
    >>> float(W.std().round(2))  # √(2/200)
    0.1
    """

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return rng.normal(shape, 0.0, math.sqrt(2 / sum(fans(shape))))


@initializers.register()
@dataclass(frozen=True)
class GlorotUniform(Initializer):
    """Uniform on ±√(6/(n + m)), again variance 2/(n + m)   [Glorot & Bengio 2010]

    >>> from groundup import GlorotUniform, Stream
    >>> W = GlorotUniform()(Stream(0), (50, 100))
    >>> float(abs(W).max().round(2)), float(W.std().round(2))  # √(6/150), √(2/150)
    (0.2, 0.12)
    """

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        limit = math.sqrt(6 / sum(fans(shape)))
        return rng.uniform(shape, -limit, limit)


@initializers.register("he", "relu")
@dataclass(frozen=True)
class HeNormal(Initializer):
    """Normal with variance 2/n, twice Xavier's since ReLU silences half   [He et al. 2015]

    Keras cuts its tails at two standard deviations; this, like the book and PyTorch, does not.

    >>> from groundup import HeNormal, Stream
    >>> W = HeNormal()(Stream(0), (200, 100))
    >>> float(W.std().round(2))  # √(2/200)
    0.1
    """

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return rng.normal(shape, 0.0, math.sqrt(2 / fans(shape)[0]))


@initializers.register()
@dataclass(frozen=True)
class HeUniform(Initializer):
    """Uniform on ±√(6/n), again variance 2/n   [He et al. 2015]

    >>> from groundup import HeUniform, Stream
    >>> W = HeUniform()(Stream(0), (150, 100))
    >>> float(abs(W).max().round(2)), float(W.std().round(2))  # √(6/150), √(2/150)
    (0.2, 0.12)
    """

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        limit = math.sqrt(6 / fans(shape)[0])
        return rng.uniform(shape, -limit, limit)


@initializers.register("xavier", "sigmoid")
@dataclass(frozen=True)
class XavierBook(Initializer):
    """Normal with variance 1/n, what the book calls Xavier   [Saito 2016, 6.2.2; LeCun 1998]

    >>> from groundup import Stream, XavierBook
    >>> W = XavierBook()(Stream(0), (100, 50))
    >>> float(W.std().round(2))  # √(1/100)
    0.1
    """

    def __call__(self, rng: Stream, shape: Shape) -> Array:
        return rng.normal(shape, 0.0, math.sqrt(1 / fans(shape)[0]))


# The spellings of Keras's function style: glorot_normal() is GlorotNormal().
zeros, ones, constant = Zeros, Ones, Constant
random_normal, random_uniform = RandomNormal, RandomUniform
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform, xavier_book = HeNormal, HeUniform, XavierBook


_SPELLINGS: Mapping[str, Callable[[float], Initializer]] = {
    "std": lambda x: RandomNormal(stddev=x),
    "constant": lambda x: Constant(value=x),
}


@initializers.parse
def _with_value(text: str) -> Initializer | None:
    """ "std:0.01" and "constant:0.25", the spellings of configurations and the command line."""
    word, colon, number = text.partition(":")
    if not colon or word not in _SPELLINGS:
        return None
    try:
        value = float(number)
    except ValueError:
        raise InputError(
            f"initializer {text!r}: expected a number after {word}:, as in {word}:0.01."
        ) from None
    return _SPELLINGS[word](value)
