"""A process with one contestant: commands come in on stdin and answers go out on stdout, as JSON.

    {"do": "train", "epochs": 3, "shuffle": true}  ->  {"seconds": …, "losses": [...]}
    {"do": "predict", "times": 2}                  ->  {"seconds": …, "losses": [...]}
    {"do": "memory"}                               ->  {"bytes": …}

python -m benchmarks.worker CONTESTANT FOLDER [--batches N] [--threads N]
"""

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.contestants import CONTESTANTS, Trainer
from benchmarks.task import Task


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("contestant", choices=CONTESTANTS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batches", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    given = parser.parse_args()
    use_cores(given.threads)
    # What libraries print goes to stderr, so that stdout holds answers alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    loaded: list[Task] = []

    def load() -> Task:
        loaded.append(Task.load(given.folder, given.batches))
        return loaded[0]

    trainer = CONTESTANTS[given.contestant].prepare(load)
    for line in sys.stdin:
        print(json.dumps(answer(trainer, loaded[0], json.loads(line))), file=answers, flush=True)


def use_cores(count: int) -> None:
    """Confine this process to so many cores, before anybody counts them; 0 leaves it as it is."""
    if count:
        os.sched_setaffinity(0, cores()[:count])


def cores() -> list[int]:
    """The processor cores that may be used; none where a process cannot be confined to some."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def answer(trainer: Trainer, task: Task, command: dict[str, Any]) -> dict[str, Any]:
    """What a command asks for."""
    match command:
        case {"do": "train", "epochs": epochs, "shuffle": shuffle}:
            began = time.perf_counter()
            losses = trainer.train(epochs, shuffle)
            return {"seconds": time.perf_counter() - began, "losses": list(map(float, losses))}
        case {"do": "predict", "times": times}:
            began = time.perf_counter()
            for _ in range(times):
                probabilities = trainer.predict(task.x)
            seconds = time.perf_counter() - began
            return {"seconds": seconds, "losses": [_cross_entropy(probabilities, task.y)]}
        case {"do": "memory"}:
            return {"bytes": peak_memory()}
    raise ValueError(f"unknown command {command!r}")


def _cross_entropy(probabilities: Any, labels: Any) -> float:
    import numpy as np

    chosen = np.take_along_axis(np.asarray(probabilities, np.float64), labels[:, np.newaxis], 1)
    return float(-np.log(np.maximum(chosen, 1e-300)).mean())


def peak_memory() -> int:
    """The most memory that this process has held, in bytes.

    Linux's ru_maxrss begins with what the parent held, so it is only the second choice.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return 1024 * int(status.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError):
        unit = 1 if sys.platform == "darwin" else 1024
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
