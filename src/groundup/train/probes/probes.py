"""When to look at the layers: the callback that takes exams while a network learns."""

import math
from collections.abc import Mapping
from typing import Any

from groundup.checks import as_whole
from groundup.errors import Diverged
from groundup.rng import Stream
from groundup.train.callback import Answer, Callback, Context
from groundup.train.probes.exam import Exam
from groundup.train.probes.silence import Silence
from groundup.typing import Array

SAMPLES = 50  # in an exam


class Probes(Callback):
    """Looks at every layer now and then, without changing a bit of the training

    One exam is of the untrained network, one comes after the first update, one at the end, and
    between them one every so many updates. Each looks at other training samples. The last one
    cannot tell what the latest update did, unless it was due anyway.

    Args:
        every: how many updates from one exam to the next; by default the `default_gap`, so that
            they cost less than a tenth of the training.

    Attributes:
        exams: what was seen in the latest fit, an `Exam` each.

    >>> import groundup as gu
    >>> (x, y), _ = gu.datasets.digits.load_data()
    >>> model = gu.Sequential([gu.Flatten(), gu.Dense(9, "relu"), gu.Dense(10, "softmax")])
    >>> model.compile("sgd", "categorical_crossentropy")
    >>> probes = gu.Probes(every=20)
    >>> history = model.fit(x, y, callbacks=[probes], verbose=0)
    >>> [exam.updates for exam in probes.exams]
    [0, 1, 20, 40, 45]
    >>> [layer.layer for layer in probes.exams[0].layers]
    ['flatten_1', 'dense_1', 'dense_2']
    """

    def __init__(self, every: int | None = None) -> None:
        self.every = None if every is None else as_whole(every, "every", 1, "Probes")
        self.exams: list[Exam] = []

    def on_train_begin(self, context: Context) -> Answer:
        self.exams = []
        self._silence = Silence(context.samples)
        self._first, self._taken, self._latest = context.updates, 0, -1
        self._order: Array | None = None
        self._before: Array | None = None
        self._remember(context)  # in any case: a resumed training may be amid an epoch
        return None

    def on_epoch_begin(self, context: Context) -> Answer:
        if not self._taken:
            self._examine(context)
        self._remember(context)  # who answered at the end of the last epoch may have set weights
        return None

    def on_batch_end(self, context: Context) -> Answer:
        if self._before is not None and self._is_due(context, context.updates):
            self._examine(context, self._before)
        self._remember(context)
        return None

    def on_diverged(self, context: Context, error: Diverged) -> Answer:
        self._examine(context)
        return None

    def on_train_end(self, context: Context) -> Answer:
        if self._latest != context.updates:
            self._examine(context)
        return None

    def state(self) -> dict[str, Any]:
        numbers = {"first": self._first, "taken": self._taken, "latest": self._latest}
        return numbers | self._silence.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        self._first, self._taken, self._latest = (
            int(state[name]) for name in ("first", "taken", "latest")
        )
        self._silence.restore(state)

    def _is_due(self, context: Context, updates: int) -> bool:
        count = updates - self._first
        every = self.every or default_gap(count, context.samples / context.steps)
        return count == 1 or count % every == 0

    def _remember(self, context: Context) -> None:
        """Keep the weights before an update that will be looked at."""
        due = self._is_due(context, context.updates + 1)
        self._before = context.weights().params if due else None

    def _examine(self, context: Context, before: Array | None = None) -> None:
        if self._order is None:  # the same for every seed, so that runs can be compared
            self._order = Stream(0, "split").named("probes").permutation(context.samples)
        begin, size = self._taken * SAMPLES, min(SAMPLES, context.samples)
        chosen = self._order.take(range(begin, begin + size), mode="wrap")
        self.exams.append(context.examine(chosen, before, self._silence))
        self._taken, self._latest = self._taken + 1, context.updates


def default_gap(updates: int, batch_size: float) -> int:
    """How many updates lie between exams around this one: a power of 2

    128, fewer of large batches and more of small ones, since an exam costs as much whatever the
    batch; twice as many whenever the training has become twice as long, from the eighth exam on.
    It is a function of the past alone: a training that is to be longer looks at the same updates.

    >>> [default_gap(updates, 100) for updates in (1, 1024, 1025, 2048, 2049, 100_000)]
    [128, 128, 256, 256, 512, 16384]
    >>> [default_gap(1, batch_size) for batch_size in (1, 32, 256, 1000)]
    [4096, 128, 64, 16]
    """
    plain = 128 * max(1, 32 / batch_size) / max(1, batch_size / 128)
    gap: int = 1 << round(math.log2(max(1, plain)))
    return gap << ((updates - 1) // (8 * gap)).bit_length()


def probes_for(setting: bool | int) -> list[Callback]:
    """What `[train] probes` asks for: none, at the default rate, or every so many updates."""
    return [] if setting is False else [Probes(None if setting is True else setting)]
