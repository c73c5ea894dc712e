"""Trials: a configuration trained in memory for a while, to be compared with others.

A trial leaves nothing on the disk, and sees the test data only where it is to be judged on them,
after its training. Its numbers are a function of its configuration and its data alone: the same
bits in this process or in any worker, since it computes with one thread wherever it runs.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from groundup.checks import POSITIVE, check_number
from groundup.config import Config
from groundup.config_data import DataConfig
from groundup.data.dataset import Dataset
from groundup.data.files import open_dataset
from groundup.data.rows import select
from groundup.errors import Diverged
from groundup.nn.metrics import confusion_matrix
from groundup.train.callback import Callback, Context, Stop
from groundup.train.callbacks import CSVLogger, ModelCheckpoint, ProgressBar, TensorBoard
from groundup.train.fan_out import fan_out
from groundup.train.learner import EVALUATION_BATCH, Examples, Learner
from groundup.train.loop import Plan, Training
from groundup.train.run import Assembly, assemble, check_single
from groundup.train.threads import limited_threads

__all__ = ["Outcome", "Part", "Trial", "run_trial", "run_trials"]

Part: TypeAlias = Literal["train", "val", "test"]
_OUTWARD = (CSVLogger, ModelCheckpoint, ProgressBar, TensorBoard)  # they write; a trial does not
_MOST = 2_000  # training samples that are looked at in the end
_KEPT = 2  # data sets that a process keeps open
_OF_THE_SPLIT = {"validation", "split_seed", "preprocess", "augment"}  # no matter for the files


@dataclass(frozen=True)
class Trial:
    """What to train.

    Args:
        config: the run; of its callbacks, those that write are left out.
        epochs: passes over the training data, also fractions; None for those of the configuration.
        judged: on which data the network is judged in the end.
        callbacks: more of them, after those of the configuration.
    """

    config: Config
    epochs: float | None = None
    judged: tuple[Part, ...] = ("train", "val")
    callbacks: tuple[Callback, ...] = ()

    def __post_init__(self) -> None:
        if self.epochs is not None:
            check_number(self, "epochs", POSITIVE)


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    Args:
        history: the values of every whole epoch, as `fit` has them: "loss", "val_loss", ….
        scores: of the network in the end, as at inference: "val_loss", "val_…" of each metric,
            "val_recall" (the mean over the classes), and the same as "train_…" on up to 2,000
            training samples, without augmentation and weights; "test_…" if asked for. Empty if it
            diverged.
        diverged: where the loss stopped being finite, in words; "" if it never did.
        epochs: passes over the training data that were made.
        seconds: what the trial took, with reading and preparing the data.
        update_seconds: what an update took, the median.
    """

    history: Mapping[str, tuple[float, ...]]
    scores: Mapping[str, float]
    diverged: str
    epochs: float
    update_seconds: float = field(compare=False)
    seconds: float = field(default=0.0, compare=False)


def run_trial(
    trial: Trial, dataset: Dataset | None = None, validation: Examples | None = None
) -> Outcome:
    """Train as the trial says, with one thread

    Args:
        trial: what to train.
        dataset: the data; by default those of the configuration, which a process reads once.
        validation: what to validate with, instead of a share of the training data.

    Raises:
        InputError: a part of the configuration cannot be right, or does not fit the data.

    >>> from groundup.config import from_mapping
    >>> config = from_mapping({"model": {"name": "two-layer"}, "train": {"batch_size": 100}})
    >>> outcome = run_trial(Trial(config, epochs=1.5))
    >>> len(outcome.history["val_loss"]), outcome.diverged, 1.5 <= outcome.epochs < 1.6
    (1, '', True)
    """
    config = check_single(trial.config)
    with limited_threads(1):
        began = time.perf_counter()
        assembly = assemble(config, dataset or _data_of(config), validation)
        assembly = replace(assembly, callbacks=(*assembly.callbacks, *trial.callbacks))
        outcome = _train(assembly, trial.epochs or assembly.plan.epochs, trial.judged)
        return replace(outcome, seconds=time.perf_counter() - began)


def run_trials(
    trials: Sequence[Trial],
    pool: Executor,
    dataset: Dataset | None = None,
    validation: Examples | None = None,
    check: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, Outcome]]:
    """(which of the trials, what came of it), in the order in which they end

    Args:
        trials: what to train.
        pool: where; given data travel with every task, those of a configuration do not.
        dataset, validation: as `run_trial` has them.
        check: is called now and then; what it raises ends the waiting.
    """
    arguments = [(trial, dataset, validation) for trial in trials]
    for place, future in fan_out(pool, run_trial, arguments, check):
        yield place, future.result()


def _data_of(config: Config) -> Dataset:
    split_seed = config.data.split_seed
    source = config.data.model_dump_json(exclude=_OF_THE_SPLIT)
    return _opened(source, config.seed if split_seed is None else split_seed)


@lru_cache(_KEPT)
def _opened(source: str, seed: int) -> Dataset:
    return open_dataset(DataConfig.model_validate_json(source), seed)


def _train(assembly: Assembly, epochs: float, judged: Sequence[Part]) -> Outcome:
    learner, watch = assembly.learner, _Watch(epochs)
    plan = Plan(
        math.ceil(epochs),
        assembly.plan.batch_size,
        shuffle=assembly.plan.shuffle,
        augment=assembly.plan.augment,
    )
    callbacks = [one for one in assembly.callbacks if not isinstance(one, _OUTWARD)]
    training = Training(
        learner, assembly.train, assembly.validation, plan, callbacks, onlookers=[watch]
    )
    history = training.run()
    scores = {} if watch.diverged else _scores(assembly, judged)
    lost = [name for name, value in scores.items() if not math.isfinite(value)]
    return Outcome(
        {name: tuple(values) for name, values in history.history.items()},
        {} if lost else scores,
        f"{lost[0]} is not finite in the end" if lost else watch.diverged,
        training.updates / training.steps,
        watch.update_seconds,
    )


class _Watch(Callback):
    """Ends a training in the middle of an epoch, says where it diverged, and takes the time."""

    def __init__(self, epochs: float) -> None:
        self.epochs, self.diverged = epochs, ""
        self._since, self._durations = 0.0, list[float]()

    @property
    def update_seconds(self) -> float:
        return float(np.median(self._durations)) if self._durations else 0.0

    def on_epoch_begin(self, context: Context) -> None:
        self._since = time.perf_counter()

    def on_batch_end(self, context: Context) -> Stop | None:
        before, self._since = self._since, time.perf_counter()
        self._durations.append(self._since - before)
        whole = context.step + 1 == context.steps  # the end of an epoch comes by itself
        done = context.epoch + (context.step + 1) / context.steps
        return Stop("far enough") if done >= self.epochs and not whole else None

    def on_diverged(self, context: Context, error: Diverged) -> Stop:
        self.diverged = error.where
        return Stop("diverged")


def _scores(assembly: Assembly, judged: Sequence[Part]) -> dict[str, float]:
    train = assembly.train
    few = np.arange(0, len(train), -(-len(train) // _MOST))  # evenly, should they be sorted
    parts: dict[Part, Examples | None] = {
        "train": Examples(select(train.x, few), train.y[few]),
        "val": assembly.validation,
        "test": assembly.test,
    }
    return {
        f"{part}_{name}": value
        for part in judged
        if (examples := parts[part]) is not None
        for name, value in _of_part(assembly.learner, examples).items()
    }


def _of_part(learner: Learner, examples: Examples) -> dict[str, float]:
    scores = learner.evaluate(examples, EVALUATION_BATCH)
    classes = learner.network.out_shape[-1]
    if examples.y.dtype.kind != "i" or classes < 2 or not math.isfinite(scores["loss"]):
        return scores
    said = learner.predict(examples.x, EVALUATION_BATCH).argmax(axis=1)
    counts = confusion_matrix(examples.y, said, classes)
    there = counts.sum(axis=1) > 0
    recall = counts.diagonal()[there] / counts.sum(axis=1)[there]
    return scores | {"recall": float(recall.mean())}
