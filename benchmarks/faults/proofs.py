"""Prescriptions for the faults that were found, tried, and what came of it, kept as files."""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

from benchmarks.faults.cases import case_of, material
from benchmarks.faults.fault import Fault
from benchmarks.faults.faults import FAULTS
from groundup.doctor.diagnosis import Diagnosis, diagnose
from groundup.doctor.prove import prove
from groundup.storage import read_text, write_text
from groundup.train.executor import local_pool

Tried = Mapping[str, Any]


def make(
    faults: Iterable[Fault], cases: Path, folder: Path, budget: float, workers: int = 1
) -> Iterator[tuple[str, list[Tried]]]:
    """(name, what came of each prescription), as they end; who has a file of them is not tried

    Args:
        faults: those found.
        cases, folder: where the observed cases lie, and where the proofs go.
        budget: seconds for all prescriptions of a case.
        workers: processes, each of one thread.
    """
    folder.mkdir(parents=True, exist_ok=True)
    due = []
    for fault in faults:
        path = folder / f"{fault.name}.json"
        kept = json.loads(read_text(path)) if path.exists() else {}
        if kept.get("prescriptions") == _prescriptions(diagnose(case_of(fault, cases))):
            yield fault.name, kept["tried"]
        else:
            due.append(fault.name)
    with local_pool(workers)() as pool:
        futures = [pool.submit(tried, name, cases, folder, budget) for name in due]
        for future in as_completed(futures):
            yield future.result()


def tried(name: str, cases: Path, folder: Path, budget: float) -> tuple[str, list[Tried]]:
    """Try the prescriptions for the case of that name and write its file."""
    fault = FAULTS[name]
    diagnosis = diagnose(case_of(fault, cases))
    proven = prove(diagnosis, budget, None, *material(fault.setup))
    came = [
        {"rule": one.rule, "planted": one.rule == fault.rule, **_proof(one.plain()["proof"])}
        for one in proven.findings
        if one.proof is not None
    ]
    kept = {"prescriptions": _prescriptions(diagnosis), "tried": came}
    write_text(folder / f"{name}.json", json.dumps(kept, indent=1))
    return name, came


def _proof(plain: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("verdict", "measure", "mean", "low", "high", "p", "epochs", "seconds")
    return {name: plain[name] for name in names} | {"pairs": len(plain["treated"])}


def _prescriptions(diagnosis: Diagnosis) -> dict[str, list[str]]:
    """The changes of every prescription that a configuration can make, by rule."""
    return {
        one.rule: [str(change) for change in one.prescription.changes]
        for one in diagnosis.findings
        if one.prescription.config is not None
    }
