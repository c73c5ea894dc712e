"""The figures of a comparison."""

from collections.abc import Mapping

from markupsafe import Markup

from groundup.lab.comparison import Comparison
from groundup.lab.standing import Standing
from groundup.lab.words import title
from groundup.report import style, svg
from groundup.report.dots import DotRow, dots
from groundup.report.lines import Mark, line_chart
from groundup.report.scales import wide
from groundup.report.series import Series, Unit

_MOST = len(style.SERIES)  # lines in one chart, each with a color of its own
_LONG = 140.0  # pixels of a name, from which on a chart needs the width of the page


def colors(comparison: Comparison) -> Mapping[str, str]:
    """The color of each method on all pictures: the best have colors of their own."""
    names = [one.name for one in comparison.final.scores]
    return dict.fromkeys(names, "muted") | dict(zip(names, style.SERIES, strict=False))


def dot_plot(standing: Standing, comparison: Comparison, width: float = style.CHART[0]) -> Markup:
    """The value of every seed, means with intervals, and groups."""
    measure, shade = comparison.survey.measure, colors(comparison)
    rows = [
        DotRow(
            one.name, one.values, one.mean, one.low, one.high, measure.words(one.mean),
            shade[one.name],
        )
        for one in standing.scores
    ]  # fmt: skip
    name = title(comparison)
    return dots(
        rows, title=f"{name.capitalize()}, a dot for each seed",
        subtitle="mean with its 95 % interval; a line to the right joins those that cannot be told "
        "apart",
        unit=measure.unit, groups=standing.groups, width=width,
    )  # fmt: skip


def curves(standing: Standing, comparison: Comparison) -> list[Markup]:
    """Mean curves with their bands: what is compared, on validation data, and the training loss."""
    measure = comparison.survey.measure
    drawn = [
        _curves(standing, comparison, f"val_{measure.name}", f"Validation {measure.name}",
                measure.unit),
        _curves(standing, comparison, "loss", "Training loss", ""),
    ]  # fmt: skip
    return [one for one in drawn if one is not None]


def _curves(
    standing: Standing, comparison: Comparison, curve: str, name: str, unit: Unit
) -> Markup | None:
    shade, lines = colors(comparison), []
    for one in standing.scores[:_MOST]:
        band = standing.curves[one.name].get(curve)
        if band is not None:
            epochs = list(range(1, len(band.mean) + 1))
            mean, low, high = (part.tolist() for part in (band.mean, band.low, band.high))
            lines.append(Series(one.name, epochs, mean, shade[one.name], False, low, high))
    if not lines or len(lines[0].x) < 2:
        return None
    longest = max(svg.text_width(line.name, bold=True) for line in lines)
    return line_chart(
        lines, title=name, x_label="epoch", whole_x=True, unit=unit,
        width=style.PAGE_WIDTH if longest > _LONG else style.CHART[0],
        y_log=not unit and wide([value for line in lines for value in line.y]),
    )  # fmt: skip


def tuning_chart(comparison: Comparison) -> Markup:
    """The validation score of every method at every rate, and which was chosen."""
    measure, shade = comparison.survey.measure, colors(comparison)
    names = [one.name for one in comparison.final.scores[:_MOST]]
    lines, marks = [], []
    for name in names:
        one = comparison.tuned[name]
        lines.append(Series(name, list(one.scores), list(one.scores.values()), shade[name]))
        words = f"{name}: {one.rate:g} was chosen"
        marks.append(Mark(one.rate, one.scores[one.rate], words))
    return line_chart(
        lines, title=f"Validation {measure.name} by learning rate", x_label="learning rate",
        x_log=True, unit=measure.unit, marks=marks,
        y_log=not measure.unit and wide([y for line in lines for y in line.y]),
    )  # fmt: skip
