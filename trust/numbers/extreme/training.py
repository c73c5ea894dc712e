"""`fit` and `evaluate` of whole networks: in float64, and in float32 by programs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from groundup.errors import Diverged, ShapeError
from groundup.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    MaxPooling2D,
    ReLU,
    Sigmoid,
    Softmax,
)
from groundup.nn.losses import CategoricalCrossentropy
from groundup.nn.optimizers import SGD, Adagrad, Adam, RMSprop
from groundup.train import Sequential
from groundup.typing import Array
from trust.numbers.extreme.case import INF, Case, Refused, both
from trust.numbers.extreme.predicting import linear

LOGITS = CategoricalCrossentropy(from_logits=True)
LN2 = 0.6931471805599453  # log 2


# --- one step of training: the weights afterwards, and the loss before


def stepped(
    model: Sequential, loss: Any, x: Any, y: Any, optimizer: Any = None, **options: Any
) -> Array:
    """The loss and then all parameters after one epoch in one batch."""
    model.compile(optimizer or SGD(0.5), loss)
    history = model.fit(np.array(x), np.array(y), batch_size=len(x), verbose=0, **options)
    vector = model.learner.vector
    return np.array([history.history["loss"][0], *vector], vector.dtype)


def _steps() -> Iterator[Case]:
    hopeless = [[1e4, -1e4]]
    table: Mapping[str, tuple[Any, Sequence[Layer], Any, int, list[float]]] = {
        "hopeless logits of ±1e4": (hopeless, [], LOGITS, 1, [2e4, 1e4 - 0.5, 0.5 - 1e4]),
        "a hopeless softmax of ±1e4": (
            hopeless,
            [Softmax()],
            "categorical_crossentropy",
            1,
            [2e4, 1e4 - 0.5, 0.5 - 1e4],
        ),
        "right logits of ±1e4": (hopeless, [], LOGITS, 0, [0.0, 1e4, -1e4]),
        "equal logits of 1e4": ([[1e4, 1e4]], [], LOGITS, 0, [LN2, 1e4 + 0.25, 1e4 - 0.25]),
        "equal logits of 1e30": ([[1e30, 1e30]], [], LOGITS, 0, [LN2, 1e30, 1e30]),
    }
    for name, (weights, after, loss, label, expected) in table.items():
        yield from both(
            f"fit: {name}",
            lambda d, w=weights, a=after, loss=loss, t=label: stepped(
                linear(w, d, a), loss, [[1.0]], [t]
            ),
            expected,
        )
    yield from both(
        "fit: a saturated sigmoid learns nothing",
        lambda d: stepped(linear([[1e4]], d, [Sigmoid()]), "mse", [[1.0]], [[0.0]]),
        [1.0, 1e4],
    )
    yield from both(
        "fit: what is met is left alone",
        lambda d: stepped(linear([[2.0]], d), "mse", [[3.0]], [[6.0]], Adam(0.1)),
        [0.0, 2.0],
    )
    yield from both(
        "fit: a sample of weight 0 does not count",
        lambda d: stepped(
            linear([[1.0]], d), "mse", [[1e4], [1.0]], [[0.0], [0.0]], sample_weight=[0.0, 2.0]
        ),
        [1.0, 0.0],
    )
    for optimizer, step in ((Adam(0.1), 0.1), (Adagrad(0.1), 0.1), (RMSprop(0.1), 0.1**0.5)):
        name = type(optimizer).__name__
        yield from both(
            f"fit: {name}, a gradient of 0 from inputs of 0",
            lambda d, o=optimizer: stepped(linear([[2.0]], d), "mse", [[0.0]], [[1.0]], o),
            [1.0, 2.0],
        )
        yield Case(
            f"fit: {name}, a gradient of 1e30, float64",
            lambda o=optimizer: stepped(linear([[0.0]], np.float64), "mae", [[1e30]], [[-1.0]], o),
            [1.0, -step],
        )
        # Its square is beyond float32: the step would be 0, in silence, for ever.
        yield Case(
            f"fit: {name}, a gradient of 1e30, float32",
            lambda o=optimizer: stepped(linear([[0.0]], np.float32), "mae", [[1e30]], [[-1.0]], o),
            Refused(Diverged, "means of the optimizer that are not finite"),
        )
    yield from both(
        "fit: a gradient of 1e30 clipped to 1",
        lambda d: stepped(
            linear([[0.0]], d), "mae", [[1e30]], [[-1.0]], SGD(0.5, global_clipnorm=1.0)
        ),
        [1.0, -0.5],
    )


# --- divergence is named, and leaves weights as they were


def _diverging() -> Iterator[Case]:
    for name, weights, x, dtype in (
        ("an output beyond float32", 2.0, 3e38, np.float32),
        ("a squared error beyond float32", 1.0, 1e30, np.float32),
        ("a squared error beyond float64", 1e150, 1e30, np.float64),
    ):
        yield Case(
            f"fit: {name}",
            lambda w=weights, x=x, d=dtype: stepped(linear([[w]], d), "mse", [[x]], [[0.0]]),
            Refused(Diverged, "step 1"),
        )
    yield from both("fit: weights stay where it diverges", _weights_after, [[1e30]])
    yield from both(
        "fit: a learning rate of 1e30",
        lambda d: linear_fit(d, SGD(1e30), epochs=20),
        Refused(Diverged, "Try a smaller learning rate"),
    )
    # The batch's variance is beyond float32, and would be kept for inference.
    yield Case(
        "fit: a variance beyond float32",
        lambda: stepped(
            linear([[1.0]], np.float32, [BatchNormalization()]),
            "mse",
            [[-1e30], [1e30]],
            [[0], [1]],
        ),
        Refused(Diverged, "running statistics that are not finite"),
    )


def linear_fit(dtype: Any, optimizer: Any, **options: Any) -> Sequential:
    model = linear([[1.0]], dtype)
    model.compile(optimizer, "mse")
    model.fit([[1.0], [2.0]], [[0.0], [0.0]], verbose=0, **options)
    return model


def _weights_after(dtype: Any) -> Array:
    model = linear([[1e30]], dtype)
    model.compile(SGD(0.1), "mse")
    try:
        model.fit([[3e38], [1.0]], [[0.0], [0.0]], verbose=0)
    except Diverged:
        return model.get_weights()[0]
    return np.array([[INF]]) if dtype is np.float32 else model.get_weights()[0] * 0 + 1e30


# --- batches of odd sizes, classes without samples, images without contrast


def _batches() -> Iterator[Case]:
    x, y = [[0.0], [1.0], [2.0], [3.0], [4.0]], np.zeros((5, 1))
    for size in (1, 2, 3, 4, 5, 1024):
        for what in ("loss", "mae"):
            expected = 6.0 if what == "loss" else 2.0
            yield from both(
                f"evaluate: {what} of 5 samples in batches of {size}",
                lambda d, n=size, what=what: _scored(d).evaluate(x, y, batch_size=n)[what],
                expected,
                rtol=1e-6,
            )
            yield from both(
                f"fit: {what} of 5 samples in batches of {size}",
                lambda d, n=size, what=what: (
                    _scored(d).fit(x, y, batch_size=n, verbose=0).history[what][0]
                ),
                expected,
                rtol=1e-6,
            )
    labels = [1, 1, 1, 1, 0]
    for size in (2, 3, 5):
        yield from both(
            f"fit: accuracy of 5 samples in batches of {size}",
            lambda d, n=size: _accuracy(d, labels, n),
            [0.8, 0.8, 0.8],
            rtol=1e-6,
        )
    for count, size in ((1, 1), (3, 2)):
        yield from both(
            f"refused by fit: batch normalization and {count} samples in batches of {size}",
            lambda d, n=count, size=size: _normalized(d).fit(
                np.ones((n, 1)), np.ones((n, 1)), batch_size=size, verbose=0
            ),
            Refused(ShapeError, "Use batches of at least 2 samples."),
        )
    yield from both(
        "predict: batch normalization and one sample",
        lambda d: _normalized(d).predict([[3.0]]).shape,
        [1, 1],
    )


def _scored(dtype: Any) -> Sequential:
    """A network that says x, trained by steps of nothing."""
    model = linear([[1.0]], dtype)
    model.compile(SGD(1e-30), "mse", ["mae"])
    return model


def _accuracy(dtype: Any, labels: list[int], size: int) -> list[float]:
    """In fit, in its validation, and in evaluate, for outputs that say 1 of all."""
    model = linear([[0.0, 0.0]], dtype, bias=np.array([0.0, 1.0]))
    model.compile(SGD(1e-30), LOGITS, ["accuracy"])
    x, y = np.zeros((5, 1)), np.array(labels)
    history = model.fit(x, y, batch_size=size, verbose=0, validation_data=(x, y))
    found = model.evaluate(x, y, batch_size=size)["accuracy"]
    return [history.history["accuracy"][0], history.history["val_accuracy"][0], found]


def _normalized(dtype: Any) -> Sequential:
    model = linear([[1.0]], dtype, [BatchNormalization()])
    model.compile(SGD(0.1), "mse")
    return model


def _flat() -> Iterator[Case]:
    """Images that are all equal: nothing to tell classes by, so the loss is log 2 and stays so."""
    yield from both("fit: images that are all equal", _grey, [LN2, LN2, LN2], rtol=1e-6)
    yield from both("fit: images of zeros, rescaled", _black, [LN2, LN2, LN2], rtol=1e-6)
    yield from both(
        "fit: one class alone",
        lambda d: stepped(linear([[0.0, 0.0]], d), LOGITS, [[1.0], [1.0]], [0, 0]),
        [LN2, 0.25, -0.25],
    )
    yield from both(
        "fit: balanced classes, one of them without samples",
        lambda d: stepped(
            linear([[0.0, 0.0, 0.0]], d), LOGITS, [[1.0], [1.0]], [0, 1], class_weight="balanced"
        ),
        [np.log(3), 1 / 12, 1 / 12, -1 / 6],
        rtol=1e-6,
    )
    yield from both(
        "fit: a standardized feature that never varies",
        lambda d: stepped(
            linear([[1.0], [1.0]], d, preprocess=["standardize"]),
            "mse",
            [[7.0, -1.0], [7.0, 1.0]],
            [[-1.0], [1.0]],
        ),
        [0.0, 1.0, 1.0],
    )


def _grey(dtype: Any) -> list[float]:
    return _images(np.full((4, 1, 6, 6), 0.1), dtype)


def _black(dtype: Any) -> list[float]:
    return _images(np.zeros((4, 1, 6, 6)), dtype, preprocess=["rescale"])


def _images(x: Array, dtype: Any, **options: Any) -> list[float]:
    layers = [
        Conv2D(3, 3),
        BatchNormalization(),
        ReLU(),
        MaxPooling2D(2),
        Flatten(),
        Dense(2, kernel_initializer="zeros"),
    ]
    model = Sequential(layers, dtype=dtype, **options)
    model.compile(Adam(0.1), LOGITS)
    return list(model.fit(x, [0, 1, 0, 1], epochs=3, batch_size=4, verbose=0).history["loss"])


def cases() -> list[Case]:
    return [*_steps(), *_diverging(), *_batches(), *_flat()]
