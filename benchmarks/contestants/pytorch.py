"""PyTorch with the usual loop; tuned as its performance guide says, and compiled."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks.task import Task


def _module(layer: dict[str, Any], channels: int, weights: dict[str, Any]) -> nn.Module:
    match layer["kind"]:
        case "conv":
            made = nn.Conv2d(channels, layer["filters"], layer["size"], padding=layer["pad"])
        case "dense":
            made = nn.Linear(len(weights["W"]), layer["units"])
            weights["W"] = weights["W"].T
        case "norm":  # its momentum is the weight of the new value
            kind = nn.BatchNorm1d
            made = kind(len(weights["gamma"]), layer["epsilon"], 1 - layer["momentum"])
        case "dropout":
            return nn.Dropout(layer["rate"])
        case simple:
            return {"relu": nn.ReLU(), "pool": nn.MaxPool2d(2), "flatten": nn.Flatten()}[simple]
    with torch.no_grad():
        for parameter, array in zip((made.weight, made.bias), weights.values(), strict=True):
            parameter.copy_(torch.from_numpy(array))
    return made


def network(task: Task) -> nn.Sequential:
    """The task's network with its first weights."""
    modules, channels = [], task.x.shape[1]
    for index, layer in enumerate(task.network):
        modules.append(_module(layer, channels, task.weights_of(index)))
        channels = layer.get("filters", channels)
    return nn.Sequential(*modules)


class Torch:
    def __init__(self, task: Task, tuned: bool, compiled: bool) -> None:
        self.task, self.epoch = task, 0
        self.images, self.labels = torch.from_numpy(task.x), torch.from_numpy(task.y)
        self.model = network(task)
        if tuned:
            self.model = self.model.to(memory_format=torch.channels_last)
        kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[task.optimizer["kind"]]
        self.optimizer = kind(
            self.model.parameters(), lr=task.optimizer["learning_rate"], fused=tuned or None
        )
        self.loss, self.probabilities = self._loss, self._probabilities
        if compiled:
            self.loss = torch.compile(self._loss)
            self.probabilities = torch.compile(self._probabilities)

    def _loss(self, images: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return cross_entropy(self.model(images.float().div(255)), labels)

    def _probabilities(self, images: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.model(images.float().div(255)), 1)

    def train(self, epochs: int, shuffle: bool) -> Sequence[float]:
        self.model.train()
        return [self._epoch(shuffle) for _ in range(epochs)]

    def _epoch(self, shuffle: bool) -> float:
        order = torch.from_numpy(self.task.order(shuffle, self.epoch))
        self.epoch += 1
        total = torch.zeros(())
        for chosen in order.split(self.task.batch):
            self.optimizer.zero_grad()
            loss = self.loss(self.images[chosen], self.labels[chosen])
            loss.backward()
            self.optimizer.step()
            total += len(chosen) * loss.detach()
        return total.item() / len(order)

    @torch.inference_mode()
    def predict(self, images: Any) -> Any:
        self.model.eval()
        parts = torch.from_numpy(images).split(self.task.batch)
        return torch.cat([self.probabilities(part) for part in parts]).numpy()


def prepare(task: Task, tuned: bool = False, compiled: bool = False) -> Torch:
    return Torch(task, tuned, compiled)
