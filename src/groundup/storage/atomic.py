"""Files that are there whole or not at all.

A file is written beside its place under another name, forced to the disk, then renamed: a reader,
a crash or a full disk sees the old content or the new one, never a mixture.   [Pillai et al. 2014,
"All file systems are not created equal", OSDI]
"""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal, overload

from groundup.errors import GroundupError, InputError
from groundup.storage.paths import AnyPath, checked, shown, storage_error

# The host is part of the name: on a shared disk a process number alone says nothing.
_HOST = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
_TEMPORARY = re.compile(r"\.groundup-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{16}\.tmp")
_in_progress: set[str] = set()


def write_bytes(path: AnyPath, data: bytes | bytearray | memoryview) -> None:
    """Replace the file's content by `data`, all or nothing; StorageError if it cannot be done."""
    with writing(path, "wb") as file:
        file.write(data)


def write_text(path: AnyPath, text: str) -> None:
    """Replace the file's content by `text` in UTF-8, all or nothing."""
    with writing(path, "w") as file:
        file.write(text)


@overload
def writing(path: AnyPath, mode: Literal["wb"]) -> contextlib.AbstractContextManager[IO[bytes]]: ...
@overload
def writing(
    path: AnyPath, mode: Literal["w"] = "w"
) -> contextlib.AbstractContextManager[IO[str]]: ...
@contextlib.contextmanager
def writing(path: AnyPath, mode: Literal["w", "wb"] = "w") -> Iterator[IO[Any]]:
    """A new file that takes the place of `path` when the block ends well; else nothing changes.

    A symbolic link is followed, and an existing file keeps its permissions.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with writing(folder / "numbers.csv") as file:
    ...     print("1,2,3", file=file)
    >>> os.listdir(folder)
    ['numbers.csv']
    """
    if mode not in {"w", "wb"}:
        raise InputError(f"mode={mode!r}: expected 'w' (text) or 'wb' (bytes).")
    target, permissions = _followed(path)
    folder = target.parent
    temporary = folder / f".groundup-{_HOST}-{os.getpid()}-{secrets.token_hex(8)}.tmp"
    encoding, newline = (None, None) if mode == "wb" else ("utf-8", "\n")
    _in_progress.add(temporary.name)
    try:
        with temporary.open(mode.replace("w", "x"), encoding=encoding, newline=newline) as file:
            if permissions is not None and hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), permissions)
            yield file
            file.flush()
            os.fsync(file.fileno())  # tried once: after a failure the kernel may forget the pages
        _replace(temporary, target)
        sync_directory(folder)
    except OSError as error:
        # Another name in it: the block touched another file, which is not ours to explain.
        ours = error.filename in {None, str(temporary), str(folder)}
        if isinstance(error, GroundupError) or not ours:
            raise
        raise storage_error("write", path, error) from error
    finally:
        _in_progress.discard(temporary.name)
        with contextlib.suppress(OSError):
            temporary.unlink()


def rename(source: AnyPath, target: AnyPath) -> None:
    """Give a file another's name and place, on the disk when this returns; StorageError if not."""
    try:
        _replace(Path(checked(source)), Path(checked(target)))
        sync_directory(Path(checked(target)).absolute().parent)
    except OSError as error:
        raise storage_error("write", target, error) from error


def make_directory(path: AnyPath, *, exclusive: bool = False) -> Path:
    """The directory, made with its parents and on the disk; `exclusive` refuses one that exists.

    Of two processes that ask for the same directory with `exclusive`, one gets it and the other
    InputError.
    """
    folder = Path(checked(path))
    try:
        for missing in reversed([folder, *folder.parents]):
            if missing == folder or not missing.exists():
                missing.mkdir(exist_ok=not (exclusive and missing == folder))
                sync_directory(missing.parent)
    except FileExistsError as error:
        what = "already exists" if exclusive else "cannot be made: a file has that name"
        raise InputError(f"the folder {shown(folder)} {what}. Choose another name.") from error
    except OSError as error:
        raise storage_error("make the folder", folder, error) from error
    return folder


def sweep(directory: AnyPath) -> list[Path]:
    """Remove what writers that died have left half-written in the directory, and say which.

    Files of living processes and of other machines stay.
    """
    folder = Path(checked(directory))
    swept = []
    with contextlib.suppress(OSError):
        for file in sorted(folder.iterdir()):
            found = _TEMPORARY.fullmatch(file.name)
            if found and found[1] == _HOST and not _alive(file.name, int(found[2])):
                with contextlib.suppress(OSError):
                    file.unlink()
                    swept.append(file)
    return swept


def sync_directory(directory: AnyPath) -> None:
    """Force a directory's entries to the disk, where the system can do that."""
    if sys.platform == "win32":
        return
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:  # a folder that one may write to but not list
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network disks cannot
            raise
    finally:
        os.close(descriptor)


def _followed(path: AnyPath) -> tuple[Path, int | None]:
    """The file to be replaced, and its permissions if it is there: a regular one and no other."""
    name = checked(path)
    try:
        target = Path(os.path.realpath(name))
        mode = target.lstat().st_mode
    except FileNotFoundError:
        return target, None
    except OSError as error:
        raise storage_error("write", path, error) from error
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        if stat.S_ISLNK(mode):
            kind = "a link that cannot be followed"
        raise InputError(f"cannot write {shown(target)}: it is {kind}. Name a file.")
    return target, stat.S_IMODE(mode)


def _replace(temporary: Path, target: Path) -> None:
    if sys.platform == "win32":
        for pause in (0.01, 0.05, 0.2, 0.5):  # a reader or a virus scanner may hold the target
            with contextlib.suppress(PermissionError):
                temporary.replace(target)
                return
            time.sleep(pause)
    temporary.replace(target)


def _alive(name: str, pid: int) -> bool:
    if pid == os.getpid():
        return name in _in_progress
    if sys.platform == "win32":  # asking would end the process; an open file cannot be removed
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
