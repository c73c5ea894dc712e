"""Epochs, batches, callbacks: who is asked when, and what happens with the answers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from groundup.data.augment import Augment
from groundup.data.order import Shuffle
from groundup.errors import Diverged, InputError
from groundup.layers.layer import Mode
from groundup.nn.layout import leaves
from groundup.rng import Stream
from groundup.train import model_file
from groundup.train.callback import (
    Answer,
    Callback,
    Context,
    RestoreWeights,
    SetLearningRate,
    Stop,
    Weights,
)
from groundup.train.finite import not_finite
from groundup.train.history import History
from groundup.train.learner import EVALUATION_BATCH, Examples, Learner
from groundup.train.probes.exam import Exam
from groundup.train.probes.examine import examine
from groundup.train.probes.silence import Silence
from groundup.train.progress import Progress, Resume, Totals
from groundup.typing import Array


@dataclass(frozen=True)
class Plan:
    """How a training is run: up to which epoch, from which, in which batches of which variants."""

    epochs: int
    batch_size: int
    first_epoch: int = 0
    shuffle: Shuffle = True
    augment: Augment | None = None


class Training(Context):
    """One fit. Callbacks see it as their `Context`.

    Args:
        learner: what is trained.
        train, validation: the data; validation may be None.
        plan: how long and in which batches.
        callbacks: asked in this order; their states go into checkpoints.
        onlookers: asked first, and at an epoch's end last; no part of what a checkpoint holds, such
            as a progress bar.
        resume: from a checkpoint, where to go on; `history` then has the epochs before.
        history: where every epoch that ends is added, however the training ends.
    """

    def __init__(
        self,
        learner: Learner,
        train: Examples,
        validation: Examples | None,
        plan: Plan,
        callbacks: Sequence[Callback] = (),
        *,
        onlookers: Sequence[Callback] = (),
        resume: Resume | None = None,
        history: History | None = None,
    ) -> None:
        self.learner, self.train, self.validation, self.plan = learner, train, validation, plan
        self.callbacks, self.onlookers = list(callbacks), list(onlookers)
        if resume and len(resume.callbacks) != len(self.callbacks):
            raise InputError(
                f"the checkpoint knows {len(resume.callbacks)} callbacks, not {len(self.callbacks)}"
                ": expected those that the training began with."
            )
        self.resume = resume
        self.progress = (
            resume.progress
            if resume
            else Progress(
                plan.first_epoch,
                at=(plan.first_epoch, 0),
                updates=int(learner.slots["step"]),
                streams=learner.epochs_trained - plan.first_epoch,
            )
        )
        self._history = history or History()
        self._logs: Mapping[str, float] = {}
        self._batch_loss = float("nan")
        stopped = self.progress.stopped
        self._stop = None if stopped is None else Stop(stopped)
        self._began = time.perf_counter()

    def run(self) -> History:
        """Train until the plan's last epoch or a callback's `Stop`."""
        self._ask(lambda callback, context: callback.on_train_begin(context))
        if self.resume:
            for callback, state in zip(self.callbacks, self.resume.callbacks, strict=True):
                callback.restore(state)
        try:
            while self.progress.epoch < self.plan.epochs and not self._stop:
                self._epoch()
        finally:
            self.learner.programs.forget_steps()
        if self.progress.step:  # another fit shall not draw the same numbers again
            self.learner.epochs_trained += 1
        self._ask(lambda callback, context: callback.on_train_end(context))
        return self._history

    def _epoch(self) -> None:
        learner, progress = self.learner, self.progress
        self._began = time.perf_counter()
        stream = Stream(learner.seed, "dropout").at(epoch=progress.epoch + progress.streams)
        if progress.step == 0:
            progress.at = (progress.epoch, 0)
            self._ask(lambda callback, context: callback.on_epoch_begin(context))
            if self._stop:
                return
        plan, start = self.plan, progress.step
        for batch in learner.batches(
            self.train, plan.batch_size, stream, start, shuffle=plan.shuffle, augment=plan.augment
        ):
            mode = Mode(train=True, rng=stream.at(step=progress.step), need_dx=False)
            progress.at = (progress.epoch, progress.step)
            sums = learner.step(batch, mode)
            if sums is None:
                self._diverged(learner.first_not_finite(batch, mode))
                return
            progress.totals.add(len(batch), sums)
            self._batch_loss = sums["loss"] / len(batch)
            progress.updates += 1
            self._logs = progress.totals.means()
            progress.step += 1
            self._ask(lambda callback, context: callback.on_batch_end(context))
            if self._stop:
                return
        self._end_epoch()

    def _end_epoch(self) -> None:
        learner, progress = self.learner, self.progress
        lost = not_finite(learner)
        if lost:
            self._diverged(f"the last update left {lost} that are not finite")
            return
        logs = progress.totals.means()
        if learner.network.penalties:
            logs["penalty"] = learner.network.penalty(learner.vector)
        if self.validation is not None:
            batch_size = max(self.plan.batch_size, EVALUATION_BATCH)
            values = learner.evaluate(self.validation, batch_size)
            logs |= {f"val_{name}": value for name, value in values.items()}
        logs["learning_rate"] = self.learning_rate
        self._logs = logs
        self._history.append(progress.epoch, logs)
        learner.epochs_trained += 1
        # Who saves now saves the beginning of the next epoch as the place to go on from.
        progress.epoch, progress.step, progress.totals = progress.epoch + 1, 0, Totals()
        # Onlookers last: what they tell of an epoch is kept by then, whatever happens next.
        self._ask(
            lambda callback, context: callback.on_epoch_end(context),
            (*self.callbacks, *self.onlookers),
        )

    def _ask(
        self,
        question: Callable[[Callback, Context], Answer],
        whom: Sequence[Callback] | None = None,
    ) -> None:
        for callback in whom or (*self.onlookers, *self.callbacks):
            self._follow(question(callback, self))

    def _follow(self, answer: Answer) -> None:
        match answer:
            case None:
                pass
            case Stop():
                self._stop = self._stop or answer
                self.progress.stopped = self._stop.reason
            case SetLearningRate(value):
                assert self.learner.optimizer is not None
                slots = self.learner.optimizer.with_learning_rate(self.learner.slots, value)
                self.learner.slots = slots
            case RestoreWeights(Weights(params, state)):
                self.learner.vector[...] = params
                self.learner.running[...] = state
            case _:
                raise InputError(
                    f"a callback answered {answer!r}: expected None, Stop, SetLearningRate or "
                    "RestoreWeights."
                )

    def _diverged(self, where: str) -> None:
        error = Diverged(self.epoch, self.step, where)
        self._ask(lambda callback, context: callback.on_diverged(context, error))
        if not self._stop:
            raise error

    @property
    def stopped(self) -> Stop | None:
        """Why the training ended before its plan did."""
        return self._stop

    @property
    def epoch(self) -> int:
        return self.progress.at[0]

    @property
    def step(self) -> int:
        return self.progress.at[1]

    @property
    def steps(self) -> int:
        return -(-len(self.train) // self.plan.batch_size)

    @property
    def epochs(self) -> int:
        return self.plan.epochs

    @property
    def samples(self) -> int:
        return len(self.train)

    @property
    def updates(self) -> int:
        return self.progress.updates

    @property
    def logs(self) -> Mapping[str, float]:
        return MappingProxyType(dict(self._logs))

    @property
    def batch_loss(self) -> float:
        return self._batch_loss

    @property
    def log_names(self) -> tuple[str, ...]:
        means = ("loss", *self.learner.metrics)
        penalty = ("penalty",) if self.learner.network.penalties else ()
        validation = () if self.validation is None else tuple(f"val_{name}" for name in means)
        return (*means, *penalty, *validation, "learning_rate")

    @property
    def history(self) -> History:
        return deepcopy(self._history)

    @property
    def learning_rate(self) -> float:
        return float(self.learner.slots["learning_rate"])

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def weights(self) -> Weights:
        return Weights(_frozen(self.learner.vector.copy()), _frozen(self.learner.running.copy()))

    def named_arrays(self) -> Iterator[tuple[str, Array, Array]]:
        gradients = dict(leaves(self.learner.network.params.views(self.learner.gradient)))
        for path, array in leaves(self.learner.params):
            yield path, _frozen(array.view()), _frozen(gradients[path].view())

    def examine(self, which: Array, before: Array | None, silence: Silence) -> Exam:
        some = self.train.take(which)
        exam = examine(self.learner, some, self.epoch, self.updates, before, silence)
        self._ask(lambda callback, context: callback.on_exam(context, exam))
        return exam

    def save_model(self, path: Path) -> None:
        model_file.save(path, self.learner)

    def save_checkpoint(self, path: Path) -> None:
        states = tuple(callback.state() for callback in self.callbacks)
        model_file.save(path, self.learner, Resume(self.progress, states))


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
