"""From a file and the command line to one search table. What is said on the command line wins."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from groundup import config as configuration
from groundup.cli.settings import listed
from groundup.errors import ConfigError
from groundup.registry import OPTION_ALIASES
from groundup.tune.table import SearchTable, flat, load_search

_WHERE = "command line"


def search_table(file: Path | None, options: Mapping[str, Any]) -> SearchTable:
    """What is to be searched, and how

    Args:
        file: the TOML file, if any.
        options: by option, "--method" for one, what was given; None or [] where it was not.
    """
    of_file = load_search(file)[1] if file else None
    values = of_file.model_dump(exclude_none=True) if of_file else {}
    for option, given in options.items():
        if given in (None, []):
            continue
        name = option.removeprefix("--")
        if name == "space":
            values[name] = _merged(values.get(name, {}), ranges(given))
        else:
            values[name] = named(given, option) if name in ("method", "stopping") else given
    return configuration.as_table(SearchTable, values, _WHERE)


def named(text: str, option: str) -> str | dict[str, Any]:
    """A name, or with options the table that a file has in its place

    >>> named("random", "--method"), named("narrowing:samples=20,keep=0.2", "--method")
    ('random', {'name': 'narrowing', 'samples': 20, 'keep': 0.2})
    """
    name, colon, options = text.partition(":")
    if not colon:
        return name
    table = configuration.parse_value(f"{{{options}}}")  # of TOML
    if not isinstance(table, dict):  # a word without its quotes
        pairs = [part.partition("=") for part in options.split(",")]
        if not all(key.strip() and equals for key, equals, _ in pairs):
            raise ConfigError(
                f"{option} {text}: expected NAME:OPTION=VALUE,…, as in narrowing:samples=20."
            )
        table = {key.strip(): configuration.parse_value(word.strip()) for key, _, word in pairs}
    return {"name": name, **table}


def ranges(texts: Sequence[str]) -> dict[str, Any]:
    """What --space says, by its keys

    >>> ranges(["lr=log:1e-6..1e-2", "optimizer=sgd,adam"])
    {'lr': 'log:1e-6..1e-2', 'optimizer': ['sgd', 'adam']}
    >>> ranges(["depth={ kind = 'int', low = 1, high = 5 }"])
    {'depth': {'kind': 'int', 'low': 1, 'high': 5}}
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, given = (part.strip() for part in text.partition("="))
        if not equals or not given:
            raise ConfigError(
                f"--space {text}: expected KEY=RANGE, as in --space learning_rate=log:1e-6..1e-2."
            )
        if key in found:
            raise ConfigError(f"--space {key} stands there twice: leave one out.")
        value = configuration.parse_value(given)
        if not isinstance(value, dict | list):
            value = given if ".." in given else listed(given)
        found[key] = value
    try:
        return flat(found)
    except ValueError as error:
        raise ConfigError(f"--space: {error}.") from None


def _merged(space: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Both; of two keys that mean one setting, as "lr" and "optimizer.learning_rate", the second.

    >>> _merged({"optimizer.learning_rate": [1], "optimizer.name": [2], "l2": [3]}, {"lr": [4]})
    {'optimizer.name': [2], 'l2': [3], 'lr': [4]}
    """
    kept = {
        key: value
        for key, value in space.items()
        if not any(_end_alike(_whole(key), _whole(other)) for other in more)
    }
    return kept | dict(more)


def _whole(key: str) -> str:
    *tables, option = key.removesuffix(".name").split(".")
    return ".".join(["", *tables, OPTION_ALIASES.get(option, option)])


def _end_alike(a: str, b: str) -> bool:
    return a.endswith(b) or b.endswith(a)
