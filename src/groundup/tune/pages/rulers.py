"""Dimensions as axes of pictures."""

from typing import Any

from groundup.report import rulers
from groundup.report.rulers import Ruler
from groundup.report.scales import Linear, Log
from groundup.tune.dimensions import Categorical, Dimension, Integer, LogUniform, Uniform
from groundup.tune.pages.words import setting_words


def ruler_of(name: str, dimension: Dimension) -> Ruler:
    """The whole of the dimension as an axis

    >>> ruler_of("learning_rate", LogUniform(1e-4, 1e-2)).place(1e-3)
    0.5
    """
    if isinstance(dimension, Categorical):
        return rulers.choices(name, [setting_words(one) for one in dimension.choices])
    if isinstance(dimension, Integer):
        scale = Log if dimension.log else Linear
        return Ruler(name, scale(dimension.low - 0.5, dimension.high + 0.5, 0.0, 1.0), whole=True)
    assert isinstance(dimension, Uniform | LogUniform)
    scale = Log if isinstance(dimension, LogUniform) else Linear
    return Ruler(name, scale(dimension.low, dimension.high, 0.0, 1.0))


def position(dimension: Dimension, value: Any) -> float:
    """Where a value stands on that axis: itself, of choices the middle of their place."""
    if isinstance(dimension, Categorical):
        return len(dimension.choices) * dimension.place(value)
    return float(value)


def value_at(dimension: Dimension, position: float) -> Any:
    """The value that stands there, or nearest to it."""
    if isinstance(dimension, Categorical):
        return dimension.choices[min(int(position), len(dimension.choices) - 1)]
    if isinstance(dimension, Integer):
        return min(max(round(position), dimension.low), dimension.high)
    return position
