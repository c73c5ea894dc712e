"""Signals that vanish, explode, or meet dead units on their way.   [Saito 2016, 6.2 and 6.3]"""

import math

from groundup.doctor.case import Case
from groundup.doctor.edits import clip, lower_rate
from groundup.doctor.evidence import (
    SQUASHING,
    chance,
    first,
    hidden,
    hindered,
    late,
    left,
    median,
    size,
    unit,
)
from groundup.doctor.finding import Prescription
from groundup.doctor.model_edits import normalize, rectify, suited_weights
from groundup.doctor.prescriptions import Plain, prescription
from groundup.doctor.rule import Measurement, Rule


def vanishing(case: Case) -> Measurement | None:
    """How many times smaller the gradient of the first hidden layer is than that of the last.

    Early in the training: later, of a network that has learned, all gradients are small.
    """
    early = case.exams[: max(1, len(case.exams) // 4)]
    ratios = []
    for exam in early:
        gradients = [block.weights.gradient for block in hidden(exam)]
        if len(gradients) >= 3 and gradients[0] and gradients[-1]:
            ratios.append(gradients[-1] / gradients[0])
    ratio = median(ratios)
    if math.isnan(ratio) or not hindered(case):
        return None
    names = [block.weights.layer for block in hidden(case.exams[0])]
    words = (
        f"In the first quarter of the training the gradient of {names[0]} is {ratio:,.0f} times "
        f"smaller than that of {names[-1]}; {left(case):.0%} of the loss by chance is left in the "
        "end."
    )
    return Measurement(ratio, words, tuple(names[: len(names) // 2]))


def exploding(case: Case) -> Measurement | None:
    """The norm of the gradient before the first update, of values as if they were standardized."""
    found = first(case)
    if not found or not math.isfinite(case.exams[0].gradient):
        return None
    norm, times = case.exams[0].gradient / unit(case), case.exams[0].loss / chance(case)
    sizes = [size(block.output) for block in found]
    words = (
        f"Before the first update the gradient has a norm of {norm:,.0f}, and the loss is "
        f"{times:,.1f} times that by chance; from the first hidden layer to the last the signal "
        f"goes from {sizes[0]:.2g} to {sizes[-1]:.2g}."
    )
    return Measurement(norm, words, tuple(block.weights.layer for block in found))


def dead(case: Case) -> Measurement | None:
    """The largest share of a layer's ReLUs that are silent, in the later half of the training."""
    shares: dict[str, float] = {}
    exams = late(case.exams)
    for place, block in enumerate(first(case)):
        if block.output.activation == "relu":
            shares[block.output.layer] = median(hidden(exam)[place].output.dead for exam in exams)
    known = {name: share for name, share in shares.items() if math.isfinite(share)}
    if not known or not left(case) >= 0.05:
        return None
    worst = max(known, key=lambda name: known[name])
    words = (
        f"{known[worst]:.0%} of the ReLUs of {worst} are silent for every sample; "
        f"{_dead_at_first(case):.0%} of a layer were before the first update."
    )
    return Measurement(known[worst], words, tuple(n for n, s in known.items() if s >= 0.5))


def _dead_at_first(case: Case) -> float:
    return max((block.output.dead or 0.0 for block in first(case)), default=0.0)


def _unblock(case: Case, measured: Measurement) -> Prescription:
    if any(block.output.activation in SQUASHING for block in first(case)):
        words = "Use ReLU, whose slope is 1 wherever it is not 0, with He's initial values."
        return prescription(case, words, rectify, _he)
    words = "Use batch normalization and He's initial values, which keep signals at their size."
    return prescription(case, words, normalize, suited_weights)


def _he(case: Case, plain: Plain) -> None:
    suited_weights(case, plain)
    if "init" in plain["model"]:  # its network has ReLUs by now
        plain["model"]["init"] = "he"


def _tame(case: Case, measured: Measurement) -> Prescription:
    words = (
        "Draw the weights as wide as keeps signals at their size (He's below ReLU), and shorten "
        "gradients to a norm of 1 where they are longer."
    )
    return prescription(case, words, suited_weights, clip(1.0))


def _revive(case: Case, measured: Measurement) -> Prescription:
    if _dead_at_first(case) >= 0.5:
        words = "Begin with biases of 0 and He's initial values, so that half of the units speak."
        return prescription(case, words, suited_weights)
    words = "Lower the learning rate: it is large updates that push units where nothing reaches."
    return prescription(case, words, lower_rate)


RULES = (
    Rule(
        name="vanishing-gradients",
        title="The gradient vanishes on its way down",
        severity="fatal",
        chapter="6.2.2 Distributions of activations",
        threshold=30.0,
        source="set on the tuning half of the bench; a sigmoid's slope is at most 1/4 a layer",
        explanation=(
            "Backpropagation multiplies by the slope of every activation on the way down. A "
            "sigmoid's is at most 1/4: after five layers a thousandth is left. The first layers "
            "hardly move, and what they pass on stays random."
        ),
        measure=vanishing,
        prescribe=_unblock,
        explains=(
            "learning-rate-too-low",
            "adagrad-stalled",
            "plateau",
            "underfitting",
            "learning-rate-too-high",
        ),
    ),
    Rule(
        name="exploding-gradients",
        title="The gradient explodes",
        severity="harmful",
        chapter="6.2 Initial values of the weights",
        threshold=100.0,
        source="set on the tuning half of the bench; Pascanu et al. 2013 shorten such gradients",
        explanation=(
            "Every layer makes the signal larger, so outputs and gradients grow by a power of the "
            "depth. The network is sure of nonsense from the beginning; the first updates throw "
            "the weights far away, or no sensible update moves them at all."
        ),
        measure=exploding,
        prescribe=_tame,
        explains=(
            "learning-rate-too-high",
            "learning-rate-too-low",
            "dead-relus",
            "overfitting",
            "plateau",
            "underfitting",
        ),
    ),
    Rule(
        name="dead-relus",
        title="Many ReLUs are dead",
        severity="harmful",
        chapter="6.2.3 Initial values below ReLU",
        threshold=0.75,
        source="set on the tuning half of the bench; Maas et al. 2013 describe the effect",
        explanation=(
            "A ReLU that is below 0 for every sample gives 0, and its gradient is 0, too: nothing "
            "ever moves it again. Biases that begin far below 0 do this, and so do updates so "
            "large that they throw units there."
        ),
        measure=dead,
        prescribe=_revive,
        explains=("learning-rate-too-low", "adagrad-stalled", "plateau", "underfitting"),
    ),
)
