"""The convolution layer."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from groundup import ops
from groundup.checks import check_choice, check_flag, check_whole
from groundup.layers.activations import inner_activation
from groundup.layers.initializers import initializers
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.layers.regularizers import regularizers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@layers.register("convolution")
@dataclass(frozen=True)
class Conv2D(Layer):
    """The convolution layer: F filters of weights slide over images.

    y = h(x ∗ W + b)    x: (N, C, H, W)  W: (F, C, KH, KW)  b: (F,)  y: (N, F, OH, OW)

    With cols = im2col(x), one row a window:  z = cols Wᵀ + b.  Backward, with dz = dy h′(z):

        dx = col2im(dz W)    dW = dzᵀ cols    db = Σ dz                      [Saito 2016, 7.4]

    OH = (H + top + bottom - KH) / SH + 1, likewise OW.

    Args:
        filters: F.
        kernel_size: KH = KW, or (KH, KW).
        strides: SH = SW, or (SH, SW).
        padding: "valid" (none), "same" (as Keras: ⌈H/SH⌉ outputs), or rows and columns of zeros on
            each side.
        activation: h, by name or as a layer without parameters; None for the identity.
        use_bias: False leaves b out.
        kernel_initializer: of W.
        bias_initializer: of b.
        kernel_regularizer: penalty on W in the loss.
        rounding: "error" where strides do not divide; "floor" as Keras and PyTorch.

    >>> from groundup import Conv2D, Stream
    >>> Conv2D(30, 5).init(Stream(0), (1, 28, 28)).out_shape
    (30, 24, 24)
    """

    filters: int
    kernel_size: Any
    strides: Any = (1, 1)
    padding: ops.Padding = "valid"
    activation: Any = None
    use_bias: bool = True
    kernel_initializer: Any = "glorot_uniform"
    bias_initializer: Any = "zeros"
    kernel_regularizer: Any = None
    rounding: ops.Rounding = "error"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self, "filters")
        for option in ("kernel_size", "strides"):
            ops.check_pair(self, option)
        ops.check_padding(self)
        check_choice(self, "rounding", ("error", "floor"))
        check_flag(self, "use_bias")
        if self.kernel_regularizer is not None:
            regularizer = regularizers.resolve(self.kernel_regularizer)
            object.__setattr__(self, "kernel_regularizer", regularizer)
        object.__setattr__(self, "activation", inner_activation(self.activation))
        for option in ("kernel_initializer", "bias_initializer"):
            object.__setattr__(self, option, initializers.resolve(getattr(self, option)))

    def _brief(self) -> str:
        return f"filters={self.filters}, kernel_size={self.kernel_size}"

    def _window(self, image: Shape) -> ops.Window:
        height, width = image
        return ops.fit_window(
            (height, width), self.kernel_size, self.strides, self.padding, self.rounding, self.label
        )

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        self.expect_rank(in_shape, 4, "(N, C, H, W)", "Reshape the images, one channel for grey.")
        C, H, W = in_shape
        OH, OW = self._window((H, W)).output(H, W)
        shape = (self.filters, C, *self.kernel_size)
        params = {"W": self.kernel_initializer(rng.named("W"), shape)}
        if self.use_bias:
            params["b"] = self.bias_initializer(rng.named("b"), (self.filters,))
        return Init(params, EMPTY, (self.filters, OH, OW), decay=("W",))

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        z = ops.conv2d(x, params["W"], params.get("b"), self._window(x.shape[2:]))
        y, remembered, _ = self.activation.forward(EMPTY, EMPTY, z, mode)
        return y, (x, remembered), state

    def backward(
        self, params: Tree, cache: Any, dy: Array, mode: Mode
    ) -> tuple[Array | None, Tree]:
        x, remembered = cache
        dz, _ = self.activation.backward(EMPTY, remembered, dy, mode)
        window = self._window(x.shape[2:])
        dx, dW, db = ops.conv2d_backward(dz, x, params["W"], window, mode.need_dx)
        return dx, {"W": dW, "b": db} if self.use_bias else {"W": dW}

    def multiply_adds(self, in_shape: Shape, out_shape: Shape) -> int:
        KH, KW = self.kernel_size
        return prod(out_shape) * in_shape[0] * int(KH * KW)

    def penalties(self) -> Mapping[str, Any]:
        return {"W": self.kernel_regularizer} if self.kernel_regularizer is not None else EMPTY
