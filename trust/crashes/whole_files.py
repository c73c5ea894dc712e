"""Files as a reader sees them after a kill: whole, or hidden where the next process sweeps."""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from groundup.errors import GroundupError
from groundup.storage import read_log
from groundup.train import model_file

HIDDEN = re.compile(r"\.groundup-\S+\.tmp|\.\w+\.jsonl\.lock")  # of the process that died
TIMES = {"seconds", "samples_per_second", "run_dir", "at"}


def half_written(folder: Path) -> Iterator[str]:
    """Files that a reader would take for whole ones, and that are not."""
    for path in files(folder):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith("."):
            if not HIDDEN.fullmatch(path.name):
                yield f"{name} is there"
            continue
        try:
            WHOLE[path.suffix](path)
        except (GroundupError, ValueError, KeyError) as error:
            yield f"{name} is not whole: {error!r}"


def _page(path: Path) -> None:
    if not path.read_text("utf-8").rstrip().endswith("</html>"):
        raise ValueError("its end is missing")


def _table(path: Path) -> None:
    rows = path.read_text("utf-8").splitlines()
    if len({row.count(",") for row in rows}) > 1:
        raise ValueError("its rows have different lengths")


WHOLE: dict[str, Callable[[Path], Any]] = {
    ".safetensors": model_file.load,
    ".toml": lambda path: tomllib.loads(path.read_text("utf-8")),
    ".json": lambda path: json.loads(path.read_text("utf-8")),
    ".jsonl": read_log,
    ".html": _page,
    ".csv": _table,
}


def files(folder: Path) -> list[Path]:
    """Every file below the folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def untimed(record: Mapping[str, Any]) -> dict[str, Any]:
    """What of a record must not depend on the clock."""
    return {name: value for name, value in record.items() if name not in TIMES}


def digest(data: bytes) -> str:
    """The SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest_of_log(path: Path) -> str:
    """Of all that a log tells but times, in order."""
    records = read_log(path) if path.is_file() else []
    return digest(json.dumps([untimed(record) for record in records], sort_keys=True).encode())


def differences(mine: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[str]:
    """Of two folders by the digests of their files."""
    for name in sorted({*mine, *theirs}):
        if mine.get(name) != theirs.get(name):
            yield f"{name}: expected {theirs.get(name)!r} as undisturbed, found {mine.get(name)!r}"
