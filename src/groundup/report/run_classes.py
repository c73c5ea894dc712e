"""How well each class is told from the others."""

import math

from groundup.report import numbers
from groundup.report.page import Section, table
from groundup.report.run_summary import RunSummary

_MEASURES = ("recall", "precision", "f1", "auc")


def classes(run: RunSummary) -> Section | None:
    """A table with a row a class and the means over the classes; None where none are known."""
    if not run.classes:
        return None
    columns = {
        "class": None, "samples": numbers.count, "recall": numbers.percent,
        "precision": numbers.percent, "F1": numbers.percent, "AUC": _auc,
    }  # fmt: skip
    rows = [
        (one.name, one.samples, *(_known(getattr(one, name)) for name in _MEASURES))
        for one in run.classes
    ]
    samples = sum(one.samples for one in run.classes)
    total = ("mean over classes", samples, *(_known(run.macro.get(name)) for name in _MEASURES))
    note = (
        "Recall is the share of a class that was found, precision the share of what was taken for "
        "it that belongs to it, F1 their harmonic mean, AUC the chance that a sample of the class "
        "is given a higher probability of it than another sample."
    )
    return Section("Class by class", table(columns, rows, total=total), note)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _auc(value: float) -> str:
    return f"{value:.4f}"
