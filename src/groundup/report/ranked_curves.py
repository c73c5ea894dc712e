"""The learning curves of the best trials, a small panel for each.   [Saito 2016, figure 6-24]"""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from groundup.report.scales import Range
from groundup.report.series import Series, Unit, Values
from groundup.report.small_multiples import small_multiples

COLUMNS = 5


class Curves(NamedTuple):
    """One trial: its title, and its values after each epoch on validation and training data."""

    title: str
    validation: Values
    training: Values


def ranked_curves(
    ranked: Sequence[Curves],
    *,
    title: str,
    subtitle: str = "",
    names: tuple[str, str] = ("validation", "training"),
    x_label: str = "epoch",
    unit: Unit = "",
    y_limits: Range = (None, None),
) -> Markup:
    """Five panels in a row over the same axes; validation is solid, training dashed

    >>> best = [Curves("Best 1", [0.5, 0.9], [0.6, 1.0])]
    >>> ranked_curves(best, title="The best trial", unit="%").count("stroke-dasharray")
    2
    """
    charts = {
        one.title: [
            Series(name, list(range(1, len(values) + 1)), values, dashed=dashed)
            for name, values, dashed in zip(names, one[1:], (False, True), strict=True)
            if len(values)
        ]
        for one in ranked
    }
    return small_multiples(
        charts, min(COLUMNS, max(len(charts), 1)), title=title, subtitle=subtitle, x_label=x_label,
        unit=unit, y_limits=y_limits, panel=(150.0, 90.0),
    )  # fmt: skip
