"""What a training tells of itself, record by record, wherever the records go.

    step       every `log_every` updates: the epoch's means so far, and the batch's own loss
    probe      an exam of the layers
    epoch      an epoch's values
    diverged   where the loss stopped being finite

A record has its `kind`, `epoch`, `step` and `seconds`, then values.
"""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from groundup.errors import Diverged
from groundup.train.callback import Answer, Callback, Context
from groundup.train.probes.exam import Exam


class Records(Protocol):
    """Where records go: a `storage.Log`, or `Kept`."""

    def append(self, record: Mapping[str, Any], durable: bool = False) -> None:
        """Add one; with `durable` it outlives a crash."""


class Kept(list[Mapping[str, Any]]):
    """Records kept in memory."""

    def append(self, record: Mapping[str, Any], durable: bool = False) -> None:
        super().append(record)


class Recording(Callback):
    """Makes the records of a training.

    Args:
        records: where they go.
        log_every: updates from one step record to the next.

    >>> import groundup as gu
    >>> (x, y), _ = gu.datasets.digits.load_data()
    >>> model = gu.Sequential([gu.Flatten(), gu.Dense(10, "softmax")], preprocess=["rescale"])
    >>> model.compile("sgd", "categorical_crossentropy")
    >>> kept = Kept()
    >>> _ = model.fit(x, y, 500, callbacks=[gu.Probes(every=3), Recording(kept, 2)], verbose=0)
    >>> [record["kind"] for record in kept]
    ['probe', 'probe', 'step', 'probe', 'epoch']
    """

    def __init__(self, records: Records, log_every: int = 10) -> None:
        self.log, self.log_every = records, log_every
        self.records = 0
        self.seconds_before = 0.0
        self.began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Training time so far, interruptions left out."""
        return self.seconds_before + time.perf_counter() - self.began

    def write(self, kind: str, values: Mapping[str, Any], durable: bool = False) -> None:
        """Add a record."""
        self.log.append({"kind": kind, **values}, durable=durable)
        self.records += 1

    def on_train_begin(self, context: Context) -> Answer:
        self.began = time.perf_counter()
        return None

    def on_exam(self, context: Context, exam: Exam) -> Answer:
        self.write("probe", self._place(context) | exam.plain())
        return None

    def on_batch_end(self, context: Context) -> Answer:
        if context.updates % self.log_every == 0:
            values = {**context.logs, "batch_loss": context.batch_loss}
            self.write("step", self._place(context) | values)
        return None

    def on_epoch_end(self, context: Context) -> Answer:
        self.write("epoch", self._place(context) | dict(context.logs), durable=True)
        return None

    def on_diverged(self, context: Context, error: Diverged) -> Answer:
        self.write("diverged", self._place(context) | {"where": error.where}, durable=True)
        return None

    def _place(self, context: Context) -> dict[str, Any]:
        return {"epoch": context.epoch, "step": context.step, "seconds": round(self.seconds, 6)}
