"""The fully connected layer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from groundup import ops
from groundup.checks import check_flag, check_whole
from groundup.errors import InputError
from groundup.layers.activations import inner_activation
from groundup.layers.initializers import initializers
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.layers.regularizers import regularizers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@layers.register("affine")
@dataclass(frozen=True)
class Dense(Layer):
    """The fully connected layer: every output sees every input.

    y = h(x W + b)    x: (N, D)  W: (D, M)  b: (M,)  y: (N, M)

    Backward, with z = x W + b and dz = dy h′(z):

        dx = dz Wᵀ    dW = xᵀ dz    db = Σₙ dzₙ                              [Saito 2016, 5.6]

    Args:
        units: M.
        activation: h, by name or as a layer without parameters; None for the identity.
        use_bias: False leaves b out.
        kernel_initializer: of W; "he_normal" for ReLU, "xavier" (1/√D) for sigmoid and tanh.
        bias_initializer: of b.
        kernel_regularizer: penalty on W in the loss, such as L2(1e-4) or "l2:1e-4".
        input_dim: D, short for input_shape=(D,).

    >>> import numpy as np
    >>> from groundup import Dense, Mode
    >>> params = {"W": np.array([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]), "b": np.zeros(3)}
    >>> y, cache, _ = Dense(3).forward(params, {}, np.array([[1.0, 2.0]]), Mode())
    >>> y
    array([[ 5., 11., 17.]])
    """

    units: int
    activation: Any = None
    use_bias: bool = True
    kernel_initializer: Any = "glorot_uniform"
    bias_initializer: Any = "zeros"
    kernel_regularizer: Any = None
    input_dim: int | None = field(default=None, kw_only=True)
    ranks: ClassVar[tuple[int, ...]] = (2,)

    def __post_init__(self) -> None:
        check_whole(self, "units")
        if self.input_dim is not None:
            check_whole(self, "input_dim")
            if self.input_shape not in (None, (self.input_dim,)):
                raise InputError(
                    f"Dense(input_dim={self.input_dim}, input_shape={self.input_shape}): they say "
                    "the same thing. Leave one of them out."
                )
            object.__setattr__(self, "input_shape", (self.input_dim,))
        super().__post_init__()
        check_flag(self, "use_bias")
        if self.kernel_regularizer is not None:
            regularizer = regularizers.resolve(self.kernel_regularizer)
            object.__setattr__(self, "kernel_regularizer", regularizer)
        object.__setattr__(self, "activation", inner_activation(self.activation))
        for option in ("kernel_initializer", "bias_initializer"):
            object.__setattr__(self, option, initializers.resolve(getattr(self, option)))

    def _brief(self) -> str:
        return f"units={self.units}"

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        self.expect_rank(in_shape, 2, "(N, D)", "Put Flatten() before it.")
        W = self.kernel_initializer(rng.named("W"), (in_shape[0], self.units))
        params = {"W": W}
        if self.use_bias:
            params["b"] = self.bias_initializer(rng.named("b"), (self.units,))
        return Init(params, EMPTY, (self.units,), decay=("W",))

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        z = ops.affine(x, params["W"], params.get("b"))
        y, remembered, _ = self.activation.forward(EMPTY, EMPTY, z, mode)
        return y, (x, remembered), state

    def backward(
        self, params: Tree, cache: Any, dy: Array, mode: Mode
    ) -> tuple[Array | None, Tree]:
        x, remembered = cache
        dz, _ = self.activation.backward(EMPTY, remembered, dy, mode)
        dx, dW, db = ops.affine_backward(dz, x, params["W"], mode.need_dx)
        return dx, {"W": dW, "b": db} if self.use_bias else {"W": dW}

    def multiply_adds(self, in_shape: Shape, out_shape: Shape) -> int:
        return in_shape[0] * self.units

    def penalties(self) -> Mapping[str, Any]:
        return {"W": self.kernel_regularizer} if self.kernel_regularizer is not None else EMPTY
