"""The folder of a comparison: its log, from which all else can be made, and the other files.

config.toml  env.json  what all methods share, and the machine
runs.jsonl             the plan, then every finished run: what was done is never done again
results.csv            a row a run
comparison.csv         a row a pair of methods
curves.csv             a row an epoch of a method: means with their bands
times.csv              what the runs took; all the others are the same, however often made
result.json            all that is told of the methods
report.html
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from groundup import config as configuration
from groundup.lab.plan import Plan
from groundup.lab.runs import Run, Runs
from groundup.storage import understood
from groundup.train.log_folder import LogFolder

LOG = "runs.jsonl"


class Folder(LogFolder):
    """A comparison on the disk."""

    LOG, HOLDS = LOG, "comparison"

    @classmethod
    def create(cls, path: Path, plan: Plan) -> Self:
        """A new folder with the plan; InputError if it exists."""
        return cls.begin(path, configuration.to_toml(plan.config), _record(plan))

    def plan(self) -> Plan:
        """What is compared."""
        first = self._log.read()[0]
        with understood(self.path / LOG):
            config = configuration.from_mapping(first["config"], str(self.path / LOG))
            return Plan(config, first["vary"], first["seeds"], first["tune"])

    def runs(self) -> Runs:
        """The runs that are finished."""
        with understood(self.path / LOG):
            found = (Run.from_record(record) for record in self._log.read()[1:])
            return {run.key: run for run in found}

    def keep(self, run: Run) -> None:
        """Add a finished run; it is on the disk when this returns."""
        self.note(run.record())


def _record(plan: Plan) -> Mapping[str, Any]:
    return {
        "kind": "plan", "config": configuration.to_mapping(plan.config), "vary": plan.vary,
        "seeds": plan.seeds, "tune": plan.tune,
    }  # fmt: skip
