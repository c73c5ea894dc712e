"""REINFORCE: choices that were followed by more reward than usual become more likely.

    ∇J = E[(R - b) ∇ log π(a)]        b: a moving average of the rewards

No gradient passes through the training of a child network: its reward is a number, and ∇ log π
alone says how θ makes a choice likelier.   [Williams 1992; Cubuk et al. 2019, section 3.2, who
train by proximal policy optimization instead: several steps on the same rewards]
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from groundup import ops
from groundup.nn.optimizers import Adam
from groundup.tune.autoaugment.controller import Controller
from groundup.tune.autoaugment.menu import Decisions
from groundup.typing import Array

_LEAST = 1e-3  # of the rewards' deviation: where all came out equal there is nothing to learn


@dataclass(frozen=True)
class Reinforce:
    """How the controller learns.

    Args:
        optimizer: takes the steps; the gradient is cut to a length of 1 before.
        entropy: β, the worth of staying undecided, in deviations of the reward a nat.
        memory: γ, the share of the old average in the new one.
    """

    optimizer: Adam = field(default_factory=lambda: Adam(0.03, global_clipnorm=1.0))
    entropy: float = 0.05
    memory: float = 0.8


@dataclass(frozen=True)
class Learned:
    """What the controller has learned so far.

    Args:
        theta: θ, (P,).
        state: of the optimizer.
        baseline: b, the moving average of the rewards; NaN before the first.
        variance: s², that of (R - b)².
    """

    theta: Array
    state: Mapping[str, Any]
    baseline: float = float("nan")
    variance: float = 0.0


def begin(how: Reinforce, theta: Array) -> Learned:
    """Before the first reward."""
    return Learned(theta, how.optimizer.init(theta))


def learn(
    how: Reinforce, controller: Controller, known: Learned, decisions: Decisions, rewards: Array
) -> Learned:
    """What is known after an update; nothing that is given is changed

        A = (R - b) / s    b ← γ b + (1 - γ) mean(R)    s² ← γ s² + (1 - γ) mean((R - b)²)

    The first rewards are measured by their own mean and deviation.

    Args:
        how: it learns.
        controller: who chose.
        known: so far.
        decisions: of the policies, (M, S, T).
        rewards: R of each, (M,).
    """
    first = np.isnan(known.baseline)
    b = float(rewards.mean()) if first else known.baseline
    spread = float(np.mean((rewards - b) ** 2))
    variance = spread if first else how.memory * known.variance + (1 - how.memory) * spread
    advantages = (rewards - b) / max(np.sqrt(variance), _LEAST)
    _, gradient = objective(controller, known.theta, decisions, advantages, how.entropy)
    # An optimizer consumes what it is given, and goes downhill.
    state = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in known.state.items()}
    theta, state = how.optimizer.update(known.theta.copy(), -gradient, state)
    baseline = b if first else how.memory * b + (1 - how.memory) * float(rewards.mean())
    return Learned(theta, state, baseline, variance)


def objective(
    controller: Controller, theta: Array, decisions: Decisions, advantages: Array, entropy: float
) -> tuple[float, Array]:
    """J, whose gradient REINFORCE follows, and dJ/dθ (P,)

        J = 1/M Σₘ Σₛ Σₜ (Aₘ log π(aₘₛₜ) + β H(π))    H = -Σₖ πₖ log πₖ
        dJ/dzₖ = 1/M (Aₘ ([k = a] - πₖ) - β πₖ (log πₖ + H))

    with π = softmax(z) given the decisions before.

    Args:
        controller, theta: π.
        decisions: a, (M, S, T).
        advantages: A, (M,).
        entropy: β.
    """
    M, S, T = decisions.shape
    rows = decisions.reshape(M * S, T)
    z, remembered = controller.forward(theta, rows)
    log_pi = ops.log_softmax(z)
    pi = np.exp(log_pi)
    log_pi = np.where(controller.offered, log_pi, 0.0)  # 0 · log 0 = 0
    H = -(pi * log_pi).sum(axis=-1, keepdims=True)
    A = np.repeat(advantages, S)[:, np.newaxis, np.newaxis].astype(theta.dtype)
    place = rows + np.array(controller.first_of)
    a = (np.arange(z.shape[-1]) == place[:, :, np.newaxis]).astype(theta.dtype)
    J = float((A * a * log_pi).sum() + entropy * H.sum()) / M
    dz = (A * (a - pi) - entropy * pi * (log_pi + H)) / M
    return J, controller.backward(dz, remembered)
