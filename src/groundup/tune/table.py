"""The table [search] of a configuration file: what `groundup tune` searches in the run beside it.

    [search]
    method = "bayesian"                        # or { name = "narrowing", samples = 20 }
    trials = 100
    [search.space]
    learning_rate = "log:1e-6..1e-2"
    optimizer = ["sgd", "adam"]
    momentum = { kind = "uniform", low = 0.5, high = 0.99, when = { optimizer = "sgd" } }

It says what comes out. How long that may take, and where trials run, is said on the command line.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from groundup import config as configuration
from groundup.config import SEARCH, Config
from groundup.config_data import Count, Table
from groundup.errors import ConfigError
from groundup.storage import read_toml

_OF_DIMENSIONS = {"low", "high", "log", "choices", "when"}
_EXPECTED = (
    'expected a range such as "log:1e-6..1e-2", a list of choices, or a table with kind, low and '
    "high"
)


class SearchTable(Table):
    """What is searched, and how. What is None is left to `groundup.tune.search`.

    The space is by keys as short as is clear; `optimizer.learning_rate = …` without quotes, which
    TOML takes for a table in a table, is the same as with them.

    >>> SearchTable(space={"model": {"units": "int:16..64"}, "lr": "log:1e-4..1e-1"}).space
    {'model.units': 'int:16..64', 'lr': 'log:1e-4..1e-1'}
    """

    method: str | dict[str, Any] = "random"
    trials: Count | None = None
    stopping: str | dict[str, Any] = "none"
    metric: Literal["accuracy", "loss"] | None = None
    batch: Count = 4
    space: dict[str, Any] = Field(default_factory=dict)

    @field_validator("space", mode="before")
    @classmethod
    def _by_paths(cls, given: Any) -> Any:
        return flat(given) if isinstance(given, Mapping) else given


def load_search(path: Path | str) -> tuple[Config, SearchTable | None]:
    """The run in a TOML file and what is to be searched in it; None if the file does not say."""
    config = configuration.load(path)
    given = read_toml(Path(path)).get(SEARCH)
    if given is None:
        return config, None
    where = f"{path}: [{SEARCH}]"
    if not isinstance(given, Mapping):
        raise ConfigError(f"{where}: expected a table, got {given!r:.200}.")
    return config, configuration.as_table(SearchTable, given, where)


def flat(given: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """A space by paths: tables without a kind are what dots in a key without quotes have become

    >>> flat({"l2": "log:1e-8..1e-4", "model": {"depth": {"kind": "int", "low": 1, "high": 5}}})
    {'l2': 'log:1e-8..1e-4', 'model.depth': {'kind': 'int', 'low': 1, 'high': 5}}
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        path = f"{above}{name}"
        if isinstance(value, str | list | tuple):
            found[path] = value
        elif not isinstance(value, Mapping) or not value:
            raise ValueError(f"{path} = {value!r}: {_EXPECTED}")
        elif "kind" in value:
            when = value.get("when")
            nested = {"when": _conditions(when)} if isinstance(when, Mapping) else {}
            found[path] = {**value, **nested}
        elif _OF_DIMENSIONS & set(value):
            raise ValueError(f"{path}: its kind is missing; {_EXPECTED}")
        else:
            found |= flat(value, f"{path}.")
    return found


def _conditions(given: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in given.items():
        nested = isinstance(value, Mapping)
        found |= _conditions(value, f"{above}{name}.") if nested else {f"{above}{name}": value}
    return found
