"""Batch normalization, pooling, convolution and dropout where nothing varies, or too much."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from groundup import ops
from groundup.errors import ShapeError
from groundup.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    MaxPooling2D,
)
from groundup.layers.layer import Layer, Mode
from groundup.rng import Stream
from groundup.typing import Array
from trust.numbers.extreme.case import INF, NAN, Case, Refused, both, by_kernel

TRAIN = Mode(train=True, rng=Stream(0, "dropout"))
EPSILON = 1e-5
ROOT = np.sqrt(EPSILON)


def through(layer: Layer, x: Any, dtype: Any, dy: Any = None, mode: Mode = TRAIN) -> Array:
    """y, or dx where there is a dy; the weights are ones, the biases zeros."""
    x = np.array(x, dtype)
    made = layer.init(Stream(0), x.shape[1:])
    params = {name: _plain(name, a, dtype) for name, a in made.params.items()}
    state = {name: a.astype(dtype) for name, a in made.state.items()}
    y, cache, _ = layer.forward(params, state, x, mode)
    if dy is None:
        return y
    dx, _ = layer.backward(params, cache, np.array(dy, dtype), mode)
    assert dx is not None
    return dx


def _plain(name: str, array: Array, dtype: Any) -> Array:
    made = np.zeros if name in ("b", "beta") else np.ones
    return made(array.shape, dtype)


# --- batch normalization: x, y, dy, dx

Rows = list[list[float]]
ONE = 1 / np.sqrt(1 + EPSILON)
NORMALIZED: Mapping[str, tuple[Rows, Rows, Rows, Rows]] = {
    "a constant feature": (
        [[3.0], [3.0], [3.0]],
        [[0.0], [0.0], [0.0]],
        [[1.0], [2.0], [6.0]],
        [[-2 / ROOT], [-1 / ROOT], [3 / ROOT]],
    ),
    "a feature of zeros": ([[0.0], [0.0]], [[0.0], [0.0]], [[1.0], [1.0]], [[0.0], [0.0]]),
    "a spread of 1 about a million": (
        [[1e6 - 1], [1e6 + 1]],
        [[-ONE], [ONE]],
        [[0.0], [0.0]],
        [[0.0], [0.0]],
    ),
    "values of ±1e15": (
        [[-1e15], [1e15]],
        [[-1.0], [1.0]],
        [[1e15], [1e15]],
        [[0.0], [0.0]],
    ),
    "denormal values": (
        [[-1e-40], [1e-40]],
        [[-1e-40 / ROOT], [1e-40 / ROOT]],
        [[1.0], [-1.0]],
        [[1 / ROOT], [-1 / ROOT]],
    ),
}


def _normalization() -> Iterator[Case]:
    for name, (x, y, dy, dx) in NORMALIZED.items():
        layer = BatchNormalization(epsilon=EPSILON)
        near = 1e-42 if "denormal" in name else 1e-30
        yield from both(
            f"batch normalization of {name}",
            lambda d, layer=layer, x=x: through(layer, x, d),
            y,
            atol=near,
        )
        yield from both(
            f"slope of batch normalization of {name}",
            lambda d, layer=layer, x=x, dy=dy: through(layer, x, d, dy),
            dx,
            atol=1e-12,
        )
        yield Case(
            f"batch normalization of {name}, kernel", lambda x=x: _by_kernel(x), y, atol=near
        )
    grey = np.full((4, 2, 5, 5), 0.1)
    yield from both(
        "batch normalization of images that are all equal",
        lambda d: through(BatchNormalization(epsilon=EPSILON), grey, d),
        np.zeros_like(grey),
        atol=1e-5,
    )
    yield Case(
        "batch normalization of images that are all equal, kernel",
        lambda: _by_kernel(grey),
        np.zeros_like(grey),
        atol=1e-5,
    )
    for name, shape in {"one row": (1, 3), "one pixel": (1, 3, 1, 1)}.items():
        yield Case(
            f"refused by batch normalization: training with {name}",
            lambda shape=shape: through(BatchNormalization(), np.ones(shape), np.float64),
            Refused(ShapeError, "Use batches of at least 2 samples."),
        )
    yield from both(
        "batch normalization of one image of two pixels",
        lambda d: through(BatchNormalization(epsilon=EPSILON), [[[[-1.0, 1.0]]]], d),
        [[[[-ONE, ONE]]]],
    )
    yield from both(
        "batch normalization of one row at inference",
        lambda d: through(BatchNormalization(epsilon=EPSILON), [[2.0]], d, mode=Mode()),
        [[2 * ONE]],
    )


def _by_kernel(x: Any) -> Array:
    x = np.array(x, np.float32)
    mean, var = by_kernel("batch_statistics", "normalization", x)
    ones, zeros = np.ones(x.shape[1], np.float32), np.zeros(x.shape[1], np.float32)
    y: Array = by_kernel("batch_norm", "normalization", x, ones, zeros, mean, var, EPSILON)[0]
    return y


# --- pooling: one image, a layer, and y; then dy of ones, and where it must arrive

LOW = [[-5.0, -7.0], [-6.0, -8.0]]
TIED = [[2.0, 2.0], [2.0, 2.0]]
ODD = [[NAN, 1.0], [2.0, NAN]]
POOLED: Mapping[str, tuple[Layer, Rows, Rows, Rows]] = {
    "maximum of negative values beside padding": (
        MaxPooling2D(2, 1, 1),
        LOW,
        [[-5, -5, -7], [-5, -5, -7], [-6, -6, -8]],
        [[4, 2], [2, 1]],
    ),
    "maximum of -infinity beside padding": (
        MaxPooling2D(2, 2, 1),
        [[-INF, -INF], [-INF, -INF]],
        [[-INF, -INF], [-INF, -INF]],
        [[1, 1], [1, 1]],
    ),
    "maximum of equal values": (MaxPooling2D(2), TIED, [[2]], [[1, 0], [0, 0]]),
    "maximum of 0 and -0": (MaxPooling2D(2), [[-0.0, 0.0], [0, 0]], [[0]], [[1, 0], [0, 0]]),
    "maximum of NaN": (MaxPooling2D(2), ODD, [[NAN]], [[1, 0], [0, 0]]),
    "maximum of nothing but NaN": (
        MaxPooling2D(2),
        [[NAN, NAN], [NAN, NAN]],
        [[NAN]],
        [[1, 0], [0, 0]],
    ),
    "maximum of ±infinity": (
        MaxPooling2D(2),
        [[-INF, 1.0], [INF, 1e30]],
        [[INF]],
        [[0, 0], [1, 0]],
    ),
    "maximum of denormal values": (
        MaxPooling2D(2),
        [[-1e-40, 0.0], [1e-44, 1e-40]],
        [[1e-40]],
        [[0, 0], [0, 1]],
    ),
    "mean of negative values beside padding": (
        AveragePooling2D(2, 2, 1),
        LOW,
        LOW,
        [[1, 1], [1, 1]],
    ),
    "mean that counts padding": (
        AveragePooling2D(2, 2, 1, count_padding=True),
        LOW,
        [[-5 / 4, -7 / 4], [-6 / 4, -8 / 4]],
        [[0.25, 0.25], [0.25, 0.25]],
    ),
    "mean of ±1e30": (
        AveragePooling2D(2),
        [[1e30, -1e30], [1e30, -1e30]],
        [[0]],
        [[0.25, 0.25], [0.25, 0.25]],
    ),
    "mean of an infinity": (
        AveragePooling2D(2),
        [[INF, 0.0], [0.0, 0.0]],
        [[INF]],
        [[0.25, 0.25], [0.25, 0.25]],
    ),
}


def _pooling() -> Iterator[Case]:
    for name, (layer, image, y, dx) in POOLED.items():
        dy = np.ones((1, 1, *np.shape(y)))
        yield from both(
            name, lambda d, layer=layer, x=image: through(layer, [[x]], d), [[y]], atol=1e-45
        )
        yield from both(
            f"slope of a {name}",
            lambda d, layer=layer, x=image, dy=dy: through(layer, [[x]], d, dy),
            [[dx]],
        )
    bright = np.full((1, 2, 4, 4), 7.0)
    first = np.zeros((2, 2))
    first[0, 0] = 1
    yield from both(
        "slope of a maximum of images that are all equal",
        lambda d: through(MaxPooling2D(2), bright, d, np.ones((1, 2, 2, 2))),
        np.tile(first, (1, 2, 2, 2)),
    )


# --- sums of products, and what chance leaves out


def _others() -> Iterator[Case]:
    yield from both(
        "convolution of one image of zeros",
        lambda d: through(Conv2D(2, 3, padding=1), np.zeros((1, 1, 3, 3)), d),
        np.zeros((1, 2, 3, 3)),
    )
    yield from both(
        "slope of a convolution of one image of one pixel",
        lambda d: through(Conv2D(1, 3, padding=1), [[[[1e30]]]], d, [[[[2.0]]]]),
        [[[[2.0]]]],
    )
    yield from both(
        "convolution of values that cancel",
        lambda d: through(Conv2D(1, (1, 2)), [[[[1e30, -1e30]]]], d),
        [[[[0.0]]]],
    )
    yield from both(
        "dense layer of denormal values",
        lambda d: through(Dense(1), [[1e-40, 2e-40]], d),
        [[3e-40]],
        atol=1e-44,
    )
    yield from both(
        "dense layer of values that cancel",
        lambda d: through(Dense(1), [[3e38, -3e38]], d),
        [[0.0]],
    )
    x = np.full((1, 64), 1e30)
    yield from both("dropout that keeps everything", lambda d: through(Dropout(0.0), x, d), x)
    keep = TRAIN.rng.of("dropout").keep_mask(x.shape, 0.999)
    yield from both(
        "dropout of 999 in 1000", lambda d: through(Dropout(0.999), x, d), keep * 1e33, rtol=1e-5
    )
    yield from both("dropout at inference", lambda d: through(Dropout(0.999), x, d, mode=Mode()), x)
    yield Case(
        "dropout of 999 in 1000, kernel",
        lambda: by_kernel("dropout", "dropout", x, TRAIN.rng.of("dropout"), 0.999, 1000.0)[0],
        keep * 1e33,
        rtol=1e-5,
    )
    window = ops.fit_window((2, 2), (2, 2), (2, 2), 0, "error", "here")
    yield Case(
        "place of a maximum of equal values, kernel",
        lambda: ops.max_pool(np.full((1, 1, 2, 2), -3.0, np.float32), window)[1],
        [[[[0]]]],
    )


def cases() -> list[Case]:
    return [*_normalization(), *_pooling(), *_others()]
