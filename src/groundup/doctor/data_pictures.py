"""Pictures of the data: classes, scales, shift, and what a sample's neighbors know."""

import math

from markupsafe import Markup

from groundup.doctor.case import Case
from groundup.doctor.finding import Finding
from groundup.report import numbers
from groundup.report.bars import bars


def class_counts(case: Case, finding: Finding) -> Markup | None:
    """How many training samples each class has."""
    counts = case.facts.counts
    if not counts:
        return None
    names = [f"class {i}" for i in range(len(counts))]
    return bars(names, counts, title="Training samples of each class", words=numbers.count)


def input_scales(case: Case, finding: Finding) -> Markup | None:
    """How wide the inputs spread, and how far they lie from 0."""
    facts = case.facts
    low, middle, high = facts.scales
    return bars(
        ["std, 10th percentile", "std, median", "std, 90th percentile", "|mean| / std"],
        [low, middle, high, facts.offset],
        title="The network's inputs, one by one",
        subtitle=f"all inputs together: mean {numbers.number(facts.mean)}, "
        f"standard deviation {numbers.number(facts.std)}",
    )  # fmt: skip


def shift(case: Case, finding: Finding) -> Markup | None:
    """How well a classifier tells validation from training samples."""
    if not math.isfinite(case.facts.shift_auc):
        return None
    return bars(
        ["measured", "no shift"], [case.facts.shift_auc, 0.5],
        title="AUC of a classifier",
        subtitle="that tells validation samples from training samples",
    )  # fmt: skip


def shared_samples(case: Case, finding: Finding) -> Markup | None:
    """Validation samples that stand elsewhere, too."""
    facts = case.facts
    return bars(
        ["training samples, too", "test samples, too"], [facts.leaks, facts.validation_is_test],
        title="Validation samples that are", words=numbers.percent,
    )  # fmt: skip


def neighbors(case: Case, finding: Finding) -> Markup | None:
    """What the five nearest neighbors of a sample know of it."""
    facts = case.facts
    if not math.isfinite(facts.neighbors):
        return None
    names = {"neighbors": facts.neighbors}
    if facts.counts:
        names["always the largest class"] = max(facts.counts) / sum(facts.counts)
    return bars(
        list(names), list(names.values()),
        title="Right answers of the 5 nearest neighbors", words=numbers.percent,
    )  # fmt: skip
