"""`GroundupClassifier` beside scikit-learn's `MLPClassifier`: seconds of a fit, and its accuracy.

The same network, batches, epochs, Adam and learning rate, no penalty and no early end. Each
contestant is a process of its own. They take turns, A B C A B C …, every turn with another seed.
scikit-learn computes in the type of its inputs, so it plays in both. With one thread processor time
counts, which other work on the machine disturbs less.

python -m benchmarks sklearn [--quick] [--rounds N] [--threads N] [--out FOLDER]
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from benchmarks.contestants import ROOMY
from benchmarks.tables import aligned, quartiles
from groundup.train.worker import THREAD_LIMITS

ROOT = Path(__file__).parent.parent
REST = 0.1  # seconds between turns, for the threads of the last one to fall asleep
ALLOWED = 0.01  # by which the mean accuracy may be below scikit-learn's
MNIST = 10_000  # images to train with


@dataclass(frozen=True)
class Task:
    """What is learned, and how long."""

    title: str
    load: Callable[[], tuple[Any, Any, Any, Any]]
    hidden: tuple[int, ...]
    batch_size: int
    epochs: int


def digits() -> tuple[Any, Any, Any, Any]:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(x / 16, y, test_size=0.2, stratify=y, random_state=0)
    return x, y, x_test, y_test


def mnist() -> tuple[Any, Any, Any, Any]:
    import groundup as gu

    (x, y), (x_test, y_test) = gu.datasets.mnist.load_data()
    x, x_test = (images.reshape(len(images), -1) / 255.0 for images in (x[:MNIST], x_test))
    return x, y[:MNIST], x_test, y_test


TASKS: Mapping[str, Task] = {
    "digits": Task("digits, 1,437 samples, 100 units, 50 epochs of 64", digits, (100,), 64, 50),
    "mnist": Task("MNIST, 10,000 images, 100 units, 10 epochs of 200", mnist, (100,), 200, 10),
}


def ours(task: Task, seed: int) -> Any:
    from groundup import GroundupClassifier

    return GroundupClassifier(
        hidden_layer_sizes=task.hidden, batch_size=task.batch_size, max_iter=task.epochs,
        learning_rate=1e-3, tol=0.0, n_iter_no_change=task.epochs, random_state=seed,
    )  # fmt: skip


def theirs(task: Task, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        task.hidden, batch_size=task.batch_size, max_iter=task.epochs, learning_rate_init=1e-3,
        alpha=0.0, tol=0.0, n_iter_no_change=task.epochs, random_state=seed,
    )  # fmt: skip


# Title, estimator, type of the inputs, environment.
CONTESTANTS: Mapping[str, tuple[str, Callable[[Task, int], Any], str, Mapping[str, str]]] = {
    "ours": ("GroundupClassifier", ours, "float64", {}),
    "float32": ("MLPClassifier, float32", theirs, "float32", ROOMY),
    "float64": ("MLPClassifier, float64", theirs, "float64", ROOMY),
}


def work(name: str, task: Task, threads: int | None) -> None:
    """A worker: each line of stdin is a seed to fit with, each answer its seconds and accuracy."""
    import warnings

    _, make, dtype, _ = CONTESTANTS[name]
    x, y, x_test, y_test = task.load()
    x, x_test = x.astype(dtype), x_test.astype(dtype)
    clock = time.process_time if threads == 1 else time.perf_counter
    warnings.simplefilter("ignore")  # that more epochs might help
    for line in sys.stdin:
        estimator = make(task, int(line))
        began = clock()
        estimator.fit(x, y)
        seconds = clock() - began
        assert estimator.n_iter_ == task.epochs
        print(
            json.dumps([seconds, float(np.mean(estimator.predict(x_test) == y_test))]), flush=True
        )


def start(name: str, task: str, threads: int | None) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.sklearn_estimators", "--worker", name, task]
    command += [f"--threads={threads}"] if threads else []
    return subprocess.Popen(
        command, cwd=ROOT, text=True,
        env={**os.environ, **CONTESTANTS[name][3], **_limits(threads)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def _limits(threads: int | None) -> dict[str, str]:
    return dict.fromkeys(THREAD_LIMITS, str(threads)) if threads else {}


def ask(worker: "subprocess.Popen[str]", seed: int) -> tuple[float, float]:
    """Seconds of a fit, and the accuracy on the test samples."""
    assert worker.stdin is not None and worker.stdout is not None
    print(seed, file=worker.stdin, flush=True)
    seconds, accuracy = json.loads(worker.stdout.readline())
    return seconds, accuracy


def measure(
    task: str, rounds: int, threads: int | None = None
) -> dict[str, list[tuple[float, float]]]:
    """(seconds, accuracy) of each round, by contestant; the first round of all is not counted."""
    workers = {name: start(name, task, threads) for name in CONTESTANTS}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in workers}
    try:
        for seed in range(rounds + 1):
            for name, worker in workers.items():
                time.sleep(REST)
                answer = ask(worker, seed)
                found[name] += [answer] if seed else []
    finally:
        for worker in workers.values():
            worker.kill()
            worker.communicate()
    return found


def table(found: Mapping[str, list[tuple[float, float]]]) -> list[str]:
    """Medians, quartiles, ratios and accuracies, in lines."""
    seconds = {name: [second for second, _ in turns] for name, turns in found.items()}
    lines = [("contestant", "seconds", "quartiles", "ours is faster by", "test accuracy")]
    for name in sorted(found, key=lambda name: median(seconds[name])):
        low, high = quartiles(seconds[name])
        ratio = median(seconds[name]) / median(seconds["ours"])
        lines.append(
            (
                CONTESTANTS[name][0],
                f"{median(seconds[name]):.3f}",
                f"{low:.3f} – {high:.3f}",
                "" if name == "ours" else f"{ratio:.2f}×",
                f"{accuracy(found[name]):.4f}",
            )
        )
    return aligned(lines)


def accuracy(turns: list[tuple[float, float]]) -> float:
    return fmean(right for _, right in turns)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks sklearn", description=__doc__)
    parser.add_argument("--worker", nargs=2, metavar=("NAME", "TASK"), help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="digits, one round: see that it works")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contestant")
    parser.add_argument("--threads", type=int, help="of each contestant; by default all cores")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    given = parser.parse_args(arguments)
    if given.worker:
        work(given.worker[0], TASKS[given.worker[1]], given.threads)
        return 0
    from groundup.errors import GroundupError
    from groundup.storage import write_text
    from groundup.train.environment import environment

    results, worse = {}, False
    for name in ["digits"] if given.quick else TASKS:
        try:
            TASKS[name].load()
        except GroundupError as error:
            print(f"{TASKS[name].title}: left out, {error}", file=sys.stderr)
            continue
        found = results[name] = measure(name, 1 if given.quick else given.rounds, given.threads)
        print(TASKS[name].title, *table(found), sep="\n", end="\n\n", flush=True)
        best = max(accuracy(found[other]) for other in ("float32", "float64"))
        worse |= accuracy(found["ours"]) < best - ALLOWED
    given.out.mkdir(parents=True, exist_ok=True)
    facts = {
        "turns": results,
        "machine": environment(),
        "quick": given.quick,
        "threads": given.threads,
    }
    write_text(given.out / "sklearn.json", json.dumps(facts, indent=1) + "\n")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
