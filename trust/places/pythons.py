"""groundup installed anew for the newest other Python that is here, and a user's first minutes."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from trust.claim import Outcome, Tell
from trust.places.surroundings import Found, faults, visited
from trust.places.table import OWN_CACHE, Place

ROOT = Path(__file__).parent.parent.parent
NEEDED = ("pyproject.toml", "README.md", "LICENSE", "src")  # of the tree, to build from
OLDEST = (3, 11)
SECONDS = 900
VERSIONS = "import importlib.metadata as m; print([m.version(p) for p in ('numpy', 'numba')])"
# Of pip, where a package or the network is missing; whatever else it says is our own fault.
OUT_OF_REACH = re.compile(
    r"ensurepip|No matching distribution|Connection|Temporary failure|Max retries|unreachable"
)
COMMANDS = ("train", "resume", "evaluate", "predict", "tune", "study")


def check(size: int, tell: Tell) -> Outcome:
    """The newest `size` Pythons beside the one that runs this."""
    outcome = Outcome()
    others = others_here()[:size]
    outcome.skip("no other Python from 3.11 on is here", size - len(others))
    outcome.skipped = {why: count for why, count in outcome.skipped.items() if count}
    if not others:
        return outcome
    here = Place("ordinary", commands=COMMANDS)
    (expected,) = visited(here)
    outcome.faults.extend(faults(here, expected, expected))
    if outcome.faults:  # nothing can be told by what has failed itself
        return outcome
    for version, python in others:
        name = "Python {}.{}".format(*version)
        with tempfile.TemporaryDirectory(prefix="groundup-python-") as folder:
            tell(f"installing for {name}")
            installed, wrong = installed_for(python, Path(folder))
            if OUT_OF_REACH.search(wrong):
                outcome.skip(f"{name} found no packages to install")
                continue
            if wrong:
                outcome.tried += 1
                outcome.faults.append(f"{name}: it cannot be installed: {wrong[-900:]}")
                continue
            tell(f"trying {name}")
            outcome.tried += 1
            same = _versions(installed) == _versions(sys.executable)
            place = replace(here, name=name, shell=OWN_CACHE, left=same, answers=same)
            (found,) = visited(place, installed)
            outcome.faults.extend(faults(place, found, expected))
            if not same:
                outcome.faults.extend(other_answers(name, found, expected))
            outcome.facts[name] = "the same bits" if same else "other NumPy or Numba, alike answers"
    return outcome


def other_answers(name: str, found: Found, expected: Found) -> list[str]:
    """With another NumPy the last bits may differ, the loss may not."""
    losses = [one.answers[0]["loss"] if one.answers else None for one in (found, expected)]
    if None in losses or abs(losses[0] - losses[1]) > 1e-3 * losses[1]:
        return [f"{name}: the losses are {losses}"]
    return []


def others_here() -> list[tuple[tuple[int, int], str]]:
    """Version and program of each other Python, the newest first.

    Looked for on PATH, where pyenv keeps them, and in GROUNDUP_PYTHONS (paths, colons between).
    """
    named = os.environ.get("GROUNDUP_PYTHONS", "").split(os.pathsep)
    kept = [str(path) for path in Path.home().glob(".pyenv/versions/*/bin/python3")]
    on_path = [shutil.which(f"python3.{minor}") for minor in range(11, 20)]
    found = {}
    for program in (*named, *kept, *on_path):
        version = _version(program) if program else None
        if version is not None and version >= OLDEST and version != sys.version_info[:2]:
            found.setdefault(version, program)
    return sorted(found.items(), reverse=True)


def installed_for(python: str, folder: Path) -> tuple[str, str]:
    """The Python of a new environment with groundup from a copy of this tree, and what failed."""
    copy, environment = folder / "groundup", folder / "environment"
    copy.mkdir()
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            leave = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(source, copy / name, ignore=leave)
        else:
            shutil.copy(source, copy / name)
    made = str(environment / "bin" / "python")
    pip = [made, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    steps = ([python, "-m", "venv", str(environment)], [*pip, str(copy)])
    return made, next(filter(None, map(_wrong_with, steps)), "")


def _wrong_with(command: Sequence[str]) -> str:
    """What it says where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{error}"
    return done.stderr + done.stdout if done.returncode else ""


def _version(program: str) -> tuple[int, int] | None:
    try:
        done = subprocess.run(
            [program, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.fullmatch(r"(\d+) (\d+)\n", done.stdout)
    return (int(found[1]), int(found[2])) if found else None


def _versions(python: str) -> str:
    return subprocess.run(
        [python, "-c", VERSIONS], capture_output=True, text=True, check=True
    ).stdout
