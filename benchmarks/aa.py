"""A method against itself: how often a comparison calls a difference where there is none.

The arms of a comparison are one and the same network under other layer names, and what initial
values are drawn by is the seed and the layer's name. So runs of one seed share data, order and
updates, as in any comparison, but not the initial draw; their difference is chance alone. Every
comparison has seeds of its own: nothing is used twice. At the level of 5 % at most 6.5 % of 1,000
may call a difference; were the rate exactly 5 %, chance alone would pass that once in 60 times.

python -m benchmarks aa [--times N] [--seeds N] [--arms N] [--workers N] [--out FOLDER]
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LEVELS = (0.01, 0.05, 0.1)
ALLOWED = 0.065  # at the level of 0.05
UNITS, EPOCHS, BATCH_SIZE = 8, 1, 100
_TOGETHER = 20  # comparisons in one task


def arm(name: str) -> list[dict[str, Any]]:
    """A small network whose draws are its own."""
    return [
        {"kind": "Flatten"},
        {"kind": "Dense", "units": UNITS, "activation": "relu", "name": f"hidden_{name}"},
        {"kind": "Dense", "units": 10, "activation": "softmax", "name": f"out_{name}"},
    ]


def smallest_p(place: int, seeds: int, arms: int) -> float:
    """The smallest p-value of one comparison, corrected by Holm."""
    from groundup.lab import compare

    config = {
        "seed": place * seeds,
        "data": {"name": "digits", "split_seed": 0},
        "optimizer": {"name": "adam", "learning_rate": 0.01},
        "train": {"epochs": EPOCHS, "batch_size": BATCH_SIZE},
    }
    names = [f"arm {k}" for k in range(arms)]
    layers = {name: arm(name.replace(" ", "_")) for name in names}
    comparison = compare(config, {"model.layers": layers}, seeds, tune=False)
    return min(one.p for one in comparison.final.differences)


def some(places: Sequence[int], seeds: int, arms: int) -> list[float]:
    """The task of a worker."""
    return [smallest_p(place, seeds, arms) for place in places]


def measure(times: int, seeds: int, arms: int, workers: int) -> list[float]:
    """The smallest p-value of each comparison, in their order."""
    from groundup.train.executor import inline, local_pool
    from groundup.train.fan_out import fan_out

    tasks = [(range(k, min(k + _TOGETHER, times)), seeds, arms) for k in range(0, times, _TOGETHER)]
    found: dict[int, list[float]] = {}
    with (inline() if workers == 1 else local_pool(workers))() as pool:
        for place, future in fan_out(pool, some, tasks):
            found[place] = future.result()
            done = sum(map(len, found.values()))
            print(f"\r{done} of {times} comparisons", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return [p for place in sorted(found) for p in found[place]]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks aa", description=__doc__)
    parser.add_argument("--times", type=int, default=1000, help="comparisons")
    parser.add_argument("--seeds", type=int, default=5, help="of each comparison")
    parser.add_argument("--arms", type=int, default=2, help="copies of the method")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    given = parser.parse_args(arguments)
    from groundup.statistics.shares import wilson
    from groundup.storage import write_text

    began = time.perf_counter()
    ps = measure(given.times, given.seeds, given.arms, given.workers)
    seconds = time.perf_counter() - began
    shares = {level: sum(p <= level for p in ps) / len(ps) for level in LEVELS}
    print(
        f"{given.arms} arms of one method, {given.seeds} seeds, {given.times} comparisons, "
        f"{seconds:.0f} s"
    )
    for level, share in shares.items():
        low, high = wilson(share, len(ps))
        calls = f"{100 * share:.1f} % (95 % interval {100 * low:.1f} – {100 * high:.1f} %)"
        print(f"at the level {level:4.0%} a difference is called in {calls}")
    given.out.mkdir(parents=True, exist_ok=True)
    facts = {"arms": given.arms, "seeds": given.seeds, "times": given.times, "p": ps}
    write_text(given.out / "aa.json", json.dumps(facts) + "\n")
    return 0 if shares[0.05] <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main())
