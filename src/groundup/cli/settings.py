"""From a file and the command line to one configuration.

What is said later wins: the file, then the options, then each --set in its order.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from groundup import config as configuration
from groundup.config import Config, ModelConfig
from groundup.errors import ConfigError
from groundup.train.changes import changed
from groundup.train.run import known_paths

_WHERE = "command line"


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
            config = changed(config, path, value, _WHERE)
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--set {text}: expected KEY=VALUE, as in --set learning_rate=1e-3.")
        path = configuration.find_path(key.strip(), known_paths(config))
        config = changed(config, path, configuration.parse_value(value.strip()), _WHERE)
    return config


def listed(text: str) -> list[Any]:
    """The values between commas; as TOML has them, or words

    >>> listed("sgd,adam"), listed("[50, 50],[100]"), listed("std:0.01,he")
    (['sgd', 'adam'], [[50, 50], [100]], ['std:0.01', 'he'])
    """
    values = configuration.parse_value(f"[{text}]")
    if isinstance(values, list):
        return values
    return [configuration.parse_value(word.strip()) for word in text.split(",")]
