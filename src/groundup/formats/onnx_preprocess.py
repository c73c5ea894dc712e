"""Each preprocessor in the operators of ONNX, with what it has learned: raw inputs come in."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from groundup.data.preprocess import (
    Decorrelate,
    MinMax,
    OneHot,
    PCAWhitening,
    Preprocessor,
    Rescale,
    Standardize,
    ZCAWhitening,
)
from groundup.errors import InputError
from groundup.formats.onnx_graph import INPUT, Graph, Place
from groundup.train.learner import Learner
from groundup.typing import Array, Shape

Dtype: TypeAlias = "np.dtype[Any]"
Writer: TypeAlias = Callable[[Any, Place, Dtype], str]


def input_type(learner: Learner, raw_shape: Shape) -> Dtype:
    """The type of raw inputs: float32, or float64 for columns that are prepared

    As `predict` does: a year in float32 would lose its months to its large mean.
    """
    columns = len(raw_shape) == 1 and learner.preparation.preprocessors
    return np.dtype(np.float64 if columns else np.float32)


def prepare(graph: Graph, learner: Learner, shape: Shape) -> str:
    """Add what makes of raw inputs of this shape what the network sees; the name of that."""
    preparation, x, dtype = learner.preparation, INPUT, input_type(learner, shape)
    if preparation.preprocessors and preparation.parameters is None:
        raise InputError("the preprocessing has learned nothing yet: fit the model first.")
    pairs = zip(preparation.preprocessors, preparation.parameters or (), strict=True)
    for i, (preprocessor, parameters) in enumerate(pairs):
        writer = _WRITERS.get(type(preprocessor))
        if writer is None:
            raise InputError(
                f"preprocess: {type(preprocessor).__name__} is not known in ONNX. Prepare the data "
                "before they come to the network instead."
            )
        at = Place(graph, f"preprocess/{i}", x, shape, parameters)
        x = writer(preprocessor, at, dtype)
        shape, dtype = _shape_after(preprocessor, parameters, shape), np.dtype(np.float32)
    return x


def _shape_after(preprocessor: Preprocessor, parameters: Any, shape: Shape) -> Shape:
    """Of a prepared sample: that of one sample of zeros, where only the data can tell."""
    known = preprocessor.out_shape(shape)
    if known is not None:
        return known
    if isinstance(preprocessor, OneHot):
        return (int(np.maximum(parameters["counts"], 1).sum()),)
    return preprocessor.transform(parameters, np.zeros((1, *shape), np.float32)).shape[1:]


def _as_float32(at: Place, y: str, dtype: Dtype) -> str:
    return y if dtype == np.float32 else at.cast(y, np.float32)


def _rescale(preprocessor: Rescale, at: Place, dtype: Dtype) -> str:
    y = at.node("Div", at.x, at.constant("scale", at.params["scale"], dtype))
    return _as_float32(at, y, dtype)


def _min_max(preprocessor: MinMax, at: Place, dtype: Dtype) -> str:
    a, b = preprocessor.feature_range
    y = at.node("Sub", at.x, at.constant("min", at.params["min"], dtype))
    y = at.node("Div", y, at.constant("span", at.params["span"], dtype))
    y = at.node("Mul", y, at.constant("width", b - a, dtype))
    y = at.node("Add", y, at.constant("from", a, dtype))
    return _as_float32(at, y, dtype)


def _standardize(preprocessor: Standardize, at: Place, dtype: Dtype) -> str:
    y = at.node("Sub", at.x, at.constant("mean", at.params["mean"], dtype))
    y = at.node("Div", y, at.constant("std", at.params["std"], dtype))
    return _as_float32(at, y, dtype)


def _project(preprocessor: Preprocessor, at: Place, dtype: Dtype) -> str:
    """y = (x - μ) W, where W may need more digits than x has."""
    W, mean = at.params["W"], at.params["mean"]
    work = np.result_type(dtype, W.dtype)
    x = at.x if work == dtype else at.cast(at.x, work)
    y = at.node("Sub", x, at.constant("mean", mean, work))
    y = at.node("MatMul", at.node("Flatten", y, axis=1), at.constant("W", W, work))
    shape = preprocessor.out_shape(mean.shape) or W.shape[1:]
    if len(shape) > 1:
        y = at.node("Reshape", y, at.constant("shape", [0, *shape], np.int64))  # 0: N, as it is
    return _as_float32(at, y, work)


def _one_hot(preprocessor: OneHot, at: Place, dtype: Dtype) -> str:
    """Each column of y has a column of x, and is it or says whether it is a certain number

    A graph cannot refuse a number that training has not seen: its columns are 0.
    """
    counts = at.params["counts"].astype(np.int64)
    source = np.repeat(np.arange(len(counts)), np.maximum(counts, 1))
    is_category = counts[source] > 0
    wanted: Array = np.zeros(len(source))
    wanted[is_category] = at.params["categories"]
    x = at.node("Gather", at.x, at.constant("columns", source, np.int64), axis=1)
    exact = x if dtype == np.float64 else at.cast(x, np.float64)
    hit = at.node("Equal", exact, at.constant("categories", wanted, np.float64))
    mask = at.constant("is_category", is_category, np.bool_)
    return at.node("Where", mask, at.cast(hit, np.float32), _as_float32(at, x, dtype))


_WRITERS: dict[type[Preprocessor], Writer] = {
    Rescale: _rescale,
    MinMax: _min_max,
    Standardize: _standardize,
    Decorrelate: _project,
    PCAWhitening: _project,
    ZCAWhitening: _project,
    OneHot: _one_hot,
}
