"""Ways to search on the book's own problem, and what a study costs beside its trainings.

Chapter 6.5: 500 images of MNIST, a fifth of them to validate; seven layers, 784-100-…-100-10; the
learning rate from 1e-6 to 1e-2 and weight decay from 1e-8 to 1e-4, by powers of ten; SGD, batches
of 100, 50 epochs. All methods get as many trials and the same seeds. Compared are the best
validation accuracy and the mean of the best so far, in pairs of one seed against random search.

Then whole studies are timed, as `groundup tune` makes them, and what a trial costs beside its
training.

python -m benchmarks search-networks [--trials N] [--seeds N] [--epochs N] [--workers N] [--wide]
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

SPACE = {"learning_rate": "log:1e-6..1e-2", "l2": "log:1e-8..1e-4"}
WIDE = {"learning_rate": "log:1e-6..1", "l2": "log:1e-8..1e-4"}
METHODS = ("random", "narrowing", "bayesian", "tpe")
IMAGES, TESTED = 500, 1_000
TIMED_TRIALS = 100


def book_config(path: Path, seed: int, epochs: int) -> dict[str, Any]:
    """The run of chapter 6.5, on images in a file."""
    return {
        "seed": seed,
        "data": {"path": str(path), "validation": 0.2, "preprocess": ["rescale"]},
        "model": {"name": "multi-layer", "depth": 6},
        "optimizer": {"name": "sgd"},
        "train": {"epochs": epochs, "batch_size": 100},
    }  # fmt: skip


def images(folder: Path, seed: int) -> Path:
    """Some of MNIST's images, others for each seed, as a file."""
    from groundup.data.datasets import mnist
    from groundup.rng import Stream

    (x, y), (x_test, y_test) = mnist.load_data()
    few = Stream(seed, "split").permutation(len(x))[:IMAGES]
    path = folder / f"book-{seed}.npz"
    np.savez(
        path, x_train=x[few], y_train=y[few], x_test=x_test[:TESTED], y_test=y_test[:TESTED]
    )  # fmt: skip
    return path


def best_so_far(
    path: Path, space: Mapping[str, str], method: str, trials: int, seed: int, epochs: int,
    workers: int,
) -> tuple[list[float], float]:  # fmt: skip
    """After each trial the best validation accuracy, and in the end that on the test images."""
    from groundup.tune import search

    config = book_config(path, seed, epochs)
    study = search(config, space, method, trials, executor=workers if workers > 1 else None)
    values = [trial.value or 0.0 for trial in study.history.trials]
    return np.maximum.accumulate(values).tolist(), study.final.scores["test_accuracy"]


def compare(given: argparse.Namespace, space: Mapping[str, str]) -> dict[str, Any]:
    """Every method on every seed."""
    found: dict[str, Any] = {method: {"best": [], "test": []} for method in given.methods}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(given.seeds):
            path = images(Path(folder), seed)
            for method in given.methods:
                best, test = best_so_far(
                    path, space, method, given.trials, seed, given.epochs, given.workers
                )
                found[method]["best"].append(best)
                found[method]["test"].append(test)
                print(f"seed {seed}: {method:10} {best[-1]:.3f}", file=sys.stderr, flush=True)
    return found


def told(found: Mapping[str, Any]) -> list[str]:
    """The methods against random search, in percentage points."""
    from groundup.statistics.pairs import paired_t

    lines = ["| method | best | against random | on the way | against random | test |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    random = {name: np.array(values) for name, values in found["random"].items()}
    for method, values in found.items():
        best, test = np.array(values["best"]), np.array(values["test"])
        cells = []
        for ours, theirs in (
            (best[:, -1], random["best"][:, -1]),
            (best.mean(axis=1), random["best"].mean(axis=1)),
        ):
            difference = "–"
            if method != "random":
                one = paired_t(100 * (ours - theirs))
                difference = f"{one.mean:+.2f} ({one.low:+.2f} … {one.high:+.2f})"
            cells += [f"{100 * ours.mean():.2f} %", difference]
        lines.append(f"| {method} | {' | '.join(cells)} | {100 * test.mean():.2f} % |")
    return lines


def timed(method: str, workers: int, epochs: int) -> dict[str, float]:
    """A whole study of a hundred trials, with its folder and page."""
    from groundup.tune import search

    with tempfile.TemporaryDirectory() as folder:
        path = images(Path(folder), 0)
        began = time.perf_counter()
        study = search(
            book_config(path, 0, epochs), SPACE, method, TIMED_TRIALS, executor=workers,
            out=Path(folder, "study"),
        )  # fmt: skip
        seconds = time.perf_counter() - began
    spent = sum(trial.seconds for trial in study.history.trials)
    return {"seconds": seconds, "training": spent}


def overhead(method: str) -> float:
    """Milliseconds a trial costs beside its training: asking, logging to the disk, hearing."""
    from groundup.tune import search

    config = {"model": {"name": "two-layer"}, "train": {"epochs": 1, "batch_size": 1000}}
    with tempfile.TemporaryDirectory() as folder:
        study = search(config, {"learning_rate": "log:1e-4..1e-1", "units": "int:10..99"},
                       method, TIMED_TRIALS, out=Path(folder, "study"))  # fmt: skip
    trials = study.history.trials
    rest = [b.at - a.at - b.seconds for a, b in itertools.pairwise(trials)]
    return 1e3 * statistics.median(rest)


def suggestion(trials: int) -> float:
    """Milliseconds that the Gaussian process needs to suggest one more after so many trials."""
    from groundup.rng import Stream
    from groundup.tune.history import History, Trial
    from groundup.tune.methods.bayesian import Bayesian
    from groundup.tune.space import make_space

    space = make_space({f"x{k}": "uniform:0..1" for k in range(4)})
    draws = Stream(0, "search").uniform((trials, 4))
    losses = ((draws - 0.3) ** 2).sum(axis=1)
    history = History(
        tuple(
            Trial(k, space.settings(draw), "finished", float(loss))
            for k, (draw, loss) in enumerate(zip(draws, losses, strict=True))
        )
    )
    durations = []
    for step in range(5):
        began = time.perf_counter()
        Bayesian().suggest(space, history, Stream(0, "search").at(step=step))
        durations.append(time.perf_counter() - began)
    return 1e3 * statistics.median(durations)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks search-networks", description=__doc__
    )
    parser.add_argument("--trials", type=int, default=30, help="of each method")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--wide", action="store_true", help="learning rates up to 1")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    given = parser.parse_args(arguments)
    from groundup.storage import write_text

    costs: dict[str, Any] = {
        f"{TIMED_TRIALS} trials x {given.epochs} epochs, {method}": timed(
            method, given.workers, given.epochs
        )
        for method in ("random", "bayesian")
    }
    costs |= {f"beside a training, {m}, ms": overhead(m) for m in ("random", "bayesian")}
    costs["a suggestion of the Gaussian process after 200 trials, ms"] = suggestion(200)
    for name, value in costs.items():
        print(f"{name}: {value}")
    found = compare(given, WIDE if given.wide else SPACE)
    print("\n".join(told(found)))
    given.out.mkdir(parents=True, exist_ok=True)
    facts = {"given": {**vars(given), "out": str(given.out)}, "costs": costs, "methods": found}
    write_text(given.out / "search-networks.json", json.dumps(facts, default=list) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
