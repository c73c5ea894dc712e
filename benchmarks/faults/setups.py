"""The sound trainings that faults are planted in: networks, data and settings in few words."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.faults import plants
from benchmarks.faults.fault import Setup

Table = Mapping[str, Any]


def dense(
    *widths: int,
    activation: str = "relu",
    init: Any = "he",
    norm: bool = False,
    dropout: float = 0.0,
    l1: float = 0.0,
    l2: float = 0.0,
) -> Table:
    """Hidden layers of these widths, as the zoo makes them."""
    return {
        "name": "multi-layer",
        "units": list(widths),
        "activation": activation,
        "init": init,
        "batch_norm": norm,
        "dropout": dropout,
        "l1": l1,
        "l2": l2,
    }


def layered(
    filters: Sequence[int],
    widths: Sequence[int],
    *,
    classes: int = 10,
    activation: str = "relu",
    init: Any = "he",
    bias: Any = "zeros",
    norm: bool = False,
    dropout: float = 0.0,
    l2: float = 0.0,
    pools: int = 2,
) -> Table:
    """3x3 convolutions, the first `pools` of them with max pooling, then dense layers."""
    weights: dict[str, Any] = {"kernel_initializer": init}
    if l2:
        weights["kernel_regularizer"] = {"kind": "L2", "l2": l2}
    made: list[dict[str, Any]] = []
    for place, count in enumerate(filters):
        one = {"kind": "Conv2D", "filters": count, "kernel_size": 3, "padding": "same"}
        made += _activated(one | weights | {"bias_initializer": bias}, activation, norm)
        if place < pools:
            made.append({"kind": "MaxPooling2D", "pool_size": 2, "rounding": "floor"})
    made.append({"kind": "Flatten"})
    for units in widths:
        one = {"kind": "Dense", "units": units}
        made += _activated(one | weights | {"bias_initializer": bias}, activation, norm)
        made += [{"kind": "Dropout", "rate": dropout}] if dropout else []
    made.append({"kind": "Dense", "units": classes, "activation": "softmax"} | weights)
    return {"layers": made}


def _activated(layer: dict[str, Any], activation: str, norm: bool) -> list[dict[str, Any]]:
    if not norm:
        return [layer | {"activation": activation}]
    kinds = {"kind": "BatchNormalization"}, {"kind": "Activation", "activation": activation}
    return [layer, *kinds]


def training(
    data: str,
    model: Table,
    *,
    count: int = 0,
    optimizer: str = "adam",
    rate: Any = 1e-3,
    epochs: int = 12,
    batch: int = 50,
    validation: float = 0.2,
    seed: int = 0,
    preprocess: Sequence[str] | None = None,
    **more: Any,
) -> Setup:
    """A training on `count` samples of a data set, or all; `more` are options of the optimizer."""
    values: dict[str, Any] = {
        "seed": seed,
        "data": {"name": data, "validation": validation},
        "model": dict(model),
        "optimizer": {"name": optimizer, "learning_rate": rate, **more},
        "train": {"epochs": epochs, "batch_size": batch},
    }
    if preprocess is not None:
        values["data"]["preprocess"] = list(preprocess)
    drawn = (partial(plants.draw, count=count),) if count else ()
    return Setup(values, drawn)


Pair = tuple[Setup, Setup]


def rows(*given: tuple[Any, ...]) -> tuple[Pair, ...]:
    """(sound, faulty) from (sound, changes, *plants)."""
    return tuple((sound, sound.but(changes, *planted)) for sound, changes, *planted in given)


digits, mnist = partial(training, "digits"), partial(training, "mnist")
tanh = partial(dense, activation="tanh", init="xavier")
sigmoid = partial(dense, activation="sigmoid", init="xavier")
