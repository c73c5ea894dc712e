"""How well a network fits: too well, not well enough, or held back.   [Saito 2016, 6.4]"""

import math

from groundup.doctor.case import Case
from groundup.doctor.edits import stop_early
from groundup.doctor.evidence import (
    behind,
    blocks,
    chance,
    late,
    layers_of,
    left,
    losses,
    narrow,
    optimizer_of,
)
from groundup.doctor.finding import Prescription
from groundup.doctor.model_edits import weaker_decay, weaker_dropout, wider
from groundup.doctor.prescriptions import prescription
from groundup.doctor.rule import Measurement, Rule
from groundup.layers import Dropout
from groundup.nn.optimizers import AdamW

_USUAL_DROPOUT = 0.2
_RISEN, _LAST = 1.1, 0.2  # so far above the lowest, over such a part of the training


def overfitted(case: Case) -> Measurement | None:
    """By how much the validation loss lies above the training loss, as a share of chance.

    Only where it has risen: a gap alone is no harm as long as both losses fall.
    """
    curve = case.curve("val_loss")
    if not curve or case.diverged:
        return None
    lowest, last = min(curve), min(late(curve, _LAST))  # one bad epoch is no trend
    if last < _RISEN * lowest:
        return None
    words = (
        f"The validation loss has risen from {lowest:.3g} (epoch {curve.index(lowest) + 1}) to "
        f"{last:.3g} or more, while the training loss fell to {case.curve('loss')[-1]:.3g}."
    )
    return Measurement(last / chance(case) - left(case), words)


def underfitted(case: Case) -> Measurement | None:
    """What is left of the loss by chance in the end, of a network with a narrow hidden layer."""
    if not narrow(case) or not behind(case) >= 0.05 or _falling(case) > 0.3:
        return None
    words = (
        f"{left(case):.0%} of the loss by chance is left on the training data, though neighbors "
        f"tell {case.facts.neighbors:.0%} of it; the narrowest hidden layer has "
        f"{narrow(case):.1f} times fewer units than there are answers."
    )
    return Measurement(left(case), words)


def _falling(case: Case) -> float:
    """Which share of its loss the last third of the training took away."""
    curve = losses(case)
    before = curve[-(len(curve) // 3 + 1)]
    return (before - curve[-1]) / before


def dropped(case: Case) -> Measurement | None:
    """The largest share that is dropped, where much is left to be learned."""
    rates = [layer.rate for layer in layers_of(case) if isinstance(layer, Dropout)]
    if not rates or not left(case) >= 0.3:
        return None
    words = (
        f"Dropout silences {max(rates):.0%} of the units of a layer, and {left(case):.0%} of the "
        "loss by chance is left in the end."
    )
    return Measurement(max(rates), words)


def decayed(case: Case) -> Measurement | None:
    """By which share the weights have shrunk since the beginning."""
    if not left(case) >= 0.15 or not _decays(case):
        return None
    pairs = zip(blocks(case.exams[0]), blocks(case.exams[-1]), strict=True)
    ratios = [(b.weights.weight or 0) / (a.weights.weight or 1) for a, b in pairs]
    mean = math.exp(sum(math.log(max(ratio, 1e-12)) for ratio in ratios) / len(ratios))
    words = (
        f"The weights have shrunk to {mean:.0%} of their initial size, and {left(case):.0%} of the "
        "loss by chance is left in the end."
    )
    return Measurement(1 - mean, words)


def _decays(case: Case) -> bool:
    """Whether anything pulls at the weights but the data."""
    usual = issubclass(optimizer_of(case), AdamW)
    pulled = case.config.optimizer.options.get("weight_decay", usual)
    return bool(pulled) or any(layer.penalties() for layer in layers_of(case))


def _hold_back(case: Case, measured: Measurement) -> Prescription:
    words = (
        "Stop when the validation loss is lowest, and keep those weights. More samples, "
        "augmentation, dropout and weight decay may help further."
    )
    return prescription(case, words, stop_early)


def _widen(case: Case, measured: Measurement) -> Prescription:
    return prescription(case, "Give the hidden layers more units.", wider(64))


def _drop_less(case: Case, measured: Measurement) -> Prescription:
    words = f"Drop less: {_USUAL_DROPOUT:.0%} to 50 % are usual."
    return prescription(case, words, weaker_dropout(_USUAL_DROPOUT))


def _decay_less(case: Case, measured: Measurement) -> Prescription:
    words = "Weaken the decay of the weights: with λ around 1e-4 it lets the data decide."
    return prescription(case, words, weaker_decay)


RULES = (
    Rule(
        name="overfitting",
        title="The network overfits",
        severity="harmful",
        chapter="6.4.1 Overfitting",
        threshold=0.2,
        source="set on the tuning half of the bench; Prechelt 1998 judges by the rise, too",
        explanation=(
            "The network has begun to learn the training samples by heart, noise and all, instead "
            "of what they have in common. It has many parameters for few samples."
        ),
        measure=overfitted,
        prescribe=_hold_back,
    ),
    Rule(
        name="underfitting",
        title="The network is too small for its task",
        severity="harmful",
        chapter="6.5 Hyperparameters",
        threshold=0.2,
        source="set on the tuning half of the bench",
        explanation=(
            "All that the network knows of a sample has to pass through its narrowest layer. One "
            "that is narrower than the number of answers cannot keep them apart, however long it "
            "is trained."
        ),
        measure=underfitted,
        prescribe=_widen,
        explains=("plateau", "overfitting"),
    ),
    Rule(
        name="dropout-too-strong",
        title="Dropout is too strong",
        severity="harmful",
        chapter="6.4.3 Dropout",
        threshold=0.6,
        source="Srivastava et al. 2014 keep half of the hidden units or more",
        explanation=(
            "What dropout leaves of a layer is too little to work with: every update trains "
            "another small, noisy network, and none of them gets far."
        ),
        measure=dropped,
        prescribe=_drop_less,
        explains=(
            "underfitting",
            "plateau",
            "overfitting",
            "exploding-gradients",
            "dead-relus",
            "learning-rate-too-low",
            "learning-rate-too-high",
        ),
    ),
    Rule(
        name="weight-decay-too-strong",
        title="Weight decay is too strong",
        severity="harmful",
        chapter="6.4.2 Weight decay",
        threshold=0.3,
        source="set on the tuning half of the bench; undisturbed, weights grow as they learn",
        explanation=(
            "The decay pulls all weights towards 0, harder than the data pull them where they "
            "should be. The network answers nearly the same for every sample."
        ),
        measure=decayed,
        prescribe=_decay_less,
        explains=(
            "underfitting",
            "plateau",
            "vanishing-gradients",
            "dead-relus",
            "learning-rate-too-high",
            "learning-rate-too-low",
        ),
    ),
)
