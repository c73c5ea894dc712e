"""Operations that change values where they are.   [Shorten & Khoshgoftaar 2019]

Strengths are shares of the range of the data, from `low` (black) to `high` (white), at whose ends
values are cut off.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from groundup import ops
from groundup.checks import FINITE, PORTION, check_number
from groundup.data.augment.operation import Numbers, Pixelwise, augmentations, up_to
from groundup.ops import Draws
from groundup.typing import Array

TRUNCATE = 4.0  # standard deviations, at which the bell curve is cut off, as in SciPy
WIDEST, LARGEST = 100.0, 10_000.0


@augmentations.register(name="blur")
@dataclass(frozen=True)
class RandomBlur(Pixelwise):
    """Blurs an image by a Gaussian bell, mirrored beyond the edges.

    y = Σₖ Σₗ wₖ wₗ x[i + k, j + l]    wₖ ∝ exp(-k² / 2σ²), |k| <= 4σ    σ ~ Uniform(0, s) pixels
    s = magnitude · sigma

    sigma: 0 to 100. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.array([[[[0, 0, 0], [0, 100, 0], [0, 0, 0]]]], np.uint8)
    >>> gu.Augment([gu.RandomBlur(1.0)])(x, [0], gu.Stream(seed=0))[0, 0]
    array([[ 4, 12,  4],
           [12, 38, 12],
           [ 4, 12,  4]], dtype=uint8)
    """

    sigma: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "sigma", up_to(WIDEST, "pixels"))

    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        widest = self.magnitude * self.sigma
        return ops.blur(x, bell(widest * numbers[:, 0], int(TRUNCATE * widest + 0.5)))


def bell(sigma: Numbers, radius: int) -> Array:
    """wₖ for each σ, (B, 2 · radius + 1): 0 beyond 4σ, in sum 1."""
    k = np.arange(-radius, radius + 1)
    sigma = sigma[:, np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        w = np.where(k == 0, 1.0, np.exp(-0.5 * (k / sigma) ** 2))
    w[np.abs(k) > np.floor(TRUNCATE * sigma + 0.5)] = 0.0
    return (w / w.sum(1, keepdims=True)).astype(np.float32)


@augmentations.register(name="noise")
@dataclass(frozen=True)
class RandomNoise(Pixelwise):
    """Adds Gaussian noise to every value.

    y = x + σ n    n ~ Normal(0, 1) in 65,536 levels    σ = magnitude · stddev · (high - low)

    stddev: 0 to 10, in ranges of the data. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.full((1, 1, 2, 3), 100, np.uint8)
    >>> gu.Augment([gu.RandomNoise(0.1)])(x, [0], gu.Stream(seed=0))[0, 0]
    array([[ 65, 105,  86],
           [103, 132, 108]], dtype=uint8)
    """

    stddev: float = 0.1
    uses_range: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "stddev", up_to(10, "ranges of the data"))

    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        sigma = np.full(len(x), self.magnitude * self.stddev * (high - low), np.float32)
        return ops.add_noise(x, sigma, draws, low, high)


@augmentations.register(name="salt_and_pepper")
@dataclass(frozen=True)
class SaltAndPepper(Pixelwise):
    """Turns some pixels white and as many black, in all channels.

    y = high or low with a chance of r/2 each, x otherwise    r = magnitude · rate

    rate: 0 to 1. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.full((1, 1, 2, 4), 100, np.uint8)
    >>> gu.Augment([gu.SaltAndPepper(0.5)])(x, [0], gu.Stream(seed=0))[0, 0]
    array([[255, 100, 255, 100],
           [100, 100,   0, 255]], dtype=uint8)
    """

    rate: float = 0.1
    uses_range: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "rate", PORTION)

    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        rate = np.full(len(x), self.magnitude * self.rate)
        return ops.salt_and_pepper(x, rate, draws, low, high)


@augmentations.register(name="cutout")
@dataclass(frozen=True)
class Cutout(Pixelwise):
    """Covers a square, of which a part may lie outside of the image.

    y = fill where |i - a| and |j - b| <= side/2, x elsewhere    (a, b) ~ Uniform over the pixels
    side = magnitude · size, rounded        [DeVries & Taylor 2017]

    size: 0 to 10,000 pixels. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.full((1, 1, 3, 4), 7, np.uint8)
    >>> gu.Augment([gu.Cutout(2)])(x, [0], gu.Stream(seed=0))[0, 0]
    array([[0, 7, 7, 7],
           [7, 7, 7, 7],
           [7, 7, 7, 7]], dtype=uint8)
    """

    size: float = 8.0
    fill: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "size", up_to(LARGEST, "pixels"))
        check_number(self, "fill", FINITE)

    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        side = round(self.magnitude * self.size)
        middle = np.floor(numbers[:, :2] * x.shape[2:]).astype(np.int64)
        top, left = (middle - side // 2).T
        return ops.cut_out(x, top, left, side, self.fill)


@augmentations.register(name="brightness")
@dataclass(frozen=True)
class RandomBrightness(Pixelwise):
    """Makes an image brighter or darker.

    y = x + b (high - low)    b ~ Uniform(-f, f)    f = magnitude · factor

    factor: 0 to 1. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.array([[[[0, 100, 250]]]], np.uint8)
    >>> gu.Augment([gu.RandomBrightness(0.2)])(x, [0], gu.Stream(seed=0))
    array([[[[ 16, 116, 255]]]], dtype=uint8)
    """

    factor: float = 0.3
    uses_range: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "factor", PORTION)

    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        offset = (high - low) * self.magnitude * self.factor * (2 * numbers[:, 0] - 1)
        return ops.shade(x, np.ones(len(x)), offset, low, high)


@augmentations.register(name="contrast")
@dataclass(frozen=True)
class RandomContrast(Pixelwise):
    """Draws values away from each channel's mean, or towards it.

    y = m + g (x - m)    g ~ Uniform(1 - f, 1 + f)    f = magnitude · factor

    m: the mean of the image's channel. factor: 0 to 1. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.array([[[[100, 150, 200]]]], np.uint8)
    >>> gu.Augment([gu.RandomContrast(0.5)])(x, [0], gu.Stream(seed=0))
    array([[[[ 77, 150, 223]]]], dtype=uint8)
    """

    factor: float = 0.5
    uses_range: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "factor", PORTION)

    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        gain = 1 + self.magnitude * self.factor * (2 * numbers[:, 0] - 1)
        return ops.shade(x, gain, np.zeros(len(x)), low, high)
