"""Logs cut at their bytes, as a crash of the whole machine can leave them: `crashes.cuts`.

A log is made by real trainings; of every cut of it, what stands before must be kept, and going on
must come to the same end without a training twice. Trainings are replayed from what came of them.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from groundup import lab
from groundup.config import from_mapping
from groundup.lab import comparing
from groundup.lab.folder import LOG as RUNS
from groundup.storage import Log, read_log
from groundup.train import run as running
from groundup.train.run_directory import RunDirectory
from groundup.train.threads import limited_threads
from groundup.tune import open_study, search, studying
from groundup.tune.folder import LOG as STUDY
from trust.claim import Outcome

SMALL = {
    "seed": 3,
    "data": {"validation": 0.2},
    "model": {"name": "two-layer", "units": 4},
    "train": {"epochs": 1, "batch_size": 600},
}
RATES = {"learning_rate": "log:1e-5..1e-1"}
TRIALS = 50
EVERYTHING = 10_000  # from this size on every byte is tried
EVERY = 97  # bytes between the cuts below it, besides those at the ends of records
Check = Callable[[int], str]  # what is wrong after a cut at this byte


@dataclass(frozen=True)
class Cut:
    """A log to be cut.

    Args:
        name: of what it is.
        log: its bytes, whole.
        first: the least cut; before it nothing was begun that one could go on with.
        check: cuts, looks, goes on.
    """

    name: str
    log: bytes
    first: int
    check: Check


def cuts(size: int, tell: Callable[[str], None]) -> Outcome:
    """Each log at each cut; small sizes leave most of them out."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="groundup-cuts-") as place, limited_threads(1):
        logs = [make(Path(place)) for make in (study, comparison, metrics)]
        everything = size >= EVERYTHING
        for log in logs:
            places = range(log.first, len(log.log) + 1) if everything else some(log)
            for at in places:
                wrong = log.check(at)
                outcome.tried += 1
                outcome.expect(not wrong, f"{log.name}, cut at byte {at}: {wrong}")
            outcome.facts[f"cuts of {log.name} of {len(log.log):,} bytes"] = len(places)
            tell(f"{log.name}: {outcome.tried} cuts so far")
    return outcome


def some(log: Cut) -> list[int]:
    """At the end of each record, a byte before, a byte after, and every 97th."""
    near = {end + step for end in ends(log.log) for step in (-1, 0, 1)}
    chosen = near | set(range(log.first, len(log.log), EVERY))
    return sorted(at for at in chosen if log.first <= at <= len(log.log))


def ends(log: bytes) -> list[int]:
    return [place + 1 for place, byte in enumerate(log) if byte == ord("\n")]


def whole(log: bytes, at: int) -> int:
    """How many records are before the cut: the last may lack its newline."""
    return sum(at >= end - 1 for end in ends(log))


def study(place: Path) -> Cut:
    """The log of a study of 50 trials."""
    path = place / "study"
    made = search(SMALL, RATES, "random", TRIALS, out=path)
    log, records = (path / STUDY).read_bytes(), read_log(path / STUDY)
    ran: Counter[int] = Counter()

    def trial(order: Any) -> Any:
        ran[order.number] += 1
        return made.history.trials[order.number]

    def check(at: int) -> str:
        (path / STUDY).write_bytes(log[:at])
        ran.clear()
        done = {one["number"] for one in records[: whole(log, at)] if one["kind"] == "trial"}
        seen = {one.number for one in open_study(path).history.trials if one.state != "running"}
        if seen != done:
            return f"it has the trials {sorted(seen)}, expected {sorted(done)}"
        if studying.resume(path).history != made.history:
            return "it went on to another history"
        again = {number for number, times in ran.items() if times > 1 or number in done}
        return f"{sorted(again)} ran twice" if again or len(ran) + len(done) != TRIALS else ""

    changed = {"Training": lambda plan: trial, "train_best": lambda config, path: made.final.scores,
               "write_files": lambda path, study: None}  # fmt: skip
    return Cut("a study", log, ends(log)[1], partial(_replaced, studying, changed, check))


def comparison(place: Path) -> Cut:
    """The log of a comparison of three optimizers over four seeds."""
    path = place / "comparison"
    made = lab.compare(SMALL, {"optimizer": ["sgd", "adam", "adagrad"]}, 4, tune=False, out=path)
    log, records = (path / RUNS).read_bytes(), read_log(path / RUNS)
    known = {run.key: run for run in made.runs}
    ran: Counter[Any] = Counter()

    def trained(requests: Sequence[Any], done: Any, pool: Any, keep: Any, check: Any) -> None:
        for request in [one for one in requests if one.key not in done]:
            ran[request.key] += 1
            done[request.key] = known[request.key]
            keep(known[request.key])

    def check(at: int) -> str:
        (path / RUNS).write_bytes(log[:at])
        ran.clear()
        done = {(one["method"], one["rate"], one["seed"])
                for one in records[1 : whole(log, at)]}  # fmt: skip
        if lab.resume(path).runs != made.runs:
            return "it went on to other runs"
        again = {key for key, times in ran.items() if times > 1 or key in done}
        return f"{sorted(again)} ran twice" if again or len(ran) + len(done) != len(known) else ""

    changed = {"train": trained, "write_files": lambda path, comparison: None}
    return Cut("a comparison", log, ends(log)[0], partial(_replaced, comparing, changed, check))


def metrics(place: Path) -> Cut:
    """The metrics of a run: read, and taken up by the next writer."""
    path = place / "run"
    train = {"epochs": 4, "batch_size": 300, "log_every": 2}
    running.run(from_mapping({**SMALL, "train": train}), path)
    directory = RunDirectory.open(path)
    log, records = directory.metrics.read_bytes(), directory.records()

    def check(at: int) -> str:
        directory.metrics.write_bytes(log[:at])
        count = whole(log, at)
        if directory.records() != records[:count]:
            return f"{len(directory.records())} records are read, expected {count}"
        with Log(directory.metrics) as taken:
            if taken.read() != records[:count]:
                return f"its writer finds {len(taken.read())} records, expected {count}"
            for record in records[count:]:
                taken.append(record)
        return "" if directory.metrics.read_bytes() == log else "gone on with, it is another log"

    return Cut("a run's metrics", log, 0, check)


def _replaced(module: Any, changed: dict[str, Any], check: Check, at: int) -> str:
    """The check with other functions in a module, and without waiting for the disk."""
    before = {name: getattr(module, name) for name in changed}
    sync = os.fsync
    try:
        os.fsync = lambda descriptor: None  # a cut says more than it could lose
        for name, other in changed.items():
            setattr(module, name, other)
        return check(at)
    finally:
        os.fsync = sync
        for name, own in before.items():
            setattr(module, name, own)
