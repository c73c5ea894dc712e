"""What a planted fault is: a sound training, and what was done to it; all of it values."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal, TypeAlias

from groundup import config as configuration
from groundup.config import Config
from groundup.data.dataset import Dataset, load
from groundup.rng import Stream
from groundup.typing import Array

Half: TypeAlias = Literal["tuning", "judged"]
Samples: TypeAlias = tuple[Array, Array]
Parts: TypeAlias = tuple[Dataset, Samples]

HALVES: tuple[Half, Half] = ("tuning", "judged")


@dataclass(frozen=True)
class Setup:
    """One training before it is run.

    Args:
        values: its configuration as plain values.
        plants: what is done to its data, in this order; partial functions, so their names and
            arguments can be read.
        validation: takes samples to validate with out of the data; by default a share is held out.
    """

    values: Mapping[str, Any]
    plants: tuple["partial[Dataset]", ...] = ()
    validation: "partial[Parts] | None" = None

    @property
    def config(self) -> Config:
        """The checked configuration."""
        return configuration.from_mapping(self.values)

    def data(self, source: Dataset | None = None) -> tuple[Dataset, Samples | None]:
        """The data with everything planted, and explicit validation samples if there are any.

        Args:
            source: the data set, if loaded already.
        """
        dataset = source or load(self.values["data"]["name"])
        for place, plant in enumerate(self.plants):
            dataset = plant(dataset, Stream(place, "split", f"faults/{plant.func.__name__}"))
        if self.validation is None:
            return dataset, None
        return self.validation(dataset, Stream(0, "split", "faults/validation"))

    def but(
        self,
        changes: Mapping[str, Any] | None = None,
        *plants: "partial[Dataset]",
        validation: "partial[Parts] | None" = None,
    ) -> "Setup":
        """The same with other settings, by their paths, and with more done to its data."""
        values = deepcopy(dict(self.values))
        for path, value in (changes or {}).items():
            configuration.set_path(values, path, value)
        return replace(self, values=values, plants=(*self.plants, *plants), validation=validation)


@dataclass(frozen=True)
class Fault:
    """A training with one thing wrong, or with nothing wrong.

    Args:
        name: such as "dead-relus-3".
        rule: the rule that should find it; None for a healthy training.
        half: thresholds are set on "tuning" and judged on "judged".
        setup: the training.
        sound: the same without the fault; None for a healthy training.
    """

    name: str
    rule: str | None
    half: Half
    setup: Setup
    sound: Setup | None = None


def numbered(rule: str, pairs: tuple[tuple[Setup, Setup], ...]) -> tuple[Fault, ...]:
    """The faults of a rule from (sound, faulty) pairs; the halves take turns."""
    return tuple(
        Fault(f"{rule}-{number + 1}", rule, HALVES[number % 2], faulty, sound)
        for number, (sound, faulty) in enumerate(pairs)
    )
