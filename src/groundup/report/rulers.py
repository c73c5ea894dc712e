"""Rulers: axes that know what is written on them before anybody knows where they will stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from groundup.report import axes, scales
from groundup.report.axes import Axis
from groundup.report.scales import Linear, Range
from groundup.report.series import Unit

_MARGIN = 0.04  # of its length beyond the values, so that no dot lies on an edge


@dataclass(frozen=True)
class Ruler:
    """A scale with a name.

    Args:
        name: of what is measured.
        scale: from values to 0 … 1.
        unit: "%" shows shares as percent.
        whole: whether only whole numbers are written there.
        choices: what stands at 0.5, 1.5, … instead of numbers, if it has no numbers.
    """

    name: str
    scale: Linear
    unit: Unit = ""
    whole: bool = False
    choices: Sequence[str] = ()

    def over(self, start: float, end: float, count: int | None = None) -> Axis:
        """The axis between two pixels, with about so many ticks; None for as many as have room."""
        scale = replace(self.scale, start=start, end=end)
        if self.choices:
            return Axis(scale, [k + 0.5 for k in range(len(self.choices))], self.choices)
        if count is None and not self.unit:
            return axes.fitted(scale, whole=self.whole)
        ticks = scale.ticks(count or max(2, int(abs(end - start) // 70)), whole=self.whole)
        return Axis(scale, ticks, scales.tick_labels(ticks, self.unit))

    def place(self, value: float) -> float:
        """Where between 0 and 1 the value lies, NaN if it has no place there."""
        return self.scale(value) if self.scale.drawable(value) else float("nan")


def ruler(
    name: str,
    values: Iterable[float],
    *,
    unit: Unit = "",
    log: bool = False,
    whole: bool = False,
    limits: Range = (None, None),
) -> Ruler:
    """One that holds all these values, with a margin at the ends that are not given

    >>> ruler("trial", [0, 10], limits=(0, None)).scale
    Linear(low=0, high=10.4, start=0.0, end=1.0)
    """
    fit = scales.log if log else scales.linear
    scale = fit(values, 0.0, 1.0, limits=limits)
    low = scale.value(-_MARGIN) if limits[0] is None else scale.low
    high = scale.value(1 + _MARGIN) if limits[1] is None else scale.high
    return Ruler(name, replace(scale, low=low, high=high), unit, whole)


def choices(name: str, words: Sequence[str]) -> Ruler:
    """One of values without an order, each as wide as the others

    >>> choices("optimizer", ["sgd", "adam"]).over(0, 100).ticks
    [0.5, 1.5]
    """
    return Ruler(name, Linear(0, len(words), 0.0, 1.0), choices=words)
