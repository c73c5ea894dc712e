"""`simple_convnet`: the network of chapter 7."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from groundup.book.common.layers import Affine, Convolution, Pooling, Relu
from groundup.book.network import Network, normal

__all__ = ["SimpleConvNet"]

FILTERS: Mapping[str, int] = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}


class SimpleConvNet(Network):
    """Convolution, ReLU, 2×2 pooling, affine, ReLU, affine; softmax at the end.   [Saito 2016, 7.5]

    Args:
        input_dim: (C, H, W).
        conv_param: filter_num, filter_size, pad and stride.
        hidden_size, output_size: widths of the affine layers.
        weight_init_std: of normal weights.
    """

    def __init__(
        self,
        input_dim: tuple[int, int, int] = (1, 28, 28),
        conv_param: Mapping[str, int] = FILTERS,
        hidden_size: int = 100,
        output_size: int = 10,
        weight_init_std: float = 0.01,
    ) -> None:
        super().__init__()
        C, H, W = input_dim
        F, size = conv_param["filter_num"], conv_param["filter_size"]
        pad, stride = conv_param["pad"], conv_param["stride"]
        height, width = ((side + 2 * pad - size) // stride + 1 for side in (H, W))
        flat = F * (height // 2) * (width // 2)

        def affine(before: int, units: int) -> Affine:
            return Affine(normal((before, units), weight_init_std), np.zeros(units))

        filters = normal((F, C, size, size), weight_init_std)
        self.layers: dict[str, Any] = {
            "Conv1": self._own(1, Convolution(filters, np.zeros(F), stride, pad)),
            "Relu1": Relu(),
            "Pool1": Pooling(pool_h=2, pool_w=2, stride=2),
            "Affine1": self._own(2, affine(flat, hidden_size)),
            "Relu2": Relu(),
            "Affine2": self._own(3, affine(hidden_size, output_size)),
        }
