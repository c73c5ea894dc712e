"""The learning-rate range test: short trainings whose rate rises from far too low to far too high.

The loss first stays, then falls, then rises again: where it has fallen as far as it will, the rate
is already on the edge, and a third of it trains well. One ramp over noisy batches says little, so
several are run over other batches, the loss is taken on the same samples throughout, and the answer
comes with its spread.
[Smith 2017, "Cyclical learning rates for training neural networks", section 3.3]
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from groundup.data.batches import Batch
from groundup.doctor.preflight.copies import copy_of, loss_of, some_of, training_mode
from groundup.layers.layer import Mode
from groundup.nn.schedules import Schedule
from groundup.rng import Stream
from groundup.statistics.pairs import paired_t
from groundup.train.learner import Learner
from groundup.train.run import Assembly
from groundup.typing import Array

LOWEST, HIGHEST = 1e-7, 10.0
DRAWS = 5  # ramps
_STEPS = (80, 200)  # of a ramp: fewer for large networks
_WORK = 4e11  # multiplications with addition in all ramps together, some ten seconds
_JURY = 64  # samples on which the loss is taken
_LARGEST_BATCH = 1024
_SMOOTH = 1.0  # steps, the standard deviation of the bell that smooths a curve
_FALLEN = 0.99  # of the fall; the very lowest of many losses near 0 would mean nothing
# Chosen, as the share above, on 35 networks trained at a grid of rates: 1.3 times the best loss on
# average, at most 2.3, with 0.02 added to both since some are near 0. A fit, not a judgment.
_BELOW_EDGE = 3.0
_FAR = 100.0  # times the loss at the start: it will not come back
_LEAST_FALL = 0.02  # of the loss at the start; less is no fall


@dataclass(frozen=True)
class Point:
    """The loss at one rate of the ramp: its mean, lowest and highest over the draws."""

    rate: float
    loss: float
    low: float
    high: float


@dataclass(frozen=True)
class RateRange:
    """What the range test found; rates are NaN where the loss never fell.

    Args:
        suggested: a rate to train with: the geometric mean over the draws.
        low, high: the 95 % interval of that mean.
        diverges_at: from where on the loss is lost again; None if no rate up to 10 is too high.
        configured: the run's rate, of a schedule its highest.
        start: the loss before the first update.
        curve: the smoothed loss along the ramp, as far as it is finite in all draws.
    """

    suggested: float
    low: float
    high: float
    diverges_at: float | None
    configured: float
    start: float
    curve: tuple[Point, ...]

    @property
    def found(self) -> bool:
        """Whether there is a rate to suggest."""
        return math.isfinite(self.suggested)


def rate_range(assembly: Assembly) -> RateRange:
    """Train from the same weights along a rising rate, `DRAWS` times over other batches

    Args:
        assembly: what is to be trained; left as it is.
    """
    rates = np.geomspace(LOWEST, HIGHEST, steps_of(assembly))
    ramps = [losses_along(assembly, rates, draw) for draw in range(DRAWS)]
    start = ramps[0][0]
    curves = [_smooth(np.asarray(ramp[1:])) for ramp in ramps]
    ends = [_end(curve, start) for curve in curves]
    fallen = [_fallen(curve[:end], start) for curve, end in zip(curves, ends, strict=True)]
    suggested, low, high = _mean([rates[at] / _BELOW_EDGE for at in fallen if at is not None])
    lost = [rates[end] for end in ends if end < len(rates)]
    return RateRange(
        suggested=suggested,
        low=low,
        high=high,
        diverges_at=float(np.exp(np.log(lost).mean())) if len(lost) > DRAWS / 2 else None,
        configured=configured_rate(assembly),
        start=start,
        curve=tuple(_points(rates, curves)),
    )


def nothing_found(assembly: Assembly) -> RateRange:
    """The range test of a network that cannot be trained at all."""
    nan = math.nan
    return RateRange(nan, nan, nan, None, configured_rate(assembly), nan, ())


def steps_of(assembly: Assembly) -> int:
    """How many updates a ramp has."""
    network, size = assembly.learner.network, min(assembly.plan.batch_size, _LARGEST_BATCH)
    step = network.chain.multiply_adds(network.in_shape, network.out_shape) * (3 * size + _JURY)
    return int(np.clip(_WORK / (DRAWS * max(step, 1)), *_STEPS))


def configured_rate(assembly: Assembly) -> float:
    """The run's learning rate, of a schedule the highest of all its updates."""
    optimizer = assembly.learner.optimizer
    assert optimizer is not None
    rate = optimizer.learning_rate
    if not isinstance(rate, Schedule):
        return float(rate)
    updates = assembly.plan.epochs * -(-len(assembly.train) // assembly.plan.batch_size)
    looked_at = np.unique(np.linspace(0, max(updates - 1, 0), 1000).astype(int))
    return max(rate(int(step)) for step in looked_at)


def losses_along(assembly: Assembly, rates: Iterable[float], draw: int) -> list[float]:
    """The loss before the first and after each update by these rates; ends where it is lost

    Args:
        assembly: what is to be trained; left as it is.
        rates: one an update.
        draw: which batches and dropout masks.
    """
    optimizer = assembly.learner.optimizer
    assert optimizer is not None
    learner = copy_of(assembly.learner, replace(optimizer, learning_rate=LOWEST))
    jury = some_of(assembly, _JURY, "jury")
    x, mode = learner.prepare(jury.x), training_mode(assembly)
    losses = [loss_of(learner, x, jury.y, mode)]
    for rate, (batch, step) in zip(rates, _endless(assembly, learner, draw), strict=False):
        assert learner.optimizer is not None
        learner.slots = learner.optimizer.with_learning_rate(learner.slots, float(rate))
        if learner.step(batch, step) is None:
            break
        loss = loss_of(learner, x, jury.y, mode)
        if not loss <= _FAR * losses[0]:  # NaN is far, too
            break
        losses.append(loss)
    return losses


def _endless(assembly: Assembly, learner: Learner, draw: int) -> Iterator[tuple[Batch, Mode]]:
    """Batches as the run draws them, epoch after epoch, with the mode of their step."""
    stream = Stream(assembly.learner.seed, "dropout").named("preflight").named(f"ramp {draw}")
    plan, epoch = assembly.plan, 0
    size = min(plan.batch_size, _LARGEST_BATCH)
    while True:
        at = stream.at(epoch=epoch)
        epoch_of = learner.batches(assembly.train, size, at, augment=plan.augment)
        for step, batch in enumerate(epoch_of):
            if len(batch) == 1 < size < plan.batch_size:  # alone only because size was cut
                continue
            yield batch, Mode(train=True, rng=at.at(step=step), need_dx=False)
        epoch += 1


def _smooth(curve: Array) -> Array:
    """The curve (S,) under a bell of `_SMOOTH` steps."""
    places = np.arange(len(curve))
    bell = np.exp(-0.5 * ((places[:, None] - places) / _SMOOTH) ** 2)
    smoothed: Array = (bell / bell.sum(axis=1, keepdims=True)) @ curve
    return smoothed


def _end(curve: Array, start: float) -> int:
    """From which step on the loss has lost half of what it had gained, and a tenth of its start."""
    best = np.minimum(np.minimum.accumulate(curve), start)
    lost = np.flatnonzero(curve > best + 0.5 * (start - best) + 0.1 * start)
    return int(lost[0]) if len(lost) else len(curve)


def _fallen(curve: Array, start: float) -> int | None:
    """The first step by which the loss has fallen, but for a hundredth; None if it hardly falls."""
    fall = start - float(curve.min(initial=start))
    if not fall > _LEAST_FALL * start:
        return None
    return int(np.flatnonzero(curve <= start - _FALLEN * fall)[0])


def _mean(rates: Sequence[float]) -> tuple[float, float, float]:
    """The geometric mean and its 95 % interval (Student's t); NaN without most of the draws."""
    if len(rates) <= DRAWS / 2:
        return math.nan, math.nan, math.nan
    logs = paired_t(np.log(rates))
    return math.exp(logs.mean), math.exp(logs.low), math.exp(logs.high)


def _points(rates: Array, curves: Sequence[Array]) -> Iterator[Point]:
    known = min(map(len, curves))
    for place in range(known):
        values = [float(curve[place]) for curve in curves]
        mean = sum(values) / len(values)
        yield Point(float(rates[place]), mean, min(values), max(values))
