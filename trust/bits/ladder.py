"""The hash of a run as a ladder: one rung for each thing in the order in which it comes to be.

Two runs that differ anywhere differ from some rung on, and that rung says where to look: in the
initial weights, in the loss of update 17, in what the optimizer remembers after it, in a record of
the log or in the file of the model.
"""

import hashlib
import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from groundup.nn.layout import leaves
from groundup.train.callback import Callback
from groundup.train.run import RunResult
from groundup.train.run_directory import RunDirectory

Ladder = Sequence[tuple[str, str]]  # (what, its bits or their hash)
TIMES = {"seconds", "samples_per_second", "run_dir"}


class Watch(Callback):
    """Adds rungs to a file while a network learns, and asks for an end after some update.

    Args:
        path: the file; a resumed run goes on with it.
        stop_at: after this update a signal comes, as Ctrl-C sends it.
        who: stands before each rung.
    """

    def __init__(self, path: Path, stop_at: int | None = None, who: str = "") -> None:
        self.path, self.stop_at, self.who = path, stop_at, who

    def on_train_begin(self, context: Any) -> None:
        if not context.updates:
            add(self.path, [(f"{self.who}parameters after init", digest(context.learner.vector))])

    def on_batch_end(self, context: Any) -> None:
        step, learner = f"{self.who}update {context.updates}: ", context.learner
        slots = [value for _, value in sorted(leaves(learner.slots))]  # a file keeps no order
        rungs = {
            "loss": float(context.batch_loss).hex(),
            "parameters": digest(learner.vector),
            "statistics": digest(learner.running),
            "optimizer": digest(*slots),
        }
        add(self.path, [(step + what, bits) for what, bits in rungs.items()])
        if context.updates == self.stop_at:
            signal.raise_signal(signal.SIGINT)


def ending(result: RunResult, directory: RunDirectory) -> Ladder:
    """The rungs of a run that has ended: its log without times, its result, its files."""
    rungs = []
    for folder in sorted({directory.path, *directory.path.glob("members/*")}):
        run, who = RunDirectory(folder), folder.relative_to(directory.path).as_posix()
        for number, record in enumerate(run.records()):
            rungs.append((f"{who} record {number} ({record['kind']})", untimed(record)))
        rungs.append((f"{who} model file", hashlib.sha256(run.model.read_bytes()).hexdigest()))
    return [*rungs, ("result", untimed(asdict(result)))]


def first_difference(expected: Ladder, found: Ladder) -> str | None:
    """The first rung that is another, in words; None if all bits are the same."""
    for (what, bits), (name, others) in zip(expected, found, strict=False):
        if (what, bits) != (name, others):
            named = what if what == name else f"{what} (there it is {name})"
            return f"first differs in {named}: {others:.60} instead of {bits:.60}"
    if len(expected) != len(found):
        return f"has {len(found)} rungs instead of {len(expected)}"
    return None


def digest(*arrays: Any) -> str:
    """Of the bytes, shapes and types of arrays."""
    found = hashlib.sha256()
    for array in map(np.asarray, arrays):
        found.update(f"{array.dtype.str}{array.shape}".encode() + array.tobytes())
    return found.hexdigest()


def untimed(record: Mapping[str, Any]) -> str:
    """A record as text with all digits of its numbers, but for what depends on the hour."""
    kept = {name: value for name, value in record.items() if name not in TIMES}
    return json.dumps(kept)


def add(path: Path, rungs: Ladder) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(rung) + "\n" for rung in rungs)


def read(path: Path) -> Ladder:
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [(what, bits) for what, bits in map(json.loads, file)]
