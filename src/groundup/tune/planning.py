"""From a configuration and a space to the plan of a study, with everything checked, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from groundup import config as configuration
from groundup.config import Config
from groundup.errors import ConfigError
from groundup.nn.optimizers import optimizers
from groundup.nn.zoo import zoo
from groundup.registry import Registry, describe
from groundup.train.defaults import complete
from groundup.train.run import Assembly, check_single, data_of, known_paths
from groundup.tune.dimensions import Categorical, Dimension, dimensions
from groundup.tune.fitting import fitting
from groundup.tune.history import Direction
from groundup.tune.method import Method, methods
from groundup.tune.plan import Plan
from groundup.tune.search import Search
from groundup.tune.space import Space, make_space
from groundup.tune.stopping import Stopping, stoppings

TRIALS = 100  # where neither the user nor the method says how many
EPOCHS = "train.epochs"
_TABLES: dict[str, Registry[Any]] = {"model": zoo, "optimizer": optimizers}
_JUDGES = (
    "seed", "data.name", "data.path", "data.target", "data.task", "data.test", "data.validation",
    "data.split_seed", "data.image_size", "train.metrics", "train.ensemble",
)  # fmt: skip


def make_plan(
    config: Config | Mapping[str, Any],
    space: Space | Mapping[str, Any],
    method: Method | str | Mapping[str, Any] = "random",
    trials: int | None = None,
    stopping: Stopping | str | Mapping[str, Any] = "none",
    metric: str | None = None,
    batch: int = 4,
) -> Plan:
    """The checked plan of a study; see `groundup.tune.search`

    Raises:
        InputError: something unknown or out of range, or nothing in the space fits the data.

    >>> plan = make_plan({"model": {"name": "two-layer"}}, {"learning_rate": "log:1e-4..1e-1"})
    >>> list(plan.search.space.dimensions), plan.metric, plan.search.trials
    (['optimizer.learning_rate'], 'accuracy', 100)
    """
    config = config if isinstance(config, Config) else configuration.from_mapping(config)
    dataset = data_of(config)
    config = check_single(complete(config, dataset.in_shape, dataset.task))
    if not config.data.validation:
        raise ConfigError(
            "data.validation = 0: trials are judged on validation data. Give a share of the "
            "training data, such as data.validation = 0.2."
        )
    method = methods.resolve(method)
    space = _by_paths(space, config)
    if trials is None and method.size(space) is None:
        trials = TRIALS
    search = Search(
        space, method, trials, "high", stoppings.resolve(stopping),
        _epochs(space, config), batch, config.seed,
    )  # fmt: skip
    plan = Plan(config, search, "accuracy")
    metric, best = _metric(metric, plan, fitting(plan, dataset))
    return Plan(config, replace(search, best=best), metric)


def search_table(plan: Plan) -> dict[str, Any]:
    """The table [search] that means this plan: what `make_plan` takes, as plain data

    >>> plan = make_plan({}, {"learning_rate": "log:1e-4..1e-1", "optimizer": ["sgd", "adam"]})
    >>> search_table(plan)["space"]
    {'optimizer.learning_rate': 'log:0.0001..0.1', 'optimizer.name': ['sgd', 'adam']}
    """
    search = plan.search
    found = {
        "method": _named(search.method, methods),
        "trials": search.trials,
        "stopping": _named(search.stopping, stoppings),
        "metric": plan.metric,
        "batch": search.batch,
        "space": {name: _spelled(one) for name, one in search.space.dimensions.items()},
    }
    return {name: value for name, value in found.items() if value is not None}


def _named(value: Any, registry: Registry[Any]) -> Any:
    """Its name, with its options if it has any."""
    name, options = registry.name_of(type(value)), describe(value)
    del options["kind"]
    return {"name": name, **options} if options else name


def _spelled(dimension: Dimension) -> Any:
    """A range in words where these mean the same, choices as a list, else a table."""
    if not dimension.when and isinstance(dimension, Categorical):
        return describe(dimension.choices)
    if not dimension.when and make_space({"x": dimension.words}).dimensions["x"] == dimension:
        return dimension.words
    return describe(dimension) | {"kind": dimensions.name_of(type(dimension))}


# --- names


def _by_paths(given: Space | Mapping[str, Any], config: Config) -> Space:
    """The space by whole paths of the configuration."""
    values = given.dimensions if isinstance(given, Space) else given
    known = _known(values, config)
    paths = {name: _path(name, known) for name in values}
    for name, path in paths.items():
        others = [other for other in paths if other != name and paths[other] == path]
        if others:
            raise ConfigError(f"space: {name} and {others[0]} are both {path}. Leave one out.")
    return make_space({paths[name]: _renamed(one, known) for name, one in values.items()})


def _known(values: Mapping[str, Any], config: Config) -> list[str]:
    """Every path that a key can mean, with the options of all kinds that are chosen among."""
    found = known_paths(config)
    for table, registry in _TABLES.items():
        for name in (table, f"{table}.name"):
            for choice in _choices(values.get(name)):
                if isinstance(choice, str):
                    options = (one.name for one in fields(registry[choice]) if one.init)
                    found += [f"{table}.{option}" for option in options]
    return found


def _choices(value: Any) -> Sequence[Any]:
    if isinstance(value, Mapping):
        value = value.get("choices")
    if isinstance(value, Categorical):
        value = value.choices
    return value if isinstance(value, list | tuple) else ()


def _path(name: str, known: Sequence[str]) -> str:
    """The key of a table means its name."""
    try:
        path = configuration.find_path(f"{name}.name" if name in _TABLES else name, known)
    except ConfigError as error:
        raise ConfigError(f"space: {error}") from None
    if path in _JUDGES:
        raise ConfigError(
            f"space: all trials are judged on the same data by the same measure, so {path} cannot "
            "be searched. Set it for all of them."
        )
    return path


def _renamed(value: Any, known: Sequence[str]) -> Any:
    """What a hyper-parameter is, with whole paths in its condition."""
    when = value.when if isinstance(value, Dimension) else None
    if isinstance(value, Mapping):
        when = value.get("when")
    if not isinstance(when, Mapping) or not when:
        return value
    when = {_path(name, known): values for name, values in when.items()}
    return replace(value, when=when) if isinstance(value, Dimension) else {**value, "when": when}


def _epochs(space: Space, config: Config) -> int:
    """How long the longest trial is."""
    if EPOCHS not in space.dimensions:
        return config.train.epochs
    return max(space.dimensions[EPOCHS].grid(2))


def _metric(given: str | None, plan: Plan, assembly: Assembly) -> tuple[str, Direction]:
    """What trials are judged by, and what of it is good."""
    counted = "accuracy" in assembly.learner.metrics
    metric = given or ("accuracy" if counted else "loss")
    if metric not in ("accuracy", "loss"):
        raise ConfigError(f"metric = {metric!r}: expected accuracy or loss.")
    if metric == "accuracy" and not counted:
        raise ConfigError(
            "metric = 'accuracy': it is not counted here. Search by loss, or classify with "
            'train.metrics = ["accuracy"].'
        )
    if metric == "loss" and "train.loss" in plan.search.space.dimensions:
        raise ConfigError(
            "space: the values of different losses cannot be compared, so train.loss cannot be "
            "searched by loss. Search by accuracy, if these are classes."
        )
    return metric, "high" if metric == "accuracy" else "low"
