"""The folder of a search for a policy: its log, from which all else can be made.

config.toml  env.json  what all networks share, and the machine
autoaugment.jsonl      the plan, then every network that was trained: none is ever trained again
networks.csv           a row a network
controller.csv         a row an update: how likely each operation was
policy.toml            the learned policy; `gu.Policy.load` and `groundup train` take it
best.toml              the configuration with the learned policy in it
result.json            all that is told
autoaugment.html
"""

from pathlib import Path
from typing import Self

from groundup import config as configuration
from groundup.storage import understood
from groundup.train.log_folder import LogFolder
from groundup.tune.autoaugment.children import Child, Children
from groundup.tune.autoaugment.plan import Plan

LOG = "autoaugment.jsonl"


class Folder(LogFolder):
    """A search on the disk."""

    LOG, HOLDS = LOG, "search for a policy"

    @classmethod
    def create(cls, path: Path, plan: Plan) -> Self:
        """A new folder with the plan; InputError if it exists."""
        return cls.begin(path, configuration.to_toml(plan.config), plan.record())

    def plan(self) -> Plan:
        """What is searched."""
        with understood(self.path / LOG):
            return Plan.from_record(self._log.read()[0], str(self.path / LOG))

    def children(self) -> Children:
        """The networks that are trained."""
        with understood(self.path / LOG):
            found = (Child.from_record(record) for record in self._log.read()[1:])
            return {child.key: child for child in found}

    def keep(self, child: Child) -> None:
        """Add a network; it is on the disk when this returns."""
        self.note(child.record())
