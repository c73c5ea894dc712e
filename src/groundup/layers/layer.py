"""What a layer is: a value with three pure functions.

    init(rng, in_shape)                   -> Init(params, state, out_shape, decay)
    forward(params, state, x, mode)       -> y, cache, state
    backward(params, cache, dy, mode)     -> dx, grads

A layer never keeps an array. Parameters come in, gradients go out under the same names; what
backward needs to know travels in `cache`; what changes while training (the running mean of batch
normalization) comes in as `state` and is returned anew. Neither `x` nor `dy` is ever written to,
and what goes in as float32 or float64 comes out so.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Protocol

from groundup.errors import InputError, ShapeError
from groundup.layers.given import looked_at
from groundup.registry import Registry, snake_case
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree, is_whole

EMPTY: Mapping[str, Any] = {}


class Probe(Protocol):
    """An onlooker: sees the arrays between layers, changes nothing."""

    def see(self, layer: str, what: str, array: Array) -> None:
        """`what` is "x", "y", "dy" or "dx"; the array may be reused after the call."""


@dataclass(frozen=True, slots=True)
class Mode:
    """How a forward or backward pass is run.

    Args:
        train: True while training; dropout and batch normalization differ.
        rng: all randomness of the pass, already narrowed to this layer's name.
        need_dx: False where nobody uses dx, as below the first layer with parameters.
        probe: an onlooker, or None.

    >>> import numpy as np
    >>> from groundup import Dropout, Mode
    >>> Dropout(0.5).forward({}, {}, np.ones((1, 4)), Mode(train=True))[0]
    array([[2., 0., 0., 2.]])
    >>> Dropout(0.5).forward({}, {}, np.ones((1, 4)), Mode(train=False))[0]
    array([[1., 1., 1., 1.]])
    """

    train: bool = False
    rng: Stream = field(default_factory=lambda: Stream(purpose="dropout"))
    need_dx: bool = True
    probe: Probe | None = None

    def inside(self, name: str, need_dx: bool) -> "Mode":
        """The mode of a part of a layer."""
        return Mode(self.train, self.rng.named(name), need_dx, self.probe)


class Init(NamedTuple):
    """What a layer starts with.

    params: arrays to be learned, by name; state: arrays that training changes, by name;
    out_shape: the shape of y without N; decay: the parameters that weight decay applies to.
    """

    params: Tree
    state: Tree
    out_shape: Shape
    decay: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layer(ABC):
    """The base of every layer; subclasses are final.

    Args:
        name: how summaries, files and random streams call it; by default its kind and ordinal.
        input_shape: the shape of x without N, for a layer that stands first.

    A layer of your own, y = x²; under @layers.register() it has a name and can be saved, too:

    >>> from dataclasses import dataclass
    >>> import numpy as np
    >>> from groundup import Layer, Mode
    >>> from groundup.layers import Init
    >>> @dataclass(frozen=True)
    ... class Square(Layer):
    ...     def init(self, rng, in_shape):
    ...         return Init(params={}, state={}, out_shape=in_shape)
    ...
    ...     def forward(self, params, state, x, mode):
    ...         return x * x, x, state
    ...
    ...     def backward(self, params, cache, dy, mode):
    ...         return dy * 2 * cache, {}
    >>> y, cache, _ = Square().forward({}, {}, np.array([[3.0, -1.0]]), Mode())
    >>> y, Square().backward({}, cache, np.ones((1, 2)), Mode())[0]
    (array([[9., 1.]]), array([[ 6., -2.]]))
    """

    name: str | None = None
    input_shape: Shape | None = None
    ranks: ClassVar[range | tuple[int, ...]] = range(1, 65)  # of x, N counted

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "forward" in vars(cls):  # so that a layer of your own need not check its x, either
            cls.forward = looked_at(vars(cls)["forward"])  # type: ignore[method-assign]

    def __post_init__(self) -> None:
        kind, name, shape = type(self).__name__, self.name, self.input_shape
        if name is not None and (not isinstance(name, str) or not name or "/" in name):
            raise InputError(
                f"{kind}(name={name!r}): expected a word without a slash, which stands between "
                'names, as in "dense_1/W".'
            )
        if shape is not None:
            listed = isinstance(shape, Sequence) and not isinstance(shape, str | bytes)
            if not listed or not all(is_whole(n) and n > 0 for n in shape):
                raise InputError(
                    f"{kind}(input_shape={shape!r}): expected positive whole "
                    "numbers without the batch axis, such as (784,) or (1, 28, 28)."
                )
            object.__setattr__(self, "input_shape", tuple(int(n) for n in shape))

    @property
    def kind(self) -> str:
        """The class's name in snake_case, the stem of the layer's default name."""
        return snake_case(type(self).__name__)

    @property
    def label(self) -> str:
        """How error messages call this layer."""
        given = f"name={self.name!r}" if self.name else ""
        return f"{type(self).__name__}({', '.join(filter(None, (self._brief(), given)))})"

    def _brief(self) -> str:
        """The arguments worth showing in an error message."""
        return ""

    @abstractmethod
    def init(self, rng: Stream, in_shape: Shape) -> Init:
        """Initial parameters (float64) and state for inputs of `in_shape` (without N)."""

    @abstractmethod
    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        """y, what backward needs, and the state after this batch."""

    @abstractmethod
    def backward(
        self, params: Tree, cache: Any, dy: Array, mode: Mode
    ) -> tuple[Array | None, Tree]:
        """dL/dx (None where not `mode.need_dx`) and dL/dparams, from dL/dy."""

    def multiply_adds(self, in_shape: Shape, out_shape: Shape) -> int:
        """Multiplications with addition in one forward pass of one sample."""
        return 0

    def penalties(self) -> Mapping[str, Any]:
        """Regularizers by the name of the parameter that they act on."""
        return EMPTY

    def expect_rank(self, in_shape: Shape, rank: int, form: str, remedy: str) -> None:
        """Refuse an input shape of another rank; `rank` counts N."""
        if len(in_shape) + 1 != rank:
            raise ShapeError(
                f"{self.label}: expected x of rank {rank} {form}, "
                f"got ({', '.join(['N', *map(str, in_shape)])}). {remedy}"
            )

    def expect_channels(self, x: Array, count: int) -> None:
        """Refuse x (N, C, …) of another C, which NumPy would stretch or shrink to fit."""
        if len(x.shape) < 2 or x.shape[1] != count:
            raise ShapeError(
                f"{self.label}: x has shape {x.shape}: expected (N, {count}) or (N, {count}, …)."
            )


layers: Registry[Layer] = Registry("layer", Layer)
