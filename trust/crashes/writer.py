"""A writer: something of groundup that writes files, and how to judge what a fault left of them."""

import contextlib
import shutil
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from groundup.storage import sweep
from trust.crashes.tracer import Traced

Tell: TypeAlias = Callable[[str], None]  # says what is acknowledged
Files: TypeAlias = Mapping[str, object]


@dataclass(frozen=True)
class Found:
    """What is to be judged: the files before, those of a run without a fault, and those found."""

    folder: Path
    old: Files
    new: Files
    done: Traced

    @property
    def files(self) -> Files:
        return read(self.folder)


def whole(found: Found) -> str:
    """Each file is the old or the new one; all are new once that was told."""
    for name, now in found.files.items():
        if name not in found.new and name not in found.old:
            return f"{name} is left over"
        if now not in (found.old.get(name), found.new.get(name)):
            return f"{name} is neither the old nor the new one"
    missing = found.old.keys() - found.files.keys()
    if missing:
        return f"{', '.join(sorted(missing))} is gone"
    if found.done.told and found.files != found.new:
        return "it was told to be written, and is not"
    return ""


def same(found: Found) -> str:
    """After another try: what a run without a fault leaves."""
    now = found.files
    wrong = [name for name in now.keys() | found.new.keys() if now.get(name) != found.new.get(name)]
    return f"tried again, {', '.join(sorted(wrong))} is not as without a fault" if wrong else ""


@dataclass(frozen=True)
class Writer:
    """One row of the table.

    Args:
        name: what it writes.
        act: writes into the folder, and tells what is acknowledged.
        prepare: makes the old state; by default there is none.
        judge: what is wrong just after the fault, "" for nothing.
        again: what its user does next, in the same folder; by default the same.
        ended: what is wrong after that.
        essential: belongs to the short form.
        needs: packages; where one is missing, the writer is skipped.
    """

    name: str
    act: Callable[[Path, Tell], object]
    prepare: Callable[[Path], object] = lambda folder: None
    judge: Callable[[Found], str] = whole
    again: Callable[[Path, Tell], object] | None = None
    ended: Callable[[Found], str] = same
    essential: bool = False
    needs: tuple[str, ...] = ()

    @property
    def retry(self) -> Callable[[Path, Tell], object]:
        return self.again or self.act


def read(folder: Path) -> Files:
    """Every file below: its permissions and bytes; of a link where it leads. Locks do not count."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_file() and not is_lock(path):
            found[name] = stat.S_IMODE(path.stat().st_mode), path.read_bytes()
    return found


def clean(folder: Path) -> None:
    """What the next writer does in every folder that it opens."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            sweep(path)


def is_lock(path: Path) -> bool:
    return path.name.startswith(".") and path.suffix == ".lock"


def emptied(folder: Path) -> Path:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    folder.mkdir()
    return folder
