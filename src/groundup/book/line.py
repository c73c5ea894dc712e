"""Layers that wait for one another, so that a whole training step is computed as one.

The book's layers are called one by one. A layer that gets a mini-batch in float32 answers with a
`Pending`: what it would give, the weights as they are now, not yet computed. The next layer adds
itself; the loss, or whoever looks at the numbers, has all of them computed, fused, by one program.
The way back is the same: the loss has every gradient computed at once, each layer picks its own,
and what goes from layer to layer is an `Owed`, which is computed only if somebody looks at it; what
the first layer gives back, nobody does.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from groundup.book.chance import draw
from groundup.book.program import LineProgram, compiled, known
from groundup.layers import Layer, Mode
from groundup.nn import Chain
from groundup.ops.dispatch import kernels_enabled
from groundup.typing import Array, Tree

SMALL = 2**22  # bytes of a batch that is worth waiting
MANY = 256  # samples above which nothing is gained

KEPT = 64  # chains

_chains: OrderedDict[Any, Chain] = OrderedDict()


class Step(NamedTuple):
    """A layer of the book's in a line.

    owner: the layer; key: what tells its `pure` layer from others; params, state: copies.
    """

    owner: Any
    key: str
    pure: Layer
    params: Tree
    state: Tree


def is_worth_waiting(x: Array) -> bool:
    """Whether layers should wait for others with this batch."""
    small = x.nbytes <= SMALL and len(x) <= MANY and x.ndim in (2, 4)
    return kernels_enabled() and x.dtype == np.float32 and small


class Lazy(NDArrayOperatorsMixin, ABC):
    """An array that is computed when somebody looks at it."""

    _value: Array | None = None

    @abstractmethod
    def compute(self) -> Array:
        """The array."""

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        value = self.compute()
        return np.array(value, dtype) if copy else np.asarray(value, dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        real = [x.compute() if isinstance(x, Lazy) else x for x in inputs]
        out = tuple(x.compute() if isinstance(x, Lazy) else x for x in options.pop("out", ()))
        return getattr(ufunc, method)(*real, **options, **({"out": out} if out else {}))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.compute(), name)

    def __getitem__(self, index: Any) -> Any:
        return self.compute()[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.compute()[index] = value

    def __len__(self) -> int:
        return len(self.compute())

    def __iter__(self) -> Any:
        return iter(self.compute())

    def __repr__(self) -> str:
        return repr(self.compute())


class Pending(Lazy):
    """What the last of some layers gives of a batch x, (N, D) or (N, C, H, W)."""

    def __init__(
        self, x: Array, rank: int, steps: tuple[Step, ...] = (), train: bool | None = None
    ) -> None:
        self._x, self.rank, self.steps, self.train = x, rank, steps, train
        self._caches: Any = None
        self._program: LineProgram | None = None
        self._gradients: Tree = {}

    def then(self, step: Step, rank: int, train: bool | None = None) -> "Pending":
        """The same batch after one more layer."""
        train = self.train if train is None else train
        return Pending(self._x, rank, (*self.steps, step), train)

    def compute(self) -> Array:
        if self._value is None:
            self._program = self._compiled()
            if self._program is None:
                self._value, after = self._carry_out()
                known(self._key)
            else:
                self._value, after = self._program.forward(self, self._inputs, self.mode)
            self._settle(after)
        return self._value

    def caches(self) -> Any:
        """What each layer's backward needs."""
        if self._caches is None:
            self._carry_out()
        return self._caches

    def backward(self, dy: Array) -> "Owed":
        """All gradients of dL/dy, and what the last layer's backward gets."""
        if self._program is not None and self._program.can_go_back(self):
            self._gradients = self._program.backward(dy)
        else:
            mode = Mode(self.mode.train, self.mode.rng, need_dx=False)
            _, self._gradients = self._chain.backward(self._params, self.caches(), dy, mode)
        return Owed(self, dy, len(self.steps))

    def gradients(self, i: int) -> Tree:
        """Those of layer i."""
        return self._gradients.get(self._chain.names[i], {})

    @cached_property
    def mode(self) -> Mode:
        """One for every pass of this batch: dropout drops the same again."""
        return Mode(self.train is not False, draw("dropout"))

    def _compiled(self) -> LineProgram | None:
        return compiled(
            self._key,
            lambda: LineProgram(self._chain, self._x, self._params, self._state, self.mode),
        )

    @cached_property
    def _key(self) -> Any:
        """What a program is made for; the weights themselves come with each run."""
        keys = [(step.key, *[array.shape for array in step.params.values()]) for step in self.steps]
        return (*keys, self._x.shape, self.mode.rng.seed, self.mode.train)

    def _carry_out(self) -> tuple[Array, Tree]:
        """Layer by layer."""
        y, self._caches, after = self._chain.forward(self._params, self._state, self._x, self.mode)
        return y, after

    def _settle(self, after: Tree) -> None:
        if self.train:
            for step, name in zip(self.steps, self._chain.names, strict=True):
                if name in after:
                    step.owner.settle(after[name])

    @cached_property
    def _chain(self) -> Chain:
        key = tuple(step.key for step in self.steps)
        if key not in _chains:
            _chains[key] = Chain([step.pure for step in self.steps])
            if len(_chains) > KEPT:
                _chains.popitem(last=False)
        return _chains[key]

    @property
    def _inputs(self) -> list[Array]:
        """x, and all arrays that layers were given with it."""
        params = [array for step in self.steps for array in step.params.values()]
        return [self._x, *params, *(a for step in self.steps for a in step.state.values())]

    @cached_property
    def _params(self) -> Tree:
        return self._tree(lambda step: step.params)

    @cached_property
    def _state(self) -> Tree:
        return self._tree(lambda step: step.state)

    def _tree(self, of: Any) -> Tree:
        names = self._chain.names
        return {name: of(step) for name, step in zip(names, self.steps, strict=True) if of(step)}


class Owed(Lazy):
    """dL/dx above which `count` layers of a line still have to be gone back through."""

    def __init__(self, line: Pending, dy: Array, count: int) -> None:
        self.line, self._dy, self.count = line, dy, count

    def gradients_of(self, owner: Any) -> Tree | None:
        """Those of the layer whose turn it is, if that is `owner`."""
        if not self.count or self._value is not None:
            return None
        last = self.count - 1
        return self.line.gradients(last) if self.line.steps[last].owner is owner else None

    def below(self) -> "Owed":
        """What the layer gives back."""
        return Owed(self.line, self._dy, self.count - 1)

    def compute(self) -> Array:
        if self._value is None:
            dx: Any = self._dy
            mode = Mode(self.line.mode.train, self.line.mode.rng)
            steps, caches = self.line.steps, self.line.caches()
            for i in reversed(range(self.count, len(steps))):
                dx, _ = steps[i].pure.backward(steps[i].params, caches[i], dx, mode)
            self._value = dx
        return self._value
