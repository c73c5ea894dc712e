"""Studies, comparisons and searches for policies: their logs and folders; trainings are replayed.

Each is carried out once with real trainings. After that a training is looked up in what came of it,
so that a case takes no longer than its writing. Times are left out of what is compared.
"""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from groundup import lab
from groundup.lab import comparing
from groundup.lab import folder as lab_folder
from groundup.storage import is_file, read_log
from groundup.tune import autoaugment, search, studying
from groundup.tune import folder as study_folder
from groundup.tune import resume as resume_study
from groundup.tune.autoaugment import folder as policy_folder
from groundup.tune.autoaugment import searching
from groundup.tune.pages.files import write_trials
from trust.crashes.writer import Found, Tell, Writer
from trust.crashes.writers.training import SMALL, warm

CONFIG = {**SMALL, "train": {"epochs": 1, "batch_size": 600}}
SPACE = {"learning_rate": [1e-3, 1e-2, 1e-1]}
VARY = {"optimizer": ["sgd", "adam"]}
COUNTS = {"trials": 2, "seeds": 2, "batch": 2, "subpolicies": 1, "images": 120, "best": 1}


@cache
def _made(kind: str) -> Any:
    """What comes of it with real trainings."""
    warm()
    with tempfile.TemporaryDirectory() as folder:
        return _BEGIN[kind](Path(folder) / "x")


_BEGIN: dict[str, Callable[[Path], Any]] = {
    "study": lambda path: search(CONFIG, SPACE, "grid", out=path),
    "comparison": lambda path: lab.compare(CONFIG, VARY, seeds=2, tune=False, out=path),
    "policy": lambda path: autoaugment.search(CONFIG, out=path, **COUNTS),
}
_RESUME: dict[str, Callable[[Path], Any]] = {
    "study": resume_study, "comparison": lab.resume, "policy": autoaugment.resume,
}  # fmt: skip
_LOG = {"study": study_folder.LOG, "comparison": lab_folder.LOG, "policy": policy_folder.LOG}
_KEY = {
    "trial": lambda record: record["number"],
    "run": lambda record: (record["method"], record["rate"], record["seed"]),
    "child": lambda record: (record["arm"], record["number"], record["seed"]),
}


def _replayed(kind: str, tell: Tell) -> None:
    """Has trainings looked up from here on, in this process; each told when the next is asked."""
    made = _made(kind)
    asked: list[str] = []

    def heard(key: object) -> None:
        if asked:
            tell(asked[-1])  # its record was made durable before the next was asked for
        asked.append(repr(key))

    def trial(order: Any) -> Any:
        heard(order.number)
        return made.history.trials[order.number]

    def best(config: Any, path: Path) -> Any:
        heard("best")
        return made.final.scores

    def trained(requests: Any, *others: Any) -> None:
        done, _, hear = others[:3] if kind == "comparison" else others[1:4]
        known = {one.key: one for one in (made.runs if kind == "comparison" else made.children)}
        for request in requests:
            if request.key not in done:
                heard(request.key)
                done[request.key] = known[request.key]
                hear(known[request.key])

    if kind == "study":
        studying.Training = lambda plan: trial  # type: ignore[assignment,misc]
        studying.train_best = best
    elif kind == "comparison":
        comparing.train = trained  # type: ignore[assignment]
    else:
        searching.train = trained  # type: ignore[attr-defined]


def _act(kind: str) -> Callable[[Path, Tell], None]:
    """Begins it, or goes on where it was begun; a folder without its first records is removed."""

    def act(folder: Path, tell: Tell) -> None:
        _replayed(kind, tell)
        path = folder / "x"
        log = path / _LOG[kind]
        begun = is_file(log) and len(read_log(log)) >= (2 if kind == "study" else 1)
        if not begun:
            shutil.rmtree(path, ignore_errors=True)
        (_RESUME if begun else _BEGIN)[kind](path)
        tell("done")

    return act


def kept(found: Found) -> str:
    """Every training that was told is in the log, and none twice."""
    (log,) = [*found.folder.rglob("*.jsonl")] or [None]
    records = read_log(log) if log else []
    numbers = Counter(repr(_KEY[one["kind"]](one)) for one in records if one["kind"] in _KEY)
    lost = set(found.done.told) - {"done", repr("best")} - numbers.keys()
    if lost:
        return f"{sorted(lost)} were told and are not in the log"
    twice = [number for number, times in numbers.items() if times > 1]
    return f"{twice} are in the log twice" if twice else ""


def ended(found: Found) -> str:
    """All files, those without times to the byte, every training once."""
    now, new = found.files, found.new
    if now.keys() != new.keys():
        return f"there should be {sorted(new)}, there are {sorted(now)}"
    same = [name for name in new if name.endswith((".csv", ".toml", "env.json"))]
    wrong = [name for name in same if now[name] != new[name] and "times" not in name]
    if wrong:
        return f"{wrong} are not as without a fault"
    (log,) = found.folder.rglob("*.jsonl")
    count = sum(record["kind"] in _KEY for record in read_log(log))
    data: Any = new[str(log.relative_to(found.folder))]
    records = [json.loads(line) for line in data[1].splitlines()]
    wanted = sum(record["kind"] in _KEY for record in records)
    return kept(found) or ("" if count == wanted else f"{count} trainings of {wanted}")


def _exported(folder: Path, tell: Tell) -> None:
    write_trials(folder / "trials.csv", _made("study"))
    tell("done")


def _export(folder: Path) -> None:
    _made("study")
    (folder / "trials.csv").write_text("old", "utf-8")


def _writer(name: str, kind: str, essential: bool = False) -> Writer:
    return Writer(name, _act(kind), lambda folder: _made(kind), kept, ended=ended,
                  essential=essential)  # fmt: skip


WRITERS = (
    _writer("a study", "study", essential=True),
    _writer("a comparison", "comparison"),
    _writer("a search for a policy", "policy"),
    Writer("a study's trials.csv", _exported, _export),
)
