"""Keras 3 on its JAX backend: `compile`, `fit`, `predict`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import keras
import numpy as np

from benchmarks.task import Task


def _layers(layer: dict[str, Any]) -> list[keras.layers.Layer]:
    match layer["kind"]:
        case "conv":
            made = keras.layers.Conv2D(layer["filters"], layer["size"])
            return [keras.layers.ZeroPadding2D(layer["pad"]), made] if layer["pad"] else [made]
        case "dense":
            return [keras.layers.Dense(layer["units"])]
        case "norm":
            return [keras.layers.BatchNormalization(-1, layer["momentum"], layer["epsilon"])]
        case "dropout":
            return [keras.layers.Dropout(layer["rate"])]
        case "pool":
            return [keras.layers.MaxPooling2D(2)]
        case "flatten":
            return [keras.layers.Flatten()]
    return [keras.layers.ReLU()]


def network(task: Task) -> keras.Sequential:
    """The task's network with its first weights; raw images go in, logits come out."""
    model = keras.Sequential(
        [keras.Input(task.x.shape[1:], dtype="uint8"), keras.layers.Rescaling(1 / 255)]
    )
    for index, layer in enumerate(task.network):
        weights = task.weights_of(index)
        for made in _layers(layer):
            model.add(made)
        if layer["kind"] == "conv":
            weights["W"] = weights["W"].transpose(2, 3, 1, 0)
        running = made.get_weights()[2:] if layer["kind"] == "norm" else []
        if weights:
            made.set_weights([*weights.values(), *running])
    return model


class Keras:
    def __init__(self, task: Task) -> None:
        self.task = task.channels_last()
        self.model = network(self.task)
        kind = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
        self.model.compile(
            kind[task.optimizer["kind"]](task.optimizer["learning_rate"]),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"] if task.metrics else None,
        )
        self.validation = (self.task.x_val, self.task.y_val) if task.metrics else None

    def train(self, epochs: int, shuffle: bool) -> Sequence[float]:
        history = self.model.fit(
            self.task.x,
            self.task.y,
            self.task.batch,
            epochs,
            verbose=0,
            shuffle=shuffle,
            validation_data=self.validation,
        )
        return [float(loss) for loss in history.history["loss"]]

    def predict(self, images: Any) -> Any:
        logits = self.model.predict(images.transpose(0, 2, 3, 1), self.task.batch, verbose=0)
        return np.asarray(jax.nn.softmax(logits))


def prepare(task: Task, cache: bool = False) -> Keras:
    if cache:  # off by default in JAX; what it compiled then outlives the process
        jax.config.update("jax_compilation_cache_dir", str(Path("build/benchmarks/jax").resolve()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    return Keras(task)
