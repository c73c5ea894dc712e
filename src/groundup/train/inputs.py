"""What users hand to fit, evaluate and predict, checked once and made one."""

from typing import Any

import numpy as np

from groundup.data.labels import as_targets, class_weights
from groundup.errors import DataError, InputError, ShapeError
from groundup.nn.losses import CategoricalCrossentropy, Loss
from groundup.train.learner import Examples
from groundup.typing import Array, Shape

_ROWS = 4096  # looked through at a time, so that a memory-mapped array stays on the disk


def check_inputs(x: Any, in_shape: Shape | None) -> Array:
    """x (N, …) as an array of real finite numbers with the shape that the network expects.

    >>> check_inputs([[1.0, float("nan")]], None)
    Traceback (most recent call last):
    groundup.errors.DataError: x is nan at sample 0, position (1,): expected finite numbers. \
Remove the sample or fill the value in.
    """
    x = np.asanyarray(x)
    if x.dtype.kind not in "biuf":
        raise DataError(f"x has dtype {x.dtype}: expected real numbers. Encode text as numbers.")
    if x.ndim < 2:
        raise ShapeError(
            f"x has shape {x.shape}: expected (N, D) or (N, C, H, W), one row a sample."
        )
    if len(x) == 0:
        raise DataError("x holds no samples: there is nothing to learn or to judge.")
    if in_shape is not None and x.shape[1:] != in_shape:
        raise ShapeError(
            f"x has shape {x.shape}: the network expects (N, {', '.join(map(str, in_shape))}). "
            "Reshape x, or build the network for these inputs."
        )
    if x.dtype.kind == "f":
        for begin in range(0, len(x), _ROWS):
            bad = ~np.isfinite(x[begin : begin + _ROWS])
            if bad.any():
                row, *rest = (int(i) for i in np.argwhere(bad)[0])
                value = x[(begin + row, *rest)]
                raise DataError(
                    f"x is {value} at sample {begin + row}, position {tuple(rest)}: expected "
                    "finite numbers. Remove the sample or fill the value in."
                )
    return x


def check_examples(
    x: Any, y: Any, weight: Any, in_shape: Shape | None, out_shape: Shape, loss: Loss
) -> Examples:
    """x, y and sample weights that belong together: labels for cross-entropy, else targets."""
    x = check_inputs(x, in_shape)
    y = np.asarray(y)
    if isinstance(loss, CategoricalCrossentropy):
        targets = y if _is_soft(y, out_shape) else as_targets(y, out_shape[-1])
    else:
        targets = _as_values(y, out_shape)
    if len(targets) != len(x):
        raise ShapeError(f"x holds {len(x)} samples and y {len(targets)}: expected as many.")
    return Examples(x, targets, None if weight is None else check_weights(weight, len(x)))


def check_weights(weight: Any, count: int) -> Array:
    """Sample weights (N,): finite, not negative, not all 0."""
    weight = np.asarray(weight)
    if weight.shape != (count,) or weight.dtype.kind not in "biuf":
        raise ShapeError(f"sample_weight has shape {weight.shape}: expected {count} numbers.")
    if not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise DataError("sample_weight: expected finite numbers >= 0, not all of them 0.")
    return weight.astype(np.float64)


def weigh_classes(examples: Examples, class_weight: Any, classes: int) -> Examples:
    """Examples weighted by class besides: "balanced" or {class: weight}."""
    if class_weight is None:
        return examples
    if examples.y.dtype.kind != "i":
        raise InputError("class_weight: the targets are no class labels. Use sample_weight.")
    weight = class_weights(examples.y, class_weight, classes)[examples.y]
    if examples.weight is not None:
        weight = weight * examples.weight
    return Examples(examples.x, examples.y, weight)


def _is_soft(y: Array, out_shape: Shape) -> bool:
    """Rows that are distributions, not all of them one-hot."""
    if y.dtype.kind != "f" or y.shape[1:] != out_shape or y.ndim != 2 or y.shape[1] < 2:
        return False
    rows = y.sum(axis=1)
    distribution = bool((y >= 0).all() and (np.abs(rows - 1) < 1e-4).all())
    return distribution and not bool(((y == 0) | (y == 1)).all())


def _as_values(y: Array, out_shape: Shape) -> Array:
    if y.dtype.kind not in "biuf":
        raise DataError(f"y has dtype {y.dtype}: expected real numbers.")
    if y.ndim == 1 and out_shape == (1,):
        y = y[:, None]
    if y.shape[1:] != out_shape:
        raise ShapeError(
            f"y has shape {y.shape}: the network gives (N, {', '.join(map(str, out_shape))}). "
            "For class labels use the loss categorical_crossentropy."
        )
    y = y.astype(np.float64)
    if not np.isfinite(y).all():
        row = int(np.argwhere(~np.isfinite(y))[0][0])
        raise DataError(f"y is not finite at sample {row}: expected finite numbers.")
    return y
