"""Activations: layers without a matrix, each with its derivative.   [Saito 2016, 3.2 and 5.5]

All arrays of one of them have the same shape, (N, …). The pictures and formulas stand in
`ops/reference/activations.py`; here each says only what it remembers from forward to backward.
"""

from dataclasses import dataclass, replace
from typing import Any

from groundup import ops
from groundup.errors import InputError
from groundup.layers.initializers import initializers
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.layers.weights import check_number
from groundup.registry import Registry
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree

activations: "Registry[Layer]" = Registry("activation")


@dataclass(frozen=True)
class Elementwise(Layer):
    """The base of activations without parameters: the shape stays."""

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        return Init(EMPTY, EMPTY, in_shape)


@activations.register("linear")
@layers.register()
@dataclass(frozen=True)
class Identity(Elementwise):
    """y = x, the output layer of regression."""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return x, None, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return dy, EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class Step(Elementwise):
    """y = 1 where x > 0, else 0; the perceptron's. Its derivative is 0: nothing below it learns."""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return ops.step(x), None, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.step_backward(dy), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class Sigmoid(Elementwise):
    """y = 1 / (1 + e⁻ˣ)    dx = dy · y (1 - y)"""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.sigmoid(x)
        return y, y, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.sigmoid_backward(dy, cache), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class Tanh(Elementwise):
    """y = tanh x    dx = dy · (1 - y²)"""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.tanh(x)
        return y, y, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.tanh_backward(dy, cache), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class ReLU(Elementwise):
    """y = max(x, 0)    dx = dy where y > 0, else 0"""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.relu(x)
        return y, y, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.relu_backward(dy, cache), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class LeakyReLU(Elementwise):
    """y = x where x > 0, else slope · x    [Maas et al. 2013]

    Args:
        negative_slope: 0.01 as in the paper and PyTorch; Keras takes 0.3.
    """

    negative_slope: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "negative_slope")

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return ops.leaky_relu(x, self.negative_slope), x, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.leaky_relu_backward(dy, cache, self.negative_slope), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class ELU(Elementwise):
    """y = x where x > 0, else α (eˣ - 1)    [Clevert et al. 2015]"""

    alpha: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "alpha")

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.elu(x, self.alpha)
        return y, (x, y), state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        x, y = cache
        return ops.elu_backward(dy, x, y, self.alpha), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class Softmax(Elementwise):
    """yₖ = exp(xₖ) / Σⱼ exp(xⱼ) over the last axis; the output layer of classification."""

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.softmax(x)
        return y, y, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.softmax_backward(dy, cache), EMPTY


@layers.register()
@dataclass(frozen=True)
class PReLU(Layer):
    """Leaky ReLU that learns its slope, one for each feature or channel   [He et al. 2015]

    y = x where x > 0, else slope · x    dslope = Σ dy · min(x, 0)    slope: (D,) or (C,), or (1,)

    Args:
        slope_initializer: 0.25 as in the paper and PyTorch; Keras takes 0.
        shared: one slope for the whole layer.
    """

    slope_initializer: Any = "constant:0.25"
    shared: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "slope_initializer", initializers.resolve(self.slope_initializer))

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        shape = (1,) if self.shared else in_shape[:1]
        return Init({"slope": self.slope_initializer(rng.named("slope"), shape)}, EMPTY, in_shape)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return ops.prelu(x, params["slope"]), x, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        dx, dslope = ops.prelu_backward(dy, cache, params["slope"])
        return dx, {"slope": dslope}


@layers.register()
@dataclass(frozen=True)
class Activation(Layer):
    """An activation by its name, as Keras has it: Activation("relu") is ReLU()."""

    activation: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "activation", activations.resolve(self.activation))

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        return Init(EMPTY, EMPTY, in_shape)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y, cache, _ = self.activation.forward(EMPTY, EMPTY, x, mode)
        return y, cache, state

    def backward(
        self, params: Tree, cache: Any, dy: Array, mode: Mode
    ) -> tuple[Array | None, Tree]:
        dx, _ = self.activation.backward(EMPTY, cache, dy, mode)
        return dx, EMPTY


def inner_activation(given: Any) -> Layer:
    """What `activation=` of Dense and Conv2D takes: None, a name, or an activation object."""
    if isinstance(given, PReLU):
        raise InputError(
            "activation=PReLU(): it has a slope to learn, so it is a layer of its own. "
            "Put PReLU() after this layer."
        )
    return replace(activations.resolve("identity" if given is None else given), name=None)
