"""What a search for a policy is: the run, and how many networks are trained for it.

Three arms have the same budget and the same networks to train: the controller, policies drawn at
random, and no augmentation. The search sees training data alone: a few samples to learn from, and
others of the training part to judge by. The test data are opened by the verdict, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias, get_args

from groundup import config as configuration
from groundup.checks import as_whole, check_whole
from groundup.config import Config, reseeded
from groundup.data.augment import Policy
from groundup.data.dataset import Dataset
from groundup.errors import ConfigError
from groundup.registry import build, describe
from groundup.train.defaults import complete
from groundup.train.run import check_single
from groundup.tune.autoaugment.menu import Menu, usual_menu
from groundup.tune.autoaugment.reinforce import Reinforce

Arm: TypeAlias = Literal["controller", "random", "none"]
ARMS: tuple[Arm, ...] = get_args(Arm)
_AWAY = 1_000_000  # from the seeds of the verdict to those of the search


@dataclass(frozen=True)
class Plan:
    """What is searched, and how long.

    Args:
        config: the run of every network, complete, without augmentation.
        menu: what policies are made of.
        how: the controller learns.
        trials: policies that the controller tries; as many are drawn at random.
        batch: of them between two updates of the controller, trained side by side.
        subpolicies: of a policy.
        children: networks trained for one reward, from as many seeds.
        images: training samples that each network learns from, at most.
        best: policies whose sub-policies are joined in the end, as the paper joins five.
        seeds: networks of each arm in the verdict.
    """

    config: Config
    menu: Menu
    how: Reinforce = field(default_factory=Reinforce)
    trials: int = 100
    batch: int = 4
    subpolicies: int = 5
    children: int = 1
    images: int = 1000
    best: int = 5
    seeds: int = 5

    def __post_init__(self) -> None:
        for option in ("trials", "batch", "subpolicies", "children", "images", "best"):
            check_whole(self, option)
        as_whole(self.seeds, "seeds", 2)
        if self.config.data.augment:
            raise ConfigError(
                "autoaugment: it searches for data.augment, which the configuration gives. Leave "
                "it out there."
            )

    @property
    def updates(self) -> tuple[range, ...]:
        """The numbers of the trials between two updates."""
        every = range(self.trials)
        return tuple(every[start : start + self.batch] for start in every[:: self.batch])

    @property
    def searched_on(self) -> tuple[int, ...]:
        """The seeds of the networks that are trained for rewards."""
        first = self.config.seed + _AWAY
        return tuple(range(first, first + self.children))

    @property
    def judged_on(self) -> tuple[int, ...]:
        """The seeds of the verdict: others."""
        return tuple(range(self.config.seed, self.config.seed + self.seeds))

    def configured(self, policy: Policy | None, seed: int | None = None) -> Config:
        """The run with a policy, from a seed."""
        config = self.config if seed is None else reseeded(self.config, seed)
        augment = () if policy is None else (policy.table(),)
        data = config.data.model_copy(update={"augment": augment})
        return config.model_copy(update={"data": data})

    def record(self) -> dict[str, Any]:
        """As it stands in the log."""
        counts = {name: getattr(self, name) for name in _COUNTS}
        menu = {one.name: describe(getattr(self.menu, one.name)) for one in fields(Menu)}
        how = {one.name: describe(getattr(self.how, one.name)) for one in fields(Reinforce)}
        config = configuration.to_mapping(self.config)
        return {"kind": "plan", "config": config, "menu": menu, "how": how, **counts}

    @classmethod
    def from_record(cls, record: Mapping[str, Any], where: str) -> "Plan":
        return cls(
            configuration.from_mapping(record["config"], where),
            Menu(**build(record["menu"])),
            Reinforce(**build(record["how"])),
            **{name: record[name] for name in _COUNTS},
        )


_COUNTS = [one.name for one in fields(Plan) if one.name not in ("config", "menu", "how")]


def make_plan(config: Config, dataset: Dataset, **counts: Any) -> Plan:
    """The plan for these data

    Raises:
        ConfigError: the data are no images of classes, or the configuration is none of one network.
    """
    if dataset.task != "classification" or len(dataset.in_shape) != 3:
        what = f"{dataset.task} of samples {dataset.in_shape}"
        raise ConfigError(
            f"autoaugment: {dataset.name} is {what}: expected images (C, H, W) with classes, as "
            "policies are judged by accuracy."
        )
    whole = complete(check_single(config), dataset.in_shape, dataset.task)
    return replace(Plan(reseeded(whole, whole.seed), usual_menu(dataset.in_shape)), **counts)
