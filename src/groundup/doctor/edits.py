"""Edits of a configuration's optimizer, data and training."""

import math
from collections.abc import Mapping
from typing import Any

from groundup.data.preprocess import MinMax, Rescale, preprocessors
from groundup.doctor.case import Case
from groundup.doctor.evidence import moves
from groundup.doctor.prescriptions import Edit, Plain
from groundup.nn.optimizers import SGD, Optimizer, optimizers
from groundup.nn.schedules import Schedule
from groundup.train.callback import callbacks as known_callbacks
from groundup.train.callbacks import EarlyStopping, LearningRateScheduler, ReduceLROnPlateau

# Where the updates of a network that learns well lie in its first epochs: a few thousandths of its
# weights ("somewhere around 1e-3", Karpathy 2015, CS231n).
MOVE = 3e-3
_CAREFUL = 5e-4  # where updates led to infinity


def lower_rate(case: Case, plain: Plain) -> None:
    """A learning rate whose first update moves the weights as a good one does, at most a third."""
    _set_rate(case, plain, first=True, least=0.0, most=1 / 3)


def higher_rate(case: Case, plain: Plain) -> None:
    """A learning rate whose updates move the weights as those of a good one, at least threefold."""
    _set_rate(case, plain, first=False, least=3.0, most=1e4)


def constant_rate(case: Case, plain: Plain) -> None:
    """The rate that a schedule begins with, without the schedule, and without what lowers it."""
    plain["optimizer"]["learning_rate"] = rate_of(case)
    callbacks = plain["train"].get("callbacks", [])
    kept = [one for one in callbacks if not isinstance(known_callbacks.resolve(one), _LOWERING)]
    if len(kept) < len(callbacks):
        plain["train"]["callbacks"] = kept


_LOWERING = (ReduceLROnPlateau, LearningRateScheduler)


def optimizer(name: str, **options: float) -> Edit:
    """Another optimizer."""

    def edit(case: Case, plain: Plain) -> None:
        plain["optimizer"] = {"name": name, **options}

    return edit


def clip(norm: float) -> Edit:
    """Gradients are shortened to this norm, all layers together."""

    def edit(case: Case, plain: Plain) -> None:
        plain["optimizer"].pop("clipvalue", None)
        plain["optimizer"]["global_clipnorm"] = norm

    return edit


def standardize(case: Case, plain: Plain) -> None:
    """Inputs of mean 0 and standard deviation 1."""
    steps = [step for step in plain["data"].get("preprocess", []) if not _is_range(step)]
    plain["data"]["preprocess"] = [*steps, "standardize"]


def _is_range(step: Any) -> bool:
    return isinstance(preprocessors.resolve(step), Rescale | MinMax)


def batch_size(least: int) -> Edit:
    """Batches of at least so many samples, as far as there are so many."""

    def edit(case: Case, plain: Plain) -> None:
        plain["train"]["batch_size"] = min(least, case.facts.samples[0])

    return edit


def balance_classes(case: Case, plain: Plain) -> None:
    """Every class counts alike, however many samples it has."""
    plain["train"]["class_weight"] = "balanced"


def stop_early(case: Case, plain: Plain) -> None:
    """Stop when the validation loss has not fallen for a while, with the best weights."""
    patience = max(3, case.config.train.epochs // 10)
    callback = {"kind": "EarlyStopping", "patience": patience, "restore_best_weights": True}
    given = plain["train"].get("callbacks", [])
    others = [one for one in given if not isinstance(known_callbacks.resolve(one), EarlyStopping)]
    plain["train"]["callbacks"] = [*others, callback]


def reduce_rate_on_plateau(case: Case, plain: Plain) -> None:
    """A tenth of the learning rate each time that the loss stands still."""
    patience = max(2, case.config.train.epochs // 10)
    callback = {"kind": "ReduceLROnPlateau", "monitor": "loss", "patience": patience}
    if isinstance(plain["optimizer"].get("learning_rate"), Mapping):  # no two can lead
        plain["optimizer"]["learning_rate"] = rate_of(case)
    plain["train"]["callbacks"] = [*plain["train"].get("callbacks", []), callback]


def rate_of(case: Case) -> float:
    """The learning rate that the run begins with."""
    options = case.config.optimizer.options
    rate = _made(case).learning_rate if "learning_rate" in options else _default(case)
    return rate.initial_learning_rate if isinstance(rate, Schedule) else float(rate)


def _made(case: Case) -> Optimizer:
    return optimizers[case.config.optimizer.name](**case.config.optimizer.options)


def _default(case: Case) -> float:
    return float(optimizers[case.config.optimizer.name]().learning_rate)  # type: ignore[arg-type]


def _set_rate(case: Case, plain: Plain, first: bool, least: float, most: float) -> None:
    """The learning rate times a factor; of optimizers with steps of a given size their default."""
    rate, made = rate_of(case), _made(case)
    factor = _factor(case, made, first) if isinstance(made, SGD) else _default(case) / rate
    value = _rounded(rate * min(max(factor, least), most))
    given: Any = plain["optimizer"].get("learning_rate")
    if isinstance(given, Mapping):
        plain["optimizer"]["learning_rate"] = {**given, "initial_learning_rate": value}
    else:
        plain["optimizer"]["learning_rate"] = value


def _factor(case: Case, made: SGD, first: bool) -> float:
    """How much larger updates should be; the first one has none of its momentum yet."""
    seen = sorted(moves(case))
    if not seen:
        return 0.1 if first else 10.0
    move = moves(case)[0] / (1 - made.momentum) if first else seen[len(seen) // 2]
    wanted = _CAREFUL if case.diverged else MOVE
    return wanted / move if move else math.inf


def _rounded(value: float) -> float:
    """One significant digit: nobody tunes finer than that."""
    return float(f"{value:.0e}")
