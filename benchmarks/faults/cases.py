"""Faults observed: a training each, kept as files, so that rules can be tried again in seconds."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import as_completed
from functools import cache, partial
from pathlib import Path
from time import perf_counter
from typing import Any

import groundup
from benchmarks.faults.fault import Fault, Setup
from benchmarks.faults.faults import FAULTS
from groundup.data.dataset import Dataset, load
from groundup.doctor.case import Case, case_from
from groundup.doctor.observe import observe
from groundup.storage import read_text, write_text
from groundup.train.executor import local_pool
from groundup.train.learner import Examples

_LARGEST = 2**26  # bytes of a file with a case
source = cache(load)  # a data set is read once in a process


def make(faults: Iterable[Fault], folder: Path, workers: int = 1) -> Iterator[tuple[str, float]]:
    """(name, seconds) of every fault, as they are observed; who has a file already took 0 seconds

    Args:
        faults: what to observe.
        folder: where the files go.
        workers: processes, each of one thread.
    """
    folder.mkdir(parents=True, exist_ok=True)
    due = []
    for fault in faults:
        if _kept(fault, folder):
            yield fault.name, 0.0
        else:
            due.append(fault.name)
    with local_pool(workers)() as pool:
        futures = [pool.submit(observed, name, folder) for name in due]
        for future in as_completed(futures):
            yield future.result()


def observed(name: str, folder: Path) -> tuple[str, float]:
    """Observe the fault of that name and write its file."""
    fault, began = FAULTS[name], perf_counter()
    case = observe(fault.setup.config, *material(fault.setup))
    seconds = perf_counter() - began
    kept = {
        "name": name,
        "rule": fault.rule,
        "half": fault.half,
        "setup": described(fault.setup),
        "observer": observer(),
        "seconds": round(seconds, 2),
        "case": case.plain(),
    }
    write_text(_path(name, folder), json.dumps(kept))
    return name, seconds


def material(setup: Setup) -> tuple[Dataset, Examples | None]:
    """The data set and the validation samples of a setup, as a training takes them."""
    dataset, samples = setup.data(source(setup.config.data.name or ""))
    return dataset, None if samples is None else Examples(*samples)


def case_of(fault: Fault, folder: Path) -> Case:
    """The case in the file of an observed fault."""
    return case_from(_read(fault, folder)["case"])


def described(setup: Setup) -> Mapping[str, Any]:
    """A setup as plain data, functions by their names."""
    plants = [_call(plant) for plant in setup.plants]
    brought = None if setup.validation is None else _call(setup.validation)
    plain = {"values": setup.values, "plants": plants, "validation": brought}
    return dict(json.loads(json.dumps(plain)))


def _call(made: "partial[Any]") -> Mapping[str, Any]:
    return {"name": made.func.__name__, **made.keywords}


def _kept(fault: Fault, folder: Path) -> bool:
    """Whether the file is there and tells of this very setup, observed as today."""
    if not _path(fault.name, folder).exists():
        return False
    kept = _read(fault, folder)
    return (kept["setup"], kept.get("observer")) == (described(fault.setup), observer())


@cache
def observer() -> str:
    """What stands for the sources of what observes: with others, a case may hold other numbers."""
    root = Path(groundup.__file__).parent
    files = [*(root / "train" / "probes").glob("*.py"), *(root / "doctor").glob("*facts.py")]
    files += [root / "train" / "recording.py", root / "doctor" / "observe.py"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files)))
    return digest.hexdigest()[:16]


def _read(fault: Fault, folder: Path) -> Mapping[str, Any]:
    return dict(json.loads(read_text(_path(fault.name, folder), _LARGEST)))


def _path(name: str, folder: Path) -> Path:
    return folder / f"{name}.json"
