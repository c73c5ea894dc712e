"""Augmentation: new variants of the training images in each epoch, as a declarative list.

- `operation`: what an operation is, and the registry of all;
- `geometry`: those that move pixels; `pixels`: those that change values;
- `pipeline`: the list, applied to a batch; `policy`: several lists, of which each sample draws one.
"""

from groundup.data.augment.geometry import (
    RandomHorizontalFlip,
    RandomRotation,
    RandomShift,
    RandomVerticalFlip,
    RandomZoom,
)
from groundup.data.augment.operation import Augmentation, Geometric, Pixelwise, augmentations
from groundup.data.augment.pipeline import Augment
from groundup.data.augment.pixels import (
    Cutout,
    RandomBlur,
    RandomBrightness,
    RandomContrast,
    RandomNoise,
    SaltAndPepper,
)
from groundup.data.augment.policy import Policy

__all__ = [
    "Augment", "Augmentation", "Cutout", "Geometric", "Pixelwise", "Policy", "RandomBlur",
    "RandomBrightness", "RandomContrast", "RandomHorizontalFlip", "RandomNoise", "RandomRotation",
    "RandomShift", "RandomVerticalFlip", "RandomZoom", "SaltAndPepper", "augmentations",
]  # fmt: skip
