"""`groundup train` killed at any moment and gone on with, until it ends: nothing is lost.

A life is a run that is killed, resumed, killed again and so on to its end. After every kill its
folder is read by `training_folder`, as anybody would; the moments are drawn over the whole life of
a process: its start, its steps, its checkpoints and what it writes at the end.
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
from trust.crashes import training_folder
from trust.crashes.processes import (
    BY_SIGNAL,
    HANGS,
    MOST_FAULTS,
    Pace,
    Started,
    count,
    in_lanes,
    told_of,
)
from trust.crashes.training_folder import Reference, State
from trust.crashes.training_variants import VARIANTS, Variant

LANES = 2  # lives at a time
MOST_KILLS = 8  # in a life, which then ends undisturbed, so that every variant has its turn
SEED = 20260
# How a process is struck; most are killed outright.
WAYS: tuple[tuple[int, ...], ...] = (
    *[(SIGKILL,)] * 14,
    (SIGTERM,),
    (SIGINT,),
    (SIGTERM, SIGKILL),
    (SIGINT, SIGINT),
    (SIGTERM, SIGTERM),
    (SIGINT, SIGTERM, SIGKILL),
)


@dataclass(frozen=True)
class Stroke:
    """When a process is struck, as a share of its start or of what follows it, and how."""

    number: int
    share: float
    late: bool
    signals: tuple[int, ...]
    pause: float

    def moment(self, reference: Reference, done: float) -> float:
        """In seconds after the start of a process that has such a share of its work behind it."""
        if not self.late:
            return self.share * reference.begun
        work = (1.0 - 0.8 * done) * (reference.seconds - reference.begun)
        return reference.begun + self.share * work


def training_kills(size: int, tell: Tell) -> Outcome:
    """Kill it so often."""
    return in_lanes(_lane, size, LANES, tell)


def _lane(lane: int, size: int) -> Outcome:
    """So many kills of the variants that are this lane's."""
    outcome = Outcome(facts={"runs that were killed until they ended": 0})
    mine = VARIANTS[lane::LANES]
    strokes = _strokes(lane)
    with tempfile.TemporaryDirectory(prefix="groundup-kills-") as text:
        folder = Path(text)
        references: dict[str, Reference] = {}
        pace = Pace()
        life = 0
        while outcome.tried < size and len(outcome.faults) < MOST_FAULTS:
            variant = mine[life % len(mine)]
            if variant.name not in references:
                references[variant.name] = undisturbed(variant, folder)
            whole, name = references[variant.name], f"lane {lane}, life {life}"
            one = Life(variant, whole, pace, folder, name)
            one.live(strokes, min(size, outcome.tried + MOST_KILLS), outcome)
            shutil.rmtree(one.folder)
            life += 1
    return outcome


def _strokes(lane: int) -> Iterator[Stroke]:
    stream = Stream(SEED, "trust", "training-kills")
    number = 0
    while True:
        share, late, way, pause = stream.at(epoch=lane, step=number).uniform((4,)).tolist()
        yield Stroke(number, share, late < 0.5, WAYS[int(way * len(WAYS))], 0.1 * pause)
        number += 1


def undisturbed(variant: Variant, folder: Path) -> Reference:
    """The run that nobody disturbs, and how long it takes to begin its log and to end."""
    place = folder / f"{variant.name}-undisturbed"
    variant.write(place)
    began = time.monotonic()
    started = Started(variant.begin, place)
    while not variant.has_begun(place) and not started.wait(0.0):
        time.sleep(0.005)
    begun = time.monotonic() - began
    if not started.wait(HANGS) or started.process.returncode != 0:
        started.end()
        raise RuntimeError(f"{variant.name} did not end well undisturbed: {started.told[-1000:]}")
    return training_folder.reference(variant, place, begun, time.monotonic() - began)


class Life:
    """A run from its beginning to its end, however often it is killed."""

    def __init__(
        self, variant: Variant, reference: Reference, pace: Pace, folder: Path, name: str
    ) -> None:
        self.variant, self.reference, self.pace = variant, reference, pace
        self.folder = Path(tempfile.mkdtemp(prefix=f"{variant.name}-", dir=folder))
        self.name = f"{variant.name}, {name}"
        self.state = State()
        variant.write(self.folder)

    def live(self, strokes: Iterator[Stroke], size: int, outcome: Outcome) -> None:
        """Until the run has ended; what was wrong on the way is in the outcome."""
        while not self._process(strokes, size, outcome):
            pass
        faults = training_folder.at_the_end(self.variant, self.folder, self.reference)
        outcome.faults += [f"{self.name}, at its end: {fault}" for fault in faults]
        outcome.facts["runs that were killed until they ended"] += 1

    def _process(self, strokes: Iterator[Stroke], size: int, outcome: Outcome) -> bool:
        """One process of it; whether the life is over, by its end or by a fault."""
        started = Started(self._command(), self.folder)
        try:
            stroke = next(strokes) if outcome.tried < size else None
            done = self.state.share_done(self.reference)
            moment = stroke.moment(self.reference, done) * self.pace.factor if stroke else HANGS
            alone = started.wait(moment)
            if stroke is not None:
                met = not alone and started.strike(stroke.signals, stroke.pause)
                self.pace.learn(met)
                if met:
                    where = f"{self.name}, stroke {stroke.number} {stroke.signals}"
                    count(outcome, where)
                    return self._judge(started, where, outcome, BY_SIGNAL)
            where = f"{self.name}, not disturbed after {outcome.tried} kills"
            return self._judge(started, where, outcome, {0})
        finally:
            started.end()

    def _judge(self, started: Started, where: str, outcome: Outcome, codes: set[int]) -> bool:
        faults = [*told_of(started, outcome, codes)]
        faults += self.state.faults_after(self.variant, self.folder, self.reference, started.told)
        outcome.faults += [f"{where}: {fault}" for fault in faults]
        return started.process.poll() == 0 or bool(faults)

    def _command(self) -> list[str]:
        """Begin, or go on; a folder in which no run has begun is in the way of one."""
        if (self.folder / "run" / "config.toml").is_file():
            return self.variant.resume
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        return self.variant.begin
