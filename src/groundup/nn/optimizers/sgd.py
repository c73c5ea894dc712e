"""Gradient descent, plain and with momentum."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from groundup import ops
from groundup.checks import SHARE, check_choice, check_flag, check_number
from groundup.nn.optimizers.optimizer import Optimizer, State, optimizers
from groundup.nn.schedules import Schedule
from groundup.typing import Array

Velocity: TypeAlias = Literal["step", "gradient"]


def accelerate(
    params: Array, v: Array, g: Array, rate: float, momentum: float, ahead: bool
) -> tuple[Array, Array]:
    """v ← μ v + g    θ -= η v, or with `ahead` θ -= η (μ v + g): v in units of gradients

    In place; θ and v are returned for arrays that cannot be written to.
    """
    v *= momentum
    v += g
    params -= rate * (momentum * v + g if ahead else v)
    return params, v


@optimizers.register("gradient_descent")
@dataclass(frozen=True)
class SGD(Optimizer):
    """Gradient descent, with momentum if wanted, on θ and g, both (P,).

    θ -= η g; with momentum v ← μ v - η g and θ += v, or as Nesterov θ += μ v - η g

    Full-batch, mini-batch and single-sample descent are this, on batches of those sizes.
    [Saito 2016, 6.1.2 and 6.1.4; Polyak 1964; Sutskever et al. 2013]

    Args:
        learning_rate: η.
        momentum: μ, 0 <= μ < 1; with 0 there is no velocity.
        nesterov: look ahead along the velocity, v being the new one.
        velocity: what v gathers: "step", -η g as the book and Keras; or "gradient", v ← μ v + g
            and θ -= η v, as PyTorch. They differ only where η changes: a new η acts at once on a
            velocity of gradients, little by little on one of steps.

    >>> import numpy as np
    >>> theta, sgd = np.array([1.0]), SGD(0.1, momentum=0.9)
    >>> state = sgd.init(theta)
    >>> for _ in range(2):
    ...     theta, state = sgd.update(theta, np.array([1.0]), state)
    >>> theta.round(6), state["velocity"].round(6)
    (array([0.71]), array([-0.19]))
    """

    learning_rate: float | Schedule = 0.01
    momentum: float = 0.0
    nesterov: bool = False
    velocity: Velocity = field(default="step", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "momentum", SHARE)
        check_flag(self, "nesterov")
        check_choice(self, "velocity", ("step", "gradient"))

    def _slots(self, params: Array) -> dict[str, Array]:
        xp = params.__array_namespace__()
        return {"velocity": xp.zeros_like(params)} if self.momentum else {}

    def _move(
        self, params: Array, g: Array, state: State, rate: float, t: int
    ) -> tuple[Array, dict[str, Array]]:
        if not self.momentum:
            return ops.sgd_step(params, g, rate), {}
        v, momentum = state["velocity"], self.momentum
        if self.velocity == "step":
            params, v = ops.momentum_step(params, g, v, momentum, rate, self.nesterov)
        else:
            params, v = accelerate(params, v, g, rate, momentum, self.nesterov)
        return params, {"velocity": v}


@optimizers.register()
@dataclass(frozen=True)
class Momentum(SGD):
    """SGD with momentum 0.9, like a ball that rolls: v ← μ v - η g    θ += v   [Saito 2016, 6.1.4]

    With momentum 0 it is SGD:

    >>> import numpy as np
    >>> from groundup import SGD, Momentum
    >>> theta, g = np.array([1.0]), np.array([2.0])
    >>> for optimizer in (Momentum(0.1, momentum=0.0), SGD(0.1)):
    ...     optimizer.update(theta.copy(), g, optimizer.init(theta))[0]
    array([0.8])
    array([0.8])
    """

    momentum: float = 0.9
    nesterov: bool = field(default=False, init=False)


@optimizers.register()
@dataclass(frozen=True)
class Nesterov(SGD):
    """SGD with Nesterov's momentum 0.9: v ← μ v - η g    θ += μ v - η g   [Nesterov 1983]

    >>> import numpy as np
    >>> from groundup import Nesterov
    >>> theta, nesterov = np.array([1.0]), Nesterov(0.1)
    >>> theta, state = nesterov.update(theta, np.array([1.0]), nesterov.init(theta))
    >>> state["velocity"], theta.round(6)  # -0.1, and 1 - 0.9 · 0.1 - 0.1
    (array([-0.1]), array([0.81]))
    """

    momentum: float = 0.9
    nesterov: bool = field(default=True, init=False)
