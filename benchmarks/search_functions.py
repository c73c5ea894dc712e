"""Searches side by side on twelve standard functions: ours, random, Optuna's and scikit-optimize's.

All have the same budget and the same seeds, and are run as they come, with ten random beginnings.
A pair is one function and one seed: there the contestants are ranked by what the best value that
they saw lacks to the least, equals sharing their ranks. What is finished is kept in
FOLDER/search-functions/NAME.jsonl and never run again; delete a file to run its contestant anew.
Told are the pairs that all of those named have.

python -m benchmarks search-functions [--only NAME…] [--seeds N] [--evaluations N] [--out FOLDER]
"""

import argparse
import itertools
import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.functions import FUNCTIONS
from benchmarks.searchers import OURS, SEARCHERS

Cell = tuple[str, int]  # function, seed
Cells = Mapping[Cell, Mapping[str, Any]]

BEATEN = ("tpe", "skopt")  # must have a higher mean rank than ours
MATCHED = ("gpsampler",)  # must not be better by more than chance explains


def one_cell(searcher: str, function: str, seed: int, evaluations: int) -> dict[str, Any]:
    """The task of a worker: one contestant on one function with one seed."""
    began = time.perf_counter()
    values = SEARCHERS[searcher].run(FUNCTIONS[function], evaluations, seed)
    seconds = time.perf_counter() - began
    return {
        "searcher": searcher, "function": function, "seed": seed, "evaluations": evaluations,
        "values": values, "seconds": seconds,
    }  # fmt: skip


def measure(names: Sequence[str], seeds: int, evaluations: int, workers: int, folder: Path) -> None:
    """Run every cell that the folder does not hold yet, one seed after the other."""
    from groundup.storage import Log
    from groundup.train.executor import local_pool
    from groundup.train.fan_out import fan_out

    done = {name: kept(folder, name, seeds, evaluations) for name in names}
    left = [
        (name, function, seed, evaluations)
        for seed, name, function in itertools.product(range(seeds), names, FUNCTIONS)
        if (function, seed) not in done[name]
    ]
    with ExitStack() as stack:
        logs = {name: stack.enter_context(Log(path(folder, name))) for name in names}
        pool = stack.enter_context(local_pool(workers)())
        for count, (place, future) in enumerate(fan_out(pool, one_cell, left), 1):
            logs[left[place][0]].append(future.result(), durable=True)
            print(f"\r{count} of {len(left)} cells", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def path(folder: Path, name: str) -> Path:
    """Where a contestant's cells are kept."""
    return folder / "search-functions" / f"{name}.jsonl"


def kept(folder: Path, name: str, seeds: int, evaluations: int) -> Cells:
    """The finished cells of a contestant."""
    from groundup.storage import read_log

    records = read_log(path(folder, name)) if path(folder, name).is_file() else []
    return {
        (record["function"], record["seed"]): record
        for record in records
        if record["evaluations"] == evaluations and record["seed"] < seeds
    }


def summary(cells: Mapping[str, Cells]) -> dict[str, Any]:
    """Regrets, ranks and how ours differs from each other one, over the pairs that all have."""
    from scipy.stats import rankdata

    from groundup.statistics.pairs import paired_t

    names = list(cells)
    pairs = sorted(set.intersection(*(set(of) for of in cells.values())))
    regrets = {
        name: [FUNCTIONS[function].regret(of[function, seed]["values"]) for function, seed in pairs]
        for name, of in cells.items()
    }
    table = rankdata([regrets[name] for name in names], axis=0)
    ranks = dict(zip(names, table, strict=True))
    medians = {
        function: {
            name: statistics.median(
                regret for regret, pair in zip(regrets[name], pairs, strict=True)
                if pair[0] == function
            )
            for name in names
        }
        for function in FUNCTIONS
        if any(pair[0] == function for pair in pairs)
    }  # fmt: skip
    differences = {
        name: paired_t(ranks[OURS] - ranks[name])
        for name in names
        if OURS in ranks and name != OURS
    }
    return {
        "pairs": len(pairs),
        "median_regret": medians,
        "mean_rank": {name: float(ranks[name].mean()) for name in names},
        "rank_difference": {
            name: {"mean": test.mean, "low": test.low, "high": test.high}
            for name, test in differences.items()
        },
        "better_in": {
            name: sum(a < b for a, b in zip(regrets[OURS], regrets[name], strict=True)) / len(pairs)
            for name in differences
        },
        "seconds": {
            name: statistics.median(of[pair]["seconds"] for pair in pairs)
            for name, of in cells.items()
        },
    }


def verdicts(found: Mapping[str, Any]) -> dict[str, bool]:
    """What is asked of ours, and whether it holds; of those who took part."""
    ranks, differences = found["mean_rank"], found["rank_difference"]
    lower = {
        f"lower mean rank than {SEARCHERS[name].label}": ranks[OURS] < ranks[name]
        for name in BEATEN
        if name in differences
    }
    matched = {
        f"not told apart from {SEARCHERS[name].label}, or better": differences[name]["low"] <= 0
        for name in MATCHED
        if name in differences
    }
    return lower | matched


def as_markdown(found: Mapping[str, Any], missing: Mapping[str, str]) -> str:
    """The tables."""
    names = sorted(found["mean_rank"], key=found["mean_rank"].__getitem__)
    labels = [SEARCHERS[name].label for name in names]
    regrets = [
        [function, *(f"{row[name]:.2g}" for name in names)]
        for function, row in found["median_regret"].items()
    ]
    ranks = [[
        SEARCHERS[name].label, f"{found['mean_rank'][name]:.2f}", *_against(found, name),
        f"{found['seconds'][name]:.1f} s",
    ] for name in names]  # fmt: skip
    head = ("", "mean rank", "ours minus its rank, 95 % interval", "ours better in", "a search")
    absent = [f"- {SEARCHERS[name].label}: missing, {why}" for name, why in missing.items()]
    return "\n".join(
        [*_table(head, ranks), "", *_table(("median regret", *labels), regrets), "", *absent]
    )


def _against(found: Mapping[str, Any], name: str) -> tuple[str, str]:
    if name not in found["rank_difference"]:
        return "", ""
    one = found["rank_difference"][name]
    interval = f"{one['mean']:+.2f} ({one['low']:+.2f} to {one['high']:+.2f})".replace("-", "−")
    return interval, f"{100 * found['better_in'][name]:.0f} %"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks search-functions", description=__doc__
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=list(SEARCHERS),
        choices=SEARCHERS,
        metavar="NAME",
        help=f"of {', '.join(SEARCHERS)}",
    )
    parser.add_argument("--seeds", type=int, default=20, help="searches of each function")
    parser.add_argument("--evaluations", type=int, default=50, help="of each search")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    given = parser.parse_args(arguments)
    from groundup.storage import make_directory, write_text
    from groundup.train.environment import environment

    missing = {name: why for name in given.only if (why := SEARCHERS[name].missing)}
    make_directory(given.out / "search-functions")
    measure(
        [name for name in given.only if name not in missing],
        given.seeds, given.evaluations, given.workers, given.out,
    )  # fmt: skip
    cells = {name: kept(given.out, name, given.seeds, given.evaluations) for name in given.only}
    cells = {name: of for name, of in cells.items() if of}
    found = summary(cells)
    asked = verdicts(found)
    missing = {name: why for name, why in missing.items() if name not in cells}
    text = as_markdown(found, missing)
    print(text)
    for words, holds in asked.items():
        print(f"{'yes' if holds else 'NO '}  {words}")
    facts = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"), "machine": environment(),
        "versions": {n: SEARCHERS[n].versions for n in cells if not SEARCHERS[n].missing},
        "evaluations": given.evaluations, "seeds": given.seeds,
        **found, "asked": asked, "missing": missing,
    }  # fmt: skip
    write_text(given.out / "search-functions.json", json.dumps(facts, indent=1) + "\n")
    write_text(given.out / "search-functions.md", text + "\n")
    return 0 if all(asked.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
