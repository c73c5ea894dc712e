"""An object of each registered class: what a class that needs options is given."""

from collections.abc import Callable, Mapping
from typing import Any

from groundup import Dense, ReLU
from groundup.errors import ShapeError
from groundup.layers.layer import Layer
from groundup.rng import Stream
from groundup.typing import Array
from trust.inputs.plain_arrays import features as features_of
from trust.inputs.plain_arrays import images as images_of

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "Activation": {"activation": "sigmoid"},
    "Average": {"layers": [Dense(3), Dense(3)]},
    "Chain": {"layers": [Dense(3), ReLU()]},
    "Conv2D": {"filters": 2, "kernel_size": 3},
    "Conv2DReLU": {"filters": 2, "kernel_size": 3, "activation": "relu"},
    "Dense": {"units": 3},
    "Dropout": {"rate": 0.5},
    "DenseReLU": {"units": 3, "activation": "relu"},
}


def made(cls: type[Any]) -> Any:
    """An object of the class; UnknownOption where it needs options that nobody wrote down."""
    return cls(**OPTIONS.get(cls.__name__, {}))


def example_of(
    cls: type[Layer], features: Array, images: Array
) -> tuple[Layer, Callable[[Array], Array]]:
    """A layer, and which samples it takes: features (N, D), or images where it must."""
    layer = made(cls)
    try:
        layer.init(Stream(0), features.shape[1:])
    except ShapeError:
        layer.init(Stream(0), images.shape[1:])
        return layer, images_of
    return layer, features_of
