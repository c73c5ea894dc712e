"""Many tasks at once or one after another: the same bytes of tables, settings and networks.

A case is a task with 1, 2 or 4 workers, strictly; each number of workers has a process of its own,
with another PYTHONHASHSEED. `--async` and `--budget` are left out: their results depend on who is
faster, which their documentation says.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trust.bits.cells import ROOT, Setting
from trust.bits.ladder import Ladder, first_difference, untimed
from trust.claim import Outcome, Tell

WORKERS = (2, 1, 4)
# Times, and what holds them.
_LEFT_OUT = {"env.json", "times.csv", "report.html", "study.html", "study.jsonl"}
_NETWORK = {
    "model": {"name": "two-layer", "units": 12},
    "train": {"epochs": 3, "batch_size": 200, "probes": False},
}
_MEDIAN = {"name": "median", "warmup_epochs": 1, "least_trials": 2}
_SPACE = {"learning_rate": "log:1e-4..1e-1", "units": [8, 12, 20]}


def _search(**options: Any) -> dict[str, Any]:
    return {"kind": "search", "space": _SPACE, "trials": 9, **options}


TASKS: dict[str, dict[str, Any]] = {
    "bayesian, median": _search(method={"name": "bayesian", "initial": 4}, stopping=_MEDIAN),
    "compare": {"kind": "compare", "vary": {"optimizer": ["sgd", "adam"]}, "tune": False},
    "random": _search(method="random"),
    "random, hyperband": _search(method="random", stopping="hyperband"),
    "narrowing": _search(method={"name": "narrowing", "samples": 4}),
    "grid": _search(method={"name": "grid", "points": 3}, trials=None),
    "random, halving": _search(method="random", stopping={"name": "halving", "least_epochs": 1}),
    "bayesian": _search(method={"name": "bayesian", "initial": 5}, trials=12, batch=3),
    "narrowing, median": _search(method={"name": "narrowing", "samples": 4}, stopping=_MEDIAN),
    "compare, tuned": {"kind": "compare", "vary": {"optimizer": ["momentum", "adam"]}},
    "compare, product": {
        "kind": "compare",
        "vary": {"units": [8, 12], "activation": ["relu", "tanh"]},
        "tune": False,
    },
    "ensemble": {"kind": "ensemble", "members": 4},
    "autoaugment": {"kind": "autoaugment"},
    "tpe": _search(method="tpe"),
}


def workers(size: int, tell: Tell) -> Outcome:
    outcome, names = Outcome(), list(TASKS)[: -(-size // len(WORKERS))]
    first: dict[str, Ladder] = {}
    with tempfile.TemporaryDirectory(prefix="groundup-workers-") as scratch:
        for count, seed in zip(WORKERS, ("0", "1", "random"), strict=True):
            tell(f"{len(names)} tasks with {count} workers")
            found = _in_a_process(names, count, seed, Path(scratch) / str(count))
            for name in names:
                judge(f"{name} with {count} workers", found.get(name, []), first, name, outcome)
    outcome.facts["files compared"] = sum(len(ladder) for ladder in first.values())
    return outcome


def judge(case: str, ladder: Ladder, first: dict[str, Ladder], name: str, outcome: Outcome) -> None:
    """Count a case, and note it if its files are not those of the first number of workers."""
    missing = [bits for what, bits in ladder if what == "missing"]
    if missing:
        outcome.skip(missing[0])
        return
    outcome.tried += 1
    if not ladder or ladder[0][0] == "an error":
        outcome.faults.append(f"{case}: {ladder[0][1] if ladder else 'left no files'}")
        return
    where = first_difference(first.setdefault(name, ladder), ladder)
    outcome.expect(where is None, f"{case}: {where}")


def _in_a_process(names: list[str], count: int, seed: str, folder: Path) -> dict[str, Ladder]:
    folder.mkdir()
    setting = Setting(1, seed, count, {"GROUNDUP_STRICT": "1", "PYTHONPATH": str(ROOT)})
    command = [sys.executable, "-m", "trust.bits.workers", str(count), *names]
    done = subprocess.run(
        command, env=setting.variables(), cwd=folder, check=False, capture_output=True, text=True
    )
    if done.returncode:
        wrong = [("an error", f"exit code {done.returncode}: {done.stderr[-800:]}")]
        return dict.fromkeys(names, wrong)
    return json.loads((folder / "found.json").read_text("utf-8"))


def files(folder: Path) -> Ladder:
    """Every file of a folder that holds no times, in order; logs without theirs."""
    from groundup.storage import read_log

    rungs = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.name in _LEFT_OUT or "checkpoints" in path.parts or path.suffix in (".html", ".md"):
            continue
        if path.suffix == ".jsonl":
            if path.name == "metrics.jsonl":
                rungs += [(name, untimed(record)) for record in read_log(path)]
            continue
        if path.name == "result.json":  # of a comparison: it tells how long runs took
            rungs += _leaves(json.loads(path.read_text("utf-8")), name)
            continue
        rungs.append((name, hashlib.sha256(path.read_bytes()).hexdigest()))
    return rungs


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every number and word of a JSON value but times, by where it stands."""
    if name.endswith("seconds"):
        return
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in inner:
            yield from _leaves(item, f"{name}/{key}")
    else:
        yield name, json.dumps(value)


def _main() -> None:
    """The process: one pool for all its tasks, as starting one takes longer than they do."""
    from concurrent.futures import Executor
    from contextlib import nullcontext

    from groundup.train.executor import local_pool

    count, *names = sys.argv[1:]
    found: dict[str, Ladder] = {}
    with local_pool(int(count))() as pool:

        def lent() -> Any:
            return nullcontext[Executor](pool)

        for number, name in enumerate(names):
            out = Path(str(number))
            try:
                _carry_out(TASKS[name], lent, out)
                found[name] = files(out)
            except ImportError as error:
                found[name] = [("missing", f"{error.name} is missing")]
            except Exception as error:
                found[name] = [("an error", f"{type(error).__name__}: {error}")]
        Path("found.json").write_text(json.dumps(found), "utf-8")


def _carry_out(task: dict[str, Any], executor: Any, out: Path) -> None:
    from groundup import lab, tune
    from groundup.config import from_mapping
    from groundup.train.ensemble_run import run_ensemble
    from groundup.tune import autoaugment

    given = dict(task)
    match given.pop("kind"):
        case "search":
            tune.search(_NETWORK, executor=executor, out=out, **given)
        case "compare":
            lab.compare(_NETWORK, seeds=3, executor=executor, out=out, **given)
        case "ensemble":
            train = {**_NETWORK["train"], "ensemble": given["members"]}
            run_ensemble(from_mapping({**_NETWORK, "train": train}), out, executor)
        case "autoaugment":
            autoaugment.search(_NETWORK, 8, 2, images=200, executor=executor, out=out)


if __name__ == "__main__":
    os.environ.setdefault("GROUNDUP_STRICT", "1")
    _main()
