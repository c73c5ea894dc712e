"""Our layers in the clothes of Keras's: channels stand last there, and a layer keeps its arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np

from groundup.layers import (
    ELU,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LeakyReLU,
    MaxPooling2D,
    Mode,
    PReLU,
    ReLU,
    Softmax,
)
from groundup.rng import Stream
from trust.numbers.keras_tests.foreign import Foreign, Namespace, taken
from trust.numbers.keras_tests.measuring import floats

# Of arrays by Keras's name: ours, and how the axes of Keras's kernel lie in ours.
KERNELS = {Conv2D: (3, 2, 0, 1), Dense: (0, 1)}
NAMES = {
    "kernel": "W",
    "bias": "b",
    "gamma": "gamma",
    "beta": "beta",
    "alpha": "slope",
    "moving_mean": "mean",
    "moving_variance": "var",
}


class Weight:
    """A parameter or running statistic of a layer, in Keras's order of axes."""

    def __init__(self, where: dict[str, Any], name: str, axes: tuple[int, ...]) -> None:
        self.where, self.name, self.axes = where, name, axes

    def assign(self, value: Any) -> None:
        ours = self.where[self.name].shape
        value = np.asarray(value, np.float64)
        value = np.transpose(value, self.axes) if value.ndim == len(self.axes) else value
        self.where[self.name] = value.reshape(ours)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        value = self.where[self.name]
        back = np.argsort(self.axes) if value.ndim == len(self.axes) else range(value.ndim)
        return np.array(np.transpose(value, back), dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        return np.asarray(self).shape


class KerasLayer:
    """A layer with its arrays. `channels_last` turns x for ours, and y back."""

    def __init__(self, layer: Layer, channels_last: bool) -> None:
        self.layer, self.channels_last = layer, channels_last
        self.params: dict[str, Any] | None = None
        self.state: dict[str, Any] = {}
        self.calls = 0

    def build(self, input_shape: tuple[int, ...]) -> None:
        shape = tuple(1 if n is None else n for n in input_shape)
        if isinstance(self.layer, Dense) and len(shape) != 2:
            raise Foreign("no Dense on more axes than (N, D)")
        if isinstance(self.layer, BatchNormalization) and len(shape) == 3:
            raise Foreign("no batch normalization of sequences")
        made = self.layer.init(Stream(0), self._turned(np.empty(shape)).shape[1:])
        self.params, self.state = dict(made.params), dict(made.state)

    def __call__(self, x: Any, training: bool = False, mask: Any = None) -> np.ndarray:
        if mask is not None:
            raise Foreign("no masks")
        x = floats(x)
        if self.params is None:
            self.build(x.shape)
        self.calls += 1
        mode = Mode(train=training, rng=Stream(self.calls, "dropout"))
        y, _, state = self.layer.forward(self.params, self.state, self._turned(x), mode)
        self.state = dict(state)
        return np.moveaxis(y, 1, -1) if self.channels_last and y.ndim > 2 else y

    def set_weights(self, weights: list[Any]) -> None:
        for name, value in zip(self.params or (), weights, strict=True):
            Weight(self.params, name, KERNELS.get(type(self.layer), ())).assign(value)

    def _turned(self, x: np.ndarray) -> np.ndarray:
        return np.moveaxis(x, -1, 1) if self.channels_last and x.ndim > 2 else x

    def __getattr__(self, name: str) -> Any:
        ours = NAMES.get(name)
        for where in (self.__dict__.get("params") or {}, self.__dict__.get("state") or {}):
            if ours in where:
                axes = KERNELS.get(type(self.layer), ()) if ours == "W" else ()
                return Weight(where, ours, axes)
        if ours == "b":
            return None
        raise Foreign(f"no layer.{name}")


def _layer(
    cls: Callable[..., Layer],
    names: str = "",
    always: dict[str, Any] | None = None,
    images: bool = False,
    **neutral: Any,
) -> Callable[..., KerasLayer]:
    """Of Keras's layer; `always` are our options that give what Keras does."""
    ours = {name: name for name in names.split()}

    def make(*args: Any, **given: Any) -> KerasLayer:
        given = dict(zip(ours, args, strict=False)) | given
        order = given.pop("data_format", None) if images else None
        return KerasLayer(
            cls(**(always or {}) | taken(given, ours, neutral)),
            images and order in (None, "channels_last"),
        )

    return make


FLOOR = {"rounding": "floor"}
ARRAYS = "activation use_bias kernel_initializer bias_initializer kernel_regularizer"
POOLING = "pool_size strides padding"
UNUSED = {
    "bias_regularizer": (None,),
    "activity_regularizer": (None,),
    "kernel_constraint": (None,),
    "bias_constraint": (None,),
}
LAYERS = Namespace(
    "layers",
    Dense=_layer(Dense, f"units {ARRAYS}", **UNUSED),
    Conv2D=_layer(
        Conv2D,
        f"filters kernel_size strides padding {ARRAYS}",
        FLOOR,
        True,
        dilation_rate=(1, (1, 1)),
        groups=(1,),
        **UNUSED,
    ),
    MaxPooling2D=_layer(MaxPooling2D, POOLING, FLOOR, True),
    AveragePooling2D=_layer(AveragePooling2D, POOLING, FLOOR, True),
    BatchNormalization=_layer(
        BatchNormalization,
        "momentum epsilon",
        {"momentum": 0.99, "epsilon": 1e-3},
        True,
        axis=(-1, 3),
        center=(True,),
        scale=(True,),
        moving_mean_initializer=("zeros",),
        moving_variance_initializer=("ones",),
        synchronized=(False,),
    ),
    Dropout=_layer(Dropout, "rate", seed=range(10_000), noise_shape=(None,)),
    Flatten=_layer(Flatten),
)
ACTIVATIONS = {
    "relu": Namespace(
        "relu", ReLU=_layer(ReLU, max_value=(None,), negative_slope=(0.0,), threshold=(0.0,))
    ),
    "leaky_relu": Namespace(
        "leaky_relu", LeakyReLU=_layer(LeakyReLU, "negative_slope", {"negative_slope": 0.3})
    ),
    "elu": Namespace("elu", ELU=_layer(ELU, "alpha")),
    "softmax": Namespace("softmax", Softmax=_layer(Softmax, axis=(-1,))),
    "prelu": Namespace("prelu", PReLU=_layer(PReLU)),
}
FILES = {
    **{f"layers/activations/{name}_test.py": {name: own} for name, own in ACTIVATIONS.items()},
    **{
        f"layers/{name}_test.py": {"layers": LAYERS}
        for name in (
            "core/dense",
            "convolutional/conv",
            "pooling/max_pooling",
            "pooling/average_pooling",
            "normalization/batch_normalization",
            "regularization/dropout",
            "reshaping/flatten",
        )
    },
}
