"""`common.multi_layer_net_extend`: a dense network with batch normalization and dropout."""

from itertools import pairwise
from typing import Any

import numpy as np

from groundup.book.common.layers import Affine, BatchNormalization, Dropout, Relu, Sigmoid
from groundup.book.network import Network, normal
from groundup.errors import InputError, did_you_mean
from groundup.typing import Array

__all__ = ["MultiLayerNetExtend"]

ACTIVATIONS = {"relu": Relu, "sigmoid": Sigmoid}
GAINS = {"relu": 2.0, "he": 2.0, "sigmoid": 1.0, "xavier": 1.0}


class MultiLayerNetExtend(Network):
    """Affine, batch normalization, activation, dropout, again and again; softmax at the end.

    Args:
        input_size, hidden_size_list, output_size: widths, from the first to the last.
        activation: "relu" or "sigmoid".
        weight_init_std: of normal weights; "relu" or "he" for √(2/n), "sigmoid" or "xavier" for
            1/√n, n being the width before.
        weight_decay_lambda: λ of ½ λ Σ W² in the loss.
        use_dropout, dropout_ration: whether to drop, and what share; spelled as in the book.
        use_batchnorm: whether to normalize; params gets gamma1, beta1, ….
    """

    def __init__(
        self,
        input_size: int,
        hidden_size_list: list[int],
        output_size: int,
        activation: str = "relu",
        weight_init_std: Any = "relu",
        weight_decay_lambda: float = 0,
        use_dropout: bool = False,
        dropout_ration: float = 0.5,
        use_batchnorm: bool = False,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            hint = did_you_mean(activation, ACTIVATIONS)
            raise InputError(f"activation={activation!r}: there is no such activation. {hint}")
        self.input_size, self.output_size = input_size, output_size
        self.hidden_size_list, self.hidden_layer_num = hidden_size_list, len(hidden_size_list)
        self.weight_decay_lambda = weight_decay_lambda
        self.use_dropout, self.use_batchnorm = use_dropout, use_batchnorm
        self.layers: dict[str, Any] = {}
        sizes = [input_size, *hidden_size_list, output_size]
        for n, (before, width) in enumerate(pairwise(sizes), 1):
            W = normal((before, width), _std(weight_init_std, before))
            self.layers[f"Affine{n}"] = self._own(n, Affine(W, np.zeros(width)))
            if n > self.hidden_layer_num:
                break
            if use_batchnorm:
                normalization = BatchNormalization(np.ones(width), np.zeros(width))
                self.layers[f"BatchNorm{n}"] = self._own(n, normalization, ("gamma", "beta"))
            self.layers[f"Activation_function{n}"] = ACTIVATIONS[activation]()
            if use_dropout:
                self.layers[f"Dropout{n}"] = Dropout(dropout_ration)

    def loss(self, x: Any, t: Any, train_flg: bool = False) -> Any:
        """The mean cross-entropy, and ½ λ Σ W²."""
        data_loss = super().loss(x, t, train_flg)
        if not self.weight_decay_lambda:
            return data_loss
        squares: float = sum(float(np.vdot(layer.W, layer.W)) for layer in self._affine())
        return data_loss + 0.5 * self.weight_decay_lambda * squares

    def gradient(self, x: Any, t: Any) -> dict[str, Array]:
        grads = super().gradient(x, t)
        if self.weight_decay_lambda:
            for n, layer in enumerate(self._affine(), 1):
                W = layer.W.astype(layer.dW.dtype, copy=False)
                grads[f"W{n}"] = layer.dW + layer.dW.dtype.type(self.weight_decay_lambda) * W
        return grads

    def _affine(self) -> list[Affine]:
        return [layer for layer in self.layers.values() if isinstance(layer, Affine)]


def _std(said: Any, before: int) -> float:
    gain = GAINS.get(str(said).lower())
    return float(said) if gain is None else (gain / before) ** 0.5
