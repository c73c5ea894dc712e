"""The pictures that show a finding, chosen by its rule through one table."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from markupsafe import Markup

from groundup.doctor.case import Case
from groundup.doctor.data_pictures import (
    class_counts,
    input_scales,
    neighbors,
    shared_samples,
    shift,
)
from groundup.doctor.finding import Finding, Proof
from groundup.doctor.learning_pictures import accuracies, batch_losses, curves, gradient_norm
from groundup.report.layer_charts import CHARTS, hidden, layer_chart, layer_colors, outputs_chart
from groundup.report.pairs import paired

Picture: TypeAlias = Callable[[Case, Finding], Markup | None]
"""Draws a part of the evidence; None where the case has nothing to draw."""


def pictures_of(case: Case, finding: Finding) -> tuple[Markup, ...]:
    """What shows this finding, at least the learning curves if there are any."""
    drawn = (draw(case, finding) for draw in PICTURES.get(finding.rule, (curves,)))
    return tuple(picture for picture in drawn if picture is not None)


def proof_picture(proof: Proof) -> Markup:
    """Every pair of runs a line, and the mean difference."""
    return paired(
        proof.without, proof.treated,
        title=f"{proof.measure[:1].upper()}{proof.measure[1:]}",
        subtitle="each line a pair of runs from one seed",
        interval=(proof.low, proof.mean, proof.high),
    )  # fmt: skip


def outputs(place: int) -> Picture:
    """What the hidden layers give out in the first (0) or last (-1) exam."""

    def draw(case: Case, finding: Finding) -> Markup | None:
        if not case.exams:
            return None
        exam = case.exams[place]
        return outputs_chart(exam, layer_colors(exam, hidden(exam), finding.layers))

    return draw


def over_updates(field: str) -> Picture:
    """One number a layer over the updates."""

    def draw(case: Case, finding: Finding) -> Markup | None:
        known = {
            one.layer: exam
            for exam in case.exams
            for one in exam.layers
            if getattr(one, field) is not None
        }
        if not known:
            return None
        colors = layer_colors(case.exams[0], list(known), finding.layers)
        return layer_chart(CHARTS[field], case.exams, colors)

    return draw


_AT_FIRST, _AT_LAST = outputs(0), outputs(-1)
_GRADIENTS, _STEPS = over_updates("gradient"), over_updates("update")

PICTURES: Mapping[str, tuple[Picture, ...]] = {
    "zero-initialization": (over_updates("spread"), curves),
    "initialization-too-large": (_AT_FIRST, batch_losses),
    "initialization-too-small": (_AT_FIRST, _GRADIENTS),
    "xavier-with-relu": (_AT_FIRST, _GRADIENTS),
    "vanishing-gradients": (_GRADIENTS, _AT_FIRST),
    "exploding-gradients": (gradient_norm, batch_losses),
    "dead-relus": (over_updates("dead"), _AT_LAST),
    "learning-rate-too-high": (batch_losses, _STEPS),
    "learning-rate-too-low": (curves, _STEPS),
    "adagrad-stalled": (_STEPS, curves),
    "plateau": (curves, _GRADIENTS),
    "not-a-number": (batch_losses, gradient_norm),
    "overfitting": (curves, accuracies),
    "underfitting": (curves, neighbors),
    "dropout-too-strong": (curves, neighbors),
    "weight-decay-too-strong": (curves, over_updates("weight")),
    "inputs-not-normalized": (input_scales, _AT_FIRST),
    "covariate-shift": (shift, curves),
    "batch-too-small-for-batch-normalization": (batch_losses, curves),
    "labels-at-chance": (curves, neighbors),
    "class-imbalance": (class_counts,),
    "test-data-used": (shared_samples,),
}
"""By the rule's name; what is not here is shown by the learning curves."""
