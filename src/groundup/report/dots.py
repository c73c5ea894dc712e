"""Dots in rows: every single value, their mean with its interval, and who cannot be told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from groundup.errors import InputError
from groundup.report import axes, scales, style, svg
from groundup.report.axes import Axis
from groundup.report.scales import Linear
from groundup.report.series import Unit, value

_ROW = 36.0
_SPREAD = 12.0  # pixels over which the dots of a row lie
_BRACKET = 11.0  # pixels from one bracket to the next


@dataclass(frozen=True)
class DotRow:
    """One row.

    Args:
        name: to its left.
        values: one a dot; those at one place belong together in all rows, as runs of one seed.
        mean, low, high: the mean and its interval.
        words: to its right.
        color: a name of `style.COLORS`.
    """

    name: str
    values: Sequence[float]
    mean: float
    low: float
    high: float
    words: str
    color: str = style.SERIES[0]


def dots(
    rows: Sequence[DotRow],
    *,
    title: str,
    subtitle: str = "",
    x_label: str = "",
    unit: Unit = "",
    groups: Sequence[Sequence[str]] = (),
    width: float = style.CHART[0],
) -> Markup:
    """A row of dots for each name, and to the right a bracket around each group of two and more.

    Values of one place lie equally high in all rows, so that pairs can be found again.

    >>> row = DotRow("adam", [0.9, 0.8], 0.85, 0.8, 0.9, "85 %")
    >>> picture = dots([row], title="Accuracy", unit="%")
    >>> picture.count("<circle"), ">85 %<" in picture
    (3, True)
    """
    unknown = {name for group in groups for name in group} - {row.name for row in rows}
    if unknown:
        raise InputError(f"dots: groups name {sorted(unknown)}, which no row has.")
    drawn = [group for group in groups if len(group) > 1]
    head, top = axes.heading(title, subtitle, width)
    left = min(max((svg.text_width(row.name, bold=True) for row in rows), default=0.0),
               0.35 * width) + 14  # fmt: skip
    after = max((svg.text_width(row.words) for row in rows), default=0.0) + 16
    brackets = _BRACKET * len(drawn) + (10 if drawn else 0)
    right = width - after - brackets
    bottom = top + _ROW * max(len(rows), 1) + 4
    x = _axis(rows, left, right, unit)
    body = [
        *head,
        *(svg.line(x.scale(tick), top, x.scale(tick), bottom) for tick in x.ticks),
        *axes.x_axis(x, bottom, x_label, width),
    ]
    middles = {row.name: top + _ROW * (i + 0.5) for i, row in enumerate(rows)}
    for row in rows:
        body += _row(row, x.scale, middles[row.name], unit)
    for place, group in enumerate(drawn):
        at = width - brackets + 10 + _BRACKET * place
        body += _bracket([middles[name] for name in group], at, group)
    if not rows:
        body.append(axes.empty("no values", left, right, top + _ROW / 2))
    described = "; ".join(f"{row.name}: {row.words}" for row in rows)
    height = bottom + axes.below(x_label)
    return svg.figure(title, f"Dots in rows. {described}.", width, height, body)


def _axis(rows: Sequence[DotRow], left: float, right: float, unit: Unit) -> Axis:
    ends = [end for row in rows for end in (*row.values, row.low, row.high)]
    scale = scales.linear(ends, left, right)
    room = 0.03 * (scale.high - scale.low)
    axis = axes.fitted(Linear(scale.low - room, scale.high + room, left, right))
    if unit:  # percent takes more room
        ticks = axis.scale.ticks(max(2, int((right - left) // 70)))
        axis = Axis(axis.scale, ticks, scales.tick_labels(ticks, unit))
    return axis if rows else Axis(scale, [], [])


def _row(row: DotRow, x: Linear, y: float, unit: Unit) -> list[Markup]:
    """Dots, then interval and mean over them, name and words beside."""
    step = _SPREAD / max(len(row.values) - 1, 1)
    first = -_SPREAD / 2 if len(row.values) > 1 else 0.0
    points = [
        svg.tag(
            "circle", svg.hint(f"{row.name}, no. {i + 1}: {value(one, unit)}"),
            cx=x(one), cy=y + first + i * step, r=3, fill=row.color, fill_opacity=0.4,
        )
        for i, one in enumerate(row.values)
    ]  # fmt: skip
    words = f"{row.name}: mean {row.words}, {value(row.low, unit)} to {value(row.high, unit)}"
    name = svg.shorten(row.name, x.start - 14, bold=True)
    return [
        *points,
        svg.line(x(row.low), y, x(row.high), y, color="ink", width=1.5),
        *(svg.line(x(end), y - 4, x(end), y + 4, color="ink", width=1.5)
          for end in (row.low, row.high)),
        svg.tag("circle", svg.hint(words), cx=x(row.mean), cy=y, r=5, fill=row.color,
                stroke="paper", stroke_width=1.5),
        svg.tag("text", svg.hint(row.name) if name != row.name else "", name, x=x.start - 14,
                y=y + 4.5, fill=row.color, font_size=style.SIZES["text"], font_weight="600",
                text_anchor="end"),
        svg.text(x.end + 10, y + 4.5, row.words),
    ]  # fmt: skip


def _bracket(heights: Sequence[float], x: float, names: Sequence[str]) -> list[Markup]:
    """A line along the rows of a group, with a dot at each of them."""
    words = f"cannot be told apart: {', '.join(names)}"
    return [
        svg.tag("line", svg.hint(words), x1=x, y1=min(heights), x2=x, y2=max(heights),
                stroke="muted", stroke_width=2, stroke_linecap="round"),
        *(svg.tag("circle", cx=x, cy=y, r=3, fill="muted") for y in heights),
    ]  # fmt: skip
