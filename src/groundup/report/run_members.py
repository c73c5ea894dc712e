"""The members of an ensemble beside their average, on the test data."""

import math
from statistics import fmean, stdev

from markupsafe import Markup

from groundup.report import numbers
from groundup.report.bars import bars
from groundup.report.page import Section, beside, table
from groundup.report.run_summary import RunSummary
from groundup.statistics.shares import wilson


def members(run: RunSummary) -> Section | None:
    """Bars and a table; None for a single network."""
    if not run.members:
        return None
    ensemble = {"loss": run.test_loss, "accuracy": run.test_accuracy}
    names = [name for name, value in ensemble.items() if value is not None]
    rows = [[one.name, one.seed, *(one.scores.get(name) for name in names)] for one in run.members]
    columns = list(zip(*rows, strict=True))[2:]
    summary = [
        ["mean", None, *(fmean(values) for values in columns)],
        ["standard deviation", None, *(stdev(values) if rows[1:] else None for values in columns)],
    ]
    total = ["ensemble", None, *(ensemble[name] for name in names)]
    forms = {"loss": numbers.number, "accuracy": numbers.percent}
    listed = table(
        {"network": None, "seed": str} | {name: forms[name] for name in names},
        [*rows, *summary],
        total=total,
    )
    gain = _gain(run, names, columns)
    note = f"The ensemble averages what its members say. {gain}"
    return Section("Members against the ensemble", beside(_bars(run), listed), note)


def _bars(run: RunSummary) -> Markup:
    """Test errors, which differ more to the eye than what is right; else losses."""
    names = [*(one.name for one in run.members), "ensemble"]
    if run.test_accuracy is None or not run.test_samples:
        values = [*(one.scores["loss"] for one in run.members), run.test_loss or 0.0]
        return bars(names, values, title="Test loss")
    accuracies = [*(one.scores["accuracy"] for one in run.members), run.test_accuracy]
    errors = [1 - accuracy for accuracy in accuracies]
    spans = [wilson(error, run.test_samples) for error in errors]
    return bars(names, errors, title="Test errors", intervals=spans, words=numbers.percent)


def _gain(run: RunSummary, names: list[str], columns: list[tuple[float, ...]]) -> str:
    """What averaging brought, in words."""
    if "accuracy" not in names or run.test_accuracy is None:
        return ""
    accuracies = columns[names.index("accuracy")]
    error, mean = 1 - run.test_accuracy, 1 - fmean(accuracies)
    better = sum(run.test_accuracy > accuracy for accuracy in accuracies)
    if math.isclose(error, mean):
        return "It errs as often as a member does on average."
    return (
        "Intervals are those of 95 % for the test data at hand. "
        f"It errs in {numbers.percent(error)} of the samples, a member on average in "
        f"{numbers.percent(mean)}; it is better than {better} of its {len(accuracies)} members."
    )
