"""`deep_convnet`: the network of chapter 8."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from groundup.book.common.layers import Affine, Convolution, Dropout, Pooling, Relu
from groundup.book.network import Network, normal

__all__ = ["DeepConvNet"]


def _filters(count: int, pad: int = 1) -> Mapping[str, int]:
    return {"filter_num": count, "filter_size": 3, "pad": pad, "stride": 1}


COUNTS, PADS = (16, 16, 32, 32, 64, 64), (1, 1, 1, 2, 1, 1)
CONVOLUTIONS = [_filters(count, pad) for count, pad in zip(COUNTS, PADS, strict=True)]


class DeepConvNet(Network):
    """Three times two convolutions with ReLUs and a pooling; affine, ReLU, dropout, affine, dropout

    Weights by He; `layers` is a list, as in the book.   [Saito 2016, 8.1]

    Args:
        input_dim: (C, H, W).
        conv_param_1, …, conv_param_6: filter_num, filter_size, pad and stride.
        hidden_size, output_size: widths of the affine layers.
    """

    def __init__(
        self,
        input_dim: tuple[int, int, int] = (1, 28, 28),
        conv_param_1: Mapping[str, int] = CONVOLUTIONS[0],
        conv_param_2: Mapping[str, int] = CONVOLUTIONS[1],
        conv_param_3: Mapping[str, int] = CONVOLUTIONS[2],
        conv_param_4: Mapping[str, int] = CONVOLUTIONS[3],
        conv_param_5: Mapping[str, int] = CONVOLUTIONS[4],
        conv_param_6: Mapping[str, int] = CONVOLUTIONS[5],
        hidden_size: int = 50,
        output_size: int = 10,
    ) -> None:
        super().__init__()
        C, *sides = input_dim
        self.layers: list[Any] = []
        convolutions = (
            conv_param_1, conv_param_2, conv_param_3, conv_param_4, conv_param_5, conv_param_6,
        )  # fmt: skip
        for n, param in enumerate(convolutions, 1):
            F, size = param["filter_num"], param["filter_size"]
            W = normal((F, C, size, size), (2 / (C * size * size)) ** 0.5)
            layer = Convolution(W, np.zeros(F), param["stride"], param["pad"])
            self.layers += [self._own(n, layer), Relu()]
            C = F
            sides = [(side + 2 * param["pad"] - size) // param["stride"] + 1 for side in sides]
            if n % 2 == 0:
                self.layers.append(Pooling(pool_h=2, pool_w=2, stride=2))
                sides = [side // 2 for side in sides]
        for n, (before, units) in enumerate(
            ((C * sides[0] * sides[1], hidden_size), (hidden_size, output_size)), 7
        ):
            W = normal((before, units), (2 / before) ** 0.5)
            self.layers.append(self._own(n, Affine(W, np.zeros(units))))
            self.layers += [Relu()] if n == 7 else []
            self.layers.append(Dropout(0.5))

    def loss(self, x: Any, t: Any, train_flg: bool = True) -> Any:
        """The mean cross-entropy, with dropout."""
        return super().loss(x, t, train_flg)
