"""A training that is only a script of logged values, and what a callback makes of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from groundup.train.callback import Callback, RestoreWeights, SetLearningRate, Stop, Weights


@dataclass
class Played:
    """What came of it: the epoch that was the last, the rate after each, the weights at the end."""

    stopped: int | None = None
    rates: list[float] = field(default_factory=list)
    restored: float | None = None


@pytest.fixture
def context() -> Callable[..., Any]:
    """A context with these values; weights are all equal to the epoch."""

    def make(**values: Any) -> Any:
        saved: list[Path] = []
        now = {
            "epoch": 0,
            "epochs": 10,
            "step": 0,
            "steps": 1,
            "updates": 0,
            "logs": {},
            "log_names": ("loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"),
            "learning_rate": 0.1,
            "seconds": 1.0,
            **values,
        }
        epoch = float(now["epoch"])
        return SimpleNamespace(
            **now,
            saved=saved,
            save_model=saved.append,
            weights=lambda: Weights(np.full(3, epoch), np.full(2, epoch)),
        )

    return make


@pytest.fixture
def play(context: Callable[..., Any]) -> Callable[..., Played]:
    """Run epochs with these logged values, or losses, as the loop does."""

    def run(
        callback: Callback,
        script: Sequence[float | Mapping[str, float]],
        rate: float = 0.1,
        begin: int = 0,
        fresh: bool = True,
    ) -> Played:
        played = Played()
        now = context(learning_rate=rate)
        if fresh:
            callback.on_train_begin(now)
        for epoch, values in enumerate(script, start=begin):
            logs = values if isinstance(values, Mapping) else {"val_loss": values}
            now = context(epoch=epoch, logs=logs, learning_rate=rate)
            answer = callback.on_epoch_end(now)
            if isinstance(answer, SetLearningRate):
                rate = answer.value
            played.rates.append(rate)
            if isinstance(answer, Stop):
                played.stopped = epoch
                break
        answer = callback.on_train_end(now)
        if isinstance(answer, RestoreWeights):
            played.restored = float(answer.which.params[0])
        return played

    return run
