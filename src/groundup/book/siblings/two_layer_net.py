"""`two_layer_net`: the network of chapters 4 and 5."""

import numpy as np

from groundup.book.common.layers import Affine, Relu
from groundup.book.network import Network, normal

__all__ = ["TwoLayerNet"]


class TwoLayerNet(Network):
    """Affine, ReLU, affine; softmax and cross-entropy at the end.   [Saito 2016, 5.7]

    >>> network = TwoLayerNet(input_size=784, hidden_size=50, output_size=10)
    >>> {name: array.shape for name, array in network.params.items()}
    {'W1': (784, 50), 'b1': (50,), 'W2': (50, 10), 'b2': (10,)}
    """

    def __init__(
        self, input_size: int, hidden_size: int, output_size: int, weight_init_std: float = 0.01
    ) -> None:
        super().__init__()
        self.lastLayer = self.last_layer
        first, second = (
            Affine(normal(shape, weight_init_std), np.zeros(shape[1]))
            for shape in ((input_size, hidden_size), (hidden_size, output_size))
        )
        self.layers = {
            "Affine1": self._own(1, first),
            "Relu1": Relu(),
            "Affine2": self._own(2, second),
        }
