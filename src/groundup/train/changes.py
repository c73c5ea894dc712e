"""One setting of a configuration changed, with all that depends on it.

A model or optimizer of another kind brings its own options, so the table of the former one goes, as
it does for a list of layers; and data by name are not data by path.
"""

from pathlib import Path
from typing import Any

from groundup import config as configuration
from groundup.config import Config
from groundup.config_data import FILE_OPTIONS
from groundup.data.files import is_path
from groundup.nn.optimizers import optimizers
from groundup.nn.zoo import zoo
from groundup.registry import Registry

_KINDS: dict[str, Registry[Any]] = {"model.name": zoo, "optimizer.name": optimizers}


def changed(config: Config, path: str, value: Any, where: str = "configuration") -> Config:
    """The configuration with another value at this path, checked; ConfigError names what is wrong

    Args:
        config: what is to be changed; it stays as it is.
        path: of the setting, such as "optimizer.name".
        value: the new one.
        where: what an error calls the place where it was said.

    >>> config = configuration.from_mapping({"optimizer": {"name": "sgd", "momentum": 0.5}})
    >>> changed(config, "optimizer.name", "adam").optimizer.options
    {}
    >>> changed(config, "optimizer.momentum", 0.9).optimizer.options
    {'momentum': 0.9}
    """
    values = configuration.to_mapping(config)
    if path in ("data.name", "data.path") and isinstance(value, str):
        path, value = _which(values["data"], path, value)
    if path == "model.layers" or (path in _KINDS and _is_another(config, path, value)):
        values[path.partition(".")[0]] = {}
    configuration.set_path(values, path, value)
    return configuration.from_mapping(values, where)


def _which(data: dict[str, Any], path: str, value: str) -> tuple[str, str]:
    """By name or by path, never both; what only files have goes with the former file."""
    named = path == "data.name" and not is_path(value)
    for key in ("name", "path", *(FILE_OPTIONS if named else ())):
        data.pop(key, None)
    return ("data.name", value) if named else ("data.path", str(Path(value).absolute()))


def _is_another(config: Config, path: str, name: Any) -> bool:
    """Whether the name means another kind than the configuration has; UnknownName if none."""
    kinds = _KINDS[path]
    table = config.model if path == "model.name" else config.optimizer
    if not isinstance(name, str):
        return False  # the schema says what is wrong with it
    return getattr(table, "layers", None) is not None or kinds[name] is not kinds[table.name]
