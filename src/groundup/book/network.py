"""What the book's networks have in common: parameters by name, layers in order, a last layer."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from groundup.book import pickles
from groundup.book.chance import draw
from groundup.book.common.gradient import numerical_gradient
from groundup.book.common.layers import BatchNormalization, Dropout, SoftmaxWithLoss
from groundup.storage import read_bytes, write_bytes
from groundup.typing import Array

Place = tuple[Any, str]  # a layer, and its attribute that is the parameter


class Network:
    """params["W1"], … are the very arrays of the layers; gradient(x, t) has the same names.

    Subclasses fill `params` and `layers`, and say by `_places` which layer has which parameter.
    """

    layers: Any  # by name, or a list

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}
        self._places: dict[str, Place] = {}
        self.last_layer = SoftmaxWithLoss()

    def predict(self, x: Any, train_flg: bool = False) -> Array:
        """Logits, (N, C)."""
        for layer in self._in_order():
            differs = isinstance(layer, Dropout | BatchNormalization)
            x = layer.forward(x, train_flg) if differs else layer.forward(x)
        return x

    def loss(self, x: Any, t: Any, train_flg: bool = False) -> Any:
        """The mean cross-entropy."""
        return self.last_layer.forward(self.predict(x, train_flg), t)

    def accuracy(self, x: Array, t: Array, batch_size: int = 1000) -> Any:
        """The share of samples whose largest logit is at their label, the last few included."""
        labels = t if t.ndim == 1 else t.argmax(axis=1)
        right = 0
        for start in range(0, len(x), batch_size):
            part = slice(start, start + batch_size)
            right += np.sum(self.predict(x[part]).argmax(axis=1) == labels[part])
        return right / len(x)

    def gradient(self, x: Any, t: Any) -> dict[str, Array]:
        """dL/dparams by backpropagation."""
        self.loss(x, t, train_flg=True)
        dout = self.last_layer.backward()
        for layer in reversed(self._in_order()):
            dout = layer.backward(dout)
        return {name: getattr(layer, f"d{what}") for name, (layer, what) in self._places.items()}

    def numerical_gradient(self, x: Any, t: Any) -> dict[str, Array]:
        """dL/dparams by central differences: slow, to check the other."""
        return {
            name: numerical_gradient(lambda _: self.loss(x, t, train_flg=True), array)
            for name, array in self.params.items()
        }

    def save_params(self, file_name: str = "params.pkl") -> None:
        """Write the parameters as the book does, a pickled dictionary of arrays."""
        write_bytes(file_name, pickles.dumps(self.params))

    def load_params(self, file_name: str = "params.pkl") -> None:
        """Read what `save_params` or the book wrote; the layers get these arrays."""
        params = pickles.loads(read_bytes(file_name, pickles.LIMIT))
        for name, array in params.items():
            layer, what = self._places[name]
            self.params[name] = array
            setattr(layer, what, array)

    def _in_order(self) -> list[Any]:
        layers = self.layers
        return list(layers.values() if isinstance(layers, Mapping) else layers)

    def _own(self, number: int, layer: Any, attributes: Iterable[str] = ("W", "b")) -> Any:
        """The layer, whose arrays become params["W<number>"] and so on."""
        for what in attributes:
            self.params[f"{what}{number}"] = getattr(layer, what)
            self._places[f"{what}{number}"] = layer, what
        return layer


def normal(shape: tuple[int, ...], std: float) -> Array:
    """Weights from Normal(0, std²), float64, from the seed of the run."""
    return draw("init").normal(shape, stddev=float(std))
