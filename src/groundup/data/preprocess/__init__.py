"""What is done to raw inputs before the network sees them, learned from the training data only.

A preprocessor is a value with three pure functions; what it has learned is a dictionary of arrays,
its parameters, which the caller keeps and a model file saves as tensors:

    fit(x)                    -> parameters
    transform(parameters, x)  -> float32, what the network sees
    inverse(parameters, x)    -> back on the raw scale

`as_transformer()` makes a step of a scikit-learn pipeline of it, which keeps the parameters itself.

Integers and float64 are worked on in float64 and then cast, so that a column such as a year loses
no digits to its large mean; bytes and float32 are worked on in float32.
"""

from groundup.data.preprocess.base import Parameters, Preprocessor, preprocessors
from groundup.data.preprocess.one_hot import OneHot
from groundup.data.preprocess.scale import MinMax, Rescale, Standardize
from groundup.data.preprocess.whiten import Decorrelate, PCAWhitening, ZCAWhitening

__all__ = [
    "Decorrelate", "MinMax", "OneHot", "PCAWhitening", "Parameters", "Preprocessor", "Rescale",
    "Standardize", "ZCAWhitening", "preprocessors",
]  # fmt: skip
