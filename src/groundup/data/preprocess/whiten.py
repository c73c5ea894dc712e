"""Decorrelation and whitening: new axes along which the features of the training data vary alone.

    Σ = Σₙ (xₙ - μ)(xₙ - μ)ᵀ / (N - 1) = U Λ Uᵀ    y = (x - μ) W

Axes stand in the order of their variance λ, the largest first; each points to where its largest
entry is positive, so that the same data give the same axes everywhere. Images are taken as
features, one a pixel and channel.

The covariance is summed up in float64 over chunks of the data, D² numbers and no more. An axis
along which nothing varies, as that of a constant or repeated feature, has λ = 0 to rounding;
whitening maps it to 0 and divides by nothing.
"""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup import ops
from groundup.checks import BETWEEN, NOT_NEGATIVE, as_number, check_number, refusal
from groundup.data.preprocess.base import (
    Parameters,
    Preprocessor,
    chunks,
    expect_samples,
    floats,
    mean_of,
    preprocessors,
)
from groundup.errors import DataError, InputError, ShapeError
from groundup.typing import Array, Shape, is_whole

_MOST_FEATURES = 10_000  # 800 MB of covariance, minutes of eigenvalues
_MOST_STRETCH = 300.0  # of float32's seven digits, so many leave four and more
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Projection(Preprocessor):
    """The base of what centers x and multiplies it by a matrix."""

    components: int | float | None = None

    def __post_init__(self) -> None:
        given = self.components
        if given is None or (is_whole(given) and given > 0):
            object.__setattr__(self, "components", given if given is None else int(given))
            return
        if isinstance(given, float | np.floating) and BETWEEN.holds(float(given)):
            share = as_number(given, "components", BETWEEN)
            object.__setattr__(self, "components", share)
            return
        words = "a whole number above 0, a share of the variance between 0 and 1, or None"
        raise refusal("components", given, words, type(self).__name__)

    @abstractmethod
    def matrices(self, U: Floats, variance: Floats, nothing: float) -> tuple[Floats, Floats]:
        """W (D, k) and its inverse (k, D) for the axes U (D, k) and their variances (k,)

        nothing: the variance up to which there is only rounding.
        """

    def stretch(self, variance: Floats, nothing: float) -> float:
        """How much more the one axis is stretched than the other."""
        return 1.0

    def fit(self, x: Array) -> Parameters:
        expect_samples(x)
        if x[:1].size > _MOST_FEATURES:
            raise DataError(
                f"x has {x[:1].size:,} features: the covariance of more than {_MOST_FEATURES:,} "
                "is too large. Use smaller images or fewer columns, or standardize."
            )
        mean = mean_of(x, (0,))
        variance, U = _principal_axes(_covariance(x, mean))
        nothing = 10 * len(variance) * np.finfo(np.float64).eps * variance[0]
        kept = self._count(variance)
        U, variance = U[:, :kept], variance[:kept]
        W, inverse = self.matrices(U, variance, nothing)
        # As exact as the data that will be seen, if that leaves enough digits to a thin axis.
        fine = self.stretch(variance, nothing) > _MOST_STRETCH
        kind = np.result_type(x.dtype, np.float64 if fine else np.float32)
        return {"mean": mean[0]} | {
            name: np.ascontiguousarray(array, kind)
            for name, array in {"W": W, "inverse": inverse}.items()
        }

    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        mean, W = parameters["mean"], parameters["W"]
        if x.shape[1:] != mean.shape:
            raise ShapeError(
                f"x of shape {x.shape}: the training data had {_batch(mean.shape)}: expected it, "
                "too."
            )
        work = floats(x).astype(np.result_type(x.dtype, W.dtype), copy=False)
        y: Array = (work - mean.astype(work.dtype)).reshape(len(x), math.prod(x.shape[1:]))
        y = ops.product(y, W.astype(work.dtype))
        return y.reshape(len(x), *self._prepared(mean.shape, W)).astype(np.float32, copy=False)

    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        mean, W, back = parameters["mean"], parameters["W"], parameters["inverse"]
        if x.shape[1:] != self._prepared(mean.shape, W):
            expected = _batch(self._prepared(mean.shape, W))
            raise ShapeError(f"x of shape {x.shape}: transform gives {expected}: expected it.")
        work = floats(x).astype(np.result_type(x.dtype, back.dtype), copy=False)
        rows = work.reshape(len(x), math.prod(x.shape[1:]))
        raw: Array = ops.product(rows, back.astype(work.dtype))
        return raw.reshape(len(x), *mean.shape) + mean.astype(work.dtype)

    def out_shape(self, in_shape: Shape) -> Shape | None:
        if self.components is None:
            return in_shape
        return (self.components,) if isinstance(self.components, int) else None

    def raw_shape(self, parameters: Mapping[str, Array], out_shape: Shape) -> Shape:
        return parameters["mean"].shape

    def _prepared(self, in_shape: Shape, W: Array) -> Shape:
        return in_shape if self.components is None else (W.shape[1],)

    def _count(self, variance: Floats) -> int:
        """How many axes are kept."""
        if self.components is None:
            return len(variance)
        if isinstance(self.components, int):
            if self.components > len(variance):
                raise InputError(
                    f"{type(self).__name__}(components={self.components}): x has only "
                    f"{len(variance)} features. Choose fewer."
                )
            return self.components
        share = np.cumsum(variance) / (variance.sum() or 1.0)
        return min(int(np.searchsorted(share, self.components, side="right")) + 1, len(variance))


@preprocessors.register("decorrelation")
@dataclass(frozen=True)
class Decorrelate(Projection):
    """Turns x onto the axes of its covariance, so that no two features vary together.

    y = (x - μ) U    x: (N, D) or (N, C, H, W)  y: the same, or (N, k)    Cov(y) = Λ, diagonal

    Lengths and distances stay as they are. [Pearson 1901; Hotelling 1933: principal components]

    Args:
        components: keep the first k axes, or as many as hold this share of the variance.

    >>> decorrelate = Decorrelate()
    >>> x = np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [2.0, 2.5], [2.0, 1.5]])
    >>> y = decorrelate.transform(decorrelate.fit(x), x)
    >>> bool(abs(np.cov(y.T)[0, 1]) < 1e-6)
    True
    """

    def matrices(self, U: Floats, variance: Floats, nothing: float) -> tuple[Floats, Floats]:
        return U, U.T


@dataclass(frozen=True)
class Whitening(Projection):
    """The base of whitening: Cov(y) = 1 as far as the data vary, to ε."""

    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "epsilon", NOT_NEGATIVE)

    def matrices(self, U: Floats, variance: Floats, nothing: float) -> tuple[Floats, Floats]:
        std = self._std(variance, nothing)
        shrunk = U / std
        return self.turned(shrunk, U), self.turned(U * np.where(std < np.inf, std, 0.0), U).T

    def stretch(self, variance: Floats, nothing: float) -> float:
        std = self._std(variance, nothing)
        std = std[std < np.inf]
        return float(std.max() / std.min()) if std.size else 1.0

    def _std(self, variance: Floats, nothing: float) -> Floats:
        """What each axis is divided by, infinite where there is nothing to divide."""
        return np.where(variance > nothing, np.sqrt(variance + self.epsilon), np.inf)

    @abstractmethod
    def turned(self, scaled: Floats, U: Floats) -> Floats:
        """What is done to the scaled axes (D, k) last."""


@preprocessors.register("pca")
@dataclass(frozen=True)
class PCAWhitening(Whitening):
    """Decorrelates, then divides every axis by its standard deviation.

    y = (x - μ) U (Λ + ε)^(-1/2)    x: (N, D) or (N, C, H, W)  y: the same, or (N, k)

    With ε = 0 as scikit-learn's PCA(whiten=True).   [Friedman 1987; Hyvärinen & Oja 2000]

    Args:
        components: keep the first k axes, or as many as hold this share of the variance.
        epsilon: added to each variance, in the square of x's units, so that an axis of noise is
            not blown up; for images between 0 and 1 often 1e-5 to 0.1.

    >>> whiten, x = PCAWhitening(), np.array([[0.0, 0.0], [4.0, 1.0], [0.0, 1.0], [4.0, 0.0]])
    >>> y = whiten.transform(whiten.fit(x), x)
    >>> np.cov(y.T).round(3) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """

    def turned(self, scaled: Floats, U: Floats) -> Floats:
        return scaled


@preprocessors.register("zca")
@dataclass(frozen=True)
class ZCAWhitening(Whitening):
    """Whitens and turns back, so that y stays as near to x as white data can be.

    y = (x - μ) U (Λ + ε)^(-1/2) Uᵀ    x, y: (N, D) or (N, C, H, W)

    Whitened images still look like images.   [Bell & Sejnowski 1997; Krizhevsky 2009, app. A]

    Args:
        components: of the first k axes only, or of as many as hold this share of the variance.
        epsilon: added to each variance, in the square of x's units, so that an axis of noise is
            not blown up; for images between 0 and 1 often 1e-5 to 0.1.

    >>> whiten, x = ZCAWhitening(), np.array([[0.0, 0.0], [4.0, 1.0], [0.0, 1.0], [4.0, 0.0]])
    >>> y = whiten.transform(whiten.fit(x), x)
    >>> np.cov(y.T).round(3) + 0.0
    array([[1., 0.],
           [0., 1.]])
    """

    def turned(self, scaled: Floats, U: Floats) -> Floats:
        return ops.product(scaled, U.T)

    def out_shape(self, in_shape: Shape) -> Shape:
        return in_shape

    def _prepared(self, in_shape: Shape, W: Array) -> Shape:
        return in_shape


def _batch(shape: Shape) -> str:
    return f"(N, {', '.join(map(str, shape))})"


def _covariance(x: Array, mean: Floats) -> Floats:
    """(D, D), divided by N - 1."""
    D = mean.size
    scatter = np.zeros((D, D))
    with np.errstate(over="ignore", invalid="ignore"):
        for chunk in chunks(x):
            chunk -= mean
            rows = chunk.reshape(len(chunk), D)
            scatter += ops.product(rows.T, rows)
    if not np.isfinite(scatter).all():
        raise DataError(
            "x holds values whose squares are beyond float64: expected smaller ones, rescale it."
        )
    scatter /= max(len(x) - 1, 1)
    return scatter


def _principal_axes(covariance: Floats) -> tuple[Floats, Floats]:
    """Variances (D,), none below 0, the largest first, and their axes as columns (D, D)."""
    variance, U = ops.eigh(covariance)
    variance, U = np.maximum(variance[::-1], 0.0), U[:, ::-1]
    size = np.abs(U)
    # The first of the nearly largest, so that rounding decides nothing.
    leading = (size >= size.max(axis=0) * (1 - 1e-6)).argmax(axis=0)
    return variance, U * np.sign(U[leading, np.arange(len(U))])
