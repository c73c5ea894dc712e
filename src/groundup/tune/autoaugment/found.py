"""What came of a search for a policy: the trials, what the controller learned, and the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from groundup import config as configuration
from groundup.config import Config
from groundup.data.augment import Policy
from groundup.report.measure import Measure
from groundup.statistics.pairs import PairedTest, paired_t
from groundup.statistics.ranking import Ranking, rank
from groundup.tune.autoaugment.children import Child, Children, rewards
from groundup.tune.autoaugment.menu import Decisions
from groundup.tune.autoaugment.plan import ARMS, Arm, Plan

ALPHA = 0.05
NAMES: Mapping[Arm, str] = {
    "controller": "learned policy",
    "random": "random policy",
    "none": "no augmentation",
}


@dataclass(frozen=True)
class Step:
    """The controller before an update.

    Args:
        trial: the first that it draws.
        operations: how likely each operation of the menu is, the mean over a sub-policy's places.
        entropy: how undecided it is, 1 where every option is equally likely, 0 where one is sure.
    """

    trial: int
    operations: tuple[float, ...]
    entropy: float


@dataclass(frozen=True)
class Samples:
    """How many samples every network learned from, and how many judged in search and verdict."""

    learned: int
    validation: int
    test: int


@dataclass(frozen=True)
class Found:
    """A finished search.

    Args:
        plan: what was searched.
        children: every network, in the plan's order.
        steps: the controller before each update, and in the end.
        samples: how many there were.
    """

    plan: Plan
    children: tuple[Child, ...]
    steps: tuple[Step, ...]
    samples: Samples

    @property
    def policy(self) -> Policy:
        """What the controller found: the sub-policies of its best trials."""
        found = self.policies["controller"]
        assert found is not None
        return found

    @cached_property
    def policies(self) -> Mapping[Arm, Policy | None]:
        """Of each arm what the verdict is on."""
        return chosen(self.plan, self._done)

    def rewards(self, arm: Arm) -> list[float]:
        """Of every trial of the controller, or of the random policies; none has one trial."""
        return rewards(self._done, self.plan, arm, range(self.plan.trials if arm != "none" else 1))

    def accuracies(self, arm: Arm) -> tuple[float, ...]:
        """On the test data, of the verdict's seeds."""
        return tuple(self._done[arm, None, seed].accuracy for seed in self.plan.judged_on)

    @cached_property
    def ranking(self) -> Ranking:
        """The arms by their names, the best first, every two compared in pairs of one seed."""
        return rank({NAMES[arm]: self.accuracies(arm) for arm in ARMS}, "high", ALPHA)

    def mean(self, arm: Arm) -> PairedTest:
        """The mean accuracy on the test data with its 95 % interval."""
        return paired_t(self.accuracies(arm))

    @property
    def measure(self) -> Measure:
        """How accuracies are written."""
        return Measure("accuracy", "high", self.samples.test)

    @property
    def config(self) -> Config:
        """The run with the learned policy, as `groundup train` takes it."""
        return self.plan.configured(self.policy)

    def to_toml(self) -> str:
        """The same as the text of a file."""
        return configuration.to_toml(self.config)

    @cached_property
    def _done(self) -> Children:
        return {child.key: child for child in self.children}

    def __str__(self) -> str:
        from groundup.tune.autoaugment.words import headline

        return headline(self)


def chosen(plan: Plan, done: Children) -> dict[Arm, Policy | None]:
    """Of each arm the sub-policies of the best trials, joined; of equal ones the earlier is better

    By the accuracy on the validation data. So both searches have as many sub-policies in the end.
    """
    policies: dict[Arm, Policy | None] = {"none": None}
    for arm in ("controller", "random"):
        policies[arm] = plan.menu.policy(np.concatenate(best_trials(plan, done, arm)))
    return policies


def best_trials(plan: Plan, done: Children, arm: Arm) -> Sequence[Decisions]:
    """What spells the best policies of an arm, the best first."""
    order = np.argsort(-np.array(rewards(done, plan, arm, range(plan.trials))), kind="stable")
    seed = plan.searched_on[0]
    return [np.array(done[arm, int(number), seed].decisions) for number in order[: plan.best]]
