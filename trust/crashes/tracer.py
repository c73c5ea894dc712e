"""System calls of a forked child, made to fail one by one: strace's injection, from inside Python.

strace cannot cut a write short, and starts a program for each injection. This tracer forks the
warm process, stops the child at each call that touches one folder, and there kills it, answers in
the kernel's place, or halves the number of bytes of a write, which the kernel then really does.

What the child has to say goes through shared memory, so that speaking is no system call.
"""

import ctypes
import errno
import mmap
import os
import platform
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from groundup.errors import GroundupError

# Of x86-64, by what their first arguments are: an open file, a path, a folder and a path.
FILE = {
    0: "read", 1: "write", 3: "close", 5: "fstat", 8: "lseek", 17: "pread64", 18: "pwrite64",
    19: "readv", 20: "writev", 72: "fcntl", 73: "flock", 74: "fsync", 75: "fdatasync",
    77: "ftruncate", 91: "fchmod", 217: "getdents64", 285: "fallocate",
}  # fmt: skip
PATH = {
    4: "stat", 6: "lstat", 21: "access", 76: "truncate", 82: "rename", 83: "mkdir", 84: "rmdir",
    86: "link", 87: "unlink", 88: "symlink", 89: "readlink", 90: "chmod",
}  # fmt: skip
PLACE = {
    257: "openat", 258: "mkdirat", 262: "newfstatat", 263: "unlinkat", 264: "renameat",
    265: "linkat", 267: "readlinkat", 268: "fchmodat", 316: "renameat2", 332: "statx",
    439: "faccessat2",
}  # fmt: skip
WRITES = frozenset({"write", "pwrite64"})
GROWS = WRITES | {"writev", "mkdir", "mkdirat", "fallocate"}  # what a full disk refuses
_CREATES = os.O_CREAT
_TRACEME, _GETREGS, _SETREGS, _SETOPTIONS, _SYSCALL = 0, 12, 13, 0x4200, 24
_OPTIONS = 0x1 | 0x2 | 0x4 | 0x8 | 0x100000  # system calls marked, children too, killed with us
_ALL = 0x40000000  # waitpid: threads as well
_RAX, _RDX, _RSI, _RDI, _NUMBER = 10, 12, 13, 14, 15


def missing() -> str:
    """Why nothing can be traced here; "" where it can."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "the tracer knows Linux on x86-64 only"
    here = traced(lambda tell: tell("heard"), Path("/nowhere"))
    return "" if here.told == ["heard"] else "ptrace is not permitted"


@dataclass(frozen=True)
class Fault:
    """What happens at the call of this number, counted from 0.

    kill: the process is gone. ENOSPC, EIO: this call answers with it. short: half of a write is
    done. full: half of a write is done, and nothing more fits on the disk from there. gone: the
    folder answers every call with EIO from there.
    """

    kind: str
    at: int


@dataclass
class Traced:
    """What a child did: its calls in the folder, what it told, and how it ended.

    Args:
        calls: "write", "fsync", … in order.
        hit: whether the fault's call came.
        told: what was acknowledged.
        error: of a GroundupError its message, of anything else its traceback.
        signal: that it died of.
    """

    calls: list[str] = field(default_factory=list)
    hit: bool = False
    told: list[str] = field(default_factory=list)
    error: str = ""
    crashed: bool = False
    signal: int = 0


class _Registers(ctypes.Structure):
    _fields_ = (("all", ctypes.c_ulong * 27),)


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


def traced(
    act: Callable[[Callable[[str], None]], object], folder: Path, fault: Fault | None = None
) -> Traced:
    """Call `act(tell)` in a child, with the fault at one of its calls in the folder."""
    found = Traced()
    with mmap.mmap(-1, 1 << 16) as shared:
        child = os.fork()
        if not child:
            _child(act, shared)
        _Tracer(child, os.fsencode(folder), fault, found).follow()
        _listen(shared, found)
    return found


def untraced(act: Callable[[Callable[[str], None]], object]) -> Traced:
    """The same without any watching."""
    found = Traced()
    with mmap.mmap(-1, 1 << 16) as shared:
        child = os.fork()
        if not child:
            _child(act, shared, watched=False)
        status = os.waitpid(child, 0)[1]
        found.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        _listen(shared, found)
    return found


def _child(act: Callable[..., object], shared: mmap.mmap, watched: bool = True) -> None:
    def tell(words: str, mark: str = "+") -> None:
        shared.write(f"{mark}{words}\0".encode()[: len(shared) - shared.tell()])

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if watched:
        os.setpgid(0, 0)  # so that its threads and children are waited for, and nobody else's
        _libc.ptrace(_TRACEME, 0, None, None)
        os.kill(os.getpid(), signal.SIGSTOP)
    try:
        act(tell)
    except GroundupError as error:
        tell(str(error), "-")
    except BaseException:
        tell(traceback.format_exc()[-3000:], "!")
    os._exit(0)  # without what the parent has registered for its own end


def _listen(shared: mmap.mmap, found: Traced) -> None:
    for words in bytes(shared).rstrip(b"\0").split(b"\0"):
        mark, text = words[:1], words[1:].decode("utf-8", "replace")
        if mark == b"+":
            found.told.append(text)
        elif mark:
            found.error, found.crashed = text, mark == b"!"


class _Tracer:
    """Follows one child, and its threads, to their end."""

    def __init__(self, child: int, folder: bytes, fault: Fault | None, found: Traced) -> None:
        self.child, self.folder, self.fault, self.found = child, folder, fault, found
        self.answers: dict[int, int | None] = {}  # of threads inside a call: what it shall return

    def follow(self) -> None:
        os.waitpid(self.child, _ALL)
        _libc.ptrace(_SETOPTIONS, self.child, None, _OPTIONS)
        _libc.ptrace(_SYSCALL, self.child, None, None)
        while True:
            try:
                thread, status = os.waitpid(-self.child, _ALL)
            except ChildProcessError:
                return
            if os.WIFSTOPPED(status):
                _libc.ptrace(_SYSCALL, thread, None, self._stopped(thread, status))
            elif thread == self.child and os.WIFSIGNALED(status):
                self.found.signal = os.WTERMSIG(status)

    def _stopped(self, thread: int, status: int) -> int | None:
        """Act at this stop; the signal to be passed on."""
        number = os.WSTOPSIG(status)
        if number == signal.SIGTRAP | 0x80:
            if thread in self.answers:
                self._leave(thread)
            else:
                self._enter(thread)
            return None
        return None if number in (signal.SIGTRAP, signal.SIGSTOP) else number

    def _enter(self, thread: int) -> None:
        self.answers[thread] = None
        registers = self._registers(thread)
        name = self._name(thread, registers)
        if not name:
            return
        at = len(self.found.calls)
        self.found.calls.append(name)
        if self.fault is None or at < self.fault.at:
            return
        first = at == self.fault.at
        self.found.hit |= first
        wrong = self._error(name, registers, self.fault.kind, first)
        if self.fault.kind == "kill" and first:
            os.kill(self.child, signal.SIGKILL)
        elif wrong:
            registers.all[_NUMBER] = ctypes.c_ulong(-1).value  # no call at all
            self.answers[thread] = -wrong
            self._set(thread, registers)
        elif first and name in WRITES and self.fault.kind in ("short", "full"):
            registers.all[_RDX] //= 2
            self._set(thread, registers)

    def _error(self, name: str, registers: _Registers, kind: str, first: bool) -> int:
        """The error that this call answers with; 0 for none."""
        if kind in ("ENOSPC", "EIO"):
            return getattr(errno, kind) if first else 0
        if kind == "gone":
            return errno.EIO
        creates = name == "openat" and registers.all[_RDX] & _CREATES
        halved = first and name in WRITES and registers.all[_RDX] > 1
        return errno.ENOSPC if kind == "full" and (name in GROWS or creates) and not halved else 0

    def _leave(self, thread: int) -> None:
        answer = self.answers.pop(thread)
        if answer is not None:
            registers = self._registers(thread)
            registers.all[_RAX] = ctypes.c_ulong(answer).value
            self._set(thread, registers)

    def _name(self, thread: int, registers: _Registers) -> str:
        """Of a call that touches the folder, else ""."""
        number, first, second = (registers.all[i] for i in (_NUMBER, _RDI, _RSI))
        if number in FILE:
            try:
                path = Path(f"/proc/{self.child}/fd/{first & 0xFFFFFFFF}").readlink()
            except OSError:
                return ""
            return FILE[number] if os.fsencode(path).startswith(self.folder) else ""
        if number in PATH or number in PLACE:
            path = self._text(thread, first if number in PATH else second)
            if path.startswith(self.folder):
                return PATH.get(number) or PLACE[number]
        return ""

    def _text(self, thread: int, address: int) -> bytes:
        try:
            with Path(f"/proc/{thread}/mem").open("rb", buffering=0) as memory:
                return os.pread(memory.fileno(), 256, address).split(b"\0")[0]
        except OSError:
            return b""

    def _registers(self, thread: int) -> _Registers:
        registers = _Registers()
        _libc.ptrace(_GETREGS, thread, None, ctypes.addressof(registers))
        return registers

    def _set(self, thread: int, registers: _Registers) -> None:
        _libc.ptrace(_SETREGS, thread, None, ctypes.addressof(registers))
