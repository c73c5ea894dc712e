"""The learning rate: too high, too low, used up, or at an end.   [Saito 2016, 6.1]"""

import math

import numpy as np

from groundup.doctor.case import Case
from groundup.doctor.edits import (
    constant_rate,
    higher_rate,
    lower_rate,
    optimizer,
    rate_of,
    reduce_rate_on_plateau,
)
from groundup.doctor.evidence import (
    behind,
    chance,
    hidden,
    late,
    left,
    losses,
    moves,
    narrow,
    optimizer_of,
    still,
)
from groundup.doctor.finding import Prescription
from groundup.doctor.prescriptions import prescription
from groundup.doctor.rule import Measurement, Rule
from groundup.nn.optimizers import SGD, Adagrad


def too_high(case: Case) -> Measurement | None:
    """How far an update moves the weights in the first fifth of the training, at most.

    Only where it harms: the network ends where it began, its training loss goes up again and again,
    or units die.
    """
    found = moves(case)
    if not found or case.diverged or not losses(case):
        return None
    harm = _harm(case)
    if not harm:
        return None
    largest = max(found[: max(1, len(found) // 5)])
    words = f"Early updates move the weights by up to {largest:.2g} of their size, and {harm}."
    return Measurement(largest, words)


def _harm(case: Case) -> str:
    """What a high learning rate did, in words; "" if nothing."""
    rest, killed, thrown = left(case), _killed(case), _thrown(case)
    rises = np.maximum(0.0, np.diff(losses(case)))
    if rest >= 0.3 and thrown >= 1.5:
        return f"the loss rose to {thrown:,.1f} times what it was; {rest:.0%} of chance is left"
    if rises.size and rises.mean() >= 0.01:
        return f"the training loss goes up again and again, by {rises.sum():.0%} of chance in all"
    if killed >= 0.5 and rest >= 0.1:
        return f"{killed:.0%} of the units of a layer died while the network learned"
    return ""


def _killed(case: Case) -> float:
    """By how much the share of dead units grew, in the layer where most died."""
    pairs = zip(hidden(case.exams[0]), hidden(case.exams[-1]), strict=True)
    return max(((b.output.dead or 0) - (a.output.dead or 0) for a, b in pairs), default=0.0)


def _thrown(case: Case) -> float:
    """How many times higher than at first, or than by chance, the loss was in the first fifth."""
    seen = [exam.loss for exam in case.exams[1:]]  # of a hundred samples each, unlike batches
    begin = max(case.exams[0].loss, chance(case))
    early = seen[: max(1, len(seen) // 5)]
    return max((loss / begin for loss in early if math.isfinite(loss)), default=0.0)


def too_low(case: Case) -> Measurement | None:
    """How many times smaller than a thousandth of the weights a typical update is."""
    found = moves(case)
    if not found or not left(case) >= 0.3 or _rate_fell(case) >= 10:
        return None
    move = float(np.median(found[1:] or found))
    if move == 0:
        return None
    words = (
        f"A typical update moves the weights by {move:.1g} of their size, and {left(case):.0%} of "
        "the loss by chance is left in the end."
    )
    return Measurement(1e-3 / move, words)


def stalled(case: Case) -> Measurement | None:
    """By which factor AdaGrad's updates have shrunk, while much is left to be learned."""
    found = moves(case)
    if not issubclass(optimizer_of(case), Adagrad) or len(found) < 4:
        return None
    last = float(np.median(late(found, 0.25)))
    if not left(case) >= 0.1 or not 0 < last < 1e-3:
        return None
    words = (
        f"AdaGrad's updates have shrunk from {found[0]:.1g} to {last:.1g} of the weights, with "
        f"{left(case):.0%} of the loss by chance still left."
    )
    return Measurement(found[0] / last, words)


def standing(case: Case) -> Measurement | None:
    """During which last share of the training its loss did not fall, with much left to learn."""
    if not left(case) >= 0.15 or not behind(case) >= 0.05:
        return None
    began = case.exams[0].loss / chance(case) - min(losses(case)) >= 0.1
    if narrow(case) or not began:
        return None
    share = still(case)
    words = (
        f"For the last {share:.0%} of the training its loss did not fall, with {left(case):.0%} of "
        f"the loss by chance left"
    )
    fell = _rate_fell(case)
    words += f"; the learning rate had become {fell:,.0f} times smaller." if fell >= 10 else "."
    return Measurement(share, words)


def _rate_fell(case: Case) -> float:
    """How many times smaller the learning rate is in the end."""
    rates = case.curve("learning_rate")
    return rate_of(case) / max(rates[-1], 1e-30) if rates else 1.0


def _lower(case: Case, measured: Measurement) -> Prescription:
    return prescription(case, "Lower the learning rate.", lower_rate)


def _raise(case: Case, measured: Measurement) -> Prescription:
    return prescription(case, "Raise the learning rate.", higher_rate)


def _forget(case: Case, measured: Measurement) -> Prescription:
    words = "Use Adam (or RMSProp), which forgets gradients of long ago."
    return prescription(case, words, optimizer("adam", learning_rate=1e-3))


def _move_on(case: Case, measured: Measurement) -> Prescription:
    if _rate_fell(case) >= 10:
        words = "Keep the learning rate up for longer: it fell before the network had learned."
        return prescription(case, words, constant_rate)
    if issubclass(optimizer_of(case), SGD):
        words = "Use Adam: steps of its own for every weight, and a velocity that leads on."
        return prescription(case, words, optimizer("adam", learning_rate=1e-3))
    words = "Lower the learning rate each time that the loss stands still."
    return prescription(case, words, reduce_rate_on_plateau)


RULES = (
    Rule(
        name="learning-rate-too-high",
        title="The learning rate is too high",
        severity="fatal",
        chapter="6.1 Updating the parameters",
        threshold=0.02,
        source="twenty times the rule of thumb of a thousandth (Karpathy 2015), by the tuning half",
        explanation=(
            "The gradient says which way is down just where the network stands. A step that is "
            "too long ends on the other side of the valley, higher than before; long steps also "
            "throw ReLUs where they are dead."
        ),
        measure=too_high,
        prescribe=_lower,
        explains=(
            "plateau",
            "underfitting",
            "overfitting",
            "adagrad-stalled",
            "learning-rate-too-low",
        ),
    ),
    Rule(
        name="learning-rate-too-low",
        title="The learning rate is too low",
        severity="harmful",
        chapter="6.1 Updating the parameters",
        threshold=3.0,
        source="a third of the rule of thumb of a thousandth (Karpathy 2015), by the tuning half",
        explanation=(
            "Every update goes the right way, but so short a way that the training ends before "
            "anything is learned. The loss falls in a nearly straight line."
        ),
        measure=too_low,
        prescribe=_raise,
        explains=("underfitting", "plateau"),
    ),
    Rule(
        name="adagrad-stalled",
        title="AdaGrad has come to a halt",
        severity="harmful",
        chapter="6.1.5 AdaGrad",
        threshold=10.0,
        source="set on the tuning half of the bench; Tieleman & Hinton 2012 made RMSProp of it",
        explanation=(
            "AdaGrad divides by the root of the sum of all squared gradients so far. The sum only "
            "grows, so steps only shrink; large gradients at the beginning are never forgotten."
        ),
        measure=stalled,
        prescribe=_forget,
        explains=("learning-rate-too-low", "underfitting", "plateau"),
    ),
    Rule(
        name="plateau",
        title="The loss stands still",
        severity="harmful",
        chapter="6.1 Updating the parameters",
        threshold=0.4,
        source="set on the tuning half of the bench",
        explanation=(
            "The network had begun to learn, and then stopped, though neighbors show that there is "
            "more to be told. Either steps have become too short, or they are too long for where "
            "it is, or it lies on a saddle where the gradient is small."
        ),
        measure=standing,
        prescribe=_move_on,
    ),
)
