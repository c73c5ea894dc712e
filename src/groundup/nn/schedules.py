"""Schedules: the learning rate η as a function of the number of updates made, counted from 0."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

from groundup.checks import (
    NOT_NEGATIVE,
    PORTION,
    POSITIVE,
    check_flag,
    check_number,
    check_whole,
)
from groundup.errors import InputError
from groundup.registry import Registry


@dataclass(frozen=True)
class Schedule(ABC):
    """The base of every schedule; subclasses are final.

    Args:
        initial_learning_rate: η₀ > 0.
    """

    initial_learning_rate: float

    def __post_init__(self) -> None:
        check_number(self, "initial_learning_rate", POSITIVE)

    @abstractmethod
    def __call__(self, step: int) -> float:
        """The learning rate of update number `step`, the first being 0."""


schedules: Registry[Schedule] = Registry("schedule", Schedule)


@schedules.register("constant")
@dataclass(frozen=True)
class ConstantRate(Schedule):
    """A plain number, spelled as a schedule: η = η₀

    >>> ConstantRate(0.1)(1000)
    0.1
    """

    def __call__(self, step: int) -> float:
        return float(self.initial_learning_rate)


@schedules.register("step")
@dataclass(frozen=True)
class StepDecay(Schedule):
    """A rate that falls by a factor after every so many updates: η = η₀ · drop^⌊step / every⌋

    >>> decay = StepDecay(0.1, drop=0.5, every=100)
    >>> decay(99), decay(100), decay(250)
    (0.1, 0.05, 0.025)
    """

    drop: float
    every: int

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number(self, "drop", POSITIVE)
        check_whole(self, "every")

    def __call__(self, step: int) -> float:
        return float(self.initial_learning_rate * self.drop ** (step // self.every))


@schedules.register("exponential")
@dataclass(frozen=True)
class ExponentialDecay(Schedule):
    """A rate that falls by the same factor in equal times: η = η₀ · decay_rate^(step / decay_steps)

    With `staircase` the exponent is rounded down.

    >>> round(ExponentialDecay(0.1, decay_steps=100, decay_rate=0.25)(50), 6)
    0.05
    """

    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self, "decay_steps")
        check_number(self, "decay_rate", POSITIVE)
        check_flag(self, "staircase")

    def __call__(self, step: int) -> float:
        exponent = step // self.decay_steps if self.staircase else step / self.decay_steps
        return float(self.initial_learning_rate * self.decay_rate**exponent)


@schedules.register("inverse_time")
@dataclass(frozen=True)
class InverseTimeDecay(Schedule):
    """A rate that falls ever more slowly: η = η₀ / (1 + decay_rate · step / decay_steps)

    With decay_steps = 1 it is `lr_decay` of PyTorch's Adagrad; with `staircase` the quotient
    step / decay_steps is rounded down.

    >>> InverseTimeDecay(0.1, decay_steps=10, decay_rate=1.0)(10)
    0.05
    """

    decay_steps: int
    decay_rate: float
    staircase: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole(self, "decay_steps")
        check_number(self, "decay_rate", NOT_NEGATIVE)
        check_flag(self, "staircase")

    def __call__(self, step: int) -> float:
        periods = step // self.decay_steps if self.staircase else step / self.decay_steps
        return float(self.initial_learning_rate / (1 + self.decay_rate * periods))


@schedules.register("cosine")
@dataclass(frozen=True)
class CosineDecay(Schedule):
    """A rate that falls along half a wave: η = η₀ ((1 - α) (1 + cos πp)/2 + α)

    p = step / decay_steps, at most 1.

    With a warm-up, η first rises in a straight line from initial_learning_rate to `warmup_target`
    within `warmup_steps` updates; from there the cosine begins.   [Loshchilov & Hutter 2017, SGDR]

    Args:
        initial_learning_rate: η₀; with a warm-up it may be 0.
        decay_steps: updates until the end, not counting the warm-up.
        alpha: α, the last rate as a share of the first.
        warmup_target: the rate at the end of the warm-up, in place of η₀.
        warmup_steps: updates of the warm-up; 0 for none.

    >>> decay = CosineDecay(0.1, decay_steps=100)
    >>> decay(0), round(decay(50), 6), decay(100), decay(1000)
    (0.1, 0.05, 0.0, 0.0)
    """

    decay_steps: int
    alpha: float = 0.0
    warmup_target: float | None = None
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        warm = self.warmup_target is not None
        check_number(self, "initial_learning_rate", NOT_NEGATIVE if warm else POSITIVE)
        check_whole(self, "decay_steps")
        check_number(self, "alpha", PORTION)
        check_whole(self, "warmup_steps", 0)
        if warm:
            check_number(self, "warmup_target", POSITIVE)
        if warm != (self.warmup_steps > 0):
            raise InputError(
                f"CosineDecay(warmup_target={self.warmup_target}, warmup_steps="
                f"{self.warmup_steps}): expected both or neither."
            )

    def __call__(self, step: int) -> float:
        start, top = self.initial_learning_rate, self.warmup_target
        if top is None:
            top = start
        elif step < self.warmup_steps:
            return float(start + (top - start) * step / self.warmup_steps)
        progress = min((step - self.warmup_steps) / self.decay_steps, 1.0)
        wave = (1 + math.cos(math.pi * progress)) / 2
        return float(top * ((1 - self.alpha) * wave + self.alpha))
