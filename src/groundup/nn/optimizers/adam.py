"""Momentum and adaptive steps together."""

from dataclasses import dataclass, field
from typing import Literal

from groundup import ops
from groundup.checks import POSITIVE, SHARE, check_choice, check_flag, check_number
from groundup.nn.optimizers.optimizer import Optimizer, State, optimizers
from groundup.nn.schedules import Schedule
from groundup.typing import Array


@optimizers.register()
@dataclass(frozen=True)
class Adam(Optimizer):
    """Momentum and a step of its own for every parameter, by means of gradients and their squares.

    m ← β₁ m + (1 - β₁) g    v ← β₂ v + (1 - β₂) g²    θ -= ηₜ m / (√v + ε)

    ηₜ = η √(1 - β₂ᵗ) / (1 - β₁ᵗ) corrects that m and v begin at 0: without it the first steps
    would be too large. A step is hardly ever longer than η.   [Kingma & Ba 2015; Saito 2016, 6.1.6]

    Args:
        learning_rate: η.
        beta_1: β₁, the share of the old mean of gradients.
        beta_2: β₂, the share of the old mean of their squares.
        epsilon: ε; 1e-7 as the book and Keras, PyTorch 1e-8.
        amsgrad: divide by the largest √v so far.   [Reddi et al. 2018]
        epsilon_place: "before" the bias correction, as above, the book and Keras; or "after" it, as
            the paper's Algorithm 1 and PyTorch: η m̂ / (√v̂ + ε).

    >>> import numpy as np
    >>> theta, adam = np.ones(2), Adam(0.1)
    >>> theta, _ = adam.update(theta, np.array([0.01, 100.0]), adam.init(theta))
    >>> theta.round(3)
    array([0.9, 0.9])
    """

    learning_rate: float | Schedule = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    amsgrad: bool = False
    epsilon_place: Literal["before", "after"] = field(default="before", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "beta_1", SHARE)
        check_number(self, "beta_2", SHARE)
        check_number(self, "epsilon", POSITIVE)
        check_flag(self, "amsgrad")
        check_choice(self, "epsilon_place", ("before", "after"))

    def _slots(self, params: Array) -> dict[str, Array]:
        self._expect_epsilon(self.epsilon, params)
        names = ("m", "v", "v_max") if self.amsgrad else ("m", "v")
        xp = params.__array_namespace__()
        return {name: xp.zeros_like(params) for name in names}

    def _move(
        self, params: Array, g: Array, state: State, rate: float, t: int
    ) -> tuple[Array, dict[str, Array]]:
        correction = (1 - self.beta_2**t) ** 0.5
        rate *= correction / (1 - self.beta_1**t)
        # √v̂ + ε = (√v + ε c) / c with c = √(1 - β₂ᵗ)
        epsilon = self.epsilon * (correction if self.epsilon_place == "after" else 1.0)
        m, v, betas = state["m"], state["v"], (self.beta_1, self.beta_2)
        if not self.amsgrad:
            params, m, v = ops.adam_step(params, g, m, v, *betas, epsilon, rate)
            return params, {"m": m, "v": v}
        xp = params.__array_namespace__()
        m = self.beta_1 * m + (1 - self.beta_1) * g
        v = self.beta_2 * v + (1 - self.beta_2) * (g * g)
        v_max = xp.maximum(state["v_max"], v)
        params -= rate * m / (xp.sqrt(v_max) + epsilon)
        return params, {"m": m, "v": v, "v_max": v_max}


@optimizers.register()
@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: θ -= η λ θ before the step   [Loshchilov & Hutter 2019]

    Args:
        weight_decay: λ; 0.004 as Keras, PyTorch takes 0.01. The other arguments as for Adam.

    Where the gradient is 0 only the decay is left, here 1 - 0.1 · 0.5:

    >>> import numpy as np
    >>> from groundup import AdamW
    >>> theta, adamw = np.array([1.0]), AdamW(0.1, weight_decay=0.5)
    >>> adamw.update(theta, np.array([0.0]), adamw.init(theta))[0]
    array([0.95])
    """

    learning_rate: float | Schedule = 0.001
    weight_decay: float = 0.004
