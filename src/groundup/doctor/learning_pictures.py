"""Pictures of how a training went: losses, accuracies, the length of the gradient."""

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from groundup.doctor.case import Case
from groundup.doctor.finding import Finding
from groundup.report import style
from groundup.report.lines import line_chart
from groundup.report.scales import wide
from groundup.report.series import Series


def curves(case: Case, finding: Finding) -> Markup | None:
    """Training and validation loss with the gap between them, and the loss of a constant answer."""
    training, validation = case.curve("loss"), case.curve("val_loss")
    if len(training) < 2:
        return batch_losses(case, finding)
    epochs = list(range(1, len(training) + 1))
    color, gap = style.SERIES[0], len(validation) == len(training)
    lines = [Series("training", epochs, training, color, dashed=bool(validation))]
    if validation:
        known = epochs[: len(validation)]
        lower, upper = (training, validation) if gap else (None, None)
        lines.insert(0, Series("validation", known, validation, color, False, lower, upper))
    chance = case.facts.chance
    if math.isfinite(chance) and chance > 0:
        lines.append(Series("chance", [1, epochs[-1]], [chance] * 2, "muted", dashed=True))
    return line_chart(
        lines, title="Loss", x_label="epoch", whole_x=True, y_log=wide(training + validation)
    )


def accuracies(case: Case, finding: Finding) -> Markup | None:
    """The share of right answers among training and validation samples."""
    training, validation = case.curve("accuracy"), case.curve("val_accuracy")
    if len(training) < 2:
        return None
    lines = [
        Series(name, range(1, len(curve) + 1), curve, style.SERIES[0], dashed=dashed)
        for name, curve, dashed in (
            ("validation", validation, False), ("training", training, bool(validation)),
        )
        if curve
    ]  # fmt: skip
    return line_chart(
        lines, title="Accuracy", x_label="epoch", whole_x=True, unit="%", y_limits=(None, 1.0)
    )


def batch_losses(case: Case, finding: Finding) -> Markup | None:
    """The loss of single batches over the updates."""
    known = [(_updates(case, record), record["batch_loss"]) for record in case.of_kind("step")]
    if len(known) < 2:  # a short training
        known = [(exam.updates, exam.loss) for exam in case.exams]
    if not known:
        return None
    updates, losses = zip(*known, strict=True)
    return line_chart(
        [Series("loss", updates, losses)],
        title="Loss of single batches", x_label="update", whole_x=True, y_log=wide(losses),
    )  # fmt: skip


def _updates(case: Case, record: Mapping[str, Any]) -> int:
    """How many updates had been made when this was recorded."""
    steps = -(-case.facts.samples[0] // case.config.train.batch_size)
    return int(record["epoch"]) * steps + int(record["step"]) + 1


def gradient_norm(case: Case, finding: Finding) -> Markup | None:
    """The length of the whole gradient over the updates."""
    if not case.exams:
        return None
    updates, norms = zip(*((exam.updates, exam.gradient) for exam in case.exams), strict=True)
    return line_chart(
        [Series("gradient", updates, norms)],
        title="Norm of the whole gradient", x_label="update", whole_x=True, y_log=True,
    )  # fmt: skip
