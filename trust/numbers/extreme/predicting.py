"""`predict` of whole networks, in float64 and by programs in float32, and what all refuse."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from groundup.errors import DataError, InputError
from groundup.layers import (
    ELU,
    BatchNormalization,
    Dense,
    Layer,
    ReLU,
    Rescaling,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
)
from groundup.nn.optimizers import SGD
from groundup.train import Sequential
from trust.numbers.extreme.case import INF, NAN, Case, Refused, both


def linear(
    weights: Any, dtype: Any, after: Sequence[Layer] = (), bias: Any = None, **options: Any
) -> Sequential:
    """A dense layer with these weights (D, M), and layers after it."""
    W = np.array(weights, np.float64)
    first = Dense(W.shape[1], use_bias=bias is not None, input_shape=(W.shape[0],))
    model = Sequential([first, *after], dtype=dtype, **options)
    learner = model.learner
    learner.set_arrays(
        [W, *([] if bias is None else [bias]), *learner.arrays()[1 + (bias is not None) :]]
    )
    return model


# --- predictions: layers after a product with 1, x, and y

ENDS = [[-1e30], [-1e4], [0.0], [1e4], [1e30]]
ZERO_ONE = [[0.0], [0.0], [0.5], [1.0], [1.0]]
PREDICTED: Mapping[str, tuple[Sequence[Layer], Any]] = {
    "sigmoid": ([Sigmoid()], ZERO_ONE),
    "tanh": ([Tanh()], [[-1], [-1], [0], [1], [1]]),
    "ReLU": ([ReLU()], [[0], [0], [0], [1e4], [1e30]]),
    "ELU": ([ELU()], [[-1], [-1], [0], [1e4], [1e30]]),
    "step": ([Step()], [[0], [0], [0], [1], [1]]),
    "softmax of one class": ([Softmax()], np.ones((5, 1))),
    "batch normalization": ([BatchNormalization(epsilon=0.5)], np.array(ENDS) / np.sqrt(1.5)),
    "a scale of 1e-30": ([Rescaling(1e-30)], np.array(ENDS) * 1e-30),
}


def _predictions() -> Iterator[Case]:
    for name, (after, y) in PREDICTED.items():
        yield from both(
            f"predict: {name} of ±1e4 and ±1e30",
            lambda d, a=after: linear([[1.0]], d, a).predict(ENDS),
            y,
            atol=1e-30,
        )
    temperatures: Mapping[float, list[float]] = {
        1e-30: [0.0, 0.0, 1.0],
        1e30: [1 / 3, 1 / 3, 1 / 3],
        1e-4: [0.0, 0.0, 1.0],
    }
    for temperature, y in temperatures.items():
        yield from both(
            f"predict: softmax at the temperature {temperature:g}",
            lambda d, t=temperature: linear(
                [[1.0, 2.0, 3.0]], d, [Rescaling(1 / t), Softmax()]
            ).predict([[1.0]]),
            [y],
        )
    yield from both(
        "predict: products that cancel",
        lambda d: linear([[1.0], [-1.0]], d).predict([[3e38, 3e38]]),
        [[0.0]],
    )
    yield from both(
        "predict: denormal inputs",
        lambda d: linear([[1.0]], d).predict([[1e-40], [-1e-44]]),
        [[1e-40], [-1e-44]],
        atol=1e-45,
    )
    yield Case(
        "refused: rescaling by 1e39", lambda: Rescaling(1e39), Refused(InputError, "float32 holds")
    )
    for value in (NAN, INF, -INF, 1e39):
        for what, use in _uses().items():
            yield from both(
                f"refused by {what}: an input of {value}",
                lambda d, v=value, use=use: use(_compiled(d), [[0.0], [v]]),
                Refused(DataError, "at sample 1, position (0,)"),
            )


def _compiled(dtype: Any) -> Sequential:
    model = linear([[1.0]], dtype)
    model.compile(SGD(0.1), "mse")
    return model


def _uses() -> Mapping[str, Callable[[Sequential, Any], Any]]:
    return {
        "predict": lambda model, x: model.predict(x),
        "fit": lambda model, x: model.fit(x, [[0.0], [0.0]], verbose=0),
        "evaluate": lambda model, x: model.evaluate(x, [[0.0], [0.0]]),
    }


def cases() -> list[Case]:
    return [*_predictions()]
