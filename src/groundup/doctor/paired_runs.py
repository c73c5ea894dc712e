"""Runs of several configurations from the same seeds, each made once and remembered."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TypeAlias

from groundup.config import Config, reseeded
from groundup.data.dataset import Dataset
from groundup.train.learner import Examples
from groundup.train.trials import Outcome, Trial, run_trials

Tell: TypeAlias = Callable[[int, int], None]
_Key: TypeAlias = tuple[str, int]  # a configuration in letters, and the seed


@dataclass
class PairedRuns:
    """Where runs are made, and what came of them

    The k-th run of every configuration has the seed s + k, and all share their samples to validate
    with, so that runs of one k make pairs.

    Args:
        pool: where they are trained.
        dataset, validation: the data, if they are not those of the configurations.
        check: is called now and then; what it raises ends the work.
        tell: is told after each run how many are done, and of how many so far.
    """

    pool: Executor
    dataset: Dataset | None = None
    validation: Examples | None = None
    check: Callable[[], None] = lambda: None
    tell: Tell | None = None
    seconds: float = 0.0  # by the clock on the wall
    _outcomes: dict[_Key, Outcome] = field(default_factory=dict)

    def outcomes(self, config: Config) -> list[Outcome]:
        """What came of a configuration's runs, in the order of their seeds."""
        name = _name(config)
        return [self._outcomes[key] for key in sorted(self._outcomes) if key[0] == name]

    def estimate(self, configs: Sequence[Config], count: int) -> float:
        """Seconds until each of these has so many runs, by those that were made; else 0."""
        each = self.seconds / len(self._outcomes) if self._outcomes else 0.0
        return each * len(self._missing(configs, count))

    def make(self, configs: Sequence[Config], count: int, epochs: float) -> None:
        """Make the runs that are missing until each configuration has so many."""
        missing, began = self._missing(configs, count), time.perf_counter()
        before, made = len(self._outcomes), dict[_Key, Outcome]()
        for place, outcome in self.train(list(missing.values()), epochs):
            made[list(missing)[place]] = outcome
            if self.tell is not None:
                self.tell(before + len(made), before + len(missing))
        self._outcomes |= made
        self.seconds += time.perf_counter() - began

    def train(self, configs: Sequence[Config], epochs: float) -> Iterator[tuple[int, Outcome]]:
        """(which of these, what came of it): runs that are not kept."""
        trials = [Trial(config, epochs) for config in configs]
        return run_trials(trials, self.pool, self.dataset, self.validation, self.check)

    def _missing(self, configs: Sequence[Config], count: int) -> dict[_Key, Config]:
        """Those of one seed beside one another."""
        wanted = {
            (_name(config), k): reseeded(config, config.seed + k)
            for k in range(count)
            for config in configs
        }
        return {key: config for key, config in wanted.items() if key not in self._outcomes}


def _name(config: Config) -> str:
    return config.model_dump_json()
