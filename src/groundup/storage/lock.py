"""A lease on a name: one holder at a time, and a dead holder holds nothing.

The system's own lock on an open file is used, not the file's existence, so it ends with the process
however that dies. The file only says who holds it, for the message that the next one gets.
"""

import contextlib
import datetime
import errno
import io
import json
import os
import socket
import sys
import weakref
from pathlib import Path
from types import TracebackType
from typing import Self

from groundup.errors import GroundupError, StorageError
from groundup.storage.paths import AnyPath, checked, shown, storage_error
from groundup.storage.reads import read_json_bytes

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # past the owner's name, which stays readable
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
_held: "weakref.WeakSet[Lock]" = weakref.WeakSet()


class Lock:
    """An exclusive lease; a second taker, in this process or another, gets StorageError at once.

    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/run.lock"
    >>> with Lock(path):
    ...     Lock(path).acquire()
    Traceback (most recent call last):
    groundup.errors.StorageError: .../run.lock is held by process ... on ... since ...
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = Path(checked(path)).absolute()
        self._file: io.FileIO | None = None

    @property
    def held(self) -> bool:
        """Whether this object, in this process, holds the lease."""
        return self._file is not None

    def acquire(self) -> None:
        """Take the lease now or raise StorageError naming its owner."""
        if self.held:
            raise StorageError(f"{shown(self.path)} is held by this object already.")
        while self._file is None:
            file = self._open()
            try:
                _take(file.fileno())
                # Its last owner may have removed the file between our open and our lock.
                if _same_file(file, self.path):
                    self._file = file
            except OSError as error:
                raise self._refusal(file, error) from None
            finally:
                if self._file is None:
                    _close(file)
        _held.add(self)
        _sign(self._file)

    def release(self) -> None:
        """Give the lease back; without one, nothing happens."""
        if self.held:
            with contextlib.suppress(OSError):
                self.path.unlink()  # still locked: nobody else can have taken this file
            self._forget()

    def _forget(self) -> None:
        file, self._file = self._file, None
        _held.discard(self)
        if file is not None:
            _close(file)

    def _open(self) -> io.FileIO:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        try:
            return io.FileIO(os.open(self.path, flags, 0o666), "r+")
        except OSError as error:
            raise storage_error("lock", self.path, error) from error

    def _refusal(self, file: io.FileIO, error: OSError) -> StorageError:
        if error.errno in _NO_LOCKS:
            return StorageError(
                f"cannot lock {shown(self.path)}: {error.strerror or error}. "
                "This disk has no file locks: choose a folder on a local disk."
            )
        if error.errno not in {errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK}:
            return storage_error("lock", self.path, error)
        try:
            file.seek(0)
            owner = read_json_bytes(file.read(4096), depth=1)
            who = f"process {owner['pid']} on {owner['host']} since {owner['started']}"
        except (OSError, GroundupError, LookupError, TypeError):
            who = "another process"  # which has not signed yet, or could not
        return StorageError(
            f"{shown(self.path)} is held by {who}. Wait until it ends, or choose another name."
        )

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()


def _close(file: io.FileIO) -> None:
    with contextlib.suppress(OSError):  # the lease ends whatever the disk says of the owner's name
        file.close()


def _sign(file: io.FileIO) -> None:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    owner = {"host": socket.gethostname(), "pid": os.getpid(), "started": now}
    with contextlib.suppress(OSError):  # on a full disk the lease holds, only unsigned
        file.truncate(0)
        file.seek(0)
        file.write(json.dumps(owner).encode())


def _same_file(file: io.FileIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _after_fork() -> None:
    """A forked child shares the open file, and would hold the lease after its parent's death."""
    for lock in list(_held):
        lock._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
