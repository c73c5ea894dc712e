"""What is wrong with the data: their scale, their labels, their parts.   [Saito 2016, 6.3, 6.5]"""

import math

from groundup.doctor.case import Case
from groundup.doctor.edits import balance_classes, standardize
from groundup.doctor.evidence import chance
from groundup.doctor.finding import Prescription
from groundup.doctor.prescriptions import prescription
from groundup.doctor.rule import Measurement, Rule


def off_scale(case: Case) -> Measurement | None:
    """How many times larger or smaller than 1 inputs are, or how far from 0 for their spread."""
    facts = case.facts
    large = facts.scales[2]
    if not large:
        return None
    small, offset = 0.1 / large, max(facts.offset, abs(facts.mean) / facts.std)
    low, _, high = facts.scales
    words = (
        f"The inputs' standard deviations lie between {low:.2g} and {high:.2g} (10th and 90th "
        f"percentile); their mean lies {offset:.2g} standard deviations from 0."
    )
    return Measurement(max(large, small, offset), words)


def shifted(case: Case) -> Measurement | None:
    """How well a classifier tells validation from training samples, where that is no chance."""
    facts = case.facts
    if not facts.shift_p <= 0.01:
        return None
    words = (
        f"A classifier tells validation from training samples with an AUC of {facts.shift_auc:.2f} "
        f"(0.5 is chance; p = {facts.shift_p:.2g})."
    )
    return Measurement(facts.shift_auc, words)


def at_chance(case: Case) -> Measurement | None:
    """How likely neighbors tell as much where labels are shuffled, if the network does not either.

    Judged by the validation loss, since a network can learn any labels by heart.
    """
    facts = case.facts
    curve = case.curve("val_loss") or case.curve("loss")
    if not curve or math.isnan(facts.neighbors_p):
        return None
    best = min(curve) / chance(case)
    if not best >= 0.75:
        return None
    what = "right answers" if facts.task == "classification" else "R²"
    words = (
        f"The loss on samples that it has not seen never fell below {best:.0%} of chance, and the "
        f"5 nearest neighbors tell no more of a sample either ({facts.neighbors:.2f} {what}, "
        f"p = {facts.neighbors_p:.2g})."
    )
    return Measurement(facts.neighbors_p, words)


def imbalanced(case: Case) -> Measurement | None:
    """How many times more samples the largest class has than the smallest.

    Only where answers are wrong often enough that the rare classes may be lost.
    """
    counts = [count for count in case.facts.counts if count]
    accuracy = case.curve("val_accuracy") or case.curve("accuracy")
    if len(counts) < 2 or case.config.train.class_weight is not None:
        return None
    rare = sum(count for count in counts if count * _IMBALANCED <= max(counts)) / sum(counts)
    wrong = 1 - accuracy[-1] if accuracy else 1.0
    if wrong < rare / 2:
        return None
    words = (
        f"The largest class has {max(counts):,} training samples, the smallest {min(counts):,}; "
        f"{rare:.1%} of the samples are of rare classes, and {wrong:.1%} of the answers are wrong."
    )
    return Measurement(max(counts) / min(counts), words)


_IMBALANCED = 9.0


def looked_at(case: Case) -> Measurement | None:
    """The share of validation samples that are test samples; 1 where tests were looked at twice."""
    facts = case.facts
    if facts.test_looks > 1:
        words = f"The log shows what the test data say {facts.test_looks} times: once is right."
        return Measurement(1.0, words)
    words = f"{facts.validation_is_test:.0%} of the validation samples are test samples."
    return Measurement(facts.validation_is_test, words)


def _standardize(case: Case, measured: Measurement) -> Prescription:
    words = "Standardize the inputs: mean 0 and standard deviation 1, learned on training data."
    return prescription(case, words, standardize)


def _balance(case: Case, measured: Measurement) -> Prescription:
    words = "Weigh classes so that each counts alike, or gather more samples of the rare ones."
    return prescription(case, words, balance_classes)


_NOT_LEARNING = (
    "dead-relus", "vanishing-gradients", "learning-rate-too-high", "learning-rate-too-low",
    "adagrad-stalled", "plateau", "underfitting", "overfitting",
)  # fmt: skip

RULES = (
    Rule(
        name="inputs-not-normalized",
        title="The inputs are not normalized",
        severity="harmful",
        chapter="6.3 Normalization and whitening",
        threshold=3.0,
        source="LeCun et al. 1998, Efficient BackProp, 4.3: mean near 0, covariances about 1",
        explanation=(
            "Weights and learning rates are made for inputs of about 1. Large ones saturate units "
            "and throw updates far; a large common offset pulls all weights of a unit the same "
            "way; and columns of different sizes make valleys that are long and narrow."
        ),
        measure=off_scale,
        prescribe=_standardize,
        explains=(
            *_NOT_LEARNING,
            "exploding-gradients",
            "initialization-too-large",
            "initialization-too-small",
            "xavier-with-relu",
        ),
    ),
    Rule(
        name="covariate-shift",
        title="Validation samples come from elsewhere",
        severity="harmful",
        chapter="6.3 Covariate shift",
        threshold=0.65,
        source="Lopez-Paz & Oquab 2017 for the test; the size is set on the tuning half",
        explanation=(
            "The network is judged by samples that are not like those it learned from. Its "
            "validation loss says more of that difference than of the network."
        ),
        measure=shifted,
        prescribe=lambda case, measured: Prescription(
            "Find out how the samples were gathered: draw both parts from the same ones, in a "
            "random order, and prepare them alike."
        ),
        explains=("overfitting",),
    ),
    Rule(
        name="labels-at-chance",
        title="The labels have nothing to do with the inputs",
        severity="fatal",
        chapter="4.2 Loss functions",
        threshold=0.05,
        source="a permutation test at the 5 % level (Golland & Fischl 2003)",
        explanation=(
            "Neither the network nor the plainest method there is can tell a label from its "
            "sample. Perhaps labels were shuffled, or rows of one file do not belong to those of "
            "the other."
        ),
        measure=at_chance,
        prescribe=lambda case, measured: Prescription(
            "Look at some samples beside their labels, and at how the two were joined."
        ),
        explains=(*_NOT_LEARNING, "class-imbalance", "initialization-too-small"),
    ),
    Rule(
        name="class-imbalance",
        title="Some classes are rare",
        severity="hint",
        chapter="4.2 Loss functions",
        threshold=_IMBALANCED,
        source="a ratio above 9 is called high in KEEL's collection (Alcalá-Fdez et al. 2011)",
        explanation=(
            "The loss is a mean over samples, so rare classes hardly count: a network that never "
            "names them looks good by its accuracy."
        ),
        measure=imbalanced,
        prescribe=_balance,
    ),
    Rule(
        name="test-data-used",
        title="Test data were used for tuning",
        severity="harmful",
        chapter="6.5.1 Validation data",
        threshold=0.1,
        source="no test sample belongs there; a tenth leaves room for samples that occur twice",
        explanation=(
            "What is chosen by the test data fits the test data. Nothing is left then that could "
            "say how the network does on samples that nobody has seen."
        ),
        measure=looked_at,
        prescribe=lambda case, measured: Prescription(
            "Hold out validation samples from the training data (data.validation), decide by "
            "them, and look at the test data once, in the end."
        ),
    ),
)
