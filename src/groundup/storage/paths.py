"""File names as messages show them, and what the system's errors mean for the reader."""

import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import TypeAlias

from groundup.errors import InputError, StorageError

AnyPath: TypeAlias = str | os.PathLike[str]

_REMEDIES = {
    errno.ENOSPC: "Free some space on that disk, or choose another folder.",
    errno.EDQUOT: "Your quota on that disk is used up: free some space, or choose another folder.",
    errno.EFBIG: "It would pass the file size allowed to this process (see ulimit -f).",
    errno.EACCES: "Choose a place that you may read and write.",
    errno.EPERM: "Choose a place that you may read and write.",
    errno.EROFS: "Choose a folder on a disk that can be written to.",
    errno.ENOENT: "Create its folder first.",
    errno.ENOTDIR: "A part of that path is a file where a folder is needed.",
    errno.EISDIR: "That is a folder: name a file.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ELOOP: "Its symbolic links go round in a circle.",
    errno.EIO: "The disk reports a fault: copy what you need to another one.",
    errno.EMFILE: "Too many files are open: raise the limit (ulimit -n).",
}


def cache_folder() -> Path:
    """What can be made again: $XDG_CACHE_HOME/groundup, ordinarily ~/.cache/groundup."""
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if chosen.is_absolute():  # the standard has relative ones ignored
        return chosen / "groundup"
    try:
        return Path.home() / ".cache" / "groundup"
    except RuntimeError:  # a user without a home, as in some containers
        return Path(tempfile.gettempdir(), "groundup-cache")


def checked(path: AnyPath) -> str:
    """The path as text, or InputError for what cannot be a path at all.

    >>> checked("a\\0b")
    Traceback (most recent call last):
    groundup.errors.InputError: 'a\\x00b' cannot be a file name: it holds a NUL character...
    """
    name = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(name, str):
        raise InputError(f"{path!r} cannot be a file name: expected text or a Path.")
    try:
        encoded = os.fsencode(name)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{name!a} cannot be a file name in this locale ({error.encoding}). Set LC_ALL=C.UTF-8."
        ) from error
    if not encoded or b"\0" in encoded:
        fault = "it holds a NUL character" if encoded else "it is empty"
        raise InputError(f"{name!r} cannot be a file name: {fault}. Choose another one.")
    return name


def shown(path: AnyPath) -> str:
    """The path for a message: bytes that are no UTF-8 appear as escapes and can be printed."""
    return os.fspath(path).encode("utf-8", "backslashreplace").decode("utf-8")


def exists(path: AnyPath) -> bool:
    """Whether something has this name; StorageError from a disk that cannot tell."""
    return _mode(path) is not None


def is_file(path: AnyPath) -> bool:
    """Whether a regular file has this name; StorageError from a disk that cannot tell."""
    return stat.S_ISREG(_mode(path) or 0)


def _mode(path: AnyPath) -> int | None:
    try:
        return Path(path).stat().st_mode
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            return None
        raise storage_error("read", path, error) from error


def explained(doing: str, path: AnyPath, error: OSError) -> str:
    """One line from a system error: what failed, on which file, why, and the remedy."""
    remedy = _REMEDIES.get(error.errno or 0, "Choose another place, or try again.")
    return f"cannot {doing} {shown(path)}: {error.strerror or error}. {remedy}"


def storage_error(doing: str, path: AnyPath, error: OSError) -> StorageError:
    """The StorageError for a system error; `errno` is kept for callers that can go on."""
    made = StorageError(explained(doing, path, error))
    made.errno = error.errno
    return made
