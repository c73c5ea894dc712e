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

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from groundup import config as configuration
from groundup.errors import InputError
from groundup.lab.plan import Plan
from groundup.lab.runs import Run, Runs
from groundup.storage import (
    Log,
    is_file,
    make_directory,
    read_log,
    shown,
    sweep,
    understood,
    write_text,
)
from groundup.train.environment import environment

LOG = "runs.jsonl"


class Folder:
    """A comparison on the disk, open for one writer: a context manager."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._log = Log(path / LOG)

    @classmethod
    def create(cls, path: Path, plan: Plan) -> Self:
        """A new folder with the plan; InputError if it exists."""
        make_directory(path, exclusive=True)
        write_text(path / "config.toml", configuration.to_toml(plan.config))
        write_text(path / "env.json", json.dumps(environment(), indent=2) + "\n")
        folder = cls(path)
        folder._log.append(_record(plan), durable=True)
        return folder

    @classmethod
    def open(cls, path: Path) -> Self:
        """One that `create` made; what dead writers left half-written is swept away."""
        if not is_file(path / LOG) or not read_log(path / LOG):
            raise InputError(f"{shown(path)} holds no comparison: expected a folder with {LOG}.")
        sweep(path)
        return cls(path)

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
        self._log.append(run.record(), durable=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._log.close()


def _record(plan: Plan) -> Mapping[str, Any]:
    return {
        "kind": "plan", "config": configuration.to_mapping(plan.config), "vary": plan.vary,
        "seeds": plan.seeds, "tune": plan.tune,
    }  # fmt: skip
