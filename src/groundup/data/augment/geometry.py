"""Operations that move pixels.   [Simard, Steinkraus & Platt 2003; Shorten & Khoshgoftaar 2019]

fill: what lies beyond the image, which comes into sight: a value, "reflect" (c b a | a b c) or
"nearest" (a a a | a b c).
"""

from dataclasses import dataclass

import numpy as np

from groundup.checks import SHARE, check_number
from groundup.data.augment.operation import (
    Geometric,
    Numbers,
    augmentations,
    check_fill,
    up_to,
)
from groundup.ops import Fill

FAR = 10_000.0


@augmentations.register(name="rotation")
@dataclass(frozen=True)
class RandomRotation(Geometric):
    """Turns an image about its center, to the left or to the right.

    θ ~ Uniform(-d, d)    d = magnitude · degrees, counterclockwise where positive

    degrees: 0 to 180. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.zeros((1, 1, 3, 3), np.uint8)
    >>> x[0, 0, 1, 2] = 200
    >>> gu.Augment([gu.RandomRotation(90)])(x, [0], gu.Stream(seed=1))[0, 0]
    array([[  0,   0,   0],
           [  0,   0,   1],
           [  0, 152,  40]], dtype=uint8)
    """

    degrees: float = 30.0
    fill: Fill = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "degrees", up_to(180, "degrees"))
        check_fill(self)

    def inverse(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        angle = np.deg2rad(self.magnitude * self.degrees) * (2 * numbers[:, 0] - 1)
        A = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return A.transpose(2, 0, 1), np.zeros((len(angle), 2))


@augmentations.register(name="shift")
@dataclass(frozen=True)
class RandomShift(Geometric):
    """Moves an image up or down and sideways, by parts of a pixel too.

    t ~ Uniform(-s, s)² pixels    s = magnitude · pixels

    pixels: 0 to 10,000. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.array([[[[0, 0, 0], [0, 100, 0], [0, 0, 0]]]], np.uint8)
    >>> gu.Augment([gu.RandomShift(1)])(x, [0], gu.Stream(seed=0))[0, 0]
    array([[ 0, 14, 41],
           [ 0, 12, 33],
           [ 0,  0,  0]], dtype=uint8)
    """

    pixels: float = 4.0
    fill: Fill = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "pixels", up_to(FAR, "pixels"))
        check_fill(self)

    def inverse(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        t = -self.magnitude * self.pixels * (2 * numbers[:, :2] - 1)
        return _scaled(np.ones(len(t)), np.ones(len(t))), t


@augmentations.register(name="zoom")
@dataclass(frozen=True)
class RandomZoom(Geometric):
    """Enlarges or reduces an image about its center.

    scale ~ Uniform(1 - f, 1 + f)    f = magnitude · factor

    factor: 0 <= factor < 1. Raises InputError for another number.

    >>> import groundup as gu
    >>> x = np.array([[[[0, 0, 0], [0, 100, 0], [0, 0, 0]]]], np.uint8)
    >>> gu.Augment([gu.RandomZoom(0.5)])(x, [0], gu.Stream(seed=4))[0, 0]
    array([[  3,  16,   3],
           [ 16, 100,  16],
           [  3,  16,   3]], dtype=uint8)
    """

    factor: float = 0.3
    fill: Fill = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "factor", SHARE)
        check_fill(self)

    def inverse(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        scale = 1 + self.magnitude * self.factor * (2 * numbers[:, 0] - 1)
        return _scaled(1 / scale, 1 / scale), np.zeros((len(scale), 2))


@dataclass(frozen=True, kw_only=True)
class Flip(Geometric):
    """Half of the images by default: a flip has no degrees, so the magnitude makes it rarer."""

    probability: float = 0.5

    @property
    def share(self) -> float:
        return self.probability * self.magnitude


@augmentations.register(name="horizontal_flip")
@dataclass(frozen=True)
class RandomHorizontalFlip(Flip):
    """Exchanges left and right in a share of the images, probability · magnitude.

    y[i, j] = x[i, W - 1 - j]    exactly; not for letters and digits, which it would change

    >>> import groundup as gu
    >>> x = np.arange(4, dtype=np.uint8).reshape(1, 1, 2, 2)
    >>> gu.Augment([gu.RandomHorizontalFlip(probability=1)])(x, [0], gu.Stream())[0, 0]
    array([[1, 0],
           [3, 2]], dtype=uint8)
    """

    def inverse(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        one = np.ones(len(numbers))
        return _scaled(one, -one), np.zeros((len(one), 2))


@augmentations.register(name="vertical_flip")
@dataclass(frozen=True)
class RandomVerticalFlip(Flip):
    """Exchanges top and bottom in a share of the images, probability · magnitude.

    y[i, j] = x[H - 1 - i, j]    exactly

    >>> import groundup as gu
    >>> x = np.arange(4, dtype=np.uint8).reshape(1, 1, 2, 2)
    >>> gu.Augment([gu.RandomVerticalFlip(probability=1)])(x, [0], gu.Stream())[0, 0]
    array([[2, 3],
           [0, 1]], dtype=uint8)
    """

    def inverse(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        one = np.ones(len(numbers))
        return _scaled(-one, one), np.zeros((len(one), 2))


def _scaled(rows: Numbers, columns: Numbers) -> Numbers:
    """(B, 2, 2) with these on the diagonal."""
    A = np.zeros((len(rows), 2, 2))
    A[:, 0, 0], A[:, 1, 1] = rows, columns
    return A
