"""`groundup tune` with four workers, killed at any moment and gone on with: no trial is lost.

The coordinator is killed, or one of the workers, or all of them. The third worker that dies on the
same trial makes it a failed one, as it should, so at most two strokes in the life of a coordinator
go at workers.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGKILL, SIGTERM

from groundup.rng import Stream
from trust.claim import Outcome, Tell
from trust.crashes import search_folder
from trust.crashes.processes import (
    BY_SIGNAL,
    HANGS,
    MOST_FAULTS,
    Pace,
    Started,
    count,
    in_lanes,
    kill,
    told_of,
    workers_of,
)
from trust.crashes.search_folder import Reference, State
from trust.crashes.training_variants import digits

LANES = 2  # studies at a time
MOST_KILLS = 8  # in a life, which then ends undisturbed
SEED = 20261
MOST_AT_WORKERS = 2
CONFIG = """
seed = 3
[data]
path = "digits.npz"
validation = 0.2
[model]
name = "two-layer"
[train]
epochs = 2
batch_size = 100
"""
SEARCH = (
    "--workers", "4", "--trials", "24", "--space", "learning_rate=log:1e-5..1e-1",
    "--method", "narrowing:samples=8", "--stopping", "median:warmup_epochs=1,least_trials=2",
)  # fmt: skip
# Whom a stroke meets, and how; most are killed outright.
WAYS: tuple[tuple[str, tuple[int, ...]], ...] = (
    *[("coordinator", (SIGKILL,))] * 7,
    ("coordinator", (SIGTERM,)),
    ("coordinator", (SIGINT, SIGKILL)),
    *[("worker", (SIGKILL,))] * 7,
    *[("workers", (SIGKILL,))] * 4,
)


@dataclass(frozen=True)
class Stroke:
    """When somebody is killed, as a share of the start or of what is left of a study, and who."""

    number: int
    share: float
    late: bool
    whom: str
    signals: tuple[int, ...]
    which: float


def search_kills(size: int, tell: Tell) -> Outcome:
    """Kill so often."""
    return in_lanes(_lane, size, LANES, tell)


def _lane(lane: int, size: int) -> Outcome:
    outcome = Outcome(facts={"studies that were killed until they ended": 0})
    with tempfile.TemporaryDirectory(prefix="groundup-kills-") as text:
        folder = Path(text)
        (folder / "config.toml").write_text(CONFIG, "utf-8")
        (folder / "digits.npz").write_bytes(digits())
        strokes, reference = _strokes(lane), undisturbed(folder)
        number, pace = 0, Pace()
        while outcome.tried < size and len(outcome.faults) < MOST_FAULTS:
            life = Life(folder, f"study-{number}", reference, pace, f"lane {lane}, study {number}")
            life.live(strokes, min(size, outcome.tried + MOST_KILLS), outcome)
            shutil.rmtree(life.path)
            number += 1
    return outcome


def _strokes(lane: int) -> Iterator[Stroke]:
    stream = Stream(SEED, "trust", "search-kills")
    number = 0
    while True:
        share, late, way, which = stream.at(epoch=lane, step=number).uniform((4,)).tolist()
        whom, signals = WAYS[int(way * len(WAYS))]
        yield Stroke(number, share, late < 0.5, whom, signals, which)
        number += 1


def undisturbed(folder: Path) -> Reference:
    """The study that nobody disturbs; when its first trial ended, and when all did."""
    path = folder / "undisturbed"
    started = Started(["tune", "config.toml", "--out", path.name, *SEARCH], folder)
    while not search_folder.trials_in(path) and not started.wait(0.0):
        time.sleep(0.01)
    begun = time.monotonic() - started.began
    if not started.wait(HANGS) or started.process.returncode != 0:
        started.end()
        raise RuntimeError(f"it did not end well undisturbed: {started.told[-1000:]}")
    return search_folder.reference(path, begun, time.monotonic() - started.began)


class Life:
    """A study from its beginning to its end, however often somebody is killed."""

    def __init__(
        self, folder: Path, study: str, reference: Reference, pace: Pace, name: str
    ) -> None:
        self.folder, self.path, self.reference = folder, folder / study, reference
        self.pace, self.name = pace, name
        self.state = State()

    def live(self, strokes: Iterator[Stroke], size: int, outcome: Outcome) -> None:
        """Until the study has ended; what was wrong on the way is in the outcome."""
        while not self._process(strokes, size, outcome):
            pass
        faults = search_folder.at_the_end(self.path, self.reference)
        outcome.faults += [f"{self.name}, at its end: {fault}" for fault in faults]
        outcome.facts["studies that were killed until they ended"] += 1

    def _process(self, strokes: Iterator[Stroke], size: int, outcome: Outcome) -> bool:
        """One coordinator; whether the life is over, by its end or by a fault."""
        started = Started(self._command(), self.folder)
        where, codes, at_workers = f"{self.name}, not disturbed", {0}, 0
        try:
            while outcome.tried < size:
                stroke = next(strokes)
                alone = started.wait(
                    time.monotonic() - started.began + self._pause(stroke, at_workers)
                )
                self.pace.learn(not alone)
                if alone:
                    break
                workers = workers_of(started) if at_workers < MOST_AT_WORKERS else []
                if stroke.whom == "coordinator" or not workers:
                    if started.strike(stroke.signals, 0.05):
                        codes, where = BY_SIGNAL, f"{self.name}, stroke {stroke.number}"
                        count(outcome, where)
                    break
                one = [workers[int(stroke.which * len(workers))]]
                if kill(one if stroke.whom == "worker" else workers):
                    at_workers += 1
                    where = f"{self.name}, stroke {stroke.number} at {stroke.whom}"
                    count(outcome, where)
            if not started.wait(time.monotonic() - started.began + HANGS):
                outcome.faults.append(f"{where}: it hangs. {started.told[-300:]}")
                return True
            return self._judge(started, where, outcome, codes)
        finally:
            started.end()

    def _pause(self, stroke: Stroke, strokes_before: int) -> float:
        """Seconds until it falls: after the last one, or after the start of the process."""
        whole, pace = self.reference, self.pace.factor
        if not stroke.late:
            return pace * stroke.share * whole.begun
        begun = 0.0 if strokes_before else whole.begun
        left = 1.0 - 0.8 * self.state.share_done(self.path, whole)
        return pace * (begun + stroke.share * left * (whole.seconds - whole.begun))

    def _judge(self, started: Started, where: str, outcome: Outcome, codes: set[int]) -> bool:
        faults = [*told_of(started, outcome, codes)]
        faults += self.state.faults_after(self.path, self.reference)
        outcome.faults += [f"{where}: {fault}" for fault in faults]
        return started.process.poll() == 0 or bool(faults)

    def _command(self) -> list[str]:
        """Begin, or go on; a folder in which no study has begun is in the way of one."""
        if search_folder.has_begun(self.path):
            return ["tune", "--resume", self.path.name, "--workers", "4"]
        shutil.rmtree(self.path, ignore_errors=True)
        return ["tune", "config.toml", "--out", self.path.name, *SEARCH]
