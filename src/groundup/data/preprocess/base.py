"""What every preprocessor promises, and what they share: floats to work in, chunks to fit on."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundup.checks import as_numbers
from groundup.data.rows import Rows
from groundup.errors import DataError, ShapeError
from groundup.registry import Registry
from groundup.typing import Array, Shape

Parameters = dict[str, Array]
_CHUNK = 4096  # rows that are float64 at a time while fitting, fewer where they are long
_CHUNK_VALUES = 2**22


class Preprocessor(ABC):
    """x: (N, D) features or (N, C, H, W) images, never written to."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in ("fit", "transform", "inverse"):
            if name in vars(cls):
                setattr(cls, name, _looked_at(vars(cls)[name]))

    @abstractmethod
    def fit(self, x: Array) -> Parameters:
        """Learn from the training data; raises DataError for NaN and infinite values."""

    @abstractmethod
    def transform(self, parameters: Mapping[str, Array], x: Array) -> Array:
        """What the network sees, float32."""

    @abstractmethod
    def inverse(self, parameters: Mapping[str, Array], x: Array) -> Array:
        """The raw values again, to rounding, as floats."""

    def out_shape(self, in_shape: Shape) -> Shape | None:
        """The shape of a prepared sample; None where only the data can tell."""
        return in_shape

    def raw_shape(self, parameters: Mapping[str, Array], out_shape: Shape) -> Shape:
        """The shape of a raw sample, from that of a prepared one."""
        return out_shape

    def as_transformer(self) -> Any:
        """The same for scikit-learn, whose objects keep what they have learned.

        >>> from sklearn.linear_model import LogisticRegression
        >>> from sklearn.pipeline import make_pipeline
        >>> from groundup import Standardize
        >>> x, y = np.array([[1.0, 7.0], [3.0, 7.0]]), np.array([0, 1])
        >>> make_pipeline(Standardize().as_transformer(), LogisticRegression()).fit(x, y).predict(x)
        array([0, 1])
        """
        from groundup.data.preprocess.transformer import Transformer

        return Transformer(self)


preprocessors: Registry[Preprocessor] = Registry("preprocessor", Preprocessor)


def _looked_at(method: Callable[..., Any]) -> Callable[..., Any]:
    """The same of x, named or the last argument, as real numbers or as rows on the disk."""

    @wraps(method)
    def checked(self: Any, *given: Any, **named: Any) -> Any:
        if "x" in named:
            named["x"] = _samples(named["x"])
        elif given:
            given = (*given[:-1], _samples(given[-1]))
        return method(self, *given, **named)

    return checked


def _samples(x: Any) -> Any:
    x = x if isinstance(x, Rows) else as_numbers(x, "x")
    if not x.ndim:
        raise ShapeError("x has shape (): expected samples, (N, D) or (N, C, H, W).")
    return x


def floats(x: Array) -> Array:
    """x in the type that is worked in: float32 for bytes and float32, else float64."""
    return x.astype(np.result_type(x.dtype, np.float32), copy=False)


def chunks(x: Array) -> Iterator[NDArray[np.float64]]:
    """x as float64, some rows at a time; refuses what is not finite by its place."""
    if x.size == 0:
        raise DataError(f"x of shape {x.shape} is empty: nothing to fit on, expected samples.")
    rows = max(1, min(_CHUNK, _CHUNK_VALUES * len(x) // x.size))
    for begin in range(0, len(x), rows):
        chunk = x[begin : begin + rows].astype(np.float64)
        if not np.isfinite(chunk).all():
            where = [int(i) for i in np.argwhere(~np.isfinite(chunk))[0]]
            raise DataError(
                f"x is {chunk[tuple(where)]} in sample {begin + where[0]}, position {where[1:]}: "
                "expected finite numbers. Remove the sample or fill the value in."
            )
        yield chunk


def expect_samples(x: Array) -> None:
    """Refuse what is neither features nor images."""
    if x.ndim not in (2, 4):
        raise ShapeError(f"x of shape {x.shape}: expected (N, D) features or (N, C, H, W) images.")


def mean_of(x: Array, axes: tuple[int, ...]) -> NDArray[np.float64]:
    """The mean over these axes, which stay with size 1, in float64.

    Seen from the first sample, so that a constant column deviates from it by exactly zero.
    """
    corner = tuple(slice(1) if axis in axes else slice(None) for axis in range(x.ndim))
    origin = x[corner].astype(np.float64)
    total = sum(((c - origin).sum(axes, keepdims=True) for c in chunks(x)), np.zeros(1))
    mean: NDArray[np.float64] = origin + total / (x.size // origin.size)
    return mean
