"""Our trials as Optuna knows them: each dimension a distribution, each state its own."""

import contextlib
import importlib.util
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from groundup.errors import InputError
from groundup.tune.dimensions import Categorical, Dimension, Integer, LogUniform, Uniform
from groundup.tune.history import History, Trial
from groundup.tune.space import Space

STATES = {"running": "RUNNING", "finished": "COMPLETE", "stopped": "PRUNED", "failed": "FAIL"}
"""By ours, Optuna's name of a trial's state."""


@dataclass(frozen=True)
class Parameter:
    """One hyper-parameter there.

    Args:
        distribution: of Optuna, where it is searched.
        given: from our value to Optuna's.
        taken: and back.
    """

    distribution: Any
    given: Callable[[Any], Any] = lambda value: value
    taken: Callable[[Any], Any] = lambda value: value


def check_optuna() -> None:
    """InputError if Optuna is not installed."""
    if importlib.util.find_spec("optuna") is None:
        raise InputError(
            "this needs the package optuna, which is not installed. Install it: "
            "pip install 'groundup[optuna]'."
        )


def parameters(space: Space) -> Mapping[str, Parameter]:
    """All hyper-parameters of a space, in its order."""
    return {name: parameter(dimension) for name, dimension in space.dimensions.items()}


def parameter(dimension: Dimension) -> Parameter:
    """The distribution that means the same; what Optuna has no word for is a place on [0, 1]."""
    from optuna.distributions import (
        CategoricalDistribution,
        FloatDistribution,
        IntDistribution,
    )

    match dimension:
        case Uniform(low=low, high=high):
            return Parameter(FloatDistribution(low, high))
        case LogUniform(low=low, high=high):
            return Parameter(FloatDistribution(low, high, log=True))
        case Integer(low=low, high=high, log=log):
            return Parameter(IntDistribution(low, high, log=log))
        case Categorical(choices=choices):
            labels = _labels(choices)
            return Parameter(
                CategoricalDistribution(labels),
                lambda value: labels[int(dimension.place(value) * len(labels))],
                lambda label: choices[labels.index(label)],
            )
        case _:
            return Parameter(FloatDistribution(0.0, 1.0), dimension.place, dimension.at)


def optuna_trial(known: Mapping[str, Parameter], trial: Trial, **attributes: Any) -> Any:
    """A trial of ours as one of Optuna's, its curve as the intermediate values of epochs 1, 2, …"""
    from optuna.trial import TrialState, create_trial

    return create_trial(
        state=TrialState[STATES[trial.state]],
        value=trial.value if trial.state in ("finished", "stopped") else None,
        params={name: known[name].given(value) for name, value in trial.settings.items()},
        distributions={name: known[name].distribution for name in trial.settings},
        intermediate_values=dict(enumerate(trial.curve, start=1)),
        user_attrs=attributes,
    )


def direction(history: History) -> str:
    """What Optuna calls it that high or low values are good."""
    return "maximize" if history.best == "high" else "minimize"


@contextlib.contextmanager
def silent() -> Iterator[None]:
    """Without Optuna's reports of every study that it makes."""
    import optuna  # its first import sets the level

    logger = logging.getLogger(optuna.__name__)
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _labels(choices: tuple[Any, ...]) -> tuple[Any, ...]:
    """Choices as Optuna can hold them: themselves, lists and tables as text, or their numbers."""
    labels = tuple(json.dumps(one) if isinstance(one, list | dict) else one for one in choices)
    return labels if len(set(labels)) == len(labels) else tuple(range(len(choices)))
