"""Files made by hand to mislead: each is refused, or gives exactly what it says."""

import importlib
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from groundup.errors import GroundupError
from trust.claim import Outcome
from trust.files.hostile.doors import CANARY, DOORS, REFUSED, Case
from trust.files.kind import same
from trust.files.watched import watched

TABLES = ("arrays", "archives", "tables", "pictures", "tensors", "logs", "pickled", "places")


def cases(tables: Sequence[str] = TABLES) -> tuple[Case, ...]:
    """The hostile files of some tables; bombs take a while to make."""
    modules = [importlib.import_module(f"trust.files.hostile.{table}") for table in tables]
    return tuple(case for module in modules for case in module.CASES)


def check(size: int, tell: Callable[[str], None], tables: Sequence[str] = TABLES) -> Outcome:
    """All of them, however many are asked for."""
    return tried(cases(tables))


def tried(cases: Sequence[Case]) -> Outcome:
    outcome, counts = Outcome(), Counter[str]()
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="groundup-files-") as made:
        _warm(cases, Path(made, "honest"))
        for number, case in enumerate(cases):
            folder = Path(made, str(number))
            folder.mkdir()
            os.chdir(folder)  # where a canary would appear that names no folder
            try:
                try_one(case, folder, outcome, counts)
            finally:
                os.chdir(before)
    outcome.facts = {"kinds of files": len({case.door for case in cases}), **counts}
    return outcome


def _warm(cases: Sequence[Case], folder: Path) -> None:
    """An honest file through every door: what is imported or compiled then is no hostile file's."""
    for door, case in {one.door: one for one in cases if one.expected is not REFUSED}.items():
        place = folder / door
        place.mkdir(parents=True)
        case.write(place)
        name, read = DOORS[door]
        read(place / name)


def try_one(case: Case, folder: Path, outcome: Outcome, counts: Counter[str]) -> None:
    try:
        case.write(folder)
    except (OSError, NotImplementedError) as error:
        outcome.skip(f"this system has no such file ({type(error).__name__})")
        return
    name, read = DOORS[case.door]
    seen = watched(lambda place: read(place / name), folder)
    faults = seen.faults()
    if seen.error is None:
        if case.expected is REFUSED:
            faults.append(f"was read as {seen.value!r:.200}")
        elif not same(seen.value, case.expected):
            faults.append(f"was read as {seen.value!r:.200}, expected {case.expected!r:.200}")
        counts["read exactly"] += not faults
    elif isinstance(seen.error, GroundupError):
        if case.expected is not REFUSED:
            faults.append(f"is honest, and was refused: {seen.error}")
        counts["refused"] += not faults
    if any(file.name == CANARY for file in folder.rglob("*")):
        faults.append("its code ran")
    outcome.tried += 1
    outcome.faults += [f"{case.door}: {case.name}: {fault}" for fault in faults]
