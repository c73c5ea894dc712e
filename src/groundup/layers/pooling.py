"""Max and average pooling over images."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from groundup import ops
from groundup.checks import check_choice, check_flag
from groundup.errors import InputError
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@dataclass(frozen=True)
class Pooling2D(Layer):
    """The base of both: x: (N, C, H, W)  y: (N, C, OH, OW), each channel for itself.

    Args:
        pool_size: PH = PW, or (PH, PW).
        strides: SH = SW, or (SH, SW); by default the pool size, so that windows do not overlap.
        padding: "valid", "same", or rows and columns on each side.
        rounding: "error" where strides do not divide; "floor" as Keras and PyTorch.
    """

    pool_size: Any = (2, 2)
    strides: Any = None
    padding: ops.Padding = "valid"
    rounding: ops.Rounding = "error"

    def __post_init__(self) -> None:
        super().__post_init__()
        ops.check_pair(self, "pool_size")
        if self.strides is None:
            object.__setattr__(self, "strides", self.pool_size)
        ops.check_pair(self, "strides")
        ops.check_padding(self)
        check_choice(self, "rounding", ("error", "floor"))
        if isinstance(self.padding, int) and self.padding >= min(self.pool_size):
            raise InputError(
                f"{type(self).__name__}(pool_size={self.pool_size}, padding={self.padding}): a "
                "window at the edge would see nothing but padding. Use less of it."
            )

    def _brief(self) -> str:
        return f"pool_size={self.pool_size}"

    def _window(self, image: Shape) -> ops.Window:
        height, width = image
        return ops.fit_window(
            (height, width), self.pool_size, self.strides, self.padding, self.rounding, self.label
        )

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        self.expect_rank(in_shape, 4, "(N, C, H, W)", "Put it before Flatten().")
        C, H, W = in_shape
        return Init(EMPTY, EMPTY, (C, *self._window((H, W)).output(H, W)))

    @abstractmethod
    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        """y = the pooled windows."""


@layers.register("pooling")
@dataclass(frozen=True)
class MaxPooling2D(Pooling2D):
    """The largest value of each window: y = max of it; padding never wins

    x: (N, C, H, W)  y: (N, C, OH, OW)  OH = (H + top + bottom - PH) / SH + 1, likewise OW.

    Backward: dy goes to the value that won, the first of equals.              [Saito 2016, 7.3]

    >>> import numpy as np
    >>> from groundup import MaxPooling2D, Mode
    >>> image = np.array([[1.0, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]])
    >>> y, _, _ = MaxPooling2D(2).forward({}, {}, image.reshape(1, 1, 4, 4), Mode())
    >>> y[0, 0]
    array([[2., 3.],
           [4., 2.]])
    """

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y, place = ops.max_pool(x, self._window(x.shape[2:]))
        return y, (place, x.shape), state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        place, shape = cache
        return ops.max_pool_backward(dy, place, shape, self._window(shape[2:])), EMPTY


@layers.register()
@dataclass(frozen=True)
class AveragePooling2D(Pooling2D):
    """The mean of each window: y = its sum divided by its size

    x: (N, C, H, W)  y: (N, C, OH, OW)  OH = (H + top + bottom - PH) / SH + 1, likewise OW.

    Backward: every value of the window gets its share of dy.                  [Saito 2016, 7.3]

    Args:
        count_padding: False leaves padding out of the mean, as Keras; True counts it, as PyTorch.

    >>> import numpy as np
    >>> from groundup import AveragePooling2D, Mode
    >>> image = np.array([[1.0, 2, 1, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 4, 0, 1]])
    >>> y, _, _ = AveragePooling2D(2).forward({}, {}, image.reshape(1, 1, 4, 4), Mode())
    >>> y[0, 0]
    array([[1.  , 1.5 ],
           [2.25, 1.  ]])
    """

    count_padding: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_flag(self, "count_padding")

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.average_pool(x, self._window(x.shape[2:]), self.count_padding)
        return y, x.shape, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        window = self._window(cache[2:])
        return ops.average_pool_backward(dy, cache, window, self.count_padding), EMPTY
