"""Where to search when nobody says: what matters most, in ranges that hold what is usual."""

from collections.abc import Mapping, Sequence
from typing import Any

from groundup.config import Config
from groundup.nn.optimizers import optimizers
from groundup.train.run import known_paths
from groundup.tune.dimensions import same

RATE = "optimizer.learning_rate"
_AROUND = 100.0  # the learning rate, that many times smaller and larger
# Of each line the first path that the model or the optimizer has.
_RANGES = (
    {"model.l2": "log:1e-8..1e-2", "optimizer.weight_decay": "log:1e-6..1e-1"},
    {"model.dropout": "uniform:0..0.5"},
    {"model.units": "int-log:16..256"},
)


def usual_space(config: Config) -> dict[str, str]:
    """The learning rate within two powers of ten, and what the model has of penalty, dropout, width

    A rate that follows a schedule and widths layer by layer are left as they are.

    >>> usual_space(Config())["optimizer.learning_rate"], list(usual_space(Config()))[1:]
    ('log:1e-05..0.1', ['optimizer.weight_decay', 'model.units'])
    """
    found, known = dict[str, str](), set(known_paths(config))
    default = getattr(optimizers[config.optimizer.name](), "learning_rate", None)
    rate = config.optimizer.options.get("learning_rate", default)
    if isinstance(rate, int | float):
        found[RATE] = f"log:{rate / _AROUND:g}..{rate * _AROUND:g}"
    for ranges in _RANGES:
        path = next((path for path in ranges if path in known), None)
        if path is not None and not _is_list(config, path):
            found[path] = ranges[path]
    return found


def listed_space(trials: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Of settings written by hand, by each of their keys the values that stand there

    >>> listed_space([{"learning_rate": 0.1, "units": 50}, {"learning_rate": 0.01, "units": 50}])
    {'learning_rate': [0.1, 0.01], 'units': [50]}
    """
    found = dict[str, list[Any]]()
    for settings in trials:
        for key, value in settings.items():
            values = found.setdefault(key, [])
            if not any(same(value, other) for other in values):
                values.append(value)
    return found


def _is_list(config: Config, path: str) -> bool:
    table, option = path.split(".")
    options: Mapping[str, object] = getattr(config, table).options
    return isinstance(options.get(option), list | tuple)
