"""The book's stateful layer: a pure layer and what it remembers from forward to backward."""

from typing import Any

import numpy as np

from groundup.book.line import Owed, Pending, Step, is_worth_waiting
from groundup.book.precision import working
from groundup.errors import InputError
from groundup.layers import Layer, Mode
from groundup.layers.layer import EMPTY
from groundup.typing import Array, Tree

TRAINING, INFERENCE = Mode(train=True), Mode(train=False)


class Wrapped:
    """forward(x) -> y remembers what backward(dout) -> dx needs; gradients become dW, db, …

    The parameters are attributes of their names and stay the arrays that the script made: whoever
    shares them sees every update. A copy in the dtype of the batch is computed with. Mini-batches
    wait for the layers to come, see `line`.

    Args:
        layer: the pure layer that does the work.
        params: arrays by the names that the pure layer has for them.
    """

    def __init__(self, layer: Layer, **params: Any) -> None:
        self._layer, self._names, self._key = layer, tuple(params), repr(layer)
        self._cast: Tree = EMPTY
        self._cache: Any = None
        self._line: tuple[Pending, int] | None = None
        for name, array in params.items():
            setattr(self, name, array)
            setattr(self, f"d{name}", None)

    def forward(self, x: Any) -> Any:
        """y, (N, …), of x, (N, …)."""
        return self._forward(x)

    def backward(self, dout: Any) -> Any:
        """dL/dx of dL/dy; dL/dW is kept as `dW`, and so on."""
        found = dout.gradients_of(self) if isinstance(dout, Owed) else None
        if found is not None:
            dx, gradients = dout.below(), found
        else:
            dx, gradients = self._back(dout)
        for name, gradient in gradients.items():
            setattr(self, f"d{name}", gradient)
        return dx

    def settle(self, state: Tree) -> None:
        """Take over what a batch has changed, where a layer has state."""

    def _forward(self, x: Any, train: bool | None = None) -> Any:
        if not isinstance(x, Pending):
            x = working(x)
            if not (is_worth_waiting(x) and self._fits()):
                self._line = None
                return self._run(x, train)
            x = Pending(np.array(x, order="C"), x.ndim)
        elif not self._fits() or (None not in (train, x.train) and train != x.train):
            self._line = None
            return self._run(x.compute(), train)
        params = {name: getattr(self, name) for name in self._names}
        copies = {name: np.array(a, np.float32, order="C") for name, a in params.items()}
        step = Step(self, self._key, self._layer, copies, self._state(np.float32))
        y = x.then(step, self._rank(x.rank), train)
        self._line = y, len(x.steps)
        return y

    def _run(self, x: Array, train: bool | None) -> Any:
        """At once."""
        self._cast = {name: np.asarray(getattr(self, name), x.dtype) for name in self._names}
        mode = self._mode(train is not False)
        y, cache, after = self._layer.forward(self._cast, self._state(x.dtype), x, mode)
        self._cache = x.dtype, cache
        if train:
            self.settle(after)
        return y

    def _back(self, dout: Any) -> tuple[Any, Tree]:
        if self._line is not None:
            line, i = self._line
            self._cast = line.steps[i].params
            self._cache, self._line = (np.dtype(np.float32), line.caches()[i]), None
        if self._cache is None:
            raise InputError(f"{type(self).__name__}.backward: call forward before it.")
        dtype, cache = self._cache
        return self._layer.backward(self._cast, cache, np.asarray(dout, dtype), TRAINING)

    def _mode(self, train: bool) -> Mode:
        return TRAINING if train else INFERENCE

    def _state(self, dtype: Any) -> Tree:
        return EMPTY

    def _fits(self) -> bool:
        """Whether the parameters have the very shapes that a program expects."""
        return True

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_line": None}  # a copy begins anew

    def _rank(self, rank: int) -> int:
        """The rank of y, of an x of that rank."""
        return rank
