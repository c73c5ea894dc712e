"""What the first updates tell: where the loss begins, what never moves, whether it can fall."""

import math
from dataclasses import dataclass

import numpy as np

from groundup.doctor.data_facts import chance_of
from groundup.doctor.preflight.check import Check
from groundup.doctor.preflight.copies import (
    chosen,
    distinct,
    listed,
    loss_and_gradient,
    loss_of,
    some_of,
    training_mode,
    unhindered,
)
from groundup.layers.layer import Mode
from groundup.nn.optimizers import Adam
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


def initial_loss(assembly: Assembly) -> Check:
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
    chance, name = (math.log(outputs), f"ln {outputs}") if classes else (prior, "the targets' mean")
    most = chance + _MOST if classes else _MOST_OF_VALUES * chance
    known = f" (of the best constant answer it is {prior:.3g})" if classes else ""
    begin = (
        f"The untrained network's loss is {found:.3g}, that of knowing nothing {chance:.3g}{known}"
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
    return Check(
        "initial-loss", "The loss begins at chance",
        _LEAST * chance <= found <= most, f"{found:.3g}",
        f"near {chance:.3g} ({name}), at most {most:.3g}", words,
    )  # fmt: skip


@dataclass(frozen=True)
class _Attempt:
    """How a batch was learned by heart: Adam's rate, the updates made, the loss at last."""

    rate: float
    updates: int
    loss: float


def over_fits(assembly: Assembly) -> Check:
    """Whether a copy without dropout and penalties learns a few distinct samples by heart."""
    few = chosen(assembly.train, distinct(assembly, _HEART))
    loss = assembly.learner.loss
    assert loss is not None
    chance = chance_of(few.y, len(assembly.dataset.classes), loss)
    name, title = "one-batch", "One small batch can be learned by heart"
    expected = f"loss at most {_LEFT * chance:.2g} after {_UPDATES} updates"
    if not chance > 1e-9:
        words = f"{len(few)} distinct samples all have the same target: there is nothing to learn."
        return Check(name, title, None, "one target", "several targets", words)
    best = _Attempt(math.nan, 0, math.inf)
    for rate in _RATES:
        attempt = _by_heart(assembly, rate, _LEFT * chance)
        best = min(best, attempt, key=lambda one: one.loss)
        if best.loss <= _LEFT * chance:
            break
    passed = best.loss <= _LEFT * chance
    told = (
        f"{len(few)} distinct samples, without dropout and penalties, by Adam with rate "
        f"{best.rate:g}: loss {best.loss:.2g} after {best.updates} updates, where knowing nothing "
        f"has {chance:.2g}."
    )
    remedy = (
        " A network that cannot even do that has a fault: weights that never move, signals that "
        "die on the way, too few units, or inputs that do not tell the samples apart."
    )
    return Check(name, title, passed, f"{best.loss:.2g}", expected, told + remedy * (not passed))


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


def no_frozen(assembly: Assembly) -> Check:
    """Whether every parameter gets a gradient within some updates, and every one a finite one

    Several updates, since a last layer that begins at 0 keeps the others waiting for one. Penalties
    and dropout are left out: the gradient of a penalty would hide that the data send none.
    """
    learner = unhindered(assembly.learner, Adam())
    params = learner.network.params
    size = min(assembly.plan.batch_size, _BATCH)
    moved = np.zeros(learner.vector.shape, bool)
    few = some_of(assembly, _LOOKS * size, "frozen")
    optimizer, broken = learner.optimizer, list[str]()
    assert optimizer is not None
    looks = 0
    for batch in learner.batches(few, size):
        _, gradient = loss_and_gradient(
            learner, batch.x, batch.y, training_mode(assembly, looks + 1)
        )
        looks += 1
        broken = [
            path for path, _, _ in params.places
            if not np.isfinite(gradient[params.slice(path)]).all()
        ]  # fmt: skip
        if broken:
            break
        moved |= gradient != 0
        _, learner.slots = optimizer.update(learner.vector, gradient, learner.slots)
    frozen = [path for path, _, _ in params.places if not moved[params.slice(path)].any()]
    silent = _silent_units(params.places, moved)
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
    return Check(
        "frozen", "Every parameter gets a gradient", not (broken or frozen),
        f"{len(broken or frozen)} of {len(params.places)} without", "0 without", words,
    )  # fmt: skip


def _silent_units(places: tuple[tuple[str, tuple[int, ...], int], ...], moved: Array) -> list[str]:
    """By layer how many units never got a gradient, told by its biases or other vectors."""
    told: dict[str, str] = {}
    for path, shape, start in places:
        layer = path.rpartition("/")[0]
        if len(shape) != 1 or layer in told:
            continue
        silent = int((~moved[start : start + shape[0]]).sum())
        if 0 < silent < shape[0]:
            told[layer] = f"{silent} of {shape[0]} in {layer}"
    return list(told.values())
