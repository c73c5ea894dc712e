"""groundup as its users have it: `compile`, `fit`, `predict`."""

from collections.abc import Sequence
from typing import Any

import groundup as gu
from benchmarks.task import Task
from groundup.nn.optimizers import optimizers
from groundup.registry import build


class Ours:
    def __init__(self, task: Task) -> None:
        self.task = task
        # The weights of the task are those of seed 0.
        self.model = gu.Sequential(build(task.layers), seed=0, preprocess=["rescale"])
        self.model.build(task.x.shape[1:])
        self.model.compile(
            optimizers.resolve(task.optimizer),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"] if task.metrics else [],
        )
        self.model.learner.preparation.fit(task.x)  # so that it can predict before it is trained
        self.validation = (task.x_val, task.y_val) if task.metrics else None

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
        return history.history["loss"]

    def predict(self, images: Any) -> Any:
        return self.model.predict(images, self.task.batch)


def prepare(task: Task) -> Ours:
    return Ours(task)
