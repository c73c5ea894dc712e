"""Layers one after another: itself a layer, pure like the others.

Names are what everything hangs on: parameters, files, summaries and random streams. A layer is
called by its given name or by its kind and its ordinal among that kind: dense_1, relu_1, dense_2.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from groundup.errors import InputError, ShapeError
from groundup.layers.layer import Init, Layer, Mode, layers
from groundup.rng import Stream
from groundup.typing import Array, Shape, Tree


@layers.register()
@dataclass(frozen=True)
class Chain(Layer):
    """Layers one after another, themselves one layer: y = fₗ(… f₂(f₁(x)))

    Backward goes the same way back, and no further down than somebody needs: with
    `mode.need_dx=False` it ends at the first layer that has parameters.   [Saito 2016, 5.1]

    Args:
        layers: f₁ … fₗ, objects or tables with a "kind". Parameters, state and gradients are
            nested by the layers' names.

    >>> from groundup import Chain, Dense, Stream
    >>> made = Chain([Dense(50, activation="relu"), Dense(10)]).init(Stream(0), (784,))
    >>> made.out_shape, made.params["dense_2"]["W"].shape, made.decay
    ((10,), (50, 10), ('dense_1/W', 'dense_2/W'))
    """

    layers: Sequence[Layer]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.layers, Sequence):
            raise InputError(f"{self.layers!r}: expected a list of layers, as in [Dense(10)].")
        made = [layers.resolve(x) if isinstance(x, Mapping) else x for x in self.layers]
        for layer in made:
            if not isinstance(layer, Layer):
                raise InputError(
                    f"{layer!r} is no layer: expected objects such as Dense(10), ReLU()."
                )
        object.__setattr__(self, "layers", tuple(made))
        repeated = [name for name, count in Counter(self.names).items() if count > 1]
        if repeated:
            raise InputError(f"two layers are called {repeated[0]!r}. Give one another name=.")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The layers' names, in order."""
        ordinal: Counter[str] = Counter()
        names = []
        for layer in self.layers:
            ordinal[layer.kind] += 1
            names.append(layer.name or f"{layer.kind}_{ordinal[layer.kind]}")
        return tuple(names)

    def init(self, rng: Stream, in_shape: Shape) -> Init:
        params, state, decay = {}, {}, []
        shape = in_shape
        for name, layer in zip(self.names, self.layers, strict=True):
            if layer.input_shape is not None and layer.input_shape != shape:
                raise ShapeError(
                    f"{layer.label}: input_shape={layer.input_shape}, but what comes in has shape "
                    f"{shape} (without N). Leave input_shape out, or reshape what comes in."
                )
            made = layer.init(rng.named(name), shape)
            if made.params:
                params[name] = made.params
            if made.state:
                state[name] = made.state
            decay += [f"{name}/{key}" for key in made.decay]
            shape = made.out_shape
        return Init(params, state, shape, tuple(decay))

    def forward(self, params: Tree, state: Tree, x: Array, mode: Mode) -> tuple[Array, Any, Tree]:
        caches, new_state = [], {}
        for name, layer in zip(self.names, self.layers, strict=True):
            inner = mode.inside(name, mode.need_dx)
            if mode.probe:
                mode.probe.see(inner.rng.name, "x", x)
            x, cache, after = layer.forward(params.get(name, {}), state.get(name, {}), x, inner)
            if mode.probe:
                mode.probe.see(inner.rng.name, "y", x)
            caches.append(cache)
            if after:
                new_state[name] = after
        return x, caches, new_state

    def backward(
        self, params: Tree, cache: Any, dy: Array, mode: Mode
    ) -> tuple[Array | None, Tree]:
        with_params = [i for i, name in enumerate(self.names) if name in params]
        lowest = 0 if mode.need_dx else min(with_params, default=len(self.layers))
        grads = {}
        dx: Array | None = dy
        for i in reversed(range(lowest, len(self.layers))):
            name, layer = self.names[i], self.layers[i]
            assert dx is not None
            inner = mode.inside(name, mode.need_dx or i > lowest)
            if mode.probe:
                mode.probe.see(inner.rng.name, "dy", dx)
            dx, layer_grads = layer.backward(params.get(name, {}), cache[i], dx, inner)
            if mode.probe and dx is not None:
                mode.probe.see(inner.rng.name, "dx", dx)
            if layer_grads:
                grads[name] = layer_grads
        return dx if mode.need_dx else None, grads

    def penalties(self) -> Mapping[str, Any]:
        return {
            f"{name}/{key}": regularizer
            for name, layer in zip(self.names, self.layers, strict=True)
            for key, regularizer in layer.penalties().items()
        }

    def multiply_adds(self, in_shape: Shape, out_shape: Shape) -> int:
        total = 0
        for layer in self.layers:
            out = layer.init(Stream(0), in_shape).out_shape
            total += layer.multiply_adds(in_shape, out)
            in_shape = out
        return total
