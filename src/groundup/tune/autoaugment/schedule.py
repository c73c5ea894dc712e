"""What is trained when: what the controller draws next, the controls beside it, and the verdict.

Everything here is a function of the plan, and of the rewards so far by what the controller knows.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from groundup.rng import Stream
from groundup.tune.autoaugment.children import Child, Children, Request
from groundup.tune.autoaugment.controller import Controller
from groundup.tune.autoaugment.found import Step, chosen
from groundup.tune.autoaugment.menu import Decisions
from groundup.tune.autoaugment.plan import ARMS, Plan
from groundup.typing import Array

_LOOKS = 500  # sub-policies by which the controller is looked at


def drawn(plan: Plan, controller: Controller, theta: Array, numbers: Sequence[int]) -> Decisions:
    """(M, S, T): what the controller tries in these trials."""
    stream = _stream(plan).named("controller")
    each = [controller.draw(theta, stream.at(step=n), plan.subpolicies) for n in numbers]
    return np.stack(each)


def tries(plan: Plan, numbers: Sequence[int], decisions: Decisions) -> Iterator[Request]:
    """The networks between two updates: the controller's, as many at random, and once without."""
    stream = _stream(plan).named("random")
    for seed in plan.searched_on:
        for number, learned in zip(numbers, decisions, strict=True):
            control = plan.menu.draw(stream.at(step=number), plan.subpolicies)
            yield Request("controller", number, seed, learned, plan.menu.policy(learned))
            yield Request("random", number, seed, control, plan.menu.policy(control))
        if numbers[0] == 0:
            yield Request("none", 0, seed)


def judged(plan: Plan, done: Children) -> Iterator[Request]:
    """Seed by seed, so that what a worker's first network takes longer falls on no arm alone."""
    policies = chosen(plan, done)
    for seed in plan.judged_on:
        for arm in ARMS:
            yield Request(arm, None, seed, None, policies[arm])


def seen(plan: Plan, controller: Controller, theta: Array, trial: int) -> Step:
    """The controller as many sub-policies show it."""
    decisions = controller.draw(theta, _stream(plan).named("looks"), _LOOKS)
    pi = controller.policy_of(theta, decisions)
    operations = pi[:, ::3, : plan.menu.kinds[0]].mean(axis=(0, 1))
    nats = -(pi * np.log(np.where(pi > 0, pi, 1.0))).sum(axis=(1, 2)).mean()
    return Step(trial, tuple(operations.tolist()), float(nats / np.log(plan.menu.sizes).sum()))


def _stream(plan: Plan) -> Stream:
    return Stream(plan.config.seed, "search", "autoaugment")


def place_of(child: Child) -> tuple[bool, int, int, int]:
    """The search before the verdict, trial by trial, seed by seed, arm by arm."""
    return child.number is None, child.number or 0, child.seed, ARMS.index(child.arm)
