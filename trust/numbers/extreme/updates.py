"""Updates by every optimizer: gradients of 0, of 1e30, denormal ones, and their clipping."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from groundup.errors import InputError
from groundup.nn.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from groundup.typing import Array
from trust.numbers.extreme.case import INF, Case, Refused, both

ADAPTIVE: Mapping[str, Optimizer] = {
    "Adam": Adam(0.1),
    "Adam, ε after": Adam(0.1, epsilon_place="after"),
    "AMSGrad": Adam(0.1, amsgrad=True),
    "AdamW": AdamW(0.1, weight_decay=0.0),
    "Adagrad": Adagrad(0.1),
    "Adagrad, ε inside": Adagrad(0.1, epsilon_place="inside"),
    "RMSprop": RMSprop(0.1),
    "RMSprop, ε inside": RMSprop(0.1, epsilon_place="inside"),
    "RMSprop, centered": RMSprop(0.1, centered=True),
    "RMSprop with momentum": RMSprop(0.1, momentum=0.9),
}
PLAIN: Mapping[str, Optimizer] = {
    "SGD": SGD(0.1),
    "Momentum": Momentum(0.1),
    "Nesterov": Nesterov(0.1),
}
# The first step of each for a gradient far above ε, in learning rates.
FIRST: Mapping[str, float] = {
    "RMSprop": 1 / np.sqrt(0.1),
    "RMSprop, ε inside": 1 / np.sqrt(0.1),
    "RMSprop, centered": 1 / 0.3,  # √(0.1 - 0.1²)
    "RMSprop with momentum": 1 / np.sqrt(0.1),
}
THETA = [1.0, -2.0, 3.0]


def moved(optimizer: Optimizer, gradients: Any, dtype: Any, theta: Any = None) -> Array:
    """θ after a step for each of the gradients."""
    params = np.array(THETA if theta is None else theta, dtype)
    state = optimizer.init(params)
    for g in gradients:
        params, state = optimizer.update(params, np.array(g, dtype), state)
    return params


def _zeros() -> Iterator[Case]:
    """Nothing divided by nothing: θ stays, at the first step and after many."""
    for name, optimizer in (PLAIN | ADAPTIVE).items():
        for steps in (1, 1000):
            yield from both(
                f"{name}: {steps} gradients of 0",
                lambda d, o=optimizer, n=steps: moved(o, [[0.0, -0.0, 0.0]] * n, d),
                THETA,
            )
    yield from both(
        "AdamW: a gradient of 0 leaves the decay",
        lambda d: moved(AdamW(0.1, weight_decay=0.5), [[0.0] * 3], d),
        [0.95, -1.9, 2.85],
    )


def _large() -> Iterator[Case]:
    g = [1e15, -1e15, 1e10]
    for name, optimizer in PLAIN.items():
        push = 1.9 if name == "Nesterov" else 1.0
        yield from both(
            f"{name}: a gradient of 1e30",
            lambda d, o=optimizer: moved(o, [[1e30, -1e30, 0.0]], d),
            [-0.1 * push * 1e30, 0.1 * push * 1e30, 3.0],
        )
    for name, optimizer in ADAPTIVE.items():
        step = 0.1 * FIRST.get(name, 1.0)
        yield from both(
            f"{name}: a gradient of 1e15",
            lambda d, o=optimizer: moved(o, [g], d),
            [1.0 - step, -2.0 + step, 3.0 - step],
            rtol=3e-6,
        )
        yield from both(
            f"{name}: a denormal gradient",
            lambda d, o=optimizer: moved(o, [[1e-40, -1e-40, 0.0]], d),
            THETA,
        )
        yield Case(
            f"{name}: a gradient of 1e30, float64",
            lambda o=optimizer: moved(o, [[1e30, -1e30, 1e25]], np.float64),
            [1.0 - step, -2.0 + step, 3.0 - step],
            rtol=1e-12,
        )


def _clipped() -> Iterator[Case]:
    root = np.sqrt(3.0)
    by_value, by_norm = SGD(1.0, clipvalue=0.5), SGD(1.0, global_clipnorm=1.0)
    table: Mapping[str, tuple[Optimizer, list[float], list[float]]] = {
        "by value, of ±1e30": (by_value, [1e30, -1e30, 0.0], [-0.5, 0.5, 0.0]),
        "by value, of ±infinity": (by_value, [INF, -INF, 0.25], [-0.5, 0.5, -0.25]),
        "by norm, of 1e30": (by_norm, [1e30, 1e30, -1e30], [-1 / root, -1 / root, 1 / root]),
        "by norm, of 3e38": (by_norm, [3e38, 3e38, -3e38], [-1 / root, -1 / root, 1 / root]),
        "by norm, of 0": (by_norm, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        "by norm, of denormal numbers": (by_norm, [1e-40, 0.0, 0.0], [-1e-40, 0.0, 0.0]),
        "by norm, of exactly that norm": (by_norm, [0.0, 1.0, 0.0], [0.0, -1.0, 0.0]),
        "by a tiny norm": (
            SGD(1.0, global_clipnorm=1e-30),
            [3e30, 4e30, 0.0],
            [-0.6e-30, -0.8e-30, 0.0],
        ),
    }
    for name, (optimizer, g, theta) in table.items():
        yield from both(
            f"clipping {name}",
            lambda d, o=optimizer, g=g: moved(o, [g], d, [0.0] * 3),
            theta,
            atol=1e-44,
            rtol=2e-6,
        )


def _refused() -> Iterator[Case]:
    refusals: Mapping[str, Any] = {
        "a learning rate of 0": lambda: SGD(0.0),
        "a learning rate of infinity": lambda: SGD(INF),
        "an ε of 0": lambda: Adam(epsilon=0.0),
        "a β₁ of 1": lambda: Adam(beta_1=1.0),
        "a β₂ of 1": lambda: Adam(beta_2=1.0),
        "a ρ of 1": lambda: RMSprop(rho=1.0),
        "a momentum of 1": lambda: Momentum(momentum=1.0),
        "a clipping norm of 0": lambda: SGD(global_clipnorm=0.0),
        "a clipping value of infinity": lambda: SGD(clipvalue=INF),
    }
    for name, make in refusals.items():
        yield Case(f"refused by an optimizer: {name}", make, Refused(InputError, "expected"))
    for make in (Adam, Adagrad, RMSprop):
        name = f"{make.__name__}: a gradient of 0, ε of 1e-60"
        found = partial(_with_epsilon, make)
        yield Case(f"{name}, float64", partial(found, np.float64), THETA)
        yield Case(
            f"{name}, float32",
            partial(found, np.float32),
            Refused(InputError, "in float32 that is 0"),
        )


def _with_epsilon(make: Any, dtype: Any) -> Array:
    return moved(make(0.1, epsilon=1e-60), [[0.0] * 3], dtype)


def cases() -> list[Case]:
    return [*_zeros(), *_large(), *_clipped(), *_refused()]
