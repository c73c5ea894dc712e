"""`common.multi_layer_net`: a dense network of any depth."""

from typing import Any

from groundup.book.common.multi_layer_net_extend import MultiLayerNetExtend

__all__ = ["MultiLayerNet"]


class MultiLayerNet(MultiLayerNetExtend):
    """Affine and activation, alternating; softmax and cross-entropy at the end.

    Args:
        input_size, hidden_size_list, output_size: widths, from the first to the last.
        activation: "relu" or "sigmoid".
        weight_init_std: of normal weights; "relu" or "he" for √(2/n), "sigmoid" or "xavier" for
            1/√n, n being the width before.
        weight_decay_lambda: λ of ½ λ Σ W² in the loss.

    >>> network = MultiLayerNet(784, [100, 50], 10, weight_init_std="he")
    >>> list(network.params), network.params["W1"] is network.layers["Affine1"].W
    (['W1', 'b1', 'W2', 'b2', 'W3', 'b3'], True)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size_list: list[int],
        output_size: int,
        activation: str = "relu",
        weight_init_std: Any = "relu",
        weight_decay_lambda: float = 0,
    ) -> None:
        super().__init__(
            input_size, hidden_size_list, output_size,
            activation, weight_init_std, weight_decay_lambda,
        )  # fmt: skip
