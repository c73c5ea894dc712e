"""One workload: who can, who computes the same, and then everybody in turn, a process each.

Turns alternate, A B C A B C …, so that whatever disturbs the machine disturbs everybody alike.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.contestants import CONTESTANTS
from benchmarks.worker import cores
from benchmarks.workloads import Workload

ROOT = Path(__file__).parent.parent
REFEREE = "numpy"  # in float64; everybody's losses must be like its own
# Relative. What is allowed for with Adam is PyTorch's ε, which stands after the bias correction.
TOLERANCE = {"sgd": 1e-4, "adam": 1e-2}
LONG = 4.0  # seconds; whose epoch takes longer sits out some rounds
PATIENCE = 900  # seconds for an answer

Result = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Pace:
    """How much is measured.

    Args:
        rounds: turns of each contestant.
        fresh_rounds: turns where each takes a new process.
        turn: seconds that a turn should last; at least one epoch.
        rest: seconds between turns, for the threads of the last one to fall asleep.
        batches, epochs: the training that all have to agree upon.
    """

    rounds: int = 11
    fresh_rounds: int = 5
    turn: float = 0.5
    rest: float = 0.05
    batches: int = 5
    epochs: int = 2


QUICK = Pace(rounds=2, fresh_rounds=1, turn=0.0, rest=0.0, batches=3)


class Broken(Exception):
    """A worker that did not answer; says why."""


class Worker:
    """The process of one contestant, seen from here."""

    def __init__(self, name: str, folder: Path, threads: int | None, batches: int = 0) -> None:
        self.errors: IO[str] = tempfile.TemporaryFile(  # noqa: SIM115  # closed by `close`
            "w+", encoding="utf-8", errors="replace"
        )
        command = [sys.executable, "-m", "benchmarks.worker", name, str(folder)]
        self.process = subprocess.Popen(
            [*command, f"--threads={threads or 0}", f"--batches={batches}"],
            cwd=ROOT,
            env={**os.environ, **CONTESTANTS[name].environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            encoding="utf-8",
        )

    def ask(self, **command: Any) -> Result:
        """The worker's answer to a command.

        Raises:
            Broken: it died or took too long.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        limit = threading.Timer(PATIENCE, self.process.kill)
        limit.start()
        try:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            limit.cancel()
        if not line:
            raise Broken(self._last_words())
        return dict(json.loads(line))

    def _last_words(self) -> str:
        code = self.process.wait()
        self.errors.seek(0)
        lines = [line.strip() for line in self.errors if line.strip()]
        return lines[-1] if lines else f"ended with code {code}"

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()
        self.errors.close()


@contextmanager
def working(
    name: str, folder: Path, threads: int | None = None, batches: int = 0
) -> Iterator[Worker]:
    """A worker that is ended in any case."""
    worker = Worker(name, folder, threads, batches)
    try:
        yield worker
    finally:
        worker.close()


def entries(workload: Workload, kinds: list[str], only: list[str]) -> dict[str, Result]:
    """Everybody who is asked for, each with the status "ready" or with why it takes no part."""
    asked = [name for name in workload.only or CONTESTANTS if not only or name in only]
    table = {}
    for name in asked:
        unable = CONTESTANTS[name].unable(workload.measure, kinds)
        missing = "" if unable else CONTESTANTS[name].missing()
        status = "not applicable" if unable else "missing" if missing else "ready"
        table[name] = {"status": status, "why": unable or missing}
    return table


def run(
    workload: Workload, folder: Path, kinds: list[str], pace: Pace, only: list[str], say: Say
) -> dict[str, Result]:
    """Time a workload that has been exported to `folder`; every contestant with its results."""
    table = entries(workload, kinds, only)
    if workload.threads and workload.threads > len(cores()):
        why = f"this machine has fewer than {workload.threads} cores"
        return {name: {"status": "missing", "why": why} for name in table}
    _agree(workload, folder, pace, table, say)
    playing = [name for name in table if table[name]["status"] == "ready"]
    time_them = _time_fresh if workload.measure == "first" else _time_in_turn
    time_them(workload, folder, pace, {name: table[name] for name in playing}, say)
    for name in playing:
        table[name] |= {"versions": CONTESTANTS[name].versions()}
    return table


def _agree(
    workload: Workload, folder: Path, pace: Pace, table: dict[str, Result], say: Say
) -> None:
    """Everybody's losses beside the referee's; who differs does not play."""
    say("agreement")
    truth = _losses(REFEREE, workload, folder, pace)
    for name, entry in table.items():
        if entry["status"] != "ready":
            continue
        try:
            losses = truth if name == REFEREE else _losses(name, workload, folder, pace)
        except Broken as error:
            entry |= {"status": "failed", "why": str(error)}
            continue
        off = max(abs(a - b) / abs(b) for a, b in zip(losses, truth, strict=True))
        entry |= {"losses": losses, "off": off}
        if not off <= TOLERANCE[workload.optimizer]:
            why = f"loss {losses[-1]:.5f}, expected {truth[-1]:.5f}"
            entry |= {"status": "disagrees", "why": why}


def _losses(name: str, workload: Workload, folder: Path, pace: Pace) -> list[float]:
    """Of the first epochs without dropout and shuffling, or of the first weights' predictions."""
    with working(name, folder, workload.threads, pace.batches) as worker:
        if workload.measure == "predict":
            return list(worker.ask(do="predict", times=1)["losses"])
        return list(worker.ask(do="train", epochs=pace.epochs, shuffle=False)["losses"])


def _command(workload: Workload, times: int) -> Result:
    if workload.measure == "predict":
        return {"do": "predict", "times": times}
    return {"do": "train", "epochs": times, "shuffle": True}


def _time_in_turn(
    workload: Workload, folder: Path, pace: Pace, table: dict[str, Result], say: Say
) -> None:
    """Seconds of a step, an epoch or a prediction in each round, and the memory it took."""
    parts = workload.steps if workload.measure == "train" else 1
    with ExitStack() as stack:
        workers, times, every = {}, {}, {}
        for name, entry in table.items():
            say(f"{name}: first epoch")
            try:
                workers[name] = stack.enter_context(working(name, folder, workload.threads))
                workers[name].ask(**_command(workload, 1))  # compiles, fills caches
                epoch = workers[name].ask(**_command(workload, 1))["seconds"]
            except Broken as error:
                _fail(workers, name, entry, error)
                continue
            times[name] = max(1, round(pace.turn / epoch))
            every[name] = max(1, min(pace.rounds // 3, round(epoch / LONG)))
            entry["samples"] = []
        for turn in range(pace.rounds):
            for name in list(workers):
                if turn % every[name]:
                    continue
                say(f"{name}: round {turn + 1} of {pace.rounds}")
                time.sleep(pace.rest)
                try:
                    answer = workers[name].ask(**_command(workload, times[name]))
                except Broken as error:
                    _fail(workers, name, table[name], error)
                    continue
                table[name]["samples"].append(answer["seconds"] / times[name] / parts)
        for name, worker in list(workers.items()):
            try:
                table[name] |= {"status": "timed", "memory": worker.ask(do="memory")["bytes"]}
            except Broken as error:
                _fail(workers, name, table[name], error)


def _fail(workers: dict[str, Worker], name: str, entry: Result, error: Broken) -> None:
    workers.pop(name, None)
    entry |= {"status": "failed", "why": str(error)}
    entry.pop("samples", None)


def _time_fresh(
    workload: Workload, folder: Path, pace: Pace, table: dict[str, Result], say: Say
) -> None:
    """Seconds from the start of a process to the end of its first epoch, imports included."""
    for turn in range(-1, pace.fresh_rounds):  # the one before the first fills caches on disk
        for name, entry in table.items():
            if entry["status"] == "failed":
                continue
            say(f"{name}: process {turn + 1} of {pace.fresh_rounds}")
            time.sleep(pace.rest)
            began = time.perf_counter()
            with working(name, folder, workload.threads) as worker:
                try:
                    worker.ask(**_command(workload, 1))
                    seconds = time.perf_counter() - began
                    memory = worker.ask(do="memory")["bytes"]
                except Broken as error:
                    _fail({}, name, entry, error)
                    continue
            if turn >= 0:
                entry.setdefault("samples", []).append(seconds)
                entry |= {"status": "timed", "memory": memory}
