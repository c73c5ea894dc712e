"""Plain NumPy in float64, an object a layer, as textbooks teach it: what speed is worth.

Every layer remembers in `forward` what its `backward` needs and keeps its gradients; nothing is
done for speed beyond whole-array operations and im2col.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.task import Task


class Dense:
    def __init__(self, options: Any, weights: Any) -> None:
        self.params = {name: array.astype(float) for name, array in weights.items()}
        self.grads: dict[str, Any] = {}

    def forward(self, x: Any, train: bool) -> Any:
        self.x = x
        return x @ self.params["W"] + self.params["b"]

    def backward(self, dy: Any) -> Any:
        self.grads = {"W": self.x.T @ dy, "b": dy.sum(0)}
        return dy @ self.params["W"].T


class Conv(Dense):
    def __init__(self, options: Any, weights: Any) -> None:
        super().__init__(options, weights)
        self.size, self.pad = options["size"], options["pad"]

    def _windows(self, image: Any, height: int, width: int) -> Any:
        """(ky, kx, the part of the padded image under that weight of the filter) for each."""
        for ky in range(self.size):
            for kx in range(self.size):
                yield ky, kx, image[:, :, ky : ky + height, kx : kx + width]

    def forward(self, x: Any, train: bool) -> Any:
        W, p = self.params["W"], self.pad
        N, C, H, width = x.shape
        OH, OW = H + 2 * p - self.size + 1, width + 2 * p - self.size + 1
        image = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        cols = np.zeros((N, C, self.size, self.size, OH, OW))
        for ky, kx, part in self._windows(image, OH, OW):
            cols[:, :, ky, kx] = part
        self.cols = cols.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, -1)
        self.shapes = (image.shape, (N, C, OH, OW))
        y = self.cols @ W.reshape(len(W), -1).T + self.params["b"]
        return y.reshape(N, OH, OW, -1).transpose(0, 3, 1, 2)

    def backward(self, dy: Any) -> Any:
        W, k = self.params["W"], self.size
        padded, (N, C, OH, OW) = self.shapes
        flat = dy.transpose(0, 2, 3, 1).reshape(-1, len(W))
        self.grads = {"W": (flat.T @ self.cols).reshape(W.shape), "b": flat.sum(0)}
        dcols = (flat @ W.reshape(len(W), -1)).reshape(N, OH, OW, C, k, k)
        dcols = dcols.transpose(0, 3, 4, 5, 1, 2)
        image = np.zeros(padded)
        for ky, kx, part in self._windows(image, OH, OW):
            part += dcols[:, :, ky, kx]
        p = self.pad
        return image[:, :, p : padded[2] - p, p : padded[3] - p]


class Plain:
    """A layer without parameters."""

    def __init__(self, options: Any, weights: Any) -> None:
        self.options, self.params, self.grads = options, {}, {}


class Relu(Plain):
    def forward(self, x: Any, train: bool) -> Any:
        self.off = x <= 0
        return np.where(self.off, 0.0, x)

    def backward(self, dy: Any) -> Any:
        return np.where(self.off, 0.0, dy)


class Pool(Plain):
    def forward(self, x: Any, train: bool) -> Any:
        N, C, H, W = self.shape = x.shape
        windows = x[:, :, : H // 2 * 2, : W // 2 * 2].reshape(N, C, H // 2, 2, W // 2, 2)
        windows = windows.transpose(0, 1, 2, 4, 3, 5).reshape(N, C, H // 2, W // 2, 4)
        self.winner = windows.argmax(-1)
        return windows.max(-1)

    def backward(self, dy: Any) -> Any:
        N, C, OH, OW = dy.shape
        spread = np.zeros((*dy.shape, 4))
        np.put_along_axis(spread, self.winner[..., None], dy[..., None], -1)
        dx = np.zeros(self.shape)
        spread = spread.reshape(N, C, OH, OW, 2, 2).transpose(0, 1, 2, 4, 3, 5)
        dx[:, :, : 2 * OH, : 2 * OW] = spread.reshape(N, C, 2 * OH, 2 * OW)
        return dx


class Flatten(Plain):
    def forward(self, x: Any, train: bool) -> Any:
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dy: Any) -> Any:
        return dy.reshape(self.shape)


class Dropout(Plain):
    def forward(self, x: Any, train: bool) -> Any:
        if not train:
            return x
        rate = self.options["rate"]
        self.mask = (np.random.default_rng().random(x.shape) >= rate) / (1 - rate)
        return x * self.mask

    def backward(self, dy: Any) -> Any:
        return dy * self.mask


class Norm(Dense):
    def __init__(self, options: Any, weights: Any) -> None:
        super().__init__(options, weights)
        self.old, self.epsilon = options["momentum"], options["epsilon"]
        self.mean, self.var = np.zeros(len(weights["gamma"])), np.ones(len(weights["gamma"]))

    def forward(self, x: Any, train: bool) -> Any:
        mean, var = (x.mean(0), x.var(0)) if train else (self.mean, self.var)
        if train:
            self.mean = self.old * self.mean + (1 - self.old) * mean
            self.var = self.old * self.var + (1 - self.old) * var
        self.std = np.sqrt(var + self.epsilon)
        self.xhat = (x - mean) / self.std
        return self.params["gamma"] * self.xhat + self.params["beta"]

    def backward(self, dy: Any) -> Any:
        self.grads = {"gamma": (dy * self.xhat).sum(0), "beta": dy.sum(0)}
        inner = dy - self.grads["beta"] / len(dy) - self.xhat * self.grads["gamma"] / len(dy)
        return self.params["gamma"] / self.std * inner


KINDS = {
    "dense": Dense,
    "conv": Conv,
    "relu": Relu,
    "pool": Pool,
    "flatten": Flatten,
    "dropout": Dropout,
    "norm": Norm,
}


class Book:
    def __init__(self, task: Task) -> None:
        self.task, self.epoch, self.t = task, 0, 0
        self.layers = [
            KINDS[layer["kind"]](layer, task.weights_of(index))
            for index, layer in enumerate(task.network)
        ]
        self.rate = task.optimizer["learning_rate"]
        self.update = {"sgd": self._sgd, "adam": self._adam}[task.optimizer["kind"]]
        self.moments: dict[tuple[int, str], tuple[Any, Any]] = {}

    def _softmax(self, images: Any, train: bool) -> Any:
        x = images / 255.0
        for layer in self.layers:
            x = layer.forward(x, train)
        e = np.exp(x - x.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def _step(self, images: Any, labels: Any) -> float:
        y = self._softmax(images, train=True)
        rows = np.arange(len(y))
        loss = -np.log(y[rows, labels] + 1e-300).sum()
        y[rows, labels] -= 1
        dy = y / len(y)
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        self.t += 1
        for index, layer in enumerate(self.layers):
            for name, gradient in layer.grads.items():
                self.update((index, name), layer.params[name], gradient)
        return float(loss)

    def _sgd(self, key: Any, parameter: Any, gradient: Any) -> None:
        parameter -= self.rate * gradient

    def _adam(self, key: Any, parameter: Any, gradient: Any) -> None:
        m, v = self.moments.setdefault(key, (np.zeros_like(parameter), np.zeros_like(parameter)))
        m += 0.1 * (gradient - m)
        v += 0.001 * (gradient**2 - v)
        rate = self.rate * np.sqrt(1 - 0.999**self.t) / (1 - 0.9**self.t)
        parameter -= rate * m / (np.sqrt(v) + 1e-7)

    def train(self, epochs: int, shuffle: bool) -> Sequence[float]:
        return [self._epoch(shuffle) for _ in range(epochs)]

    def _epoch(self, shuffle: bool) -> float:
        order = self.task.order(shuffle, self.epoch)
        self.epoch += 1
        total = 0.0
        for start in range(0, len(order), self.task.batch):
            chosen = order[start : start + self.task.batch]
            total += self._step(self.task.x[chosen], self.task.y[chosen])
        return total / len(order)

    def predict(self, images: Any) -> Any:
        starts = range(0, len(images), self.task.batch)
        parts = [images[start : start + self.task.batch] for start in starts]
        return np.concatenate([self._softmax(part, train=False) for part in parts])


def prepare(task: Task) -> Book:
    return Book(task)
