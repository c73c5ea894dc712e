"""An append-only log that survives its writer; `lines` says what is in it.

A record is one write to the end of the file, so a crash can only tear the last one. Readers ignore
a torn tail; the next writer, who has the lease, cuts it off. A log damaged in any other way is
refused and left as it is.
"""

import contextlib
import io
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from groundup.errors import CorruptFile, GroundupError, InputError, StorageError
from groundup.storage.atomic import sync_directory
from groundup.storage.lines import checksum, encode, scan
from groundup.storage.lock import Lock
from groundup.storage.paths import AnyPath, checked, exists, is_file, shown, storage_error


def read_log(path: AnyPath) -> list[dict[str, Any]]:
    """Every record of a log that may be in use by its writer; the file is never changed.

    Raises InputError for a missing file and CorruptFile, with the line's number, for a damaged one.
    """
    return [record for record, _, _ in scan(path)]


@contextlib.contextmanager
def understood(path: AnyPath) -> Iterator[None]:
    """For the block that makes values of a log's records: CorruptFile for what it stumbles over.

    A checksum says that a record is as it was written, not that we wrote it.
    """
    try:
        yield
    except GroundupError:
        raise
    except Exception as error:  # who forges a record finds many ways to upset a constructor
        raise CorruptFile(
            f"{shown(path)} holds a record that groundup never writes: {error!r:.200}."
        ) from error


def has_writer(path: AnyPath) -> bool:
    """Whether somebody has the log open for writing now; a dead writer has nothing open.

    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/metrics.jsonl"
    >>> with Log(path):
    ...     has_writer(path)
    True
    >>> has_writer(path)
    False
    """
    lock = _lock_of(Path(checked(path)).absolute())
    if not exists(lock.path):
        return False
    try:
        with lock:
            return False
    except StorageError:
        return True


class Log:
    """The writer of a log: creates it, or takes it up where its last writer left it.

    While it is open it holds the lease `.<name>.lock` beside the log; a second writer gets
    StorageError, and threads take turns. A damaged log raises CorruptFile when it is opened.

    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/metrics.jsonl"
    >>> with Log(path) as log:
    ...     log.append({"epoch": 0, "loss": 2.3})
    ...     log.append({"epoch": 1, "loss": float("inf")}, durable=True)
    >>> read_log(path)
    [{'epoch': 0, 'loss': 2.3}, {'epoch': 1, 'loss': inf}]
    """

    def __init__(self, path: AnyPath) -> None:
        self.path = Path(checked(path)).absolute()
        self._lock = _lock_of(self.path)
        self._turn = threading.Lock()
        self._failure = ""
        self._before: int | None = 0  # the checksum that the next line goes on from
        with contextlib.ExitStack() as undo:
            self._lock.acquire()
            undo.callback(self._lock.release)
            self._file = _open(self.path)
            undo.callback(_close_quietly, self._file)
            self._repair()
            undo.pop_all()

    def append(self, record: Mapping[str, Any], durable: bool = False) -> None:
        """Add a record; with `durable` it is on the disk when this returns.

        Values are JSON's, every float, and NumPy scalars (which are read back as Python's).
        Raises InputError for a record that cannot be written, and StorageError when the disk is
        full: then the log is as it was before and can be written again.
        """
        with self._turn:
            self._check_usable()
            line = encode(record, self._before or 0)
            descriptor = self._file.fileno()
            end = self._end()
            try:
                written = os.write(descriptor, line)
                while written < len(line):
                    written += os.write(descriptor, line[written:])
            except BaseException as error:
                with contextlib.suppress(StorageError):
                    self._cut(end)
                if isinstance(error, OSError):
                    raise storage_error("write", self.path, error) from error
                raise
            if self._before is not None:
                self._before = checksum(line)
            if durable:
                self._sync()

    def sync(self) -> None:
        """Bring every record so far to the disk."""
        with self._turn:
            self._check_usable()
            self._sync()

    def read(self) -> list[dict[str, Any]]:
        """Every record so far."""
        return read_log(self.path)

    def truncate(self, records: int) -> None:
        """Keep the first `records` records only, on the disk when this returns.

        One system call does it: a crash leaves all the records, or those.
        """
        with self._turn:
            self._check_usable()
            states: list[tuple[int, int | None]] = [(0, 0)]
            states += [(end, before) for _, end, before in scan(self.path)]
            if not 0 <= records < len(states):
                raise InputError(
                    f"truncate({records}): {shown(self.path)} has {len(states) - 1} records."
                )
            end, self._before = states[records]
            self._cut(end)
            self._sync()

    def close(self) -> None:
        """Leave the log to another writer; a second call does nothing."""
        with self._turn:
            try:
                self._file.close()
            except OSError as error:
                raise storage_error("write", self.path, error) from error
            finally:
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _repair(self) -> None:
        """Cut a torn tail, or end the last record that lacks only its newline."""
        size = self._end()
        *_, (end, self._before) = [(0, 0), *((end, before) for _, end, before in scan(self.path))]
        if end == size:
            return
        self._cut(min(end, size))
        if end > size:
            try:
                self._file.write(b"\n")
            except OSError as error:
                raise storage_error("write", self.path, error) from error
        self._sync()

    def _end(self) -> int:
        try:
            return os.lseek(self._file.fileno(), 0, os.SEEK_END)
        except OSError as error:
            raise storage_error("write", self.path, error) from error

    def _check_usable(self) -> None:
        if self._failure or not self._lock.held:
            why = self._failure or "it is closed, or belongs to the parent of this process"
            raise StorageError(f"cannot write {shown(self.path)}: {why}. Open the log again.")

    def _cut(self, end: int) -> None:
        try:
            os.ftruncate(self._file.fileno(), end)
        except OSError as error:
            self._failure = "a part of a record could not be removed"
            raise storage_error("shorten", self.path, error) from error

    def _sync(self) -> None:
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            # Never again on this descriptor: the kernel may have dropped the pages and say "done".
            self._failure = "it could not be brought to the disk"
            raise storage_error("write", self.path, error) from error


def _lock_of(path: Path) -> Lock:
    return Lock(path.with_name(f".{path.name}.lock"))


def _open(path: Path) -> io.FileIO:
    with contextlib.ExitStack() as undo:
        try:
            if exists(path) and not is_file(path):
                raise InputError(f"cannot write {shown(path)}: it is no regular file. Name a file.")
            file = io.FileIO(path, "a+")
            undo.callback(_close_quietly, file)
            if not os.fstat(file.fileno()).st_size:  # new, or its maker died before this
                sync_directory(path.parent)
        except GroundupError:
            raise
        except OSError as error:
            raise storage_error("open", path, error) from error
        undo.pop_all()
    return file


def _close_quietly(file: io.FileIO) -> None:
    with contextlib.suppress(OSError):  # another error is on its way, which says more
        file.close()
