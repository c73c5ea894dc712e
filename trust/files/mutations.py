"""Files of every kind, damaged in every way: nothing comes out that is silently wrong.

Of our own formats, see `ours`, no change goes unnoticed. A foreign one without a checksum cannot
tell a flipped bit from data; there wrong is what an independent judge does not read from the same
bytes, see `foreign`. And whatever happens: only errors of ours and no warnings, 1 second, 64 MiB,
nothing run and no other place touched.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.errors import GroundupError
from groundup.rng import Stream
from trust.claim import Outcome
from trust.files import foreign, ours
from trust.files.damage import damaged
from trust.files.kind import Kind
from trust.files.watched import watched

SEED = 0
KINDS: tuple[Kind, ...] = (*ours.KINDS, *foreign.KINDS)


@dataclass(frozen=True)
class Ready:
    """A kind with two versions of its files written, and what is in them."""

    kind: Kind
    folders: tuple[Path, ...]
    contents: tuple[bytes, ...]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, kind: Kind, place: Path) -> "Ready":
        folders = tuple(place / f"version {version}" for version in (0, 1))
        for version, folder in enumerate(folders):
            folder.mkdir(parents=True)
            kind.write(folder, version)
        contents = tuple((folder / kind.file).read_bytes() for folder in folders)
        return cls(kind, folders, contents, tuple(map(kind.read, folders)))


def check(size: int, tell: Callable[[str], None], kinds: Sequence[Kind] = KINDS) -> Outcome:
    """`size` files in all, of each kind as many."""
    outcome, counts = Outcome(), Counter[str]()
    slowest, largest = 0.0, 0
    with tempfile.TemporaryDirectory(prefix="groundup-files-") as made:
        for place, kind in enumerate(kinds):
            ready = Ready.of(kind, Path(made, str(place)))
            for number in range(place, size, len(kinds)):
                seconds, memory = _try(ready, number, outcome, counts)
                slowest, largest = max(slowest, seconds), max(largest, memory)
            tell(f"{kind.name}: {len(outcome.faults)} faults so far")
    outcome.facts = {
        "kinds of files": len(kinds),
        **{words: counts[words] for words in ("refused", "read as what is there")},
        "silently wrong": counts["silently wrong"],
        "slowest file, seconds": slowest,
        "most memory for a file, MiB": largest / 2**20,
    }
    return outcome


def _try(ready: Ready, number: int, outcome: Outcome, counts: Counter[str]) -> tuple[float, int]:
    kind = ready.kind
    stream = Stream(SEED, "trust", f"mutations/{kind.name}").at(sample=number)
    version = int(stream.named("version").words(1)[0] % 2)
    how, data = damaged(ready.contents[version], ready.contents[1 - version], stream)
    folder = ready.folders[version]
    (folder / kind.file).write_bytes(data)
    seen = watched(kind.read, folder)
    faults = seen.faults()
    if seen.error is None:
        wrong = kind.wrong(data, seen.value, ready.values)
        counts["silently wrong" if wrong else "read as what is there"] += 1
        faults += [wrong] if wrong else []
    elif isinstance(seen.error, GroundupError):
        counts["refused"] += 1
    outcome.tried += 1
    outcome.faults += [f"{kind.name}, case {number} ({how}): {fault}" for fault in faults]
    return seen.seconds, seen.memory
