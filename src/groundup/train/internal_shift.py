"""Internal covariate shift: how one update moves what each layer gets to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from groundup.checks import as_whole
from groundup.layers.layer import Mode
from groundup.rng import Stream
from groundup.train.callback import Answer, Callback, Context
from groundup.train.inputs import raw_inputs
from groundup.train.learner import Learner
from groundup.train.probes.moments import InputMoments, Moments, shift
from groundup.train.sequential import Sequential


@dataclass(frozen=True)
class LayerShift:
    """How one update moved a layer's input, the mean over its units (channels, of images).

    update: which, counted from 1; mean: |Δμ| / σ, with σ from before; variance: |Δ log σ²|. NaN
    where no unit varies.
    """

    update: int
    layer: str
    mean: float
    variance: float


class InternalShift(Callback):
    """Measures how far single updates move the mean and variance of each layer's input

    |μ′ - μ| / σ and |log σ′² - log σ²| of each unit, over a fixed batch x before and after an
    update; their means over the units are in `shifts`. The batch goes forward as in training, so
    batch normalization normalizes by its statistics; nothing of that is kept, and the training
    ends with the same bits as without. Batch normalization was made to lessen this shift; whether
    that is why it helps is disputed.
    [Ioffe & Szegedy 2015; Saito 2016, 6.3; against it Santurkar et al. 2018]

    Args:
        model: the network that is trained.
        x: some raw inputs (N, …), 100 or more.
        every: which updates are measured: the first, and each `every`-th after it.

    >>> import groundup as gu
    >>> (x, y), _ = gu.datasets.digits.load_data()
    >>> model = gu.Sequential([gu.Flatten(), gu.Dense(9, "sigmoid"), gu.Dense(10, "softmax")])
    >>> model.compile("sgd", "categorical_crossentropy")
    >>> watch = gu.InternalShift(model, x[:100], every=20)
    >>> history = model.fit(x, y, callbacks=[watch], verbose=0)
    >>> [(one.update, one.layer) for one in watch.shifts[:3]], watch.shifts[0].mean
    ([(1, 'flatten_1'), (1, 'dense_1'), (1, 'dense_2')], 0.0)
    """

    def __init__(self, model: Sequential, x: Any, every: int = 10) -> None:
        self.model, self.x = model, x
        self.every = as_whole(every, "every", 1, "InternalShift")
        self.shifts: list[LayerShift] = []
        self._before: Mapping[str, Moments] | None = None
        self._update = 0

    def on_train_begin(self, context: Context) -> Answer:
        self._update = 0
        self._before = input_moments(self.model.learner, self.x)
        return None

    def on_batch_end(self, context: Context) -> Answer:
        self._update += 1
        measured = (self._update - 1) % self.every == 0
        if measured or self._update % self.every == 0:
            after = input_moments(self.model.learner, self.x)
            if measured and self._before is not None:
                self.shifts += _differences(self._update, self._before, after)
            self._before = after
        return None


def input_moments(learner: Learner, x: Any) -> Mapping[str, Moments]:
    """Mean and variance of each layer's input, by the layer's name; changes nothing.

    Args:
        learner: a network.
        x: raw inputs (N, …).
    """
    seen = InputMoments()
    # The same draws each time, so that dropout does not look like a shift.
    mode = Mode(train=True, rng=Stream(learner.seed, "dropout"), probe=seen)
    prepared = learner.prepare(raw_inputs(learner, x))
    learner.network.chain.forward(learner.params, learner.state, prepared, mode)
    return seen.moments


def _differences(
    update: int, before: Mapping[str, Moments], after: Mapping[str, Moments]
) -> list[LayerShift]:
    return [LayerShift(update, name, *shift(old, after[name])) for name, old in before.items()]
