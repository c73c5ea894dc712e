"""Where to search: hyper-parameters by their names, each with the values that it can take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from groundup.config import find_path
from groundup.errors import ConfigError
from groundup.registry import describe
from groundup.rng import Stream
from groundup.tune.dimensions import Dimension, dimensions, same
from groundup.typing import Array

Settings: TypeAlias = Mapping[str, Any]
"""A value for every hyper-parameter that is there."""


@dataclass(frozen=True)
class Space:
    """All hyper-parameters that are searched.

    Args:
        dimensions: by name; what a condition speaks of stands before what depends on it.

    >>> space = make_space({
    ...     "optimizer": ["sgd", "adam"],
    ...     "learning_rate": "log:1e-4..1e-1",
    ...     "momentum": {"kind": "uniform", "low": 0.5, "high": 0.99, "when": {"optimizer": "sgd"}},
    ... })
    >>> list(space.settings([0.9, 0.0, 0.5]))   # Adam has no momentum
    ['optimizer', 'learning_rate']
    >>> space.unit({"optimizer": "adam", "learning_rate": 0.1})
    array([0.75, 1.  ,  nan])
    """

    dimensions: Mapping[str, Dimension]

    def __post_init__(self) -> None:
        if not self.dimensions:
            raise ConfigError(
                "the space is empty: expected hyper-parameters, as in learning_rate=log:1e-6..1e-2."
            )
        object.__setattr__(self, "dimensions", _in_order(self.dimensions))

    def settings(self, unit: Sequence[float] | Array) -> Settings:
        """What a point of the unit cube (D,) means; what is not there is left out."""
        found: dict[str, Any] = {}
        for (name, dimension), u in zip(self.dimensions.items(), unit, strict=True):
            if is_there(dimension, found):
                found[name] = dimension.at(float(u))
        return found

    def unit(self, settings: Settings) -> Array:
        """The point of the cube (D,) that means these; NaN for what is not there."""
        places = (
            dimension.place(settings[name]) if name in settings else np.nan
            for name, dimension in self.dimensions.items()
        )
        return np.array(list(places))

    def sample(self, stream: Stream) -> Settings:
        """A fair draw."""
        return self.settings(stream.uniform(len(self.dimensions)))

    def check(self, settings: Settings, where: str = "settings") -> Settings:
        """The same as plain data by whole names, in order; ConfigError if it is no point of this

        A short name is as good as the whole one.
        """
        given = {self.whole(key, where): describe(value) for key, value in settings.items()}
        found: dict[str, Any] = {}
        for name, dimension in self.dimensions.items():
            if not is_there(dimension, found):
                if name in given:
                    only = _conditions(dimension)
                    raise ConfigError(f"{where}: {name} is searched only where {only}: omit it.")
                continue
            if name not in given:
                raise ConfigError(f"{where}: {name} is missing; expected {dimension.words}.")
            if not dimension.holds(given[name]):
                value = given[name]
                raise ConfigError(f"{where}: {name} = {value!r} is outside of {dimension.words}.")
            found[name] = given[name]
        return found

    def whole(self, key: str, where: str = "settings") -> str:
        """The only name that is this or ends in it, such as "name" for "optimizer.name"."""
        try:
            return key if key in self.dimensions else find_path(key, self.dimensions)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None

    def renamed(self, names: Mapping[str, str]) -> "Space":
        """The same with other names, in conditions as well."""
        return Space(
            {
                names[name]: replace(
                    dimension, when={names[key]: values for key, values in dimension.when.items()}
                )
                for name, dimension in self.dimensions.items()
            }
        )

    def record(self) -> dict[str, Any]:
        """As it stands in a log: a table for each name, which `make_space` reads."""
        return {name: describe(dimension) for name, dimension in self.dimensions.items()}


def make_space(given: Mapping[str, Any]) -> Space:
    """The space that plain values describe: "log:1e-6..1e-2", a list of choices, or a table."""
    return Space({name: _dimension(name, value) for name, value in given.items()})


def _dimension(name: str, value: Any) -> Dimension:
    if isinstance(value, list | tuple):
        value = {"kind": "choice", "choices": value}
    try:
        return dimensions.resolve(value)
    except ValueError as error:
        raise ConfigError(f"space: {name}: {error}") from error


def _conditions(dimension: Dimension) -> str:
    return " and ".join(
        f"{key} = {' or '.join(map(str, values))}" for key, values in dimension.when.items()
    )


def is_there(dimension: Dimension, found: Settings) -> bool:
    """Whether its conditions hold, given all that stands before it."""
    return all(
        key in found and any(same(found[key], value) for value in values)
        for key, values in dimension.when.items()
    )


def _in_order(given: Mapping[str, Dimension]) -> dict[str, Dimension]:
    """What others depend on first; else as it was given."""
    left, found = dict(given), dict[str, Dimension]()
    while left:
        free = [name for name, one in left.items() if not set(one.when) & set(left)]
        if not free:
            raise ConfigError(f"space: the conditions of {', '.join(left)} go in a circle.")
        for name in free:
            for key, values in left[name].when.items():
                _check_condition(name, key, values, given)
            found[name] = left.pop(name)
    return found


def _check_condition(
    name: str, key: str, values: Sequence[Any], given: Mapping[str, Dimension]
) -> None:
    if key not in given:
        raise ConfigError(f"space: {name} depends on {key}, which is not searched.")
    wrong = next((value for value in values if not given[key].holds(value)), None)
    if wrong is not None:
        raise ConfigError(
            f"space: {name} depends on {key} = {wrong!r}, which is outside of {given[key].words}."
        )
