"""What the first updates tell: where the loss begins, what never moves, whether it can fall."""

import math
from dataclasses import dataclass

import numpy as np

from groundup.doctor.data_facts import chance_of
from groundup.doctor.preflight.check import Answer
from groundup.doctor.preflight.copies import (
    chosen,
    distinct,
    loss_and_gradient,
    loss_of,
    some_of,
    training_mode,
    unhindered,
)
from groundup.layers.layer import Mode
from groundup.nn.layout import Layout
from groundup.nn.optimizers import Adam
from groundup.report.numbers import number
from groundup.report.words import listed
from groundup.train.run import Assembly
from groundup.typing import Array

_JUDGED = 2000  # samples on which the first loss is taken
_LEAST = 0.5  # of the loss of chance: below, the network knows answers that nobody told it
_MOST = 4.0  # nats above the loss of chance; the zoo's deepest with He's values begin 3.6 above
_MOST_OF_VALUES = 5.0  # times the loss of the targets' mean
_HEART = 16  # samples to be learned by heart
_LEFT = 0.05  # of the loss of chance may be left then
_UPDATES = 300
_RATES = (1e-3, 1e-2, 1e-4)  # of Adam, in the order in which they are tried
_LOOKS = 5  # batches within which every parameter must get a gradient
_BATCH = 128


def initial_loss(assembly: Assembly) -> Answer:
    """The loss before the first update against that of an answer that knows nothing

    ln C for C classes; the loss of answering the targets' mean for values, in the loss's own units:
    1 where a mean squared error is counted in their standard deviation.
    """
    learner, classes = assembly.learner, len(assembly.dataset.classes)
    few = some_of(assembly, _JUDGED, "initial loss")
    assert learner.loss is not None
    found = loss_of(learner, learner.prepare(few.x), few.y, Mode())
    prior = chance_of(few.y, classes, learner.loss)
    outputs = learner.network.out_shape[-1]
    chance, name = (math.log(outputs), f"ln {outputs}") if classes else (prior, "the mean's loss")
    most = chance + _MOST if classes else _MOST_OF_VALUES * chance
    known = f" (of the best constant answer it is {number(prior)})" if classes else ""
    begin = (
        f"The untrained network's loss is {number(found)}, that of knowing nothing "
        f"{number(chance)}{known}"
    )
    if not found <= most:
        words = (
            f"{begin}: it is sure of wrong answers before it has seen any. Begin with smaller "
            'weights (init = "he" or "xavier"), above all in the last layer, and check the scale '
            "of the inputs."
        )
    elif found < _LEAST * chance:
        words = (
            f"{begin}: an untrained network cannot know so much. Look whether the inputs tell the "
            "answer, or the weights are already trained."
        )
    else:
        words = f"{begin}."
    return Answer(
        _LEAST * chance <= found <= most, number(found),
        f"near {number(chance)} ({name}), at most {number(most)}", words,
    )  # fmt: skip


@dataclass(frozen=True)
class _Attempt:
    """How a batch was learned by heart: Adam's rate, the updates made, the loss at last."""

    rate: float
    updates: int
    loss: float


def over_fits(assembly: Assembly) -> Answer:
    """Whether a copy without dropout and penalties learns a few distinct samples by heart."""
    few = chosen(assembly.train, distinct(assembly, _HEART))
    loss = assembly.learner.loss
    assert loss is not None
    chance = chance_of(few.y, len(assembly.dataset.classes), loss)
    expected = f"loss at most {number(_LEFT * chance, 2)}"
    if not chance > 1e-9:
        words = f"{len(few)} distinct samples all have the same target: there is nothing to learn."
        return Answer(None, "one target", "several targets", words)
    best = _Attempt(math.nan, 0, math.inf)
    for rate in _RATES:
        attempt = _by_heart(assembly, rate, _LEFT * chance)
        best = min(best, attempt, key=lambda one: one.loss)
        if best.loss <= _LEFT * chance:
            break
    passed = best.loss <= _LEFT * chance
    told = (
        f"{len(few)} distinct samples, without dropout and penalties, by Adam with rate "
        f"{best.rate:g}: loss {number(best.loss, 2)} after {best.updates} updates, where knowing "
        f"nothing has {number(chance, 2)}."
    )
    remedy = (
        f" That is the best of {_UPDATES} updates at each of {len(_RATES)} rates. A network that "
        "cannot even do that has a fault: weights that never move, signals that "
        "die on the way, too few units, or inputs that do not tell the samples apart."
    )
    return Answer(passed, number(best.loss, 2), expected, told + remedy * (not passed))


def _by_heart(assembly: Assembly, rate: float, goal: float) -> _Attempt:
    learner = unhindered(assembly.learner, Adam(rate))
    few = chosen(assembly.train, distinct(assembly, _HEART))
    batch = next(learner.batches(few, len(few)))
    lowest = _Attempt(rate, 0, math.inf)
    for update in range(_UPDATES + 1):
        sums = learner.step(batch, training_mode(assembly, update + 1))
        if sums is None:
            break
        loss = sums["loss"] / len(batch)
        if loss < lowest.loss:
            lowest = _Attempt(rate, update, loss)
        if loss <= goal:
            break
    return lowest


def no_frozen(assembly: Assembly) -> Answer:
    """Whether every parameter gets a gradient within some updates, and every one a finite one

    Several updates, since a last layer that begins at 0 keeps the others waiting for one. Penalties
    and dropout are left out: the gradient of a penalty would hide that the data send none.
    """
    looks, moved, broken = _look(assembly)
    params = assembly.learner.network.params
    frozen = [path for path, _, _ in params.places if not moved[params.slice(path)].any()]
    silent = _silent_units(params, moved)
    if broken:
        words = (
            f"The gradient of {listed(broken)} is not finite in batch {looks}: look for a division "
            "by 0, the logarithm of 0 or weights that are too large."
        )
    elif frozen:
        words = (
            f"In {looks} batches {listed(frozen)} got no gradient at all and will never change. "
            "Look for an activation without slope (Step), ReLUs that are all dead, and weights "
            'that begin at 0 (init = "zeros").'
        )
    else:
        words = f"Each of {len(params.places)} parameter arrays got a gradient in {looks} batches."
    if silent and not broken:
        words += f" Units that got none: {listed(silent)}."
    without = f"{len(broken or frozen)} of {len(params.places)} without"
    return Answer(not (broken or frozen), without, "0 without", words)


def _look(assembly: Assembly) -> tuple[int, Array, list[str]]:
    """How many batches were seen, which parameters got a gradient (P,), and which no finite one."""
    learner, optimizer = unhindered(assembly.learner, Adam()), Adam()
    params = learner.network.params
    size = min(assembly.plan.batch_size, _BATCH)
    moved, looks = np.zeros(learner.vector.shape, bool), 0
    for batch in learner.batches(some_of(assembly, _LOOKS * size, "frozen"), size):
        if looks and len(batch) < size:  # one sample alone has no variance to normalize by
            break
        looks += 1
        mode = training_mode(assembly, looks)
        _, gradient = loss_and_gradient(learner, batch.x, batch.y, mode)
        finite = np.isfinite(gradient)
        if not finite.all():
            broken = [p for p, _, _ in params.places if not finite[params.slice(p)].all()]
            return looks, moved, broken
        moved |= gradient != 0
        _, learner.slots = optimizer.update(learner.vector, gradient, learner.slots)
    return looks, moved, []


def _silent_units(params: Layout, moved: Array) -> list[str]:
    """By layer how many units never got a gradient, told by its biases or other vectors."""
    told: dict[str, str] = {}
    for path, shape, _ in params.places:
        layer = path.rpartition("/")[0]
        if len(shape) != 1 or layer in told:
            continue
        silent = int((~moved[params.slice(path)]).sum())
        if 0 < silent < shape[0]:
            told[layer] = f"{silent} of {shape[0]} in {layer}"
    return list(told.values())
