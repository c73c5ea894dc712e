"""The menu of a search: operations and levels, and how whole numbers spell a policy.

A sub-policy is spelled by T = 3 K decisions, K operations with three decisions each:

    operation, probability, magnitude, operation, probability, magnitude, …

A decision is the number of an option; so a policy of S sub-policies is an array (S, T).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from groundup.data.augment import (
    Augmentation,
    Cutout,
    Policy,
    RandomBlur,
    RandomBrightness,
    RandomContrast,
    RandomHorizontalFlip,
    RandomNoise,
    RandomRotation,
    RandomShift,
    RandomVerticalFlip,
    RandomZoom,
    SaltAndPepper,
    augmentations,
)
from groundup.rng import Stream
from groundup.typing import Shape

Decisions = NDArray[np.int64]


@dataclass(frozen=True)
class Menu:
    """What can be chosen.

    Args:
        operations: each at its full strength.
        probabilities, magnitudes: the levels of both.
        length: K, the operations of a sub-policy.

    >>> menu = usual_menu((1, 28, 28))
    >>> menu.sizes, menu.combinations
    ((11, 6, 5, 11, 6, 5), 108900)
    """

    operations: tuple[Augmentation, ...]
    probabilities: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    magnitudes: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8, 1.0)
    length: int = 2

    @property
    def kinds(self) -> tuple[int, int, int]:
        """How many operations, probabilities and magnitudes there are."""
        return len(self.operations), len(self.probabilities), len(self.magnitudes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many options each of the T decisions of a sub-policy has."""
        return self.kinds * self.length

    @property
    def combinations(self) -> int:
        """How many sub-policies can be spelled."""
        return int(np.prod(self.sizes))

    @property
    def names(self) -> tuple[str, ...]:
        """Of the operations."""
        return tuple(augmentations.name_of(type(one)) for one in self.operations)

    def policy(self, decisions: Decisions) -> Policy:
        """The policy that decisions (S, T) spell

        >>> menu = usual_menu((1, 28, 28))
        >>> menu.policy(np.array([[0, 5, 2, 7, 4, 4]])).table()["subpolicies"][0][0]
        {'name': 'rotation', 'magnitude': 0.6, 'degrees': 45.0}
        """
        return Policy([self._operations(one) for one in decisions])

    def _operations(self, decisions: Sequence[int] | Decisions) -> list[Augmentation]:
        return [
            replace(
                self.operations[kind],
                probability=self.probabilities[often],
                magnitude=self.magnitudes[strong],
            )
            for kind, often, strong in np.reshape(decisions, (-1, 3))
        ]

    def draw(self, stream: Stream, count: int) -> Decisions:
        """(count, T) decisions of sub-policies, every option as likely as any other."""
        units = stream.uniform((count, len(self.sizes)))
        return np.floor(units * np.array(self.sizes)).astype(np.int64)


def usual_menu(in_shape: Shape) -> Menu:
    """All operations, at full strength as strong as an image of this shape (C, H, W) may bear

    Flips are on it although they make no digits: that is for the controller to find out.
    """
    side = float(min(in_shape[1:]))
    return Menu((
        RandomRotation(45.0), RandomShift(side / 4), RandomZoom(0.5), RandomHorizontalFlip(),
        RandomVerticalFlip(), RandomBlur(side / 14), RandomNoise(0.3), SaltAndPepper(0.3),
        Cutout(side / 2), RandomBrightness(0.5), RandomContrast(0.8),
    ))  # fmt: skip
