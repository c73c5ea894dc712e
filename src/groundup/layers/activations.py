"""Activations: layers without a matrix, each with its derivative.   [Saito 2016, 3.2 and 5.5]

All arrays of one of them have the same shape, (N, …). The pictures and formulas stand in
`ops/reference/activations.py`; here each says only what it remembers from forward to backward.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from groundup import ops
from groundup.checks import check_flag, check_number
from groundup.errors import InputError
from groundup.layers.initializers import initializers
from groundup.layers.layer import EMPTY, Init, Layer, Mode, layers
from groundup.registry import Registry
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@dataclass(frozen=True)
class Elementwise(Layer):
    """The base of activations without parameters: the shape stays."""

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        return Init(EMPTY, EMPTY, in_shape)


activations: Registry[Layer] = Registry("activation", Elementwise)


@activations.register("linear")
@layers.register()
@dataclass(frozen=True)
class Identity(Elementwise):
    """Leaves values as they are: y = x    dx = dy    the output of regression [Saito 2016, 3.5]

    >>> import numpy as np
    >>> from groundup import Identity, Mode
    >>> y, cache, _ = Identity().forward({}, {}, np.array([[-1.0, 2.0]]), Mode())
    >>> y, Identity().backward({}, cache, np.ones((1, 2)), Mode())[0]
    (array([[-1.,  2.]]), array([[1., 1.]]))
    """

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return x, None, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return dy, EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class Step(Elementwise):
    """The perceptron's step: y = 1 where x > 0, else 0    dx = 0    [Saito 2016, 3.2.2]

    Nothing below it learns.

    >>> import numpy as np
    >>> from groundup import Mode, Step
    >>> y, cache, _ = Step().forward({}, {}, np.array([[-1.0, 2.0]]), Mode())
    >>> y, Step().backward({}, cache, np.ones((1, 2)), Mode())[0]
    (array([[0., 1.]]), array([[0., 0.]]))
    """

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        return ops.step(x), None, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.step_backward(dy), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class Sigmoid(Elementwise):
    """A smooth step from 0 to 1: y = 1 / (1 + e⁻ˣ)    dx = dy · y (1 - y)    [Saito 2016, 5.5.2]

    >>> import numpy as np
    >>> from groundup import Mode, Sigmoid
    >>> y, cache, _ = Sigmoid().forward({}, {}, np.array([[-1.0, 0.0, 1.0]]), Mode())
    >>> y.round(2), Sigmoid().backward({}, cache, np.ones((1, 3)), Mode())[0].round(2)
    (array([[0.27, 0.5 , 0.73]]), array([[0.2 , 0.25, 0.2 ]]))
    """

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.sigmoid(x)
        return y, y, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.sigmoid_backward(dy, cache), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class Tanh(Elementwise):
    """A smooth step from -1 to 1: y = tanh x    dx = dy · (1 - y²)    [LeCun et al. 1998]

    >>> import numpy as np
    >>> from groundup import Mode, Tanh
    >>> y, cache, _ = Tanh().forward({}, {}, np.array([[0.0, 1.0]]), Mode())
    >>> y.round(2), Tanh().backward({}, cache, np.ones((1, 2)), Mode())[0].round(2)
    (array([[0.  , 0.76]]), array([[1.  , 0.42]]))
    """

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.tanh(x)
        return y, y, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.tanh_backward(dy, cache), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class ReLU(Elementwise):
    """Cuts what is negative: y = max(x, 0)    dx = dy where y > 0, else 0    [Saito 2016, 5.5.1]

    >>> import numpy as np
    >>> from groundup import Mode, ReLU
    >>> y, cache, _ = ReLU().forward({}, {}, np.array([[-1.0, 2.0]]), Mode())
    >>> y, ReLU().backward({}, cache, np.ones((1, 2)), Mode())[0]
    (array([[0., 2.]]), array([[0., 1.]]))
    """

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        y = ops.relu(x)
        return y, y, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        return ops.relu_backward(dy, cache), EMPTY


@activations.register()
@layers.register()
@dataclass(frozen=True)
class LeakyReLU(Elementwise):
    """Shrinks what is negative: y = x where x > 0, else slope · x    [Maas et al. 2013]

    Args:
        negative_slope: 0.01 as in the paper and PyTorch; Keras takes 0.3.

    >>> import numpy as np
    >>> from groundup import LeakyReLU, Mode
    >>> y, cache, _ = LeakyReLU().forward({}, {}, np.array([[-1.0, 2.0]]), Mode())
    >>> y, LeakyReLU().backward({}, cache, np.ones((1, 2)), Mode())[0]
    (array([[-0.01,  2.  ]]), array([[0.01, 1.  ]]))
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
    """Bends what is negative to -α: y = x where x > 0, else α (eˣ - 1)    [Clevert et al. 2015]

    >>> import numpy as np
    >>> from groundup import ELU, Mode
    >>> y, cache, _ = ELU().forward({}, {}, np.array([[-1.0, 2.0]]), Mode())
    >>> y.round(2), ELU().backward({}, cache, np.ones((1, 2)), Mode())[0].round(2)
    (array([[-0.63,  2.  ]]), array([[0.37, 1.  ]]))
    """

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
    """Turns scores into probabilities: yₖ = exp(xₖ) / Σⱼ exp(xⱼ) over the last axis

    Backward: dx = y (dy - Σⱼ dyⱼ yⱼ). The output of classification.          [Saito 2016, 3.5]

    >>> import numpy as np
    >>> from groundup import Mode, Softmax
    >>> y, _, _ = Softmax().forward({}, {}, np.array([[0.3, 2.9, 4.0]]), Mode())
    >>> y.round(3), float(y.sum().round(9))
    (array([[0.018, 0.245, 0.737]]), 1.0)
    """

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

    >>> import numpy as np
    >>> from groundup import Mode, PReLU
    >>> params = {"slope": np.array([0.25, 0.25])}
    >>> y, cache, _ = PReLU().forward(params, {}, np.array([[-1.0, 2.0]]), Mode())
    >>> y, PReLU().backward(params, cache, np.ones((1, 2)), Mode())[1]
    (array([[-0.25,  2.  ]]), {'slope': array([-1.,  0.])})
    """

    slope_initializer: Any = "constant:0.25"
    shared: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_flag(self, "shared")
        object.__setattr__(self, "slope_initializer", initializers.resolve(self.slope_initializer))

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        shape = (1,) if self.shared else in_shape[:1]
        return Init({"slope": self.slope_initializer(rng.named("slope"), shape)}, EMPTY, in_shape)

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        slopes = params["slope"].shape[0]
        if slopes > 1:
            self.expect_channels(x, slopes)
        return ops.prelu(x, params["slope"]), x, state

    def backward(self, params: Tree, cache: Any, dy: Array, mode: Mode) -> tuple[Array, Tree]:
        dx, dslope = ops.prelu_backward(dy, cache, params["slope"])
        return dx, {"slope": dslope}


@layers.register()
@dataclass(frozen=True)
class Activation(Layer):
    """An activation by its name, as Keras has it: Activation("relu") does what ReLU() does.

    >>> import numpy as np
    >>> from groundup import Activation, Mode
    >>> Activation("relu").forward({}, {}, np.array([[-1.0, 2.0]]), Mode())[0]
    array([[0., 2.]])
    """

    activation: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "activation", inner_activation(self.activation))

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
    """What `activation=` takes: None, a name, a mapping, or an activation object or class."""
    kind = given.get("kind") if isinstance(given, Mapping) else given
    if kind is PReLU or isinstance(kind, PReLU) or str(kind).lower() == "prelu":
        raise InputError(
            "activation=PReLU(): it has a slope to learn, so it is a layer of its own. "
            "Put PReLU() after this layer."
        )
    return replace(activations.resolve("identity" if given is None else given), name=None)
