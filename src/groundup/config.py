"""What a run is: one TOML file, checked whole before anything is done.

The four tables are fixed; what a model or an optimizer takes besides its name is known to them
alone, and checked when they are made. Short keys on the command line ("init", "learning_rate") mean
the one path that ends so.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import tomli_w
from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from groundup.config_data import Count, DataConfig, Seed, Table
from groundup.errors import ConfigError, did_you_mean
from groundup.registry import OPTION_ALIASES
from groundup.storage import read_toml

SEARCH = "search"  # the table of a file that says what to search, not what to run
_Table = TypeVar("_Table", bound=Table)


def _by_label(given: Any) -> Any:
    """The table {"0": 2.0} by whole numbers, {0: 2.0}: the keys of a TOML table are text."""
    if not isinstance(given, dict):
        return given
    return {int(key) if str(key).isdecimal() else key: value for key, value in given.items()}


ClassWeight = Annotated[str | dict[Any, Any], AfterValidator(_by_label)]


class _Named(Table):
    """A table with a name and the options of what it names."""

    model_config = ConfigDict(extra="allow", frozen=True)
    name: str

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class ModelConfig(_Named):
    """A model of the zoo with its options, or a list of layers."""

    name: str = "simple-convnet"
    layers: tuple[dict[str, Any], ...] | None = None


# Right on the built-in digits of 8x8 pixels, for which the book's 5x5 filters are too large.
SMALL_CONVNET = ModelConfig.model_validate({"filters": 60, "filter_size": 3, "padding": "same"})


class OptimizerConfig(_Named):
    """An optimizer with its options."""

    name: str = "adam"


class TrainConfig(Table):
    """How long, in which steps, judged by what; how many networks, each on a resample or not."""

    epochs: Annotated[int, Field(ge=0, strict=True)] = 20
    batch_size: Count = 32
    shuffle: Annotated[bool, Field(strict=True)] | Literal["stratified"] = True
    loss: str | dict[str, Any] | None = None  # by the data's task, as the metrics
    metrics: tuple[str, ...] | None = None
    class_weight: ClassWeight | None = None
    callbacks: tuple[dict[str, Any], ...] | None = None
    log_every: Count = 10
    probes: Annotated[bool, Field(strict=True)] | Count = True  # or every how many updates
    ensemble: Count = 1
    bagging: Annotated[bool, Field(strict=True)] = False


class Config(Table):
    """Everything that decides a run's result.

    >>> Config().data.name, Config(seed=3).seed
    ('digits', 3)
    """

    seed: Seed = 0
    data: DataConfig = DataConfig()
    model: ModelConfig = SMALL_CONVNET
    optimizer: OptimizerConfig = OptimizerConfig()
    train: TrainConfig = TrainConfig()


def from_mapping(values: Mapping[str, Any], where: str = "configuration") -> Config:
    """A checked `Config`; a `ConfigError` names each wrong key, what came and what was expected.

    >>> from_mapping({"train": {"epohcs": 5}})
    Traceback (most recent call last):
    groundup.errors.ConfigError: configuration: unknown key train.epohcs. Did you mean 'epochs'?
    """
    values = dict(values)
    if isinstance(values.get("optimizer"), Mapping):
        values["optimizer"] = _without_aliases(values["optimizer"], f"{where}: optimizer")
    return as_table(Config, values, where)


def as_table(kind: type[_Table], values: Mapping[str, Any], where: str) -> _Table:
    """A checked table of this kind; a `ConfigError` names each wrong key."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        lines = (f"{where}: {line}" for line in _explain(error.errors(), kind()))
        raise ConfigError("\n".join(lines)) from None


def _without_aliases(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The table with its options by their full names: `learning_rate`, not `lr`."""
    for alias, name in OPTION_ALIASES.items():
        if alias in table and name in table:
            raise ConfigError(f"{where}: {alias} and {name} are the same option. Leave one out.")
    return {OPTION_ALIASES.get(key, key): value for key, value in table.items()}


def load(path: Path | str) -> Config:
    """The `Config` in a TOML file; a relative path of data begins at the file's folder

    The file may hold a table [search] for `groundup tune`. It is no part of the run.
    """
    values = read_toml(Path(path))
    values.pop(SEARCH, None)
    config = from_mapping(values, str(path))
    return at(config, Path(path).parent)


def at(config: Config, folder: Path) -> Config:
    """The same with an absolute path of data, so that it means the same from everywhere."""
    if config.data.path is None:
        return config
    whole = str(Path(folder, config.data.path).absolute())
    return config.model_copy(update={"data": config.data.model_copy(update={"path": whole})})


def reseeded(config: Config, seed: int) -> Config:
    """The same run from another seed, with the same samples to train, validate and test.

    >>> other = reseeded(Config(seed=3), 7)
    >>> other.seed, other.data.split_seed
    (7, 3)
    """
    split = config.seed if config.data.split_seed is None else config.data.split_seed
    data = config.data.model_copy(update={"split_seed": split})
    return config.model_copy(update={"seed": seed, "data": data})


def to_mapping(config: Config) -> dict[str, Any]:
    """Nested plain values, without what is None (TOML knows no null)."""
    return config.model_dump(mode="json", exclude_none=True)


def to_toml(config: Config) -> str:
    """The text of a config.toml that `load` reads back to an equal `Config`."""
    return tomli_w.dumps(to_mapping(config))


def set_path(values: dict[str, Any], path: str, value: Any) -> None:
    """values[a][b] = value for the path "a.b", in place."""
    *tables, key = path.split(".")
    for table in tables:
        values = values.setdefault(table, {})
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: {table} is a value, not a table.")
    values[key] = value


def find_path(key: str, known: Iterable[str]) -> str:
    """The only known path that is `key` or ends in it; `lr` is `learning_rate`.

    >>> find_path("epochs", ["train.epochs", "data.name"])
    'train.epochs'
    >>> find_path("name", ["data.name", "model.name"])
    Traceback (most recent call last):
    groundup.errors.ConfigError: 'name' could be data.name or model.name. Write the longer one.
    """
    paths = sorted(set(known))
    *tables, option = key.split(".")
    key = ".".join([*tables, OPTION_ALIASES.get(option, option)])
    if key in paths:
        return key
    found = [path for path in paths if path.endswith(f".{key}")]
    if len(found) > 1:
        raise ConfigError(f"{key!r} could be {' or '.join(found)}. Write the longer one.")
    if not found:
        endings = {path.rsplit(".", 1)[-1] for path in paths}
        hint = did_you_mean(key, endings if "." not in key else paths)
        raise ConfigError(f"unknown key {key!r}. {hint}")
    return found[0]


def fixed_paths() -> list[str]:
    """The paths that every configuration has."""
    paths = ["seed"]
    for table in ("data", "model", "optimizer", "train"):
        kind = type(getattr(Config(), table))
        paths += [f"{table}.{key}" for key in kind.model_fields]
    return paths


def parse_value(text: str) -> Any:
    """A value as TOML would read it; anything else is a string.

    >>> parse_value("1e-3"), parse_value("[100, 50]"), parse_value("true"), parse_value("he")
    (0.001, [100, 50], True, 'he')
    """
    import tomllib

    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return table["value"] if len(table) == 1 else text  # a second line is no second key


_KINDS = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
}
# Of unions; they stand in the path of a value that is neither.
_MEMBERS = (
    "str", "int", "bool", "literal['stratified']", "tuple[union[str,int], ...]", "dict[str,any]",
    "dict[any,any]",
)  # fmt: skip


def _explain(problems: Iterable[Any], default: Table) -> Iterable[str]:
    """A line for each wrong key of a table like this: what came and what was expected."""
    expected: dict[str, list[str]] = {}
    for problem in problems:
        place = [str(part) for part in problem["loc"] if part not in _MEMBERS]
        path = ".".join(place)
        if problem["type"] == "extra_forbidden":
            table: Any = default
            for part in place[:-1]:
                table = getattr(table, part)
            yield f"unknown key {path}. {did_you_mean(place[-1], type(table).model_fields)}"
        elif problem["type"] == "value_error":
            given = problem["input"]
            value = "" if isinstance(given, Mapping) else f" = {given!r:.200}"
            yield f"{path}{value}: expected {problem['ctx']['error']}."
        else:
            plain = problem["msg"].replace("Input should be", "a value")
            words = expected.setdefault(f"{path} = {problem['input']!r:.200}", [])
            words.append(_KINDS.get(problem["type"], plain))
    for given, words in expected.items():
        yield f"{given}: expected {' or '.join(words)}."
