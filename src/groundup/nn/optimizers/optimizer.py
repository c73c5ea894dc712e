"""What an optimizer is: a value with two functions on flat arrays.

    init(params, decayed)          -> state
    update(params, grads, state)   -> params, state

All parameters of a network lie in one vector θ (P,), its gradients g in a second of that shape. An
update consumes `params` and `state`: on NumPy it works in place, so views of θ see it, and only
what it returns may be used afterwards (as with donated buffers under JAX). `grads` is only read.

The state is a dictionary: "step", the updates made; "learning_rate", η of the next one; "decayed",
how many leading entries of θ weight decay applies to; and arrays of θ's shape, such as "velocity".
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, TypeAlias

from groundup.checks import NOT_NEGATIVE, POSITIVE, as_number, as_parameter, as_whole, check_number
from groundup.errors import InputError, ShapeError
from groundup.nn.schedules import Schedule, schedules
from groundup.registry import Registry
from groundup.typing import Array

State: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Optimizer(ABC):
    """The base of every optimizer.

    Args:
        learning_rate: η > 0, or a schedule of it.
        weight_decay: λ of decoupled weight decay, θ -= η λ θ before the update, on the leading
            `decayed` entries; the gradient stays as it is. (The book's and PyTorch's SGD put λ θ
            into the gradient: that is the regularizer L2.)
        clipvalue: every gradient is cut to ± this.
        global_clipnorm: a gradient longer than this is shortened to it, all layers together.

    >>> import numpy as np
    >>> from groundup.nn.optimizers import SGD
    >>> theta, sgd = np.array([1.0, 2.0]), SGD(learning_rate=0.1)
    >>> theta, state = sgd.update(theta, np.array([1.0, -1.0]), sgd.init(theta))
    >>> theta, state
    (array([0.9, 2.1]), {'step': 1, 'learning_rate': 0.1, 'decayed': 2})
    """

    learning_rate: float | Schedule = 0.01
    _: KW_ONLY
    weight_decay: float = 0.0
    clipvalue: float | None = None
    global_clipnorm: float | None = None

    def __post_init__(self) -> None:
        if isinstance(self.learning_rate, Mapping):
            object.__setattr__(self, "learning_rate", schedules.resolve(self.learning_rate))
        if not isinstance(self.learning_rate, Schedule):
            check_number(self, "learning_rate", POSITIVE)
        check_number(self, "weight_decay", NOT_NEGATIVE)
        for option in ("clipvalue", "global_clipnorm"):
            if getattr(self, option) is not None:
                check_number(self, option, POSITIVE)
        if self.clipvalue is not None and self.global_clipnorm is not None:
            raise InputError(
                f"{type(self).__name__}(clipvalue={self.clipvalue}, "
                f"global_clipnorm={self.global_clipnorm}): expected at most one of them."
            )

    def init(self, params: Array, decayed: int | None = None) -> State:
        """The state before the first update.

        Args:
            params: θ, (P,), of any float dtype.
            decayed: leading entries that weight decay applies to; by default all.
        """
        self._expect_vector("params", params)
        decayed = params.shape[0] if decayed is None else decayed
        decayed = as_whole(decayed, "decayed", 0, f"{type(self).__name__}.init")
        if decayed > params.shape[0]:
            raise InputError(
                f"{type(self).__name__}.init(decayed={decayed}): expected at most the number of "
                f"parameters, {params.shape[0]}."
            )
        return {
            "step": 0,
            "learning_rate": self._rate(0),
            "decayed": decayed,
            **self._slots(params),
        }

    def update(self, params: Array, grads: Array, state: State) -> tuple[Array, State]:
        """One update: θ and the state afterwards; `params` and `state` are consumed.

        Args:
            params, grads: θ and dL/dθ, both (P,).
            state: from `init` or the last update.
        """
        self._expect_vector("params", params)
        if type(grads) is not type(params) or grads.dtype.kind != "f":
            grads = as_parameter(grads, f"{type(self).__name__}.update: grads")
        if grads.shape != params.shape:
            raise ShapeError(
                f"{type(self).__name__}.update: expected grads of params' shape {params.shape}, "
                f"got {grads.shape}."
            )
        step, rate = state["step"], state["learning_rate"]
        if self.weight_decay:
            params = _scale_head(params, state["decayed"], 1 - rate * self.weight_decay)
        params, slots = self._move(params, self._clip(grads), state, rate, step + 1)
        if isinstance(self.learning_rate, Schedule):
            rate = self._rate(step + 1)
        return params, {**state, **slots, "step": step + 1, "learning_rate": rate}

    def with_learning_rate(self, state: State, value: float) -> State:
        """The state with another learning rate from the next update on; refused for schedules."""
        name = type(self).__name__
        if isinstance(self.learning_rate, Schedule):
            raise InputError(
                f"{name}: the learning rate follows {self.learning_rate}, so it cannot be set to "
                f"{value}. Give the optimizer a number instead of the schedule."
            )
        return {**state, "learning_rate": as_number(value, "learning_rate", POSITIVE, name)}

    def _slots(self, params: Array) -> dict[str, Array]:
        """The arrays of the state before the first update."""
        return {}

    @abstractmethod
    def _move(
        self, params: Array, g: Array, state: State, rate: float, t: int
    ) -> tuple[Array, dict[str, Array]]:
        """θ and the state's arrays after update number t = 1, 2, …, by the clipped gradient g."""

    def _rate(self, step: int) -> float:
        rate = self.learning_rate
        return rate(step) if isinstance(rate, Schedule) else float(rate)

    def _clip(self, g: Array) -> Array:
        xp = g.__array_namespace__()
        if self.clipvalue is not None:
            return xp.clip(g, -self.clipvalue, self.clipvalue)
        if self.global_clipnorm is not None:
            # The largest entry is taken out first: squares leave float32's range early, and so
            # may the norm itself.
            largest = xp.maximum(xp.max(xp.abs(g)), xp.finfo(g.dtype).tiny)
            unit = g / largest
            norm = xp.sqrt(xp.maximum(xp.sum(unit * unit), g.dtype.type(1)))  # unless all are 0
            allowed = g.dtype.type(self.global_clipnorm) / norm
            return xp.where(largest > allowed, unit * allowed, g)
        return g

    def _expect_epsilon(self, epsilon: float, params: Array) -> None:
        """Refuse an ε that is 0 in the parameters' dtype: it keeps 0 / 0 away."""
        if params.dtype.type(epsilon) == 0:
            raise InputError(
                f"{type(self).__name__}(epsilon={epsilon}): in {params.dtype} that is 0. Choose a "
                "larger one, such as 1e-7."
            )

    def _expect_vector(self, what: str, array: Array) -> None:
        dtype = getattr(array, "dtype", None)
        if getattr(dtype, "kind", None) != "f" or array.ndim != 1:
            found = f"{array.dtype} {array.shape}" if hasattr(array, "dtype") else repr(array)
            raise ShapeError(
                f"{type(self).__name__}: expected {what} as one flat array (P,) of floats, got "
                f"{found}. Lay the parameters of a network into one vector."
            )


optimizers: Registry[Optimizer] = Registry("optimizer", Optimizer)


def _scale_head(params: Array, count: int, factor: float) -> Array:
    """The first `count` entries times `factor`."""
    if count == params.shape[0]:
        params *= factor
        return params
    if hasattr(params, "at"):  # JAX's arrays cannot be written to
        return params.at[:count].multiply(factor)
    params[:count] *= factor
    return params
