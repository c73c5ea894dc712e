"""The networks of a search: which are wanted, what came of them, and how one is trained.

A child is a function of the plan and its request alone, with one thread wherever it is trained.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

from groundup.config import Config
from groundup.config_data import DataConfig
from groundup.data.augment import Policy
from groundup.data.files import open_dataset
from groundup.train.fan_out import fan_out
from groundup.train.trials import Outcome, Part, Trial, run_trial
from groundup.tune.autoaugment.menu import Decisions
from groundup.tune.autoaugment.plan import Arm, Plan
from groundup.tune.autoaugment.small_set import SmallSet, small_set


@dataclass(frozen=True)
class Request:
    """A network that is wanted.

    Args:
        arm: whose policy it learns with.
        number: of the trial; None in the verdict.
        seed: of everything that is drawn.
        decisions: that spell its policy, (S, T); None in the verdict.
        policy: None for none.
    """

    arm: Arm
    number: int | None
    seed: int
    decisions: Decisions | None = field(default=None, compare=False)
    policy: Policy | None = field(default=None, compare=False)

    @property
    def key(self) -> "Key":
        return self.arm, self.number, self.seed

    @property
    def judged(self) -> Part:
        """The verdict alone sees the test data."""
        return "test" if self.number is None else "val"


Key: TypeAlias = tuple[Arm, int | None, int]


@dataclass(frozen=True)
class Child:
    """A network that was trained.

    Args:
        arm, number, seed: which it is.
        accuracy: on the data that judge it; of one that diverged that of chance.
        decisions: that spell its policy; none in the verdict and without a policy.
        diverged: where, in words; "" if it did not.
        seconds: what it took.
    """

    arm: Arm
    number: int | None
    seed: int
    accuracy: float
    decisions: tuple[tuple[int, ...], ...] = ()
    diverged: str = ""
    seconds: float = field(default=0.0, compare=False)

    @property
    def key(self) -> Key:
        return self.arm, self.number, self.seed

    def record(self) -> dict[str, Any]:
        """As it stands in the log."""
        return {"kind": "child", **asdict(self)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Child":
        values = {name: value for name, value in record.items() if name != "kind"}
        values["decisions"] = tuple(map(tuple, values["decisions"]))
        return cls(**values)


Children: TypeAlias = dict[Key, Child]


def train(
    requests: Iterable[Request],
    plan: Plan,
    done: Children,
    pool: Executor,
    keep: Callable[[Child], None],
    check: Callable[[], None],
    given: SmallSet | None = None,
) -> None:
    """Train what is not done yet

    Args:
        requests: what is wanted.
        plan: what is searched.
        done: the networks so far; new ones are added.
        pool: where.
        keep: is called with each new one.
        check: is called now and then; what it raises ends the waiting.
        given: the data; by default a process opens those of the configuration, once.
    """
    wanted = [one for one in requests if one.key not in done]
    arguments = [
        (plan.configured(one.policy, one.seed), one.judged, plan.images, given) for one in wanted
    ]
    for place, future in fan_out(pool, train_child, arguments, check):
        request = wanted[place]
        accuracy, outcome = future.result()
        spelled = () if request.decisions is None else tuple(map(tuple, request.decisions.tolist()))
        child = Child(*request.key, accuracy, spelled, outcome.diverged, outcome.seconds)
        done[child.key] = child
        keep(child)


def train_child(
    config: Config, judged: Part, images: int, given: SmallSet | None
) -> tuple[float, Outcome]:
    """(its accuracy, all that came of it): one that diverged is worth a guess among the classes."""
    data = given or _opened(_source(config), _split_seed(config), config.data.validation, images)
    dataset = data.dataset if judged == "test" else data.without_test
    outcome = run_trial(Trial(config, judged=(judged,)), dataset, data.validation)
    chance = 1 / max(len(dataset.classes), 1)
    return outcome.scores.get(f"{judged}_accuracy", chance), outcome


def opened(plan: Plan) -> SmallSet:
    """The small set of a plan, which a process reads once."""
    config = plan.config
    return _opened(_source(config), _split_seed(config), config.data.validation, plan.images)


@lru_cache(1)
def _opened(source: str, split_seed: int, share: float, images: int) -> SmallSet:
    dataset = open_dataset(DataConfig.model_validate_json(source), split_seed)
    return small_set(dataset, images, share, split_seed)


def _source(config: Config) -> str:
    return config.data.model_dump_json(exclude={"augment", "preprocess"})


def _split_seed(config: Config) -> int:
    return config.seed if config.data.split_seed is None else config.data.split_seed


def rewards(done: Children, plan: Plan, arm: Arm, numbers: Sequence[int]) -> list[float]:
    """Of each of these trials: the mean accuracy of its networks on the validation data."""
    return [
        sum(done[arm, number, seed].accuracy for seed in plan.searched_on) / plan.children
        for number in numbers
    ]
