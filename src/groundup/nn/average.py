"""Several networks on the same input, and the mean of what they say: an ensemble is a layer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import Any

from groundup.errors import InputError, ShapeError
from groundup.layers.layer import Init, Layer, Mode, layers
from groundup.nn.chain import Chain
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@layers.register()
@dataclass(frozen=True)
class Average(Layer):
    """The mean of what K layers make of the same input: y = 1/K Σₖ fₖ(x)

    Backward:  dx = Σₖ fₖ′(x)ᵀ dy / K    x: (N, …)  y: (N, …), of one shape for all fₖ
    (Keras's Average takes K inputs instead.)   [Saito 2016, 6.4.3; Hansen & Salamon 1990]

    Args:
        layers: f₁ … f_K. Parameters, state and gradients are nested by the layers' names, which
            are given as in a `Chain`.

    >>> import numpy as np
    >>> from groundup import Dense
    >>> two = Average([Dense(1, kernel_initializer="ones"), Dense(1, kernel_initializer="zeros")])
    >>> two.forward(two.init(Stream(0), (2,)).params, {}, np.array([[3.0, 5.0]]), Mode())[0]
    array([[4.]])
    """

    layers: Sequence[Layer]

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "layers", tuple(Chain(self.layers).layers))
        if not self.layers:
            raise InputError("Average([]): expected at least one layer.")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The layers' names, in order."""
        return Chain(self.layers).names

    def _members(self) -> Iterator[tuple[str, Layer]]:
        return zip(self.names, self.layers, strict=True)

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        made = {name: layer.init(rng.named(name), in_shape) for name, layer in self._members()}
        shapes = [one.out_shape for one in made.values()]
        for name, shape in zip(self.names, shapes, strict=True):
            if shape != shapes[0]:
                raise ShapeError(
                    f"Average: {name} gives {shape} (without N) and {self.names[0]} {shapes[0]}: "
                    "expected layers that give one shape."
                )
        return Init(
            {name: one.params for name, one in made.items() if one.params},
            {name: one.state for name, one in made.items() if one.state},
            shapes[0],
            tuple(f"{name}/{key}" for name, one in made.items() for key in one.decay),
        )

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        outputs, caches, new_state = [], [], {}
        for name, layer in self._members():
            inner = mode.inside(name, mode.need_dx)
            y, cache, after = layer.forward(params.get(name, {}), state.get(name, {}), x, inner)
            outputs.append(y)
            caches.append(cache)
            if after:
                new_state[name] = after
        return _sum(outputs) / x.dtype.type(len(outputs)), caches, new_state

    def backward(
        self, params: Tree, cache: Any, dy: Array, mode: Mode
    ) -> tuple[Array | None, Tree]:
        share = dy / dy.dtype.type(len(self.layers))
        slopes, grads = [], {}
        for (name, layer), remembered in zip(self._members(), cache, strict=True):
            inner = mode.inside(name, mode.need_dx)
            dx, layer_grads = layer.backward(params.get(name, {}), remembered, share, inner)
            slopes.append(dx)
            if layer_grads:
                grads[name] = layer_grads
        return _sum([dx for dx in slopes if dx is not None]) if mode.need_dx else None, grads

    def penalties(self) -> Mapping[str, Any]:
        return {
            f"{name}/{key}": regularizer
            for name, layer in self._members()
            for key, regularizer in layer.penalties().items()
        }

    def multiply_adds(self, in_shape: Shape, out_shape: Shape) -> int:
        return sum(layer.multiply_adds(in_shape, out_shape) for layer in self.layers)


def _sum(arrays: Sequence[Array]) -> Array:
    """Σ in the given order."""
    return reduce(add, arrays)
