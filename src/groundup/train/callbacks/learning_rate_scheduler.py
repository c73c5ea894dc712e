"""Set the learning rate at the beginning of every epoch."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from groundup.checks import POSITIVE, as_number
from groundup.errors import InputError
from groundup.nn.schedules import schedules
from groundup.train.callback import Answer, Callback, Context, SetLearningRate, callbacks
from groundup.train.callbacks.monitor import check_verbose


@callbacks.register()
@dataclass
class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch: η <- schedule(epoch, η), epochs counted from 0

    The optimizer must have a plain learning rate. To have it change with every update instead,
    give the optimizer a schedule.   [semantics of Keras]

    Args:
        schedule: a function of (epoch, learning rate) or of the epoch alone; or a schedule such as
            StepDecay(0.1, drop=0.5, every=10), whose steps are then epochs, or its description
            {"kind": "StepDecay", …}.
        verbose: 1 tells on stderr what it does.

    Raises:
        InputError: `schedule` cannot be called so, or gives no finite number above 0.

    >>> from types import SimpleNamespace as Context
    >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch >= 10 else rate)
    >>> halve.on_epoch_begin(Context(epoch=10, learning_rate=0.1))
    SetLearningRate(value=0.05)
    """

    schedule: Callable[..., float] | Mapping[str, Any]
    verbose: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.schedule, Mapping):
            self.schedule = schedules.resolve(self.schedule)
        check_verbose(self)
        self._arguments = _arguments(self.schedule)

    def on_epoch_begin(self, context: Context) -> Answer:
        given = (context.epoch, context.learning_rate)[: self._arguments]
        assert callable(self.schedule)
        what = f"schedule in epoch {context.epoch}"
        rate = as_number(self.schedule(*given), what, POSITIVE, "LearningRateScheduler")
        if self.verbose:
            from groundup.train.callbacks.screen import say

            say(f"epoch {context.epoch + 1}: learning rate {rate:.6g}")
        return SetLearningRate(rate)


def _arguments(schedule: Any) -> int:
    """How many arguments it takes, 2 or 1; never found out by calling it, which hides its errors"""
    if callable(schedule):
        try:
            signature = inspect.signature(schedule)
        except ValueError:  # some functions written in C do not tell
            return 2
        for given in ((0, 0.1), (0,)):
            try:
                signature.bind(*given)
            except TypeError:
                continue
            return len(given)
    raise InputError(
        f"LearningRateScheduler(schedule={schedule!r}): expected a function of (epoch, learning "
        "rate) or a schedule such as StepDecay."
    )
