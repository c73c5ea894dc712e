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

import json
from pathlib import Path
from types import TracebackType
from typing import Self

from groundup import config as configuration
from groundup.errors import InputError
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
from groundup.tune.autoaugment.children import Child, Children
from groundup.tune.autoaugment.plan import Plan

LOG = "autoaugment.jsonl"


class Folder:
    """A search on the disk, open for one writer: a context manager."""

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
        folder._log.append(plan.record(), durable=True)
        return folder

    @classmethod
    def open(cls, path: Path) -> Self:
        """One that `create` made; what dead writers left half-written is swept away."""
        if not is_file(path / LOG) or not read_log(path / LOG):
            raise InputError(
                f"{shown(path)} holds no search for a policy: expected a folder with {LOG}."
            )
        sweep(path)
        return cls(path)

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
        self._log.append(child.record(), durable=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._log.close()
