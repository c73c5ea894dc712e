"""A file read under watch: how long it took, how much memory, what it warned of, what it did.

Time is the processor's; memory is the larger of what Python and NumPy asked for at once
(tracemalloc) and how far the process itself grew (Linux: the high-water mark, set back before).
What is done is seen by the interpreter's own audit events: a reader of files opens its file and
modules of Python, and starts, runs and changes nothing else.   [PEP 578]
"""

import os
import signal
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import groundup
from groundup.errors import GroundupError

SECONDS, BYTES = 1.0, 64 * 2**20
HANGS = 20  # seconds of the clock after which a read is broken off
_NEVER = {
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn",
    "subprocess.Popen", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request",
    "pickle.find_class", "ctypes.dlopen", "code.__new__", "function.__new__", "webbrowser.open",
}  # fmt: skip
_PLACES = {
    "open", "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod",
    "os.listdir", "os.scandir", "shutil.rmtree", "shutil.move",
}  # fmt: skip
_LIBRARY = tuple(
    os.path.realpath(place)
    for place in (sys.prefix, sys.base_prefix, Path(groundup.__file__).parent, "/proc/self")
)
_PROC = Path("/proc/self")


@dataclass
class Seen:
    """What a read gave, and what it took.

    Args:
        value: what it returned, if it did.
        error: what it raised, if it did.
        seconds, memory: what it took, memory in bytes.
        misdeeds: warnings, foreign places and programs.
    """

    value: Any = None
    error: BaseException | None = None
    seconds: float = 0.0
    memory: int = 0
    misdeeds: list[str] = field(default_factory=list)

    def faults(self) -> list[str]:
        """What no file may ever cause."""
        found = list(self.misdeeds)
        if self.error is not None and not isinstance(self.error, GroundupError):
            found.append(f"raised {self.error!r:.300}")
        if self.seconds > SECONDS:
            found.append(f"took {self.seconds:.2f} s")
        if self.memory > BYTES:
            found.append(f"took {self.memory / 2**20:.0f} MiB")
        return found


class _Hangs(BaseException):
    """No Exception, so that no reader takes it for a damaged file."""


class _Watch:
    """The audit hook; one that was added stays for good, so it sleeps between reads."""

    def __init__(self) -> None:
        self.added = self.awake = False
        self.inside = ""
        self.found: list[str] = []

    def __call__(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.awake:
            return
        if event in _NEVER:
            self.found.append(f"did {event}{given!r:.200}")
        elif event == "exec":
            name = getattr(given[0], "co_filename", "")
            if not name.startswith((*_LIBRARY, "<frozen")):
                self.found.append(f"ran code of {name!r:.100}")
        elif event in _PLACES and isinstance(given[0], str | bytes | os.PathLike):
            place = os.path.normpath(Path(self.inside, os.fsdecode(given[0])))
            reading = event == "open" and os.path.realpath(place).startswith(_LIBRARY)
            importing = event == "os.listdir" and place in sys.path  # such as a codec, when needed
            inside = place == self.inside or place.startswith(self.inside + os.sep)
            if not (inside or reading or importing):
                self.found.append(f"{event} of {place!r:.200}")


_watch = _Watch()


def watched(read: Callable[[Path], Any], folder: Path) -> Seen:
    """Read what lies in the folder, which is the only place that may be touched."""
    seen = Seen()
    if not _watch.added:
        sys.addaudithook(_watch)
        _watch.added = True
    with warnings.catch_warnings(record=True) as told, _memory(seen), _alarm():
        warnings.simplefilter("always")
        _watch.inside, _watch.found = str(folder.absolute()), seen.misdeeds
        begun = time.process_time()
        _watch.awake = True
        try:
            seen.value = read(folder)
        except (Exception, _Hangs, SystemExit) as error:
            seen.error = error
        finally:
            _watch.awake = False
            seen.seconds = time.process_time() - begun
    seen.misdeeds += [f"warned: {one.category.__name__}: {one.message}" for one in told]
    return seen


@contextmanager
def _memory(seen: Seen) -> Iterator[None]:
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    resident = _resident(afresh=True)
    try:
        yield
    finally:
        seen.memory = max(
            tracemalloc.get_traced_memory()[1] - before, _resident() - resident, seen.memory
        )
        if not tracing:
            tracemalloc.stop()


def _resident(*, afresh: bool = False) -> int:
    """The high-water mark of this process in bytes, set back to what is held now; 0 if unknown."""
    with suppress(OSError):
        if afresh:
            (_PROC / "clear_refs").write_bytes(b"5")
        for line in (_PROC / "status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


@contextmanager
def _alarm() -> Iterator[None]:
    """Break off what hangs, such as the opening of a pipe that nobody writes to."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: object) -> None:
        raise _Hangs(f"not done after {HANGS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
