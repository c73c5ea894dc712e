"""Our optimizers beside PyTorch's: a hundred steps in float64 from the same start.

`CONVENTIONS` says our options that make PyTorch's algorithm of each. Elsewhere they differ: its
weight decay is a penalty λθ in the gradient (but for AdamW's), here the regularizer L2;
`maximize` turns the gradient round; Adagrad's `lr_decay` is a schedule here.

Both descend Rosenbrock's function and a random quadratic, and are given one gradient, ours: each
by its own, paths that bounce around a minimum would blow up the last bit without end.
"""

import importlib
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import numpy as np

from groundup.errors import InputError
from groundup.layers.regularizers import L2
from groundup.nn.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from groundup.nn.schedules import InverseTimeDecay
from trust.claim import Outcome, Tell
from trust.numbers.descents import START, quadratic, rosenbrock
from trust.numbers.torch_configurations import Options, combined, database, drawn, known
from trust.numbers.torch_ops.agreement import distance

STEPS = 100
TOLERANCE = 1e-12
FAR = 1e6  # a path that runs away is followed up to here

CLASSES: dict[str, type[Optimizer]] = {
    "SGD": SGD,
    "Adam": Adam,
    "AdamW": AdamW,
    "Adagrad": Adagrad,
    "RMSprop": RMSprop,
}
CONVENTIONS: dict[str, Options] = {
    "SGD": {"learning_rate": 1e-3, "velocity": "gradient"},
    "Adam": {"learning_rate": 1e-3, "epsilon": 1e-8, "epsilon_place": "after"},
    "AdamW": {"epsilon": 1e-8, "epsilon_place": "after", "weight_decay": 1e-2},
    "Adagrad": {"learning_rate": 1e-2, "epsilon": 1e-10, "epsilon_place": "outside"},
    "RMSprop": {
        "learning_rate": 1e-2,
        "rho": 0.99,
        "epsilon": 1e-8,
        "epsilon_place": "outside",
        "velocity": "gradient",
    },
}
OURS = {"lr": "learning_rate", "eps": "epsilon", "alpha": "rho"}

# Refusals: of PyTorch's argument at fault, our names, one of which the message must hold.
NAMES = {
    "lr": ("learning_rate",),
    "betas": ("beta_1", "beta_2"),
    "momentum": ("momentum",),
    "weight_decay": ("weight_decay", "l2"),
    "lr_decay": ("decay_rate",),
    "params": ("params",),
}
NOT_HERE = {
    "param group": "no groups of parameters",
    "with/without names": "no groups of parameters",
    "Tensor doesn't work": "no tensors as options",
    "betas must be either": "no tensors as options",
    "as a Tensor": "no tensors as options",
}


@dataclass(frozen=True)
class Case:
    """An optimizer with PyTorch's options, where it starts, and what it descends."""

    name: str
    options: Options
    problem: str
    seed: int

    def __str__(self) -> str:
        return f"{self.name}({self.options}) on {self.problem} {self.seed}"


def optimizers(size: int, tell: Tell) -> Outcome:
    """The database's configurations, the grids, then random ones up to `size`; and refusals."""
    outcome, largest, why = Outcome(), Counter[str](), Counter[str]()
    try:
        torch = importlib.import_module("torch")
        torch.set_num_threads(1)
        refused = _refusals(outcome, why)
        for case in _cases(max(size - refused, 0), why):
            error, step = _farthest(torch, case)
            largest[case.name] = max(largest[case.name], error)
            outcome.expect(error <= TOLERANCE, f"{case}: {error:.2e} apart after step {step}.")
            outcome.tried += 1
            if outcome.tried % 500 == 0:
                tell(f"{outcome.tried:,} configurations")
    except ImportError as error:
        outcome.skip(f"PyTorch or its test tools are missing: {error}", size - outcome.tried)
        return outcome
    outcome.facts = {
        "largest relative distance of a step": max(largest.values(), default=0.0),
        **{f"of {name}": error for name, error in largest.items()},
        "refusals of the database": refused,
        "without a counterpart": ", ".join(f"{n} {reason}" for reason, n in why.most_common()),
    }
    return outcome


def translated(name: str, given: Options) -> tuple[Optimizer, L2, float]:
    """(our optimizer, the penalty, the sign of the gradient) of PyTorch's arguments."""
    given = {key: _plain(value) for key, value in given.items()}
    sign = -1.0 if given.pop("maximize", False) else 1.0
    penalty = given.pop("weight_decay", 0.0) if name != "AdamW" else 0.0
    options = dict(CONVENTIONS[name])
    if "betas" in given:
        options["beta_1"], options["beta_2"] = given.pop("betas")
    decay = given.pop("lr_decay", 0.0)
    options |= {OURS.get(key, key): value for key, value in given.items()}
    if decay:
        options["learning_rate"] = InverseTimeDecay(options["learning_rate"], 1, decay)
    return CLASSES[name](**options), L2(penalty), sign


def _farthest(torch: Any, case: Case) -> tuple[float, int]:
    """The largest distance of all steps, and where; infinite for a path that stays at its start."""
    optimizer, penalty, sign = translated(case.name, case.options)
    start, slope = quadratic(case.seed)
    scale = 1.0
    if case.problem == "Rosenbrock":
        start, slope = START, rosenbrock
        # Plain descent needs a gentle slope: this one is over 1,000 at the start.
        scale = 1e-3 if case.name == "SGD" else 1.0
    theta, state = start.copy(), optimizer.init(start)
    peer_theta = torch.tensor(start, requires_grad=True)
    peer = getattr(torch.optim, case.name)([peer_theta], **case.options)
    farthest, where = 0.0, 0
    for step in range(1, STEPS + 1):
        g = scale * slope(theta)
        peer_theta.grad = torch.tensor(g)
        peer.step()
        theta, state = optimizer.update(theta, sign * g + penalty.gradient(theta), state)
        error = distance(theta, peer_theta.detach().numpy())
        if error > farthest:
            farthest, where = error, step
        if np.abs(theta).max() > FAR:
            break
    return (math.inf, 0) if np.allclose(theta, start, rtol=1e-9) else (farthest, where)


def _cases(size: int, why: Counter[str]) -> Iterator[Case]:
    """Each configuration on both functions, `size` of them."""
    cases = (
        Case(name, options, problem, number)
        for number, (name, options) in enumerate(chain(known(why), combined(), drawn()))
        for problem in ("Rosenbrock", "quadratic")
    )
    yield from islice(cases, size)


def _refusals(outcome: Outcome, why: Counter[str]) -> int:
    """Configurations that PyTorch refuses: ours must, and name the argument; how many there are."""
    before = outcome.tried
    for info in database(CLASSES):
        name = info.optim_cls.__name__
        dtype = importlib.import_module("torch").float64
        for case in info.optim_error_inputs_func(device="cpu", dtype=dtype):
            given = case.optimizer_error_input
            reason = next((r for words, r in NOT_HERE.items() if words in given.desc), None)
            if reason:
                why[reason] += 1
                continue
            outcome.tried += 1
            fault = _taken(name, given)
            outcome.expect(
                fault is None, f"{name}({given.kwargs}), {given.desc} in PyTorch: {fault}"
            )
    return outcome.tried - before


def _taken(name: str, given: Any) -> str | None:
    """What came instead of a refusal that names the argument, or None."""
    at_fault = list(given.kwargs)[-1] if given.kwargs else "params"
    try:
        optimizer, _, _ = translated(name, given.kwargs)
        if not given.kwargs:
            optimizer.init(given.params)
    except InputError as error:
        if any(ours in str(error) for ours in NAMES[at_fault]):
            return None
        return f"refused without the name of {at_fault}: {error}"
    except Exception as error:
        return f"raised {type(error).__name__}: {error}"
    return "taken."


def _plain(value: Any) -> Any:
    """A tensor of one element as its number."""
    return value.item() if hasattr(value, "item") and value.numel() == 1 else value
