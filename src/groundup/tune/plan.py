"""The plan of a study: a configuration, what is searched in it, and what is good."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from groundup import config as configuration
from groundup.config import Config
from groundup.registry import Registry, describe
from groundup.report.measure import Measure
from groundup.train.changes import changed
from groundup.tune.method import methods
from groundup.tune.search import Search
from groundup.tune.space import Settings, make_space
from groundup.tune.stopping import stoppings

_KINDS = ("model.name", "optimizer.name")  # what other options belong to


@dataclass(frozen=True)
class Plan:
    """What is to be found.

    Args:
        config: what all trials share, complete; a trial has its seed and its epochs.
        search: the space by whole paths of the configuration, the method and all else.
        metric: what is judged on the validation data: "accuracy" or "loss".
    """

    config: Config
    search: Search
    metric: str

    def configured(self, settings: Settings) -> Config:
        """The run that some settings mean; ConfigError if there can be no such run."""
        config = self.config
        for path in sorted(settings, key=lambda path: path not in _KINDS):  # kinds first
            config = changed(config, path, settings[path], "search")
        return config

    @property
    def measure(self) -> Measure:
        """How values of the metric are written."""
        return Measure("accuracy" if self.metric == "accuracy" else "loss", self.search.best, 0)

    def record(self) -> dict[str, Any]:
        """As it stands in the log."""
        search = {one.name: getattr(self.search, one.name) for one in fields(Search)}
        search = describe({**search, "space": self.search.space.record()})
        config = configuration.to_mapping(self.config)
        return {"kind": "plan", "config": config, "search": search, "metric": self.metric}

    @classmethod
    def from_record(cls, record: Mapping[str, Any], where: str) -> "Plan":
        search = dict(record["search"])
        space = make_space(search.pop("space"))
        # `build` would take a choice such as {"kind": "Dense"} for a layer.
        kinds: tuple[tuple[str, Registry[Any]], ...] = (
            ("method", methods),
            ("stopping", stoppings),
        )
        search |= {name: registry.resolve(search[name]) for name, registry in kinds}
        config = configuration.from_mapping(record["config"], where)
        return cls(config, Search(space, **search), record["metric"])
