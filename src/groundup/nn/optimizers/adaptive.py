"""A step of its own for every parameter, by the size of its gradients so far."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from groundup import ops
from groundup.checks import NOT_NEGATIVE, POSITIVE, SHARE, check_choice, check_flag, check_number
from groundup.nn.optimizers.optimizer import Optimizer, State, optimizers
from groundup.nn.optimizers.sgd import Velocity, accelerate
from groundup.nn.schedules import Schedule
from groundup.ops.reference.optimizers import root
from groundup.typing import Array

Place: TypeAlias = Literal["outside", "inside"]


@optimizers.register()
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Shorter steps where gradients have been large: h += g²    θ -= η g / (√h + ε)

    h only grows, so steps shrink to nothing in the end; RMSprop forgets.
    [Duchi et al. 2011; Saito 2016, 6.1.5]

    Args:
        learning_rate: η; 0.01 as the book and PyTorch, Keras takes 0.001.
        initial_accumulator_value: h before the first update; 0 as the book and PyTorch, Keras 0.1.
        epsilon: ε; 1e-7 as the book and Keras, PyTorch 1e-10.
        epsilon_place: "outside" the root, as the book and PyTorch; or "inside", √(h + ε), as Keras.

    >>> import numpy as np
    >>> adagrad = Adagrad(0.1)
    >>> theta, _ = adagrad.update(np.ones(2), np.array([0.01, 100.0]), adagrad.init(np.ones(2)))
    >>> theta.round(4)
    array([0.9, 0.9])
    """

    learning_rate: float | Schedule = 0.01
    initial_accumulator_value: float = 0.0
    epsilon: float = 1e-7
    epsilon_place: Place = field(default="outside", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "initial_accumulator_value", NOT_NEGATIVE)
        check_number(self, "epsilon", POSITIVE)
        check_choice(self, "epsilon_place", ("outside", "inside"))

    def _slots(self, params: Array) -> dict[str, Array]:
        self._expect_epsilon(self.epsilon, params)
        xp = params.__array_namespace__()
        return {"h": xp.full_like(params, self.initial_accumulator_value)}

    def _move(
        self, params: Array, g: Array, state: State, rate: float, t: int
    ) -> tuple[Array, dict[str, Array]]:
        inside = self.epsilon_place == "inside"
        params, h = ops.adagrad_step(params, g, state["h"], self.epsilon, rate, inside)
        return params, {"h": h}


@optimizers.register("rms_prop")
@dataclass(frozen=True)
class RMSprop(Optimizer):
    """Adagrad that forgets: h ← ρ h + (1 - ρ) g²    θ -= η g / (√h + ε)

    Centered: √(h - ḡ²) for √h, with ḡ ← ρ ḡ + (1 - ρ) g, an estimate of the gradient's variance.
    With momentum: v ← μ v - η g / (√h + ε), θ += v.   [Tieleman & Hinton 2012; Graves 2013]

    Args:
        learning_rate: η; 0.001 as Keras, the book and PyTorch take 0.01.
        rho: ρ, the share of the old mean; 0.9 as Keras, the book and PyTorch take 0.99.
        momentum: μ, 0 <= μ < 1; with 0 there is no velocity.
        epsilon: ε; 1e-7 as the book and Keras, PyTorch 1e-8.
        centered: divide by the standard deviation.
        epsilon_place: "outside" the root, as the book and PyTorch; or "inside", √(h + ε), as Keras.
        velocity: what v gathers: "step" as Keras, or "gradient" as PyTorch; see SGD.

    >>> import numpy as np
    >>> rmsprop = RMSprop(0.1, rho=0.99)
    >>> theta, state = rmsprop.update(np.ones(1), np.ones(1), rmsprop.init(np.ones(1)))
    >>> theta.round(5), state["h"]
    (array([0.]), array([0.01]))
    """

    learning_rate: float | Schedule = 0.001
    rho: float = 0.9
    momentum: float = 0.0
    epsilon: float = 1e-7
    centered: bool = False
    epsilon_place: Place = field(default="outside", kw_only=True)
    velocity: Velocity = field(default="step", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "rho", SHARE)
        check_number(self, "momentum", SHARE)
        check_number(self, "epsilon", POSITIVE)
        check_flag(self, "centered")
        check_choice(self, "epsilon_place", ("outside", "inside"))
        check_choice(self, "velocity", ("step", "gradient"))

    def _slots(self, params: Array) -> dict[str, Array]:
        self._expect_epsilon(self.epsilon, params)
        used = {"h": True, "mean": self.centered, "velocity": self.momentum > 0}
        xp = params.__array_namespace__()
        return {name: xp.zeros_like(params) for name, wanted in used.items() if wanted}

    def _move(
        self, params: Array, g: Array, state: State, rate: float, t: int
    ) -> tuple[Array, dict[str, Array]]:
        h, inside = state["h"], self.epsilon_place == "inside"
        if not (self.centered or self.momentum):
            params, h = ops.rmsprop_step(params, g, h, self.rho, self.epsilon, rate, inside)
            return params, {"h": h}
        h *= self.rho
        h += (1 - self.rho) * (g * g)
        slots, spread = {"h": h}, h
        if self.centered:
            mean = state["mean"]
            mean *= self.rho
            mean += (1 - self.rho) * g
            slots["mean"] = mean
            # Never negative in exact arithmetic; rounding would make a root of it NaN.
            spread = h.__array_namespace__().maximum(h - mean * mean, 0)
        direction = g / root(spread, self.epsilon, inside)
        if self.momentum:
            v, momentum = state["velocity"], self.momentum
            if self.velocity == "step":
                params, v = ops.momentum_step(params, direction, v, momentum, rate, False)
            else:
                params, v = accelerate(params, v, direction, rate, momentum, False)
            slots["velocity"] = v
        else:
            direction *= rate
            params -= direction
        return params, slots
