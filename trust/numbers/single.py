"""Derivatives in float32, by kernels and programs, beside the reference in float64.

Both begin with the same float32 numbers, so they differ by rounding on the way alone. How much that
may do depends on the problem: the reference is asked how far its own answer moves when its inputs
are shaken by 2⁻²³ of each at random, and in networks all that goes from layer to layer, too.

    |float32 - float64| <= 2⁻²³ (8 · the array's largest derivative + 2 · the problem's)
                           + 32 · the largest move

The problem's largest derivative, dy among them, is there for those that cancel, such as of a bias
before a batch normalization, which is 0. Beside a kink the two may go different ways: what differs
by more is tried again close by, where the kink is not but the fault of a kernel would be; that is
counted.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from groundup.ops.dispatch import kernels_enabled
from groundup.rng import Stream
from groundup.train import Sequential
from groundup.train.learner import Examples
from groundup.typing import Array
from trust.numbers.differences import Arrays, Problem
from trust.numbers.networks import NetworkProblem

ROUNDING = 2.0**-23
OF_ARRAY, OF_PROBLEM, OF_MOVE = 8, 2, 32
SHAKES, PLACES = 4, 3


class Rounding(NamedTuple):
    """The largest error as a share of what it may be, above 1 a fault; and where that was.

    compiled: a program was tried, too; again: it was tried more than once.
    """

    share: float
    where: str = ""
    compiled: bool = False
    again: bool = False


def rounding_error(problem: Problem) -> Rounding:
    """The least of up to three places."""
    tries: list[Rounding] = []
    while len(tries) < PLACES and (not tries or tries[-1].share > 1):
        shift = 1e-3 * len(tries)
        near = {k: a + shift * _noise(k, a, 99) for k, a in problem.arrays.items()}
        tries.append(_at(replace(problem, arrays=near)))
    return min(tries)._replace(again=len(tries) > 1)


def _at(problem: Problem) -> Rounding:
    rounded = {k: a.astype(np.float32) for k, a in problem.arrays.items()}
    double = {k: a.astype(np.float64) for k, a in rounded.items()}
    exact = problem.gradients(double)
    allowed = _allowed(problem, double, exact)
    share, where = _worst(problem.gradients(rounded), exact, allowed)
    program = by_program(problem, rounded) if isinstance(problem, NetworkProblem) else None
    if program is not None:
        again = _worst({"θ": program}, exact, allowed)
        if again[0] > share:
            share, where = again[0], f"{again[1]} by a program"
    return Rounding(share, where, program is not None)


def _allowed(problem: Problem, arrays: Arrays, exact: Arrays) -> Mapping[str, float]:
    moved = dict.fromkeys(exact, 0.0)
    for i in range(SHAKES):
        shaken = {k: a * (1 + ROUNDING * _noise(k, a, i)) for k, a in arrays.items()}
        rough = problem.shaken(i) if isinstance(problem, NetworkProblem) else problem
        for name, gradient in rough.gradients(shaken).items():
            move = float(np.abs(gradient - exact[name]).max(initial=0.0))
            moved[name] = max(moved[name], move)
    largest = {k: float(np.abs(g).max(initial=0.0)) for k, g in exact.items()}
    # A network's dy is the loss's own; every other dy goes into the problem.
    dy = 0.0 if isinstance(problem, NetworkProblem) else float(np.abs(problem.dy).max())
    common = OF_PROBLEM * max(dy, *largest.values())
    return {
        k: ROUNDING * (OF_ARRAY * largest[k] + common) + OF_MOVE * moved[k] + 1e-37 for k in exact
    }


def _worst(found: Arrays, exact: Arrays, allowed: Mapping[str, float]) -> tuple[float, str]:
    shares = {}
    for name, gradient in found.items():
        if gradient.dtype != np.float32:
            return np.inf, f"d{name} is {gradient.dtype}"
        error = np.abs(gradient - exact[name]).max(initial=0.0)
        shares[name] = float(error / allowed[name]) if np.isfinite(error) else np.inf
    name = max(shares, key=lambda name: shares[name])
    return shares[name], f"d{name}"


def by_program(problem: NetworkProblem, arrays: Arrays) -> Array | None:
    """The gradient of a compiled training step; None where none can be written down."""
    task = problem.task
    if not task.train or not kernels_enabled():
        return None
    model = Sequential(task.chain, seed=task.seed)
    model.compile("sgd", task.loss)
    model.build(task.x.shape[1:])
    learner = model.learner
    learner.vector[...] = arrays["θ"]
    examples = Examples(arrays["x"], np.asarray(task.t), task.weight)
    (batch,) = learner.batches(examples, len(task.x), shuffle=False)
    step = learner.programs.step(learner, batch, replace(task.mode, need_dx=False))
    if step is None:
        return None
    if step() is None:
        return np.full_like(learner.gradient, np.nan)
    return learner.gradient.copy()


def _noise(name: str, array: Array, number: int) -> Array:
    return Stream(number, "search").named(f"trust/shaken/{name}").uniform(array.shape, -1.0, 1.0)
