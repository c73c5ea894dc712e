"""A workload as a folder of plain files, so that every contestant starts from the same numbers."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import groundup as gu
from benchmarks.workloads import CLASSES, IN_SHAPE, RATES, Workload
from groundup.data.datasets import Mnist
from groundup.errors import InputError
from groundup.layers import layers as layer_kinds
from groundup.registry import describe

Images = tuple[NDArray[np.uint8], NDArray[np.int64]]


def export(workload: Workload, folder: Path) -> dict[str, Any]:
    """Write what `Task.load` reads; answers what is worth keeping with the results."""
    layers = _layers(workload)
    model = gu.Sequential(layers, seed=0)
    model.build(IN_SHAPE)
    network, weights = neutral(model)
    count = workload.images + workload.validation
    (x, y), source = _images(count)
    train, validation = slice(workload.images), slice(workload.images, count)
    arrays = {"x": x[train], "y": y[train], "x_val": x[validation], "y_val": y[validation]}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    np.savez(folder / "weights.npz", **weights)
    task = {
        "network": network,
        "layers": describe(layers),
        "optimizer": {"kind": workload.optimizer, "learning_rate": RATES[workload.optimizer]},
        "batch": workload.batch,
        "metrics": workload.measure in ("fit", "first"),
    }
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8", newline="\n")
    return {
        "workload": asdict(workload),
        "kinds": sorted({layer["kind"] for layer in network}),
        "parameters": model.count_params(),
        "images_from": source,
        "flops": flops(model, workload),
    }


def flops(model: gu.Sequential, workload: Workload) -> int:
    """Floating-point operations of the matrix products and convolutions in one measurement

    A multiplication with addition counts as 2. Backward there are two products for every one
    forward, dW and dx, but for the first layer, which needs no dx.
    """
    costs = [row.multiply_adds for row in model.summary().rows]
    forward = 2 * sum(costs)
    training = 3 * forward - 2 * next(cost for cost in costs if cost)
    if workload.measure == "train":
        return training * workload.batch
    if workload.measure == "predict":
        return forward * workload.images
    return training * workload.images + forward * workload.validation


def neutral(model: gu.Sequential) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """The network in the words of `Task.network`, and its weights."""
    network: list[dict[str, Any]] = []
    weights: dict[str, NDArray[Any]] = {}
    shape = IN_SHAPE
    for layer, row in zip(model.layers, model.summary().rows, strict=True):
        for name, array in model.params.get(row.name, {}).items():
            weights[f"{len(network)}.{name}"] = array.copy()
        network += _words(layer, shape)
        shape = row.out_shape
    return network, weights


def _words(layer: Any, shape: tuple[int, ...]) -> list[dict[str, Any]]:
    match layer:
        case gu.Flatten():
            return [{"kind": "flatten", "shape": list(shape)}]
        case gu.Dense():
            return [{"kind": "dense", "units": layer.units}, *_activation(layer.activation)]
        case gu.Conv2D(kernel_size=(size, width), strides=(1, 1)) if size == width:
            pad = 0 if layer.padding == "valid" else layer.padding
            words = {"kind": "conv", "filters": layer.filters, "size": size, "pad": pad}
            return [words, *_activation(layer.activation)]
        case gu.MaxPooling2D(pool_size=(2, 2), strides=(2, 2) | None):
            return [{"kind": "pool"}]
        case gu.BatchNormalization():
            return [{"kind": "norm", "momentum": layer.momentum, "epsilon": layer.epsilon}]
        case gu.Dropout():
            return [{"kind": "dropout", "rate": layer.rate}]
        case gu.Activation():
            return _activation(layer.activation)
        case _:
            return _activation(layer)


def _activation(layer: Any) -> list[dict[str, Any]]:
    match layer:
        case None | gu.Identity() | gu.Softmax():  # the softmax is part of everybody's loss
            return []
        case gu.ReLU():
            return [{"kind": "relu"}]
    raise InputError(f"{layer!r}: the benchmark has no words for it. Add them to export.py.")


def _layers(workload: Workload) -> list[Any]:
    if isinstance(workload.model, dict):
        return gu.zoo.resolve(workload.model).layers(IN_SHAPE, CLASSES)
    return [layer_kinds.resolve(given) for given in workload.model]


def _images(count: int) -> tuple[Images, str]:
    """MNIST where it is at hand (nothing is downloaded), else images of the same kind."""
    try:
        (x, y), (x_test, y_test) = Mnist(mirrors=()).load_data()
    except InputError:
        return synthetic(count), "synthetic"
    x, y = np.concatenate([x, x_test]), np.concatenate([y, y_test])
    return (x[:count, np.newaxis], y[:count].astype(np.int64)), "mnist"


def synthetic(count: int) -> Images:
    """Smooth patterns, one for each class, shifted and with noise: x (N, 1, 28, 28), y (N,)."""
    rng = np.random.default_rng(0)
    coarse = rng.random((CLASSES, 7, 7)) ** 2
    patterns = np.kron(coarse, np.ones((4, 4)))
    y = rng.integers(CLASSES, size=count)
    x = np.empty((count, 1, 28, 28), np.uint8)
    for i, label in enumerate(y):
        image = np.roll(patterns[label], rng.integers(-2, 3, size=2), axis=(0, 1))
        x[i, 0] = np.clip(220 * image + rng.normal(0, 25, image.shape), 0, 255)
    x[0, 0, 0, 0] = 255  # scaling by the maximum is then scaling by 255 for everybody
    return (x, y.astype(np.int64))
