"""Processes that are started to be killed: what they told, and who is left of them.

A process and all its offspring carry a mark in their environment, by which /proc finds them
wherever they have gone; so no check takes another's process for its own.
"""

import multiprocessing
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from trust.claim import Outcome, Tell

MARK = "GROUNDUP_TRUST_MARK"
GRACE = 20.0  # seconds in which the offspring of a dead process must have ended
LONGEST = "longest life of an orphan in s"
MOST_FAULTS = 10  # in a lane, after which there is no more to learn
HANGS = 600.0  # seconds after which a command that nobody disturbs is said to hang
BY_SIGNAL = {0, 130, 143, *(-one for one in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL))}

Part = Callable[[int, int], Outcome]


class Started:
    """`groundup` with these arguments, in a folder; what it tells is in a file there.

    program: what Python runs with the arguments.
    """

    def __init__(
        self, arguments: Sequence[str], folder: Path, program: Sequence[str] = ("-m", "groundup")
    ) -> None:
        self.mark = secrets.token_hex(8)
        self._told = folder / f"told-{self.mark}.txt"
        with self._told.open("wb") as told:
            self.process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env={**os.environ, MARK: self.mark},
            )
        self.began = time.monotonic()

    def wait(self, until: float) -> bool:
        """Whether it ended by itself before it was so many seconds old."""
        try:
            self.process.wait(max(0.0, self.began + until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def strike(self, signals: Sequence[int], pause: float) -> bool:
        """Send these, one after the other, and see it end; whether the first one met it alive.

        One that was asked kindly may take its time; nobody waits for ever.
        """
        met = self.process.poll() is None
        for number in signals:
            self.process.send_signal(number)  # nothing where it has ended
            self.wait(time.monotonic() - self.began + pause)
        if not self.wait(time.monotonic() - self.began + HANGS):
            raise TimeoutError(f"it lives {HANGS:g} s after {signals}: {self.told[-500:]}")
        return met

    def end(self) -> None:
        """Kill what is left, whatever happened: for those that clean up."""
        kill(marked(self.mark))
        self.process.wait()

    def orphans(self) -> tuple[list[str], float]:
        """Who is still there, in words, after the time that they are given; and how long it took"""
        began = time.monotonic()
        while left := marked(self.mark):
            if time.monotonic() - began > GRACE:
                return [f"{one}: {_command(one)}" for one in left], time.monotonic() - began
            time.sleep(0.01)
        return [], time.monotonic() - began

    @property
    def told(self) -> str:
        return self._told.read_text("utf-8", "replace")


class Pace:
    """How long things take now, as a multiple of what the undisturbed one took.

    The machine has other work at times. Without this, strokes would come after the end of all that
    they are meant for, or at its beginning alone; with it, a fifth of them come too late.
    """

    def __init__(self) -> None:
        self.factor = 1.0

    def learn(self, met: bool) -> None:
        """Whether a stroke met what it was meant for."""
        self.factor = min(4.0, max(0.05, self.factor * (1.1 if met else 0.7)))


def marked(mark: str) -> list[int]:
    """The living processes with this mark; one that only waits to be counted dead is not."""
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:  # it has ended, or it is somebody else's
                continue
    return found


def workers_of(started: Started) -> list[int]:
    """The processes of its pool, oldest first: those that were spawned to work."""
    others = sorted(set(marked(started.mark)) - {started.process.pid})
    return [one for one in others if "spawn_main" in _command(one)]


def kill(process_ids: Sequence[int]) -> bool:
    """Kill these outright; whether any was there."""
    met = False
    for process_id in process_ids:
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)
            met = True
    return met


def told_of(started: Started, outcome: Outcome, codes: set[int]) -> Iterator[str]:
    """What is wrong with the end of a process: offspring that lives on, or its exit code."""
    left, seconds = started.orphans()
    slowest = outcome.facts.get(LONGEST, 0.0)
    outcome.facts[LONGEST] = round(max(slowest, seconds), 2)
    if left:
        yield f"orphans: {left}"
    code = started.process.poll()
    if code not in codes:
        yield f"it ended with {code}: {started.told[-600:]!r}"


def _command(process_id: int) -> str:
    try:
        text = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return "ended"
    return text.replace(b"\0", b" ").decode("utf-8", "replace")[:200]


@dataclass(frozen=True)
class Said:
    """What a command that only reads answered."""

    code: int
    text: str


def said(*arguments: str) -> Said:
    """A command of groundup in this process."""
    from groundup.cli.app import main

    text = StringIO()
    with redirect_stdout(text), redirect_stderr(text):
        code = main(arguments)
    return Said(code, text.getvalue())


def count(outcome: Outcome, where: str) -> None:
    """One more kill; those who wait for a long check see every tenth, and all faults so far."""
    outcome.tried += 1
    if outcome.tried % 10 == 0:
        words = f"{outcome.tried} kills, {len(outcome.faults)} faults"
        print(f"{where}: {words}", *outcome.faults, sep="\n  ", file=sys.stderr, flush=True)


def in_lanes(part: Part, size: int, lanes: int, tell: Tell) -> Outcome:
    """The same check in some processes side by side, each with its share of the cases."""
    if not Path("/proc/self/environ").is_file():
        whole = Outcome()
        whole.skip("there is no /proc to find processes in", size)
        return whole
    shares = [size // lanes + (lane < size % lanes) for lane in range(lanes)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(lanes, spawn, _hear_ctrl_c) as pool:
        waiting = [pool.submit(part, lane, share) for lane, share in enumerate(shares) if share]
        whole = Outcome()
        for lane, one in enumerate(waiting):
            found = one.result()
            tell(f"lane {lane}: {found.tried} kills, {len(found.faults)} faults")
            whole = joined(whole, found)
    return whole


def _hear_ctrl_c() -> None:
    """A shell has what runs in its background ignore SIGINT, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def joined(one: Outcome, other: Outcome) -> Outcome:
    """Both together; of two figures the sum, of two that are named longest the larger."""
    facts: dict[str, Any] = dict(one.facts)
    for name, value in other.facts.items():
        before = facts.get(name, 0)
        facts[name] = max(before, value) if name.startswith("longest") else before + value
    skipped = dict(one.skipped)
    for reason, cases in other.skipped.items():
        skipped[reason] = skipped.get(reason, 0) + cases
    return Outcome(one.tried + other.tried, one.faults + other.faults, facts, skipped)
