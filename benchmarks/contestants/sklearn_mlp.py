"""scikit-learn's MLPClassifier: epochs by `partial_fit`, which makes the batches itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.task import Task


class Sklearn:
    def __init__(self, task: Task) -> None:
        self.task = task
        dense = [index for index, layer in enumerate(task.network) if layer["kind"] == "dense"]
        self.model = MLPClassifier(
            [task.network[index]["units"] for index in dense[:-1]],
            solver=task.optimizer["kind"],
            learning_rate_init=task.optimizer["learning_rate"],
            alpha=0.0,
            batch_size=task.batch,
            momentum=0.0,
            nesterovs_momentum=False,
            epsilon=1e-7,
        )
        # There is no way to hand it first weights: one step makes it ready, then they are put in,
        # and the optimizer begins anew.
        self.model.partial_fit(
            _floats(task.x[: task.batch]), task.y[: task.batch], classes=range(10)
        )
        for place, index in enumerate(dense):
            self.model.coefs_[place][...] = task.weights[f"{index}.W"]
            self.model.intercepts_[place][...] = task.weights[f"{index}.b"]
        del self.model._optimizer

    def train(self, epochs: int, shuffle: bool) -> Sequence[float]:
        self.model.set_params(shuffle=shuffle)
        losses = []
        for _ in range(epochs):
            self.model.partial_fit(_floats(self.task.x), self.task.y)
            losses.append(self.model.loss_)
        return losses

    def predict(self, images: Any) -> Any:
        return self.model.predict_proba(_floats(images))


def _floats(images: Any) -> Any:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def prepare(task: Task) -> Sklearn:
    return Sklearn(task)
