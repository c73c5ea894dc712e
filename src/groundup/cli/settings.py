"""From a file and the command line to one configuration.

What is said later wins: the file, then the options, then each --set in its order. A model or
optimizer of another kind brings its own options, so the table of the former one goes.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from groundup import config as configuration
from groundup.config import Config, ModelConfig
from groundup.config_data import FILE_OPTIONS
from groundup.data.files import is_path
from groundup.errors import ConfigError
from groundup.nn.optimizers import optimizers
from groundup.nn.zoo import zoo
from groundup.registry import Registry
from groundup.train.run import known_paths

_KINDS: dict[str, Registry[Any]] = {"model.name": zoo, "optimizer.name": optimizers}


def configure(file: Path | None, options: Mapping[str, Any], sets: Sequence[str]) -> Config:
    """The configuration of a run.

    Args:
        file: the TOML file, if any.
        options: value by path, None where an option was not given.
        sets: "key=value" each, the key shortened as far as it is clear.
    """
    config = configuration.load(file) if file else Config()
    if file is None and options.get("model.name") is not None:  # named, so with its own defaults
        config = config.model_copy(update={"model": ModelConfig()})
    for path, value in options.items():
        if value is not None:
            config = _changed(config, path, value)
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set {text}: expected KEY=VALUE, as in --set learning_rate=1e-3.")
        path = configuration.find_path(key.strip(), known_paths(config))
        config = _changed(config, path, configuration.parse_value(value.strip()))
    return config


def _changed(config: Config, path: str, value: Any) -> Config:
    values = configuration.to_mapping(config)
    if path in ("data.name", "data.path") and isinstance(value, str):
        path, value = _which(values["data"], path, value)
    if path in _KINDS and _is_another(config, path, value):
        values[path.removesuffix(".name")] = {}
    configuration.set_path(values, path, value)
    return configuration.from_mapping(values, "command line")


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
