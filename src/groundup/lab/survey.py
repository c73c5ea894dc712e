"""A look at every method before anything is trained: does it fit the data, what will it cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from groundup.errors import ConfigError
from groundup.lab.measure import chance_of, measure_of
from groundup.lab.plan import RATE, Method, Plan, methods
from groundup.nn.schedules import Schedule
from groundup.report.measure import Measure
from groundup.train.learner import Learner
from groundup.train.run import Assembly, assemble, data_of
from groundup.train.summary import summarize


@dataclass(frozen=True)
class Entrant:
    """A method with what is known of it before its training.

    Args:
        method: what it is.
        rate: its default learning rate; None if it follows a schedule.
        parameters: how many numbers it learns.
        memory: bytes of parameters, gradient, the optimizer's arrays and running state, and of all
            layers' outputs for one batch.
        chance: the scores of a constant answer, by name such as "test_accuracy".
    """

    method: Method
    rate: float | None
    parameters: int
    memory: int
    chance: Mapping[str, float]

    @property
    def name(self) -> str:
        return self.method.name


@dataclass(frozen=True)
class Survey:
    """All entrants, and what they are compared by."""

    entrants: tuple[Entrant, ...]
    measure: Measure
    validated: bool


def survey(plan: Plan) -> Survey:
    """Make every method's first network; what cannot be right is told before hours of training

    Raises:
        ConfigError: of a method, or because its losses or rates cannot be compared.
    """
    dataset = data_of(plan.config)
    entrants, measures, losses, validated = [], [], set(), True
    for method in methods(plan):
        assembly = assemble(method.config, dataset)
        entrants.append(_entrant(method, assembly))
        measures.append(measure_of(assembly))
        losses.add(assembly.learner.loss)
        validated = validated and assembly.validation is not None
    measure = next((one for one in measures if one.name == "loss"), measures[0])
    if measure.name == "loss" and len(losses) > 1:
        raise ConfigError(
            "vary loss: the values of different losses cannot be compared. Compare classifiers, "
            "with the metric accuracy."
        )
    return Survey(tuple(entrants), measure, validated)


def tunable(plan: Plan, found: Survey) -> bool:
    """Whether methods get rates of their own; a rate that is varied is no method's own

    Raises:
        ConfigError: they should, but cannot.
    """
    if not plan.tune or any(RATE in entrant.method.paths for entrant in found.entrants):
        return False
    remedy = "Give --no-tune (tune=False)"
    if not found.validated:
        raise ConfigError(f"rates are tuned on validation data: {remedy}, or set data.validation.")
    for entrant in found.entrants:
        if entrant.rate is None:
            raise ConfigError(
                f"{entrant.name}: its learning rate follows a schedule, so it cannot be tuned. "
                f"{remedy}, or a number for the rate."
            )
    return True


def _entrant(method: Method, assembly: Assembly) -> Entrant:
    learner = assembly.learner
    assert learner.optimizer is not None
    rate = learner.optimizer.learning_rate
    return Entrant(
        method,
        None if isinstance(rate, Schedule) else float(rate),
        int(learner.vector.size),
        _memory(learner, assembly.plan.batch_size),
        chance_of(assembly),
    )


def _memory(learner: Learner, batch_size: int) -> int:
    size = learner.vector.itemsize
    rows = summarize(learner.network, size).rows
    outputs = sum(row.bytes for row in rows) - learner.vector.nbytes - learner.running.nbytes
    slots = sum(value.nbytes for value in learner.slots.values() if isinstance(value, np.ndarray))
    return 2 * learner.vector.nbytes + learner.running.nbytes + slots + batch_size * outputs
