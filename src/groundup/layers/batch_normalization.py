"""Batch normalization."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from groundup import ops
from groundup.checks import BETWEEN, SHARE, check_choice, check_flag, check_number
from groundup.errors import ShapeError
from groundup.layers.layer import Init, Layer, Mode, layers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@layers.register("batch_norm")
@dataclass(frozen=True)
class BatchNormalization(Layer):
    """Gives every feature or channel mean β and standard deviation γ.

    x̂ = (x - μ) / √(σ² + ε)    y = γ x̂ + β    x, y: (N, D) or (N, C, H, W)  γ, β: (D,) or (C,)

    While training μ and σ² are those of the batch, for images per channel over N, H and W.
    Backward, m values in each mean:

        dβ = Σ dy    dγ = Σ dy x̂    dx = γ/√(σ²+ε) (dy - (dβ + x̂ dγ)/m)

    Afterwards they are estimates gathered while training.   [Ioffe & Szegedy 2015; Saito 2016, 6.3]

    Args:
        momentum: the weight of the *old* running value (as Keras and the book, 0.9 as the book;
            Keras's default is 0.99, and PyTorch gives the weight of the new one).
        epsilon: ε, inside the root; 1e-5 as PyTorch (Keras 1e-3, the book 1e-6).
        statistics: "moving" averages of the batches' μ and σ²; or "population", the paper's own
            inference: their plain mean over the batches of the current epoch, σ² times m/(m - 1).
            Step 0 of `mode.rng` begins that mean anew: by hand, give `rng=stream.at(step=step)`.
        unbiased: True makes the moving variance m/(m - 1) larger, as PyTorch; Keras and the book
            do not.

    >>> import numpy as np
    >>> from groundup import BatchNormalization, Mode, Stream
    >>> norm, x = BatchNormalization(), np.array([[1.0], [3.0], [5.0], [7.0]])
    >>> params, state, _, _ = norm.init(Stream(0), (1,))
    >>> y, _, state = norm.forward(params, state, x, Mode(train=True))
    >>> y.mean(axis=0).round(3), y.std(axis=0).round(3), state["mean"].round(3)
    (array([0.]), array([1.]), array([0.4]))
    """

    momentum: float = 0.9
    epsilon: float = 1e-5
    statistics: Literal["moving", "population"] = "moving"
    unbiased: bool = False
    ranks: ClassVar[tuple[int, ...]] = (2, 4)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "momentum", SHARE)
        check_number(self, "epsilon", BETWEEN)
        check_choice(self, "statistics", ("moving", "population"))
        check_flag(self, "unbiased")

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        if len(in_shape) not in (1, 3):
            raise ShapeError(
                f"{self.label}: expected x of shape (N, D) or (N, C, H, W), got "
                f"(N, {', '.join(map(str, in_shape))}). Put Flatten() before it."
            )
        C = in_shape[0]
        return Init(
            params={"gamma": np.ones(C), "beta": np.zeros(C)},
            state={"mean": np.zeros(C), "var": np.ones(C), "batches": np.zeros(1)},
            out_shape=in_shape,
        )

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        self.expect_channels(x, params["gamma"].shape[0])
        if mode.train:
            self._expect_spread(x)
            mean, var = ops.batch_statistics(x)
            state = self._gather(state, mean, var, m=x.size // x.shape[1], step=mode.rng.step)
        else:
            mean, var = state["mean"], state["var"]
        y, xhat, inv_std = ops.batch_norm(
            x, params["gamma"], params["beta"], mean, var, self.epsilon
        )
        return y, (xhat, inv_std, mode.train), state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        xhat, inv_std, trained = cache
        dx, dgamma, dbeta = ops.batch_norm_backward(dy, xhat, inv_std, params["gamma"], trained)
        return dx, {"gamma": dgamma, "beta": dbeta}

    def _gather(self, state: Tree, mean: Array, var: Array, m: int, step: int) -> Tree:
        """The running statistics after one more batch of m values a channel."""
        unbiased = m / (m - 1)
        if self.statistics == "population":
            # It starts anew in the first step of an epoch, while the weights still move.
            batches = state["batches"] * (0 if step == 0 else 1)
            old = batches / (batches + 1)
            return {
                "mean": old * state["mean"] + (1 - old) * mean,
                "var": old * state["var"] + (1 - old) * unbiased * var,
                "batches": batches + 1,
            }
        scale = unbiased if self.unbiased else 1.0
        return {
            "mean": ops.blend(state["mean"], mean, self.momentum, 1.0),
            "var": ops.blend(state["var"], var, self.momentum, scale),
            "batches": ops.count_up(state["batches"]),
        }

    def _expect_spread(self, x: Array) -> None:
        if x.size == x.shape[1]:
            raise ShapeError(
                f"{self.label}: one value per channel has no variance, got x of shape {x.shape} "
                "while training. Use batches of at least 2 samples."
            )
