"""What is known so far: the trials of a search."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from groundup.errors import InputError
from groundup.tune.space import Settings
from groundup.typing import Array

State: TypeAlias = Literal["running", "finished", "stopped", "failed"]
Direction: TypeAlias = Literal["high", "low"]


@dataclass(frozen=True)
class Trial:
    """One try of some settings.

    Args:
        number: its place in the search, from 0.
        settings: what was tried, by the space's names.
        state: "stopped" by the stopping rule before its end, "failed" without a value.
        value: of what is searched for, such as validation accuracy, at its end; None if it runs or
            failed.
        curve: the same after each whole epoch.
        train_curve: the same on the training data.
        epochs: passes over the training data that were made.
        reason: why it was stopped or failed, in words.
        seconds: what it took.
        at: the seconds that the search had taken when it ended.
    """

    number: int
    settings: Settings
    state: State = "running"
    value: float | None = None
    curve: tuple[float, ...] = ()
    train_curve: tuple[float, ...] = ()
    epochs: float = 0.0
    reason: str = ""
    seconds: float = field(default=0.0, compare=False)
    at: float = field(default=0.0, compare=False)

    def record(self) -> dict[str, Any]:
        """As it stands in the log."""
        return {"kind": "trial", **asdict(self), "settings": dict(self.settings)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Trial":
        values = {name: value for name, value in record.items() if name != "kind"}
        for name in ("curve", "train_curve"):
            values[name] = tuple(values[name])
        return cls(**values)


@dataclass(frozen=True, repr=False)
class History:
    """The trials in the order of their numbers, and what is good.

    >>> tried = Trial(0, {"x": 1.0}, "finished", 0.9), Trial(1, {"x": 2.0}, "failed")
    >>> history = History(tried, "high").asked({"x": 3.0})
    >>> history.losses().tolist(), history.best_trial.number
    ([-0.9, inf, nan], 0)
    """

    trials: tuple[Trial, ...] = ()
    best: Direction = "low"

    def __len__(self) -> int:
        return len(self.trials)

    def __repr__(self) -> str:
        best = self.best_trial
        return f"<History: {len(self)} trials, best: {best and best.value}>"

    def losses(self) -> Array:
        """(n,) what methods make small: the value, or its negative where high is good

        inf if a trial failed or its value is no number, NaN while it runs; of one that was stopped,
        what it had reached.
        """
        return np.array([self.loss(trial) for trial in self.trials])

    def loss(self, trial: Trial) -> float:
        """The same of one trial."""
        if trial.state == "running":
            return math.nan
        if trial.value is None or not math.isfinite(trial.value):
            return math.inf
        return self.sign * trial.value

    @property
    def sign(self) -> int:
        """What turns a value into a loss."""
        return 1 if self.best == "low" else -1

    @property
    def best_trial(self) -> Trial | None:
        """The finished one with the best value; of equals the first."""
        finished = (trial for trial in self.trials if trial.state == "finished")
        sound = (trial for trial in finished if self.loss(trial) < math.inf)
        return min(sound, key=self.loss, default=None)

    def asked(self, settings: Settings) -> "History":
        """With one more trial, which runs."""
        return replace(self, trials=(*self.trials, Trial(len(self.trials), settings)))

    def told(self, trial: Trial) -> "History":
        """With what came of one of them."""
        if not 0 <= trial.number < len(self.trials):
            raise InputError(f"trial {trial.number} was not asked for: there are {len(self)}.")
        trials = list(self.trials)
        trials[trial.number] = trial
        return replace(self, trials=tuple(trials))

    def before(self, number: int) -> "History":
        """Only those of a smaller number."""
        return replace(self, trials=self.trials[:number])
