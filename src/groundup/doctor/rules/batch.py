"""Batches that are too small for what is computed from them.   [Saito 2016, 6.3]"""

import math

from groundup.doctor.case import Case
from groundup.doctor.edits import batch_size
from groundup.doctor.evidence import has, left
from groundup.doctor.finding import Prescription
from groundup.doctor.prescriptions import prescription
from groundup.doctor.rule import Measurement, Rule


def too_small(case: Case) -> Measurement | None:
    """The standard error of a batch's mean in standard deviations, 1/√N, where it harms."""
    if not has(case, "batch_normalization") or not left(case) >= 0.15:
        return None
    count = case.config.train.batch_size
    words = (
        f"Batch normalization takes mean and variance from {count} samples, so that a mean is off "
        f"by {1 / math.sqrt(count):.2f} standard deviations; {left(case):.0%} of the loss by "
        "chance is left in the end."
    )
    return Measurement(1 / math.sqrt(count), words)


def _enlarge(case: Case, measured: Measurement) -> Prescription:
    return prescription(case, "Use batches of 32 samples or more.", batch_size(32))


RULES = (
    Rule(
        name="batch-too-small-for-batch-normalization",
        title="Batches are too small for batch normalization",
        severity="harmful",
        chapter="6.3 Batch normalization",
        threshold=0.4,
        source="Wu & He 2018, figure 1: the error rises steeply below 8 samples",
        explanation=(
            "Batch normalization replaces a sample's values by how they differ from the batch's "
            "mean. In a batch of two that is +1 or -1 whatever the sample: the noise of mean and "
            "variance drowns the signal."
        ),
        measure=too_small,
        prescribe=_enlarge,
        explains=(
            "plateau",
            "underfitting",
            "learning-rate-too-high",
            "learning-rate-too-low",
            "dead-relus",
            "overfitting",
        ),
    ),
)
