"""Going on in another place: what changes the bits is named, and what does not is not spoken of."""

import contextlib
import io
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from groundup.cli import main
from groundup.config import from_mapping
from groundup.errors import Interrupted
from groundup.storage.paths import cache_folder
from groundup.train.callback import Callback
from groundup.train.run import run
from trust.bits.cells import PLACES, Part, Setting, carry_out
from trust.bits.ladder import first_difference, read
from trust.claim import Outcome, Tell

FAILED = "exit code"  # what is told of a command that did not end well begins so
Env = dict[str, Any]
Change = Callable[[Env], None]
_SMALL = {
    "data": {"name": "iris"},
    "model": {"name": "two-layer"},
    "train": {"epochs": 1, "batch_size": 60, "probes": False},
}


def _put(*path: Any, value: Any) -> Change:
    def change(env: Env) -> None:
        *tables, last = path
        for table in tables:
            env = env[table]
        env[last] = value

    return change


def _drop(name: str) -> Change:
    return lambda env: env.pop(name)


PACKAGES = ("groundup", "numpy", "scipy", "scikit-learn", "numba", "llvmlite", "safetensors")
# What env.json said when the run began, and what the resumed run must therefore name.
TELLING: Mapping[str, tuple[Change, str]] = {
    "another CPU": (_put("cpu", value="Other CPU 9000"), "cpu was Other CPU 9000, now"),
    "other instructions": (_put("cpu_features", value=["sse9"]), "cpu features was sse9, now"),
    "another machine": (_put("machine", value="riscv64"), "machine was riscv64, now"),
    "another system": (_put("system", value="Plan9 4.0"), "system was Plan9, now"),
    "another Python": (_put("python", value="3.10.1"), "python was 3.10.1, now"),
    **{
        f"another {name}": (_put("packages", name, value="0.0.7"), f"{name} was 0.0.7, now")
        for name in PACKAGES
    },
    "a package that was missing": (_put("packages", "numba", value=None), "numba was None, now"),
    "strictly": (_put("strict", value=True), "strict was True, now False"),
    "other kernels": (_put("kernels", value={"kind": "reference"}), "kernels was reference, now"),
    "wider vectors": (_put("kernels", "tile", value=[99, 9]), "kernel tile was [99, 9], now"),
    "more threads": (_put("kernels", "threads", value=77), "kernel threads was 77, now"),
    "another BLAS": (_put("blas", 0, "library", value="mkl"), "BLAS library was mkl, now"),
    "a newer BLAS": (_put("blas", 0, "version", value="9.9"), "BLAS version was 9.9, now"),
    "another BLAS core": (_put("blas", 0, "core", value="Z80"), "BLAS core was Z80, now"),
    "more BLAS threads": (_put("blas", 0, "threads", value=77), "BLAS threads was 77, now"),
    "no BLAS": (_put("blas", value=[]), "BLAS library was None, now"),
    "an older env.json": (_drop("kernels"), "kernels was None, now"),
}
_NOTHING: Mapping[str, Change] = {
    "nothing": lambda env: None,
    "a newer kernel of the system": lambda env: env.update(system=f"{env['system']}.9"),
    "more cores": _put("cores", value=999),
    "a second BLAS": lambda env: env["blas"].append({"library": "blis", "threads": 1}),
}


def elsewhere(size: int, tell: Tell) -> Outcome:
    """Simulated by env.json, then real, and the same run here and there."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="groundup-elsewhere-") as scratch:
        folder = Path(scratch)
        begun = _begun(folder / "begun")
        tell("runs go on that began elsewhere")
        for number, (name, change, words) in enumerate(_simulated()):
            outcome.tried += 1
            told = _told(begun, folder / f"{number}", change, quiet=number % 2 == 0)
            _judge(outcome, name, told, words)
        tell("runs in other places")
        _places(folder, max(4, size - outcome.tried), outcome)
    return outcome


def _simulated() -> Iterator[tuple[str, Change, str]]:
    for name, (change, words) in TELLING.items():
        yield name, change, words
    for name, change in _NOTHING.items():
        yield name, change, ""


def _judge(outcome: Outcome, case: str, told: str, words: str) -> None:
    notes = [line for line in told.splitlines() if line.startswith("note:")]
    held = any(words in line for line in notes) if words else not notes
    held &= not told.startswith(FAILED)
    expected = f"a note with {words!r}" if words else "no note"
    outcome.expect(held, f"{case}: expected {expected}, found {told[-300:]!r}")


class _Stop(Callback):
    def on_batch_end(self, context: Any) -> None:
        signal.raise_signal(signal.SIGINT)


def _begun(path: Path) -> Path:
    """A run that was interrupted after its first update."""
    with contextlib.suppress(Interrupted):
        run(from_mapping(_SMALL), path, [_Stop()])
    return path


def _told(begun: Path, path: Path, change: Change, quiet: bool) -> str:
    """What `groundup train --resume` says on stderr of a copy whose env.json was changed."""
    shutil.copytree(begun, path)
    file = path / "env.json"
    env = json.loads(file.read_text("utf-8"))
    change(env)
    file.write_text(json.dumps(env), "utf-8")
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        code = main(["train", "--resume", str(path), "--json", *(["--quiet"] if quiet else [])])
    return told.getvalue() if code == 0 else f"{FAILED} {code}: {told.getvalue()}"


def _places(folder: Path, count: int, outcome: Outcome) -> None:
    """The same run in other folders, hours, languages and with other names of the machine."""
    setting, paths = Setting(1, "0"), []
    names = ("plain", "with space", "Ünïcödé-文字", "-dash", "deep/er/and/deeper")
    for k in range(count):
        path = folder / f"place-{k}" / names[k % len(names)]
        path.parent.mkdir(parents=True)
        part = Part("regression", str(path))
        home = {"HOME": str(path.parent), "PWD": os.sep, "TMPDIR": str(path.parent)}
        home["XDG_CACHE_HOME"] = str(cache_folder().parent)  # kernels need not be compiled again
        here = Setting(setting.threads, setting.hash_seed, k % len(PLACES), home)
        said = carry_out(here, [part], path.parent)
        outcome.expect(not said, f"in {path.name}: {said}")
        paths.append(part.ladder)
    first, *others = map(read, paths)
    outcome.tried += len(paths)
    for k, ladder in enumerate(others, start=1):
        where = first_difference(first, ladder)
        outcome.expect(where is None, f"the run of place {k} {where}")
