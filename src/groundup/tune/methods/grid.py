"""Grid search: every combination of some values of each hyper-parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from groundup.checks import as_whole
from groundup.errors import ConfigError
from groundup.rng import Stream
from groundup.tune.dimensions import Categorical
from groundup.tune.history import History
from groundup.tune.method import Method, methods
from groundup.tune.space import Settings, Space, is_there


@methods.register(name="grid")
@dataclass(frozen=True)
class Grid(Method):
    """Tries all cells in order, the last hyper-parameter fastest, as nested loops would

    A number has its values evenly on its own scale, both ends among them; of choices all are taken,
    so a list in the space says its own values. Where a condition does not hold there is nothing to
    vary, and so every cell exists once.

    Args:
        points: how many values each number has, or by name; then of every number.

    >>> from groundup.tune.space import make_space
    >>> space = make_space({
    ...     "optimizer": ["sgd", "adam"],
    ...     "learning_rate": "log:1e-3..1e-1",
    ...     "momentum": {"kind": "uniform", "low": 0.5, "high": 0.9, "when": {"optimizer": "sgd"}},
    ... })
    >>> grid = Grid({"learning_rate": 3, "momentum": 2})
    >>> grid.size(space)                       # 3 · 2 of SGD and 3 of Adam
    9
    >>> grid.cell(space, 1)
    {'optimizer': 'sgd', 'learning_rate': 0.001, 'momentum': 0.9}
    """

    points: int | Mapping[str, int] = field(default=5, hash=False)

    def __post_init__(self) -> None:
        given = self.points
        points = (
            {
                str(name): as_whole(count, f"points.{name}", 1, "Grid")
                for name, count in given.items()
            }
            if isinstance(given, Mapping)
            else as_whole(given, "points", 1, "Grid", instead="a table of them by name,")
        )
        object.__setattr__(self, "points", points)

    def suggest(self, space: Space, history: History, stream: Stream) -> Settings | None:
        return self.cell(space, len(history))

    def check(self, space: Space) -> None:
        self._axes(space)

    def size(self, space: Space) -> int:
        return _count(space, self._axes(space), {})

    def cell(self, space: Space, number: int) -> Settings | None:
        """A cell by its number, without going through those before; None behind the last."""
        axes, found = self._axes(space), dict[str, Any]()
        while axes:
            (name, values), *axes = axes
            if not is_there(space.dimensions[name], found):
                continue
            for value in values:
                here = _count(space, axes, {**found, name: value})
                if number < here:
                    found[name] = value
                    break
                number -= here
            else:
                return None
        return found

    def _axes(self, space: Space) -> list[tuple[str, Sequence[Any]]]:
        if not isinstance(self.points, Mapping):
            return [(name, one.grid(self.points)) for name, one in space.dimensions.items()]
        points = {space.whole(key, "grid: points"): count for key, count in self.points.items()}
        axes: list[tuple[str, Sequence[Any]]] = []
        for name, dimension in space.dimensions.items():
            if name not in points and not isinstance(dimension, Categorical):
                raise ConfigError(
                    f"grid: points: {name} is missing; expected how many values it has."
                )
            axes.append((name, dimension.grid(points.get(name, 1))))
        return axes


def _count(space: Space, axes: Sequence[tuple[str, Sequence[Any]]], found: Settings) -> int:
    """How many cells begin with what is found."""
    if not axes:
        return 1
    (name, values), *rest = axes
    if not is_there(space.dimensions[name], found):
        return _count(space, rest, found)
    if any(name in space.dimensions[other].when for other, _ in rest):
        return sum(_count(space, rest, {**found, name: value}) for value in values)
    return len(values) * _count(space, rest, found)
