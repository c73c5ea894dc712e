"""What is done to raw inputs before the network sees them, learned from the training data only.

A preprocessor is a value with three pure functions; what it has learned is a dictionary of arrays,
its parameters, which the caller keeps and a model file saves as tensors:

    fit(x)                    -> parameters
    transform(parameters, x)  -> float32, what the network sees
    inverse(parameters, x)    -> back on the raw scale

Integers and float64 are worked on in float64 and then cast, so that a column such as a year loses
no digits to its large mean; bytes and float32 are worked on in float32.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup.errors import DataError, ShapeError
from groundup.registry import Registry
from groundup.typing import Array

Parameters = dict[str, Array]
_CHUNK = 4096  # rows that are float64 at a time while fitting


class Preprocessor(ABC):
    """x: (N, D) features or (N, C, H, W) images, never written to."""

    @abstractmethod
    def fit(self, x: Array) -> Parameters:
        """Learn from the training data; raises DataError for NaN and infinite values."""

    @abstractmethod
    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        """What the network sees, float32."""

    @abstractmethod
    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        """The raw values again, to rounding, as floats."""


preprocessors: Registry[Preprocessor] = Registry("preprocessor", Preprocessor)


@preprocessors.register()
@dataclass(frozen=True)
class Rescale(Preprocessor):
    """Divides by the largest value of the training data.

    y = x / s    s = max |x|, or 1 where all of it is zero    x, y: (N, D) or (N, C, H, W)

    So bytes are divided by 255 (if white occurs), scikit-learn's digits by 16.

    >>> rescale, x = Rescale(), np.array([[0, 51], [255, 102]], np.uint8)
    >>> rescale.transform(rescale.fit(x), x)
    array([[0. , 0.2],
           [1. , 0.4]], dtype=float32)
    """

    def fit(self, x: Array) -> Parameters:
        largest = max(float(np.abs(chunk).max()) for chunk in _chunks(x))
        return {"scale": np.array([largest or 1.0])}

    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _floats(x)
        y: Array = work / parameters["scale"].astype(work.dtype)
        return y.astype(np.float32, copy=False)

    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _floats(x)
        raw: Array = work * parameters["scale"].astype(work.dtype)
        return raw


@preprocessors.register()
@dataclass(frozen=True)
class Standardize(Preprocessor):
    """Gives every feature or image channel mean 0 and standard deviation 1.

    y = (x - μ) / σ    x, y: (N, D) or (N, C, H, W)  μ, σ: (D,) or (C, 1, 1)
    σ is the population's (divided by N); a feature that never varies is divided by 1.

    >>> standardize, x = Standardize(), np.array([[1.0, 7.0], [3.0, 7.0]])
    >>> standardize.transform(standardize.fit(x), x)
    array([[-1.,  0.],
           [ 1.,  0.]], dtype=float32)
    """

    def fit(self, x: Array) -> Parameters:
        axes = _sample_axes(x)
        count = x.size // x.shape[1]
        # Seen from the first sample, so that a constant column deviates by exactly zero.
        origin = _corner(x).astype(np.float64)
        mean = sum(((c - origin).sum(axes, keepdims=True) for c in _chunks(x)), np.zeros(1)) / count
        mean = origin + mean
        with np.errstate(over="ignore"):
            square = (((c - mean) ** 2).sum(axes, keepdims=True) for c in _chunks(x))
            std = np.sqrt(sum(square, np.zeros(1)) / count)
        if not np.isfinite(std).all():
            raise DataError("x holds values whose squares are beyond float64: rescale it first.")
        std[std == 0] = 1.0
        return {"mean": mean[0], "std": std[0]}

    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _fitting(parameters, x)
        y: Array = work - parameters["mean"].astype(work.dtype)
        y /= parameters["std"].astype(work.dtype)
        return y.astype(np.float32, copy=False)

    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _fitting(parameters, x)
        raw: Array = work * parameters["std"].astype(work.dtype)
        raw += parameters["mean"].astype(work.dtype)
        return raw


def _floats(x: Array) -> Array:
    return x.astype(np.result_type(x.dtype, np.float32), copy=False)


def _fitting(parameters: Mapping[str, Array], x: Array) -> Array:
    mean = parameters["mean"]
    if x.ndim != mean.ndim + 1 or x.shape[1] != mean.shape[0]:
        raise ShapeError(
            f"x of shape {x.shape}: it was standardized with {mean.shape[0]} "
            f"{'features (N, D)' if mean.ndim == 1 else 'channels (N, C, H, W)'}."
        )
    return _floats(x)


def _sample_axes(x: Array) -> tuple[int, ...]:
    if x.ndim not in (2, 4):
        raise ShapeError(f"x of shape {x.shape}: expected (N, D) features or (N, C, H, W) images.")
    return (0,) if x.ndim == 2 else (0, 2, 3)


def _corner(x: Array) -> Array:
    return x[:1] if x.ndim == 2 else x[:1, :, :1, :1]


def _chunks(x: Array) -> Iterator[NDArray[np.float64]]:
    if x.size == 0:
        raise DataError(f"x of shape {x.shape}: there is nothing to fit on.")
    for begin in range(0, len(x), _CHUNK):
        chunk = x[begin : begin + _CHUNK].astype(np.float64)
        if not np.isfinite(chunk).all():
            where = [int(i) for i in np.argwhere(~np.isfinite(chunk))[0]]
            raise DataError(
                f"x is {chunk[tuple(where)]} in sample {begin + where[0]}, position {where[1:]}: "
                "expected finite numbers. Remove the sample or fill the value in."
            )
        yield chunk
