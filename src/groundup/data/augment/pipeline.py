"""A list of operations, applied to a batch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from groundup import ops
from groundup.checks import as_array, as_number, as_numbers, refusal
from groundup.data.augment.operation import Augmentation, Geometric, Pixelwise, augmentations
from groundup.data.rows import Rows
from groundup.errors import DataError, InputError, ShapeError
from groundup.ops import Draws, Fill
from groundup.rng import Stream
from groundup.typing import Array

Named = tuple[str, Augmentation]
_ENDS = {np.dtype(np.uint8): (0.0, 255.0), np.dtype(bool): (0.0, 1.0)}


@dataclass(frozen=True)
class Augment:
    """Shows training a new variant of each image in each epoch; labels stay as they are.

    y = operation_k(… operation_1(x))    x, y: (N, C, H, W) or (N, H, W), of one shape and dtype

    What is drawn for an image is a function of (seed, epoch, its index, the operation), whatever
    the batch. Neighboring operations that move pixels become one map, so that an image is resampled
    once. Values stay in the range of the data: noise, brightness and contrast are cut off at its
    ends; resampling and blur are weighted means, which leave it by rounding at most.

    Args:
        operations: objects, names, "NAME:MAGNITUDE" or mappings with a "name", in their order.
        value_range: black and white; `fit` takes those of the training data. Without it bytes have
            0 and 255, and what is said in shares of the range is refused for other numbers.

    >>> import groundup as gu
    >>> augment = gu.Augment([gu.RandomRotation(15), "shift:0.5", {"name": "noise", "stddev": 0.1}])
    >>> (x, y), _ = gu.datasets.digits.load_data()
    >>> variants = augment(x[:32], indices=range(32), stream=gu.Stream(seed=0).at(epoch=3))
    >>> variants.shape, variants.dtype
    ((32, 8, 8), dtype('uint8'))
    """

    operations: Sequence[Any]
    value_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.operations, str) or not isinstance(self.operations, Sequence):
            raise refusal(
                "operations", self.operations, "a list, such as [RandomShift(2)]", "Augment"
            )
        resolved = tuple(augmentations.resolve(given) for given in self.operations)
        object.__setattr__(self, "operations", resolved)
        if self.value_range is not None:
            low, high = (as_number(end, "value_range", who="Augment") for end in self.value_range)
            if not low <= high:
                raise refusal("value_range", self.value_range, "(black, white)", "Augment")
            object.__setattr__(self, "value_range", (low, high))

    def fit(self, x: Array) -> "Augment":
        """The same with the range of the training data, where none is given; x as for a call."""
        x = _images(x)
        if self.value_range is not None:
            return self
        return replace(self, value_range=(float(x.min()), float(x.max())))

    def __call__(self, x: Array, indices: ArrayLike, stream: Stream) -> Array:
        """Variants of some samples: of the same shape and type, x itself if nothing changes

        x: (B, C, H, W) or (B, H, W), raw; indices: (B,), which samples these are; stream: at the
        epoch. Raises ShapeError and InputError.
        """
        x = _images(x)
        images = x if x.ndim == 4 else x[:, np.newaxis]
        samples = as_array(indices, "indices").astype(np.int64)
        if samples.shape != (len(x),):
            raise ShapeError(
                f"indices of shape {samples.shape}: expected one for each of {len(x)} samples x."
            )
        if not len(x):
            return x
        draws = Draws(stream.of("augment").at(step=0), samples)
        return self.apply(images, draws, *self._ends(x.dtype)).reshape(x.shape)

    def apply(self, x: Array, draws: Draws, low: float, high: float) -> Array:
        """The same of checked images (B, C, H, W), each operation with a part of the stream."""
        for fill, stage in self._stages:
            drawn = [(op, Draws(draws.stream.named(name), draws.samples)) for name, op in stage]
            op, own = drawn[0]
            if isinstance(op, Pixelwise):
                x = _changed(x, op, own, low, high)
            else:
                x = _warped(x, drawn, fill)
        return x

    def _ends(self, dtype: np.dtype[Any]) -> tuple[float, float]:
        ends = self.value_range or _ENDS.get(dtype)
        parts = [part for op in self.operations for part in op.parts]
        in_need = [type(op).__name__ for op in parts if op.uses_range]
        if ends is None and in_need:
            raise InputError(
                f"{in_need[0]}: black and white of {dtype} are not known. Expected, for example, "
                "Augment(…, value_range=(0, 1)), or Augment(…).fit(x_train)."
            )
        fills = (getattr(op, "fill", None) for op in parts)
        numbers = [fill for fill in fills if isinstance(fill, float)]
        if dtype.kind in "iu" and any(not _holds(dtype, fill) for fill in numbers):
            raise InputError(f"fill={max(numbers, key=abs)}: expected a value of type {dtype}.")
        return ends or (0.0, 0.0)

    @cached_property
    def _stages(self) -> tuple[tuple[Fill, list[Named]], ...]:
        """Each operation with its name, such as shift_1; neighbors that are one map together."""
        ordinal: Counter[str] = Counter()
        stages: list[tuple[Fill | None, list[Named]]] = []
        for op in self.operations:
            kind = augmentations.name_of(type(op))
            ordinal[kind] += 1
            named = (f"{kind}_{ordinal[kind]}", op)
            fill = op.fill if isinstance(op, Geometric) else None
            if stages and isinstance(op, Geometric) and _joins(*stages[-1], fill):
                before, stage = stages.pop()
                stages.append((before if fill is None else fill, [*stage, named]))
            else:
                stages.append((fill, [named]))
        return tuple((fill or 0.0, stage) for fill, stage in stages)


def _joins(before: Fill | None, stage: list[Named], fill: Fill | None) -> bool:
    """Whether one more map with this fill can be a part of the stage."""
    return isinstance(stage[0][1], Geometric) and (None in (before, fill) or before == fill)


def _warped(x: Array, drawn: Sequence[tuple[Any, Draws]], fill: Fill) -> Array:
    """One map for all: of what comes first in the list is seen last when a place is looked up."""
    A, t, moved = np.tile(np.eye(2), (len(x), 1, 1)), np.zeros((len(x), 2)), False
    for op, draws in drawn:
        chosen, numbers = op.draw(draws)
        B, s = op.inverse(numbers)
        B[~chosen], s[~chosen] = np.eye(2), 0.0
        A, t = ops.product(A, B), ops.product(A, s[:, :, np.newaxis])[:, :, 0] + t
        moved |= bool(chosen.any())
    inverse = np.concatenate([A, t[:, :, np.newaxis]], axis=2).astype(np.float32)
    return ops.warp(x, inverse, fill) if moved else x


def _changed(x: Array, op: Pixelwise, draws: Draws, low: float, high: float) -> Array:
    """The operation on those that are chosen; the others keep their bits."""
    chosen, numbers = op.draw(draws)
    if chosen.all():
        return op.change(x, numbers, draws, low, high)
    if chosen.any():
        y = x.copy()
        y[chosen] = op.change(x[chosen], numbers[chosen], draws.of(chosen), low, high)
        return y
    return x


def _images(given: Any) -> Array:
    """Images as an array, or as rows on the disk."""
    x: Any = given if isinstance(given, Rows) else as_numbers(given, "augment: x")
    if x.ndim not in (3, 4) or 0 in x.shape[1:]:
        raise ShapeError(
            f"augment: x has shape {x.shape}: expected images (N, C, H, W) or (N, H, W). "
            "Leave augment out for other data."
        )
    if x.dtype.kind not in "biuf":
        raise DataError(f"augment: x has dtype {x.dtype}: expected real numbers.")
    return x


def _holds(dtype: np.dtype[Any], value: float) -> bool:
    limits = np.iinfo(dtype)
    return bool(limits.min <= value <= limits.max)
