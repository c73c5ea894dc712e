"""`common.layers`: the layers by the book's names, on this library's.   [Saito 2016, chapters 5-7]

Everything of `common.functions`, `im2col` and `col2im` belong to it, too: scripts that say
`from common.layers import *` rely on that.
"""

from typing import Any

import numpy as np

from groundup import layers, ops
from groundup.book.chance import draw
from groundup.book.common.functions import (
    cross_entropy_error,
    identity_function,
    mean_squared_error,
    relu,
    relu_grad,
    sigmoid,
    sigmoid_grad,
    softmax,
    softmax_loss,
    step_function,
    sum_squared_error,
)
from groundup.book.common.util import col2im, im2col
from groundup.book.line import Pending
from groundup.book.normalization import BookNormalization
from groundup.book.precision import working
from groundup.book.wrapped import Wrapped
from groundup.layers import Mode
from groundup.typing import Array, Tree

__all__ = [
    "Affine",
    "BatchNormalization",
    "Convolution",
    "Dropout",
    "Pooling",
    "Relu",
    "Sigmoid",
    "SoftmaxWithLoss",
    "col2im",
    "cross_entropy_error",
    "identity_function",
    "im2col",
    "mean_squared_error",
    "np",
    "relu",
    "relu_grad",
    "sigmoid",
    "sigmoid_grad",
    "softmax",
    "softmax_loss",
    "step_function",
    "sum_squared_error",
]


class Relu(Wrapped):
    """y = max(x, 0)"""

    def __init__(self) -> None:
        super().__init__(layers.ReLU())


class Sigmoid(Wrapped):
    """y = 1 / (1 + e⁻ˣ)"""

    def __init__(self) -> None:
        super().__init__(layers.Sigmoid())


class Flatten(Wrapped):
    """What stands before every Affine: rows as they are, images (N, C, H, W) as rows."""

    def __init__(self) -> None:
        super().__init__(layers.Flatten())
        self._idle = False

    def forward(self, x: Any) -> Any:
        self._idle = (x.rank if isinstance(x, Pending) else np.ndim(x)) == 2
        return x if self._idle else self._forward(x)

    def backward(self, dout: Any) -> Any:
        return dout if self._idle else super().backward(dout)

    def _rank(self, rank: int) -> int:
        return 2


class Affine(Wrapped):
    """y = x W + b    x: (N, …), flattened to (N, D)   W: (D, M)   b: (M,)

    >>> affine = Affine(np.array([[1.0, 3.0], [2.0, 4.0]]), np.zeros(2))
    >>> affine.forward(np.array([[1.0, 2.0]])), affine.backward(np.ones((1, 2))), affine.dW
    (array([[ 5., 11.]]), array([[4., 6.]]), array([[1., 1.],
           [2., 2.]]))
    """

    W: Array
    b: Array
    dW: Any  # noqa: N815 - the book's name
    db: Any

    def __init__(self, W: Array, b: Array) -> None:
        super().__init__(layers.Dense(W.shape[1]), W=W, b=b)
        self._flatten = Flatten()

    def forward(self, x: Any) -> Any:
        return self._forward(self._flatten.forward(x))

    def _fits(self) -> bool:
        return self.b.shape == self.W.shape[1:]

    def backward(self, dout: Any) -> Any:
        return self._flatten.backward(super().backward(dout))


class Convolution(Wrapped):
    """y = x ∗ W + b    x: (N, C, H, W)   W: (F, C, FH, FW)   b: (F,) or a number"""

    W: Array
    b: Array
    dW: Any  # noqa: N815 - the book's name
    db: Any

    def __init__(self, W: Array, b: Any, stride: int = 1, pad: int = 0) -> None:
        F, _, *size = W.shape
        layer = layers.Conv2D(F, tuple(size), stride, padding=pad, rounding="floor")
        super().__init__(layer, W=W, b=np.full(F, b) if np.ndim(b) == 0 else b)
        self.stride, self.pad = stride, pad

    def _fits(self) -> bool:
        return self.b.shape == self.W.shape[:1]


class Pooling(Wrapped):
    """The largest value of each window; padding never wins.   x: (N, C, H, W)"""

    def __init__(self, pool_h: int, pool_w: int, stride: int = 2, pad: int = 0) -> None:
        super().__init__(
            layers.MaxPooling2D((pool_h, pool_w), stride, padding=pad, rounding="floor")
        )
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad


class Dropout(Wrapped):
    """Sets a share of the values to 0 while training, and scales by the rest's share afterwards."""

    def __init__(self, dropout_ratio: float = 0.5) -> None:
        super().__init__(layers.Dropout(dropout_ratio, scaling="book"))
        self.dropout_ratio = dropout_ratio

    def forward(self, x: Any, train_flg: bool = True) -> Any:
        return self._forward(x, bool(train_flg))

    def _mode(self, train: bool) -> Mode:
        return Mode(train, draw("dropout"))


class BatchNormalization(Wrapped):
    """y = γ x̂ + β with x̂ = (x - μ) / √(σ² + 1e-6)    x: (N, D) or (N, C, H, W)

    gamma, beta: (D,); for images (C,), or as in the book (C·H·W,), a mean for every pixel. As in
    the book the running statistics begin at 0, and a single sample is normalized to 0.
    """

    def __init__(
        self,
        gamma: Array,
        beta: Array,
        momentum: float = 0.9,
        running_mean: Array | None = None,
        running_var: Array | None = None,
    ) -> None:
        self.gamma, self.beta = gamma, beta
        super().__init__(BookNormalization(momentum, 1e-6), gamma=gamma, beta=beta)
        self.momentum = momentum
        self.running_mean = np.zeros(gamma.size) if running_mean is None else running_mean
        self.running_var = np.zeros(gamma.size) if running_var is None else running_var

    def forward(self, x: Any, train_flg: bool = True) -> Any:
        return self._forward(x, bool(train_flg))

    def settle(self, state: Tree) -> None:
        self.running_mean, self.running_var = state["mean"], state["var"]

    def _fits(self) -> bool:
        arrays = (self.gamma, self.beta, self.running_mean, self.running_var)
        return {array.shape for array in arrays} == {(self.gamma.size,)}

    def _state(self, dtype: Any) -> Tree:
        running = {"mean": self.running_mean, "var": self.running_var}
        return {name: np.array(array, dtype) for name, array in running.items()}


class SoftmaxWithLoss:
    """L = -Σₙ log softmax(xₙ)[tₙ] / N    x: logits (N, C)   t: labels, or one-hot (N, C)"""

    def __init__(self) -> None:
        self.loss: Any = None
        self.y: Any = None  # softmax(x)
        self.t: Any = None
        self._line: Pending | None = None

    def forward(self, x: Any, t: Any) -> Any:
        """L"""
        self._line = x if isinstance(x, Pending) and x.steps else None
        z, self.t = working(x), np.asarray(t)
        target = self.t
        if target.size != z.size:
            target = np.zeros(z.shape, z.dtype)
            target[np.arange(len(z)), self.t.reshape(-1)] = 1
        self._target = target.reshape(z.shape).astype(z.dtype, copy=False)
        log_y = ops.log_softmax(z)
        self.y = np.exp(log_y)
        self.loss = -np.sum(self._target * log_y, dtype=np.float64) / len(z)
        return self.loss

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_line": None}

    def backward(self, dout: float = 1) -> Any:
        """dL/dx = (softmax(x) - t) / N"""
        dx = (self.y - self._target) * self.y.dtype.type(dout / len(self.y))
        return dx if self._line is None else self._line.backward(dx)
