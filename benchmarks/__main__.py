"""The command: `python -m benchmarks [NAME…]`."""

import argparse
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import (
    aa,
    augmentation,
    book,
    peak,
    probes,
    runner,
    search_functions,
    search_networks,
    sklearn_estimators,
    tables,
)
from benchmarks.contestants import CONTESTANTS
from benchmarks.export import export
from benchmarks.workloads import SWEEPS, WORKLOADS, Workload, chosen
from groundup.train.environment import environment

DAMNING = ("disagrees", "failed")
# With options of their own.
OWN = {
    "aa": aa.main,
    "augmentation": augmentation.main,
    "book": book.main,
    "probes": probes.main,
    "search-functions": search_functions.main,
    "search-networks": search_networks.main,
    "sklearn": sklearn_estimators.main,
}


def main() -> int:
    own = OWN.get("".join(sys.argv[1:2]))
    if own:
        return own(sys.argv[2:])
    given = _arguments()
    if given.list:
        for workload in (*WORKLOADS, *SWEEPS):
            print(f"{workload.name:32} {workload.title}")
        return 0
    try:
        workloads = chosen(given.names)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    pace = runner.QUICK if given.quick else runner.Pace()
    if given.rounds:
        pace = replace(pace, rounds=given.rounds, fresh_rounds=given.rounds)
    tries = ("NumPy",) if given.quick else tuple(peak.TRIES)
    peaks, results = {}, []
    for workload in workloads:
        if workload.threads not in peaks:
            peaks[workload.threads] = peak.measure(workload.threads, tries)
        results.append(_one(workload, peaks[workload.threads], pace, given))
        print(tables.as_text(results[-1]), end="\n\n", flush=True)
    print(*tables.aligned(tables.summary(results)), sep="\n")
    statuses = [entry["status"] for r in results for entry in r["contestants"].values()]
    return 1 if any(status in DAMNING for status in statuses) else 0


def _one(workload: Workload, reached: dict, pace: runner.Pace, given: argparse.Namespace) -> dict:
    """Export, run and save one workload."""
    used = workload.quick() if given.quick else workload
    with tempfile.TemporaryDirectory(prefix="groundup-benchmark-") as folder:
        facts = export(used, Path(folder))
        table = runner.run(
            used,
            Path(folder),
            facts["kinds"],
            pace,
            given.only,
            lambda words: print(f"{workload.name}: {words}", file=sys.stderr, flush=True),
        )
    result = {
        **facts,
        "place": [other.name for other in (*WORKLOADS, *SWEEPS)].index(workload.name),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": given.quick,
        "pace": vars(pace),
        "machine": environment(),
        "peak": reached,
        "contestants": table,
    }
    tables.save(result, given.out)
    return result


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a workload, or how some begin")
    parser.add_argument("--list", action="store_true", help="show all workloads and sweeps")
    parser.add_argument("--quick", action="store_true", help="few images: see that it works")
    parser.add_argument("--rounds", type=int, help="turns of each contestant")
    parser.add_argument("--out", type=Path, default=Path("build/benchmarks"), help="folder")
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=CONTESTANTS,
        metavar="CONTESTANT",
        help=f"of {', '.join(CONTESTANTS)}",
    )
    given = parser.parse_args()
    if given.rounds is not None and given.rounds < 1:
        parser.error(f"--rounds {given.rounds}: expected at least 1")
    return given


if __name__ == "__main__":
    sys.exit(main())
