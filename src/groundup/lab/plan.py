"""What a comparison is: a configuration, what varies in it, over how many seeds.

Methods are the product of all that varies. They are compared in pairs of runs of one seed: the same
initial draw, the same order of the same data, as many epochs. So what varies must be a technique,
not the data that judge it.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from groundup import config as configuration
from groundup.checks import as_whole
from groundup.config import Config, reseeded
from groundup.errors import ConfigError
from groundup.train.changes import changed
from groundup.train.run import check_single, known_paths

Choices: TypeAlias = Mapping[str, Sequence[Any] | Mapping[str, Any]]
"""What varies: by its key the values, or values by names of their own."""

RATE = "optimizer.learning_rate"
TUNING_SEEDS = 2
_AWAY = 1_000_000  # from the seeds of the comparison to those of the tuning
_TABLES = ("model", "optimizer")
_JUDGES = (
    "seed", "data.name", "data.path", "data.target", "data.task", "data.test", "data.validation",
    "data.split_seed", "data.image_size",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is compared.

    Args:
        config: what all methods share; its seed is the first.
        vary: by key the values by their names.
        seeds: over how many seeds, at least 2.
        tune: whether each method also gets a learning rate of its own.
    """

    config: Config
    vary: Mapping[str, Mapping[str, Any]]
    seeds: int = 10
    tune: bool = True

    def __post_init__(self) -> None:
        as_whole(self.seeds, "seeds", 2)

    @property
    def compared(self) -> tuple[int, ...]:
        """The seeds of the runs that are compared."""
        return tuple(range(self.config.seed, self.config.seed + self.seeds))

    @property
    def tuned_on(self) -> tuple[int, ...]:
        """The seeds of the runs that choose learning rates: others, however many are compared."""
        first = self.config.seed + _AWAY
        return tuple(range(first, first + TUNING_SEEDS))


@dataclass(frozen=True)
class Method:
    """One of those compared.

    Args:
        name: as all tables have it.
        choices: by key the name of its value.
        paths: what of the configuration that sets.
        config: its run from the first seed.
    """

    name: str
    choices: Mapping[str, str]
    paths: frozenset[str]
    config: Config

    def seeded(self, seed: int, rate: float | None = None) -> Config:
        """Its run from another seed, at another learning rate if one is given."""
        config = reseeded(self.config, seed)
        return config if rate is None else changed(config, RATE, rate)


def make_plan(config: Config, vary: Choices, seeds: int = 10, tune: bool = True) -> Plan:
    """The plan with every value named

    >>> plan = make_plan(Config(), {"optimizer": ["sgd", "adam"], "batch_size": [32, 64]})
    >>> [method.name for method in methods(plan)]
    ['sgd + batch_size=32', 'sgd + batch_size=64', 'adam + batch_size=32', 'adam + batch_size=64']
    """
    named = {key: _named(key, values) for key, values in vary.items()}
    return Plan(check_single(config), named, seeds, tune)


def methods(plan: Plan) -> tuple[Method, ...]:
    """Every combination of what varies

    Raises:
        ConfigError: an unknown key or value, the data vary, or there is only one method.
    """
    paths = {key: _path(key, plan) for key in plan.vary}
    order = sorted(plan.vary, key=lambda key: not paths[key].endswith(".name"))  # kinds first
    found = []
    for names in itertools.product(*plan.vary.values()):
        choices = dict(zip(plan.vary, names, strict=True))
        config, changes = plan.config, set()
        for key in order:
            path = configuration.find_path(paths[key], known_paths(config))
            config = changed(config, path, plan.vary[key][choices[key]], f"vary {key}")
            changes.add(path)
        found.append(Method(" + ".join(names), choices, frozenset(changes), config))
    if len(found) < 2:
        raise ConfigError(
            f"vary: {len(found)} method; expected two or more. Name the values to be compared, as "
            "in optimizer=sgd,adam."
        )
    return tuple(found)


def _path(key: str, plan: Plan) -> str:
    """The key of a table means its name; a path as far as all methods share it."""
    key = f"{key}.name" if key in _TABLES else key
    path = next((path for path in _JUDGES if path == key or path.endswith(f".{key}")), None)
    if path is not None:
        raise ConfigError(
            f"vary {key}: all methods are judged on the same data, so {path} cannot vary. Make a "
            "comparison for each of its values."
        )
    return key


def _named(key: str, values: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(values, Mapping):
        return {str(name): value for name, value in values.items()}
    if isinstance(values, str):
        raise ConfigError(f"vary {key} = {values!r}: expected a list of values.")
    short = key.rsplit(".", 1)[-1]
    names = [_name(short, place, value) for place, value in enumerate(values, start=1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"vary {key}: {twice} stands there twice. Leave one out.")
    return dict(zip(names, values, strict=True))


def _name(key: str, place: int, value: Any) -> str:
    """Words speak for themselves, numbers need their key, and what is longer gets a number."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return f"{key}={str(value).lower()}"
    return f"{key} {place}"
