"""What the folder of a study tells after a kill, and in the end, beside an undisturbed one."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.errors import GroundupError
from groundup.storage import read_log
from groundup.tune import open_study
from groundup.tune.folder import LOG
from trust.crashes.processes import said
from trust.crashes.whole_files import (
    differences,
    digest,
    digest_of_log,
    files,
    half_written,
    untimed,
)

# Made from the log and from the trials' results alone: to the last bit as undisturbed.
SAME = ("trials.csv", "curves.csv", "best.toml", "result.json", "best/model.safetensors")
WHY_NOT = "remove the folder and begin again"
Record = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """The undisturbed study: when its first trial had ended and when all, and what it left."""

    begun: float
    seconds: float
    trials: dict[int, Record]
    left: dict[str, str]


def reference(path: Path, begun: float, seconds: float) -> Reference:
    """Of a study that has ended."""
    trials = {record["number"]: untimed(record) for record in trials_in(path)}
    return Reference(begun, seconds, trials, what_is_left(path))


def trials_in(path: Path) -> list[Record]:
    """The trials of which the log tells the end."""
    return [record for record in _log(path) if record["kind"] == "trial"]


def has_begun(path: Path) -> bool:
    """Whether there is a study to go on with: its plan and its terms are in the log."""
    return len(_log(path)) >= 2


def what_is_left(path: Path) -> dict[str, str]:
    """Every file by name, with the SHA-256 of those that must not depend on any disturbance."""
    left = {file.relative_to(path).as_posix(): "" for file in files(path)}
    left |= {name: digest((path / name).read_bytes()) for name in SAME if name in left}
    left["best/metrics.jsonl"] = digest_of_log(path / "best" / "metrics.jsonl")
    ended = sorted((untimed(record) for record in trials_in(path)), key=lambda one: one["number"])
    left[LOG] = digest(json.dumps(ended, sort_keys=True).encode())
    return left


def at_the_end(path: Path, whole: Reference) -> list[str]:
    """How a study that has ended differs from the undisturbed one."""
    shown = said("study", "show", str(path), "--json")
    faults = list(differences(what_is_left(path), whole.left))
    if shown.code != 0:
        faults.append(f"groundup study show ends with {shown.code}: {shown.text[-300:]!r}")
    kinds = Counter(record["kind"] for record in _log(path))
    if (kinds["chosen"], kinds["final"]) != (1, 1):
        faults.append(f"its log chose {kinds['chosen']} times, and ended {kinds['final']} times")
    endless = [one.number for one in open_study(path).history.trials if one.state == "running"]
    if endless:
        faults.append(f"trials {endless} are running for ever")
    return faults


@dataclass
class State:
    """What was acknowledged by the coordinators of a study so far."""

    log: list[Record] = field(default_factory=list)

    def share_done(self, path: Path, whole: Reference) -> float:
        """How far the study is, from 0 to 1, by its trials."""
        return len(trials_in(path)) / len(whole.trials)

    def faults_after(self, path: Path, whole: Reference) -> Iterator[str]:
        """What the last coordinator left wrong."""
        wrong = [*half_written(path)]
        if wrong or not path.is_dir():
            yield from wrong
            return
        log = _log(path)
        if log[: len(self.log)] != self.log:
            yield f"{len(self.log)} records were in its log, and are not as they were"
        self.log = log
        for number, times in Counter(one["number"] for one in trials_in(path)).items():
            if times > 1:
                yield f"trial {number} is {times} times in its log"
        for record in trials_in(path):
            expected = whole.trials.get(record["number"])
            if untimed(record) != expected:
                yield f"expected {expected} as undisturbed, found {untimed(record)}"
        yield from _unreadable(path)


def _unreadable(path: Path) -> Iterator[str]:
    """Commands that only read: they answer, or say why there is nothing yet and what helps."""
    answer = said("study", "show", str(path), "--json")
    clear = answer.code == 2 and WHY_NOT in answer.text
    if answer.code != 0 if has_begun(path) else not clear:
        yield f"groundup study show ends with {answer.code}: {answer.text[-300:]!r}"
    if has_begun(path):
        try:
            open_study(path)
        except GroundupError as error:
            yield f"it cannot be opened: {error}"


def _log(path: Path) -> list[Record]:
    return read_log(path / LOG) if (path / LOG).is_file() else []
