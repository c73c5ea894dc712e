"""What the callbacks that watch one value share: which way is better, and what they remember."""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import Field, fields
from typing import Any, cast

from groundup.checks import check_choice, check_whole
from groundup.errors import InputError, did_you_mean
from groundup.train.callback import Answer, Callback, Context

_LARGER_IS_BETTER = {"acc", "accuracy", "auc", "f1", "precision", "r2", "recall", "top"}


class Monitor(Callback):
    """The base of dataclasses that watch `monitor`.

    Their fields that are no options (init=False) are what they remember; a checkpoint keeps them.
    """

    monitor: str
    mode: str
    verbose: int

    def __post_init__(self) -> None:
        check_choice(self, "mode", ("auto", "min", "max"))
        check_verbose(self)
        if not isinstance(self.monitor, str) or not self.monitor:
            raise InputError(
                f"{type(self).__name__}(monitor={self.monitor!r}): expected the name of a value, "
                'such as "val_loss".'
            )

    @property
    def larger_is_better(self) -> bool:
        """What `mode` says; "auto" goes by the words of the name."""
        if self.mode == "auto":
            return not _LARGER_IS_BETTER.isdisjoint(re.split(r"[_\W]+", self.monitor.lower()))
        return self.mode == "max"

    def on_train_begin(self, context: Context) -> Answer:
        """Refuse a `monitor` that no epoch will log; begin anew, as one object may serve many."""
        self.check_monitor(context.log_names)
        self.restore({field.name: field.default for field in self._memory()})
        return None

    def value(self, context: Context) -> float:
        """The monitored value; InputError that names the available ones if there is none."""
        self.check_monitor(context.logs)
        return float(context.logs[self.monitor])

    def check_monitor(self, names: Collection[str]) -> None:
        """Refuse a `monitor` that is not among these names."""
        if self.monitor in names:
            return
        remedy = did_you_mean(self.monitor, names)
        if self.monitor.startswith("val_") and not any(n.startswith("val_") for n in names):
            remedy = "Values named val_… come from validation data, at the end of an epoch."
        raise InputError(
            f"{type(self).__name__}(monitor={self.monitor!r}): expected one of "
            f"{', '.join(names)}. {remedy}"
        )

    def better(self, value: float, reference: float | None, by: float = 0.0) -> bool:
        """Whether `value` beats `reference`, if there is one, by more than `by`; NaN never does."""
        if reference is None or not math.isfinite(value):
            return math.isfinite(value)
        return value - by > reference if self.larger_is_better else value + by < reference

    def say(self, context: Context, text: str) -> None:
        """With `verbose`, a line on stderr."""
        if self.verbose:
            from groundup.train.callbacks.screen import say

            say(f"epoch {context.epoch + 1}: {text}")

    def state(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in self._memory()}

    def restore(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def _memory(self) -> list[Field[Any]]:
        return [field for field in fields(cast(Any, self)) if not field.init]


def check_verbose(owner: Any) -> None:
    """Refuse a `verbose` that is no flag and no number such as 0 and 1."""
    if not isinstance(owner.verbose, bool):
        check_whole(owner, "verbose", 0, instead="True, False")
