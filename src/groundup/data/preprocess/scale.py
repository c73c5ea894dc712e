"""Preprocessors that look at one feature at a time: another range, or another mean and spread."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from groundup.checks import as_number, refusal
from groundup.data.preprocess.base import (
    Parameters,
    Preprocessor,
    chunks,
    expect_samples,
    floats,
    mean_of,
    preprocessors,
)
from groundup.errors import DataError, ShapeError
from groundup.typing import Array


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
        largest = max(float(np.abs(chunk).max()) for chunk in chunks(x))
        return {"scale": np.array([largest or 1.0])}

    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = floats(x)
        y: Array = work / parameters["scale"].astype(work.dtype)
        return y.astype(np.float32, copy=False)

    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = floats(x)
        raw: Array = work * parameters["scale"].astype(work.dtype)
        return raw


@preprocessors.register("minmax")
@dataclass(frozen=True)
class MinMax(Preprocessor):
    """Moves every feature or image channel into a range, [0, 1] unless said otherwise.

    y = a + (b - a) (x - min) / (max - min)    x, y: (N, D) or (N, C, H, W)  min, max: (D,) or
    (C, 1, 1), of the training data; a feature that never varies becomes a. Later data may lie
    outside and then leave the range.   [scikit-learn's MinMaxScaler]

    Args:
        feature_range: (a, b), a < b.

    >>> scale, x = MinMax(feature_range=(-1, 1)), np.array([[1.0, 7.0], [3.0, 7.0], [2.0, 7.0]])
    >>> scale.transform(scale.fit(x), x)
    array([[-1., -1.],
           [ 1., -1.],
           [ 0., -1.]], dtype=float32)
    """

    feature_range: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        given = self.feature_range
        words = "two numbers, the smaller first, such as (0, 1)"
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise refusal("feature_range", given, words, "MinMax")
        a, b = (as_number(end, "feature_range", who="MinMax") for end in given)
        if a >= b:
            raise refusal("feature_range", given, words, "MinMax")
        object.__setattr__(self, "feature_range", (a, b))

    def fit(self, x: Array) -> Parameters:
        axes = _sample_axes(x)
        low = high = None
        for chunk in chunks(x):
            least, most = chunk.min(axes, keepdims=True), chunk.max(axes, keepdims=True)
            low = least if low is None else np.minimum(low, least)
            high = most if high is None else np.maximum(high, most)
        assert low is not None
        assert high is not None
        with np.errstate(over="ignore"):
            span = high - low
        if not np.isfinite(span).all():
            raise DataError("x spans more than float64 can hold: expected less, rescale it first.")
        span[span == 0] = 1.0
        return {"min": low[0], "span": span[0]}

    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _fitting(parameters["min"], x)
        a, b = self.feature_range
        y: Array = work - parameters["min"].astype(work.dtype)
        y /= parameters["span"].astype(work.dtype)
        y *= b - a
        y += a
        return y.astype(np.float32, copy=False)

    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _fitting(parameters["min"], x)
        a, b = self.feature_range
        raw: Array = (work - a) / (b - a)
        raw *= parameters["span"].astype(work.dtype)
        raw += parameters["min"].astype(work.dtype)
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
        mean = mean_of(x, axes)
        with np.errstate(over="ignore"):
            square = (((c - mean) ** 2).sum(axes, keepdims=True) for c in chunks(x))
            std = np.sqrt(sum(square, np.zeros(1)) / (x.size // x.shape[1]))
        if not np.isfinite(std).all():
            raise DataError(
                "x holds values whose squares are beyond float64: expected smaller ones, rescale "
                "it."
            )
        std[std < np.finfo(np.float32).tiny] = 1.0  # in float32 that is nothing to divide by
        return {"mean": mean[0], "std": std[0]}

    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _fitting(parameters["mean"], x)
        y: Array = work - parameters["mean"].astype(work.dtype)
        y /= parameters["std"].astype(work.dtype)
        return y.astype(np.float32, copy=False)

    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        work = _fitting(parameters["mean"], x)
        raw: Array = work * parameters["std"].astype(work.dtype)
        raw += parameters["mean"].astype(work.dtype)
        return raw


def _fitting(learned: Array, x: Array) -> Array:
    """x as floats, if it has the features or channels that were learned of, (D,) or (C, 1, 1)."""
    if x.ndim != learned.ndim + 1 or x.shape[1] != learned.shape[0]:
        raise ShapeError(
            f"x of shape {x.shape}: expected what the training data had, {learned.shape[0]} "
            f"{'features (N, D)' if learned.ndim == 1 else 'channels (N, C, H, W)'}."
        )
    return floats(x)


def _sample_axes(x: Array) -> tuple[int, ...]:
    expect_samples(x)
    return (0,) if x.ndim == 2 else (0, 2, 3)
