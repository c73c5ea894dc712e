"""A look at a space before hours of training: can it be right, and does any of it fit the data?

A value that nothing could be made of is refused. A single point at which all of it does not fit,
such as a filter larger than the image, is no mistake: its trial will fail, and the search goes on.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from groundup.config import Config
from groundup.data.dataset import Dataset
from groundup.errors import ConfigError, InputError, UnknownName, UnknownOption
from groundup.nn.optimizers import optimizers
from groundup.nn.zoo import zoo
from groundup.rng import Stream
from groundup.train.run import Assembly, assemble
from groundup.tune.dimensions import Categorical
from groundup.tune.plan import Plan
from groundup.tune.space import Settings, Space, is_there

_DRAWS = 16  # of settings, until some fit the data


def fitting(plan: Plan, dataset: Dataset) -> Assembly:
    """Some settings' network, after a look at both ends, or all choices, of every dimension

    Raises:
        InputError: a value that could never be right, or no settings that fit the data.
    """
    space, seed = plan.search.space, plan.search.seed
    found, refused = None, None
    for settings, must_be_known in _examples(space):
        config = _checked(plan, settings)
        if found is None or must_be_known:
            try:
                found = assemble(config, dataset)
            except (UnknownName, UnknownOption) as error:
                raise _refusal(settings, error) from error
            except InputError as error:
                refused = refused or _refusal(settings, error)
    for draw in range(_DRAWS):
        if found is None:
            with suppress(InputError):
                settings = space.sample(Stream(seed, "search", "plan").at(step=draw))
                found = assemble(plan.configured(settings), dataset)
    if found is None:
        assert refused is not None
        raise refused
    return found


def _examples(space: Space) -> Iterator[tuple[Settings, bool]]:
    """Settings with each value to be looked at, and whether it is a choice."""
    for name, dimension in space.dimensions.items():
        for value in dimension.grid(2):
            yield _example(space, name, value), isinstance(dimension, Categorical)


def _example(space: Space, name: str, value: Any) -> Settings:
    """Settings in which this value stands, and the middle of all else that is there."""
    wanted, names = {name: value}, [name]
    while names:
        for other, values in space.dimensions[names.pop()].when.items():
            wanted[other] = values[0]
            names.append(other)
    found = dict[str, Any]()
    for other, dimension in space.dimensions.items():
        if is_there(dimension, found):
            found[other] = wanted.get(other, dimension.at(0.5))
    return found


def _checked(plan: Plan, settings: Settings) -> Config:
    """The configuration of these settings; what it names can be made, whatever the data."""
    try:
        config = plan.configured(settings)
        optimizers[config.optimizer.name](**config.optimizer.options)
        if config.model.layers is None:
            zoo[config.model.name](**config.model.options)
    except InputError as error:
        raise _refusal(settings, error) from error
    return config


def _refusal(settings: Settings, error: InputError) -> ConfigError:
    said = ", ".join(f"{name} = {value!r}" for name, value in settings.items())
    return ConfigError(f"space: with {said}: {error}")
