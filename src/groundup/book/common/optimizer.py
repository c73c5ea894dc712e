"""`common.optimizer`: the optimizers by the book's names, on this library's.   [Saito 2016, 6.1]

`np` belongs to it: scripts that say `from common.optimizer import *` rely on that.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from groundup.errors import InputError
from groundup.nn import optimizers
from groundup.nn.optimizers.optimizer import Optimizer
from groundup.typing import Array

__all__ = ["SGD", "Adam", "AdaGrad", "Momentum", "Nesterov", "RMSprop", "np"]

Params = dict[str, Any]


class Updater(ABC):
    """update(params, grads) changes arrays in place, and numbers in their dictionary.

    All of them lie in one vector meanwhile, float32 where the gradients are. The attributes, such
    as `lr`, can be changed between updates.
    """

    def __init__(self) -> None:
        self._state: Any = None
        self._made: tuple[Any, Optimizer] | None = None
        self._theta, self._gradient = np.empty(0), np.empty(0)

    @abstractmethod
    def rule(self) -> Optimizer:
        """The pure optimizer of the attributes as they are now."""

    def update(self, params: Params, grads: Params) -> None:
        """One step for every entry of `params`, by the entry of `grads` of its name."""
        theta, gradient = self._vectors(params, grads)
        rule = self._rule()
        if self._state is None:
            self._state = rule.init(theta)
        self._state["learning_rate"] = rule.learning_rate
        theta, self._state = rule.update(theta, gradient, self._state)
        for key, part in _parts(params):
            if isinstance(params[key], np.ndarray):
                params[key][...] = theta[part].reshape(params[key].shape)
            else:
                params[key] = theta[part][0]

    def _rule(self) -> Optimizer:
        """That of `rule`, made anew when an attribute has changed."""
        said = {name: value for name, value in vars(self).items() if not name.startswith("_")}
        if self._made is None or self._made[0] != said:
            self._made = said, self.rule()
        return self._made[1]

    def _vectors(self, params: Params, grads: Params) -> tuple[Array, Array]:
        """θ and its gradient, each in the vector that it had before."""
        parts = _parts(params)
        size = parts[-1][1].stop
        dtype = np.result_type(*(np.asarray(grads[key]) for key in params), np.float32)
        if (self._theta.size, self._theta.dtype) != (size, dtype):
            if self._state is not None and self._theta.size != size:
                raise InputError(
                    f"{type(self).__name__}: it remembers {self._theta.size} values and got "
                    f"{size}. Give each network an optimizer of its own."
                )
            self._theta, self._gradient = np.empty(size, dtype), np.empty(size, dtype)
            self._state = None if self._state is None else _as_dtype(self._state, dtype)
        for key, part in parts:
            self._theta[part] = np.ravel(params[key])
            self._gradient[part] = np.ravel(grads[key])
        return self._theta, self._gradient


class SGD(Updater):
    """θ -= lr g"""

    def __init__(self, lr: float = 0.01) -> None:
        super().__init__()
        self.lr = lr

    def rule(self) -> Optimizer:
        return optimizers.SGD(float(self.lr))

    def update(self, params: Params, grads: Params) -> None:
        """One step for every entry; nothing is remembered, so each can stay where it is."""
        rate = self._rule().learning_rate
        for key in params:
            params[key] -= rate * grads[key]


class Momentum(Updater):
    """v ← momentum v - lr g    θ += v"""

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__()
        self.lr, self.momentum = lr, momentum

    def rule(self) -> Optimizer:
        return optimizers.Momentum(float(self.lr), self.momentum)


class Nesterov(Updater):
    """v ← momentum v - lr g    θ += momentum v - lr g"""

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        super().__init__()
        self.lr, self.momentum = lr, momentum

    def rule(self) -> Optimizer:
        return optimizers.Nesterov(float(self.lr), self.momentum)


class AdaGrad(Updater):
    """h += g²    θ -= lr g / (√h + 1e-7)"""

    def __init__(self, lr: float = 0.01) -> None:
        super().__init__()
        self.lr = lr

    def rule(self) -> Optimizer:
        return optimizers.Adagrad(float(self.lr), epsilon=1e-7)


class RMSprop(Updater):
    """h ← decay_rate h + (1 - decay_rate) g²    θ -= lr g / (√h + 1e-7)"""

    def __init__(self, lr: float = 0.01, decay_rate: float = 0.99) -> None:
        super().__init__()
        self.lr, self.decay_rate = lr, decay_rate

    def rule(self) -> Optimizer:
        return optimizers.RMSprop(float(self.lr), rho=self.decay_rate, epsilon=1e-7)


class Adam(Updater):
    """m, v: running means of g and g²    θ -= lr √(1 - β₂ᵗ)/(1 - β₁ᵗ) m / (√v + 1e-7)"""

    def __init__(self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999) -> None:
        super().__init__()
        self.lr, self.beta1, self.beta2 = lr, beta1, beta2

    def rule(self) -> Optimizer:
        return optimizers.Adam(float(self.lr), self.beta1, self.beta2, epsilon=1e-7)


def _parts(params: Params) -> list[tuple[str, slice]]:
    """Where each entry lies in the vector."""
    parts, stop = [], 0
    for key, value in params.items():
        start, stop = stop, stop + np.size(value)
        parts.append((key, slice(start, stop)))
    return parts


def _as_dtype(state: Any, dtype: Any) -> Any:
    return {k: v.astype(dtype) if isinstance(v, np.ndarray) else v for k, v in state.items()}
