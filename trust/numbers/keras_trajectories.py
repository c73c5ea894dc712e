"""Our optimizers beside Keras's, run live on JAX: the same steps from the same gradients.

Keras's options are translated by `keras_tests.descending`, which says the conventions. Each
configuration descends Rosenbrock's function and a random quadratic. In float64 both must agree. In
float32 Keras rounds 1 - β₂ᵗ, which costs it digits; there ours may be farther from the float64 path
of the same gradients than Keras is by 1e-6.
"""

import importlib
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count, islice, product
from typing import Any

import numpy as np

from groundup.rng import Stream
from trust.claim import Outcome, Tell
from trust.numbers.descents import START, quadratic, rosenbrock
from trust.numbers.keras_tests.descending import CONVENTIONS, optimizer_of
from trust.numbers.torch_ops.agreement import distance

STEPS = 40
TOLERANCES = {"float64": 1e-12, "float32": 1e-6}
FAR = 1e3  # a path that runs away is followed up to here: beyond, float32 has no such digits
Options = dict[str, Any]

_ADAM = {
    "learning_rate": (1e-3, 0.1),
    "beta_1": (0.9, 0.5),
    "epsilon": (1e-7, 1e-3),
    "amsgrad": (False, True),
}
GRIDS: dict[str, dict[str, tuple[Any, ...]]] = {
    "SGD": {
        "learning_rate": (1e-3, 0.1),
        "momentum": (0.0, 0.9),
        "nesterov": (False, True),
        "weight_decay": (0.0, 0.01),
    },
    "Adam": _ADAM,
    "AdamW": {**_ADAM, "weight_decay": (0.004, 0.1)},
    "Adagrad": {
        "learning_rate": (1e-3, 0.5),
        "initial_accumulator_value": (0.1, 0.0),
        "epsilon": (1e-7, 1e-3),
    },
    "RMSprop": {
        "learning_rate": (1e-3, 0.05),
        "rho": (0.9, 0.5),
        "momentum": (0.0, 0.9),
        "epsilon": (1e-7, 1e-3),
        "centered": (False, True),
    },
}


@dataclass(frozen=True)
class Case:
    """A configuration of Keras's, what it descends, and in which precision."""

    kind: str
    options: Options
    problem: str
    dtype: str
    number: int

    def __str__(self) -> str:
        return f"{self.kind}({self.options}) on {self.problem} {self.number} in {self.dtype}"


def live(size: int, tell: Tell) -> Outcome:
    """The grids, then random configurations, `size` of them."""
    outcome, largest = Outcome(), Counter[str]()
    try:
        keras = _keras()
    except ImportError as error:
        outcome.skip(f"Keras on JAX cannot be loaded: {error}", size)
        return outcome
    for case in islice(_cases(), size):
        ours, theirs, step = _farthest(keras, case)
        for who, error in (("ours", ours), ("Keras", theirs)):
            largest[f"{who} in {case.dtype}"] = max(largest[f"{who} in {case.dtype}"], error)
        limit = TOLERANCES[case.dtype] + theirs
        outcome.expect(ours <= limit, f"{case}: {ours:.2e} apart after step {step}.")
        outcome.tried += 1
        if outcome.tried % 500 == 0:
            tell(f"{outcome.tried:,} configurations")
    del largest["Keras in float64"]
    outcome.facts = {
        "largest relative distance from Keras in float64": largest.pop("ours in float64", 0.0),
        **{f"from that path, {who}": error for who, error in largest.items()},
    }
    return outcome


def _keras() -> Any:
    """Keras on JAX, with double precision; ImportError where that cannot be had."""
    with tempfile.TemporaryDirectory() as settings, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of their own making
        os.environ |= {"KERAS_BACKEND": "jax", "KERAS_HOME": settings}  # not the user's settings
        importlib.import_module("jax").config.update("jax_enable_x64", True)
        keras = importlib.import_module("keras")
    if keras.backend.backend() != "jax":
        raise ImportError(f"it was loaded with {keras.backend.backend()} already")
    return keras


def _farthest(keras: Any, case: Case) -> tuple[float, float, int]:
    """The largest distance of all steps, ours and Keras's, and where ours is.

    In float64 ours is from Keras's path, and Keras's 0; in float32 both are from ours in float64.
    """
    keras.config.set_floatx(case.dtype)
    start, slope = (START, rosenbrock) if case.problem == "Rosenbrock" else quadratic(case.number)
    scale = 1e-3 if case.kind == "SGD" and case.problem == "Rosenbrock" else 1.0
    ours = optimizer_of(case.kind, case.options)
    theta, exact = start.astype(case.dtype), start.astype(case.dtype).astype(np.float64)
    state, exact_state = ours.init(theta), ours.init(exact)
    peer = getattr(keras.optimizers, case.kind)(**case.options)
    peer_theta = keras.Variable(theta.copy(), dtype=case.dtype)
    farthest, where, theirs = 0.0, 0, 0.0
    for step in range(1, STEPS + 1):
        g = (scale * slope(theta.astype(np.float64))).astype(case.dtype)
        peer.apply([keras.ops.convert_to_tensor(g)], [peer_theta])
        theta, state = ours.update(theta, g, state)
        judge = np.asarray(peer_theta)
        if case.dtype == "float32":
            exact, exact_state = ours.update(exact, g.astype(np.float64), exact_state)
            theirs, judge = max(theirs, distance(judge.astype(np.float64), exact)), exact
        error = distance(theta.astype(np.float64), judge)
        if error > farthest:
            farthest, where = error, step
        if not np.abs(theta).max() < FAR:
            break
    return farthest, theirs, where


def _cases() -> Iterator[Case]:
    for number, (kind, options) in enumerate(chain(_combined(), _drawn())):
        for problem, dtype in product(("Rosenbrock", "quadratic"), TOLERANCES):
            yield Case(kind, options, problem, dtype, number)


def _combined() -> Iterator[tuple[str, Options]]:
    for kind, levels in GRIDS.items():
        for values in product(*levels.values()):
            yield kind, dict(zip(levels, values, strict=True))


def _drawn() -> Iterator[tuple[str, Options]]:
    """Random options without end."""
    for number in count():
        u = iter(Stream(number, "trust").named("keras").uniform((10,)).tolist())
        kind = list(CONVENTIONS)[number % len(CONVENTIONS)]
        options: Options = {
            "learning_rate": 10 ** (-4 + 2.5 * next(u)),
            "weight_decay": max(0.0, next(u) - 0.5),
        }
        clipping = next(u)
        if clipping > 0.6:
            options["clipvalue" if clipping > 0.8 else "global_clipnorm"] = 10 ** (2 * next(u) - 1)
        if kind in ("SGD", "RMSprop"):
            options["momentum"] = max(0.0, 1.4 * next(u) - 0.42)
        if kind == "SGD":
            options["nesterov"] = next(u) < 0.5
        else:
            options["epsilon"] = 10 ** (-7 + 6 * next(u))
        if kind.startswith("Adam"):
            options |= {"beta_1": 0.99 * next(u), "beta_2": 0.999 * next(u)}
            options["amsgrad"] = next(u) < 0.5
        if kind == "RMSprop":
            options["centered"] = next(u) < 0.5
            # Centered, one that forgets fast would divide by the rounding of h - ḡ².
            options["rho"] = (0.95 + 0.049 * next(u)) if options["centered"] else next(u)
        if kind == "Adagrad":
            options["initial_accumulator_value"] = next(u)
        yield kind, options
