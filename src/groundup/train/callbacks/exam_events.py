"""An exam of the layers as what TensorBoard shows: curves by layer, histograms, pictures."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from groundup.train.probes.exam import Exam, LayerExam
from groundup.typing import Array

CURVES = {
    "activation_mean": "mean",
    "activation_std": "std",
    "dead_units": "dead",
    "saturated": "saturated",
    "weight": "weight",
    "gradient": "gradient",
    "update_ratio": "update",
    "internal_shift": "shift_mean",
}
"""The name of each curve, and the field of `LayerExam` that it shows."""

_CELL = 12  # pixels of a weight, or of a cell of a heat map


def curves(exam: Exam) -> dict[str, float]:
    """Points by their tags, such as "gradient/dense_1": one group a measure, one curve a layer."""
    return {
        f"{name}/{one.layer}": value
        for one in exam.layers
        for name, field in CURVES.items()
        if (value := getattr(one, field)) is not None
    }


def histograms(exam: Exam) -> dict[str, LayerExam]:
    """The layers by the tags of their histograms."""
    return {f"activations/{one.layer}": one for one in exam.layers}


def pictures(
    exams: Sequence[Exam], arrays: Iterable[tuple[str, Array, Array]]
) -> dict[str, NDArray[np.uint8]]:
    """Filters, and the gradient by layer and exam, by their tags; none of a network without any."""
    found = dict(filters(arrays))
    if any(one.gradient is not None for one in exams[0].layers):
        found["gradient by layer"] = heat_map(exams)
    return found


def filters(arrays: Iterable[tuple[str, Array, Array]]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """The first convolution's filters as one picture, (H, W) or (H, W, 3), with its tag

    Of one or three input channels as they are, of others their mean; black is the smallest
    weight, white the largest.
    """
    found = ((path, W) for path, W, _ in arrays if W.ndim == 4)
    for path, W in [*found][:1]:
        F, C, KH, KW = W.shape
        colors = W if C in (1, 3) else W.mean(axis=1, keepdims=True)
        columns = math.ceil(math.sqrt(F))
        rows = math.ceil(F / columns)
        grid = np.zeros((rows * (KH + 1) - 1, columns * (KW + 1) - 1, colors.shape[1]), np.uint8)
        for i, one in enumerate(shades(colors)):
            top, left = i // columns * (KH + 1), i % columns * (KW + 1)
            grid[top : top + KH, left : left + KW] = one.transpose(1, 2, 0)
        yield f"filters/{path}", _enlarged(grid.squeeze(2) if grid.shape[2] == 1 else grid)


def heat_map(exams: Sequence[Exam]) -> NDArray[np.uint8]:
    """log dL/dW, layers from top to bottom, exams from left to right: the brighter, the larger."""
    names = [one.layer for one in exams[0].layers if one.gradient is not None]
    by_name = [{one.layer: one.gradient for one in exam.layers} for exam in exams]
    values = np.array([[known[name] or np.nan for known in by_name] for name in names], float)
    return _enlarged(shades(np.log10(values.reshape(len(names), len(exams)))))


def shades(values: Array) -> NDArray[np.uint8]:
    """From 0 for the smallest finite value to 255 for the largest; what is not finite is 0.

    >>> shades(np.array([1.0, 2.0, np.nan])).tolist()
    [0, 255, 0]
    """
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low, high = values[finite].min(), values[finite].max()
    share = (np.where(finite, values, low) - low) / ((high - low) or 1)
    return np.rint(255 * share).astype(np.uint8)


def _enlarged(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return image.repeat(_CELL, axis=0).repeat(_CELL, axis=1)
