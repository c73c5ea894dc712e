"""What a regression predicts beside what is true, target by target."""

from collections.abc import Iterator

import numpy as np
from markupsafe import Markup

from groundup.report import numbers, style
from groundup.report.bars import histogram
from groundup.report.page import Fact, Section, beside, table
from groundup.report.run_summary import RunSummary, TargetRow
from groundup.report.scatter import scatter
from groundup.typing import Array

_MOST_TARGETS = 6
_LARGEST = 8


def values(run: RunSummary) -> Section | None:
    """Predicted and true values, residuals, and the largest errors; None for classes."""
    if not run.targets:
        return None
    parts = [part for target in run.targets[:_MOST_TARGETS] for part in _charts(target, run)]
    note = (
        "On the test data. On the line a value is met exactly. A residual is what is true minus "
        "what is predicted: a funnel tells of errors that grow with the value, a bend of a "
        "relation that the network has missed."
    )
    if len(run.targets) > _MOST_TARGETS:
        note += f" The first {_MOST_TARGETS} of {len(run.targets)} targets are drawn."
    listed = _fits(run) if len(run.targets) > 1 else Markup("")
    return Section("Predicted and true", listed + Markup("").join(parts), note)


def value_facts(run: RunSummary) -> Iterator[Fact]:
    """R², and of a single target the errors in its units."""
    if run.test_r2 is not None:
        yield Fact("Test R²", numbers.number(run.test_r2), "0: as good as the mean")
    if len(run.targets) == 1:
        (target,) = run.targets
        yield Fact(
            "Mean absolute error", numbers.number(target.mae),
            f"root mean square {numbers.number(target.rmse)}",
        )  # fmt: skip


def _charts(target: TargetRow, run: RunSummary) -> Iterator[Markup]:
    if len(run.targets) > 1:
        yield Markup("<h3>{}</h3>").format(target.name)
    true, said = np.asarray(target.true), np.asarray(target.predicted)
    residual = true - said
    yield beside(
        scatter(
            true, said, title="Predicted over true", x_label=f"true {target.name}",
            y_label=f"predicted {target.name}", line="diagonal",
        ),
        scatter(
            said, residual, title="Residuals over predicted", x_label=f"predicted {target.name}",
            y_label="true − predicted", line="zero", color=style.SERIES[1],
        ),
        histogram(
            residual, title="Residuals", x_label="true − predicted", color=style.SERIES[1],
            bins=max(5, min(40, round(2 * len(residual) ** 0.5))),
        ),
        Markup("<div><h3>Largest errors</h3>{}</div>").format(_worst(true, said)),
    )  # fmt: skip


def _worst(true: Array, said: Array) -> Markup:
    order = np.argsort(-np.abs(true - said), kind="stable")[:_LARGEST]
    columns = {
        "sample": numbers.count,
        "true": numbers.number,
        "predicted": numbers.number,
        "true − predicted": numbers.number,
    }
    rows = [(int(i), float(true[i]), float(said[i]), float(true[i] - said[i])) for i in order]
    return table(columns, rows)


def _fits(run: RunSummary) -> Markup:
    columns = {
        "target": None,
        "R²": numbers.number,
        "mean absolute error": numbers.number,
        "root mean square": numbers.number,
    }
    return table(columns, [(one.name, one.r2, one.mae, one.rmse) for one in run.targets])
