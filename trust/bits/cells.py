"""Runs in processes of their own: one process for each way in which a process can be set up.

A cell is one run to its end. One that is interrupted begins in one process and ends in another.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
# What another hour, place and user look like to a process; none of it may matter.
PLACES: tuple[Mapping[str, str], ...] = (
    {"TZ": "Asia/Tokyo", "LC_ALL": "C", "HOSTNAME": "one", "COLUMNS": "40"},
    {"TZ": "America/Lima", "LC_ALL": "C.UTF-8", "HOSTNAME": "two", "USER": "other"},
    {"TZ": "UTC", "LANG": "de_DE.UTF-8", "TERM": "dumb", "PYTHONUTF8": "1"},
)
_OURS = ("GROUNDUP_", "OPENBLAS_", "OMP_", "MKL_", "PYTHONHASHSEED")


@dataclass(frozen=True)
class Setting:
    """How a process is set up.

    Args:
        threads: of kernels and linear algebra; as on a machine with as many cores.
        hash_seed: PYTHONHASHSEED, which decides the order of sets.
        place: which of `PLACES`.
        environ: more variables.
    """

    threads: int = 1
    hash_seed: str = "0"
    place: int = 0
    environ: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        more = "".join(f", {name}={value}" for name, value in self.environ.items())
        return f"{self.threads} threads, PYTHONHASHSEED={self.hash_seed}{more}"

    def variables(self) -> dict[str, str]:
        """The whole environment of such a process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        count = str(self.threads)
        ours = {"GROUNDUP_THREADS": count, "OPENBLAS_NUM_THREADS": count}
        seed = {"PYTHONHASHSEED": self.hash_seed}
        return kept | dict(PLACES[self.place % len(PLACES)]) | ours | seed | dict(self.environ)


@dataclass(frozen=True)
class Part:
    """A run, or a part of one, in one process.

    Args:
        network: which of `networks.NETWORKS`.
        path: its run directory; the ladder lies beside it.
        stop_at: the update after which it is interrupted; None: it ends.
        resumed: whether it goes on with what another process began.
        each: after how many further updates it is interrupted, again and again, till it ends.
    """

    network: str
    path: str
    stop_at: int | None = None
    resumed: bool = False
    each: int | None = None

    @property
    def ladder(self) -> Path:
        return Path(f"{self.path}.ladder")


def carry_out(setting: Setting, parts: Sequence[Part], scratch: Path) -> str:
    """All parts one by one in one new process; what went wrong with the process itself, or ''."""
    if not parts:
        return ""
    job = scratch / f"job-{time.monotonic_ns()}.json"
    job.write_text(json.dumps([asdict(part) for part in parts]), "utf-8")
    command = [sys.executable, "-m", "trust.bits.child", str(job), str(setting.threads)]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        command,
        env=setting.variables() | {"PYTHONPATH": path},
        cwd=scratch,
        check=False,
        capture_output=True,
        text=True,
    )
    return "" if done.returncode == 0 else f"exit code {done.returncode}: {done.stderr[-800:]}"


def grouped(parts: Iterable[tuple[Setting, Part]]) -> list[tuple[Setting, list[Part]]]:
    """Parts of the same setting together, in the order in which settings come first."""
    found: list[tuple[Setting, list[Part]]] = []
    for setting, part in parts:
        for known, its in found:
            if known == setting:
                its.append(part)
                break
        else:
            found.append((setting, [part]))
    return found
