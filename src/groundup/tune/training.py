"""What a trial of a study is: a network trained with some settings, judged on validation data.

All trials have the seed of the configuration, so they begin with the same draws and are judged on
the same samples: what differs is the settings' doing. A trial never sees the test data. Only the
network of the best settings does, at its very end.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.config import Config
from groundup.errors import InputError
from groundup.train import trials
from groundup.train.callback import Callback, Context, Stop
from groundup.train.run import resume
from groundup.train.run_directory import RunDirectory
from groundup.train.threads import limited_threads
from groundup.train.trials import run_trial
from groundup.tune.conduct import failure
from groundup.tune.history import State, Trial
from groundup.tune.plan import Plan
from groundup.tune.records import Order
from groundup.tune.stopping import Bars, stopped_at


@dataclass(frozen=True)
class Training:
    """Runs the trials of a plan, in whichever process it is called."""

    plan: Plan

    def __call__(self, order: Order) -> Trial:
        began = time.perf_counter()
        try:
            return _train(self.plan, order)
        except (InputError, MemoryError) as error:  # of these settings: others may be right
            return order.failed(failure(error), time.perf_counter() - began)


def _train(plan: Plan, order: Order) -> Trial:
    config, name = plan.configured(order.settings), f"val_{plan.metric}"
    gate = Gate(name, plan.search.nothing.sign, order.bars)
    outcome = run_trial(trials.Trial(config, judged=("val",), callbacks=(gate,)))
    known: dict[str, Any] = {
        "curve": outcome.history.get(name, ()),
        "train_curve": outcome.history.get(plan.metric, ()),
        "epochs": outcome.epochs,
        "seconds": outcome.seconds,
    }
    if outcome.diverged:
        return Trial(order.number, order.settings, "failed", reason=outcome.diverged, **known)
    state: State = "stopped" if gate.reason else "finished"
    value = outcome.scores[name]
    return Trial(order.number, order.settings, state, value, reason=gate.reason, **known)


class Gate(Callback):
    """Ends a trial that is behind what it must have reached."""

    def __init__(self, name: str, sign: int, bars: Bars) -> None:
        self.name, self.sign, self.bars = name, sign, bars
        self.reason, self.losses = "", list[float]()

    def on_epoch_end(self, context: Context) -> Stop | None:
        self.losses.append(self.sign * context.logs[self.name])
        at = stopped_at(self.losses, self.bars)
        if at is None or context.epoch + 1 == context.epochs:
            return None
        self.reason = f"behind {self.sign * self.bars[at]:g} after epoch {at}"
        return Stop(self.reason)


def train_best(config: Config, path: Path | None) -> dict[str, float]:
    """The scores of the network of the best settings, on validation and on test data

    It is trained with one thread, as in its trial, so it is that network to the last bit.

    Args:
        config: the run.
        path: its run directory, made or gone on with; None to keep nothing.

    Raises:
        Interrupted: a signal came; called again, it goes on.
    """
    if path is None:
        return dict(run_trial(trials.Trial(config, judged=("val", "test"))).scores)
    RunDirectory.prepare(path, config)
    with limited_threads(1):
        result, _ = resume(path)
    names = ("val_loss", "val_accuracy", "test_loss", "test_accuracy", "test_r2")
    found = {name: getattr(result, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}
