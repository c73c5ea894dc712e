"""What one kind of augmentation is: a value that says how strongly and how often.

Every operation has a strength of its own (degrees, pixels, …), and two numbers that all have:

- `probability`: the share of samples that it is applied to;
- `magnitude`: from 0 to 1, the share of its strength that is used; 0 does nothing.

What a sample draws depends on the seed, the epoch, the sample's number and the operation's place in
the list, and on nothing else: not on the batch in which it stands.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from groundup import ops
from groundup.checks import PORTION, Range, as_number, check_number, refusal
from groundup.ops import Draws, Fill
from groundup.registry import Registry
from groundup.rng import as_unit
from groundup.typing import Array

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """The base of every operation: how often and how strongly it is applied."""

    probability: float = 1.0
    magnitude: float = 1.0
    uses_range: ClassVar[bool] = False  # whether it has to know black and white

    def __post_init__(self) -> None:
        check_number(self, "probability", PORTION)
        check_number(self, "magnitude", PORTION)

    @property
    def share(self) -> float:
        """Of the samples that are changed."""
        return self.probability if self.magnitude else 0.0

    @property
    def parts(self) -> "tuple[Augmentation, ...]":
        """The operations that it is made of: itself, unless it holds others."""
        return (self,)

    def draw(self, draws: Draws) -> tuple[NDArray[np.bool_], Numbers]:
        """Which samples are changed, (B,), and three numbers on [0, 1) for each, (B, 3)."""
        unit = as_unit(ops.philox_words(draws, 0, 1))
        return unit[:, 0] < self.share, unit[:, 1:]


class Geometric(Augmentation, ABC):
    """Moves pixels: an affine map, y[p] = x[A p + t]; neighbors in a list become one map."""

    fill: Fill | None = None  # None: nothing from beyond the edge is ever seen

    @abstractmethod
    def inverse(self, numbers: Numbers) -> tuple[Numbers, Numbers]:
        """A (B, 2, 2) and t (B, 2): from a place (row, column) in y to one in x

        In pixels from the center of the image.
        """


class Pixelwise(Augmentation, ABC):
    """Changes values where they are."""

    @abstractmethod
    def change(self, x: Array, numbers: Numbers, draws: Draws, low: float, high: float) -> Array:
        """y of the shape and type of x (B, C, H, W), which is not written to

        numbers: (B, 3) on [0, 1); draws: for more of them, from block 1 on; low, high: black and
        white.
        """


augmentations: Registry[Augmentation] = Registry("augmentation", Augmentation)


@augmentations.parse
def _with_magnitude(text: str) -> Augmentation | None:
    """NAME:MAGNITUDE, such as "shift:0.5"."""
    name, colon, magnitude = text.partition(":")
    if not colon:
        return None
    try:
        value = float(magnitude)
    except ValueError:
        raise refusal("augment", text, 'NAME or NAME:MAGNITUDE, such as "shift:0.5"') from None
    return augmentations[name](magnitude=value)


def up_to(most: float, unit: str) -> Range:
    """From 0 to a most that no image can need more of."""
    return Range(f"a number of {unit} from 0 to {most:g}", lambda value: 0 <= value <= most)


def check_fill(owner: Geometric) -> None:
    """Refuse a `fill` that is neither a number nor one of the words."""
    if owner.fill not in ("reflect", "nearest"):
        instead = Range('"reflect", "nearest" or a finite number', lambda value: True)
        fill = as_number(owner.fill, "fill", instead, type(owner).__name__)
        object.__setattr__(owner, "fill", fill)
