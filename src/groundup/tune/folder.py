"""The folder of a study: its log, from which all else can be made, and the other files.

config.toml  env.json  the run with the table [search], so that it can be searched again
study.jsonl            the plan, then all that happened; see `records`
best/                  the run directory of the network of the best settings
best.toml              its configuration
and what `files` writes when the search has ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import tomli_w

from groundup import config as configuration
from groundup.config import SEARCH
from groundup.errors import InputError
from groundup.storage import is_file, read_log, shown, understood
from groundup.train.log_folder import LogFolder
from groundup.tune.plan import Plan
from groundup.tune.planning import search_table
from groundup.tune.records import Begun, Record, Terms, replay, terms_of, terms_record
from groundup.tune.study import Final, Study

LOG, BEST = "study.jsonl", "best"


@dataclass(frozen=True)
class Story:
    """What the log of a study tells.

    Args:
        plan: what is searched, with as many trials as was said last.
        terms: how it is carried out.
        begun: what is known of the trials.
        chosen: the trial whose settings are trained for good; None before.
        final: what came of that.
    """

    plan: Plan
    terms: Terms
    begun: Begun
    chosen: int | None = None
    final: Final | None = None

    @property
    def study(self) -> Study:
        return Study(self.plan, self.begun.history, self.final, self.terms)


class Folder(LogFolder):
    """A study on the disk."""

    LOG, HOLDS = LOG, "study"

    @classmethod
    def create(cls, path: Path, plan: Plan, terms: Terms) -> Self:
        """A new folder with the plan; InputError if it exists."""
        table = configuration.to_mapping(plan.config) | {SEARCH: search_table(plan)}
        records = plan.record(), terms_record(terms, plan.search.trials, 0.0)
        return cls.begin(path, tomli_w.dumps(table), *records)

    @classmethod
    def check(cls, path: Path) -> None:
        """InputError unless there is a study whose log can be understood."""
        read_story(path)

    def story(self) -> Story:
        """All that happened so far."""
        return read_story(self.path)


def read_story(path: Path) -> Story:
    """What a folder's log tells, also while the study runs; InputError if there is none."""
    log = path / LOG
    records = read_log(log) if is_file(log) else []
    if [record.get("kind") for record in records[:2]] != ["plan", "terms"]:
        raise InputError(
            f"{shown(path)} holds no study: expected a folder with {LOG}. If a search was stopped "
            "before its first trial, remove the folder and begin again."
        )
    with understood(log):
        return _story(records, path)


def _story(records: Sequence[Record], path: Path) -> Story:
    """What they tell, the first two being the plan and its terms."""
    plan, terms = Plan.from_record(records[0], str(path / LOG)), Terms()
    for record in _of_kind(records, "terms"):
        terms = terms_of(record)
        plan = replace(plan, search=replace(plan.search, trials=record["trials"]))
    begun = replay(plan.search.nothing, records[1:])
    chosen = [record["number"] for record in _of_kind(records, "chosen")]
    ended = _of_kind(records, "final")
    final = final_of(ended[0], path) if ended else None
    return Story(plan, terms, begun, chosen[0] if chosen else None, final)


def final_of(record: Record, path: Path | None) -> Final:
    """What a record "final" tells; the network lies in the study's folder, if there is one."""
    return Final(record["number"], dict(record["scores"]), str(path / BEST) if path else "")


def _of_kind(records: Sequence[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [record for record in records if record["kind"] == kind]
