"""What looking at the layers costs: runs with and without probes, by turns, at the default rate.

A run is all of `groundup train` but reading the data and writing the report: training, validation,
log, checkpoints, test. Processor time is counted, and of all turns the least, since whatever else
the machine does only ever makes it longer. A short run is the hard case: exams are rarer later on.

python -m benchmarks probes [--quick] [--rounds N] [--out FOLDER]
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.tables import aligned, pipes

MOST = 0.1  # of the time without
MNIST = {"name": "mnist"}
RUNS: dict[str, Mapping[str, Any]] = {
    "multi-layer on MNIST, batch 100": {
        "data": MNIST,
        "model": {"name": "multi-layer"},
        "optimizer": {"name": "sgd"},
        "train": {"batch_size": 100, "epochs": 3},
    },
    "keras-dnn on MNIST, batch 128": {
        "data": MNIST,
        "model": {"name": "keras-dnn"},
        "train": {"batch_size": 128, "epochs": 3},
    },
    "simple-convnet on MNIST, batch 100": {
        "data": MNIST,
        "model": {"name": "simple-convnet"},
        "train": {"batch_size": 100, "epochs": 1},
    },
    "the default run, on digits": {},
}

Times = dict[str, list[float]]


def measure(values: Mapping[str, Any], rounds: int) -> dict[str, Any]:
    """Seconds of processor time with and without probes, by turns, and how often they looked."""
    from groundup.config import from_mapping
    from groundup.train.run import data_of, run

    train = dict(values.get("train", {}))
    dataset = data_of(from_mapping(values))
    times: Times = {"with": [], "without": []}
    exams = updates = 0
    for turn in range(-1, rounds):  # the first compiles, and does not count
        for name, probes in (("with", True), ("without", False)):
            config = from_mapping({**values, "train": {**train, "probes": probes}})
            with tempfile.TemporaryDirectory(prefix="groundup-benchmark-") as folder:
                began = time.process_time()
                _, directory = run(config, Path(folder) / "run", dataset=dataset)
                spent = time.process_time() - began
                looks = directory.records("probe")
            if turn >= 0:
                times[name].append(spent)
            if probes:
                exams, updates = len(looks), looks[-1]["updates"]
    return {"seconds": times, "exams": exams, "updates": updates}


def overhead(times: Times) -> float:
    """How much longer a run with probes takes, as a share."""
    return min(times["with"]) / min(times["without"]) - 1


def table(results: Mapping[str, dict[str, Any]]) -> list[tuple[str, ...]]:
    """A line a run."""
    lines: list[tuple[str, ...]] = [("run", "updates", "exams", "without", "with", "overhead")]
    for name, result in results.items():
        times = result["seconds"]
        seconds = (f"{min(times[key]):.2f} s" for key in ("without", "with"))
        looks = (f"{result['updates']:,}", str(result["exams"]))
        lines.append((name, *looks, *seconds, f"{100 * overhead(times):.1f} %"))
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks probes", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="digits alone, one turn")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    given = parser.parse_args(arguments)
    from groundup.storage import write_text
    from groundup.train.environment import environment

    rounds = 1 if given.quick else given.rounds
    chosen = dict(list(RUNS.items())[-1:] if given.quick else RUNS)
    results = {name: measure(values, rounds) for name, values in chosen.items()}
    lines = table(results)
    print(*aligned(lines), sep="\n")
    given.out.mkdir(parents=True, exist_ok=True)
    saved = {"runs": results, "machine": environment(), "quick": given.quick}
    write_text(given.out / "probes.json", json.dumps(saved, indent=1) + "\n")
    write_text(given.out / "probes.md", f"### What probes cost\n\n{pipes(lines)}")
    return 1 if any(overhead(one["seconds"]) >= MOST for one in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
