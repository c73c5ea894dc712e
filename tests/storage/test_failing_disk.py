"""A disk that answers with errors: each becomes one of ours, nothing is changed or kept held."""

import errno
import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from groundup.errors import InputError, StorageError
from groundup.storage import Lock, Log, exists, is_file, read_bytes, read_log, write_text
from groundup.storage import lock as locks
from groundup.storage import log as logs


def failing(*args, **options):
    raise OSError(errno.EIO, "Input/output error")


class Reluctant(io.FileIO):
    """A file that is closed with an error, as on a network disk."""

    def close(self):
        was_open = not self.closed
        super().close()
        if was_open:
            failing()


class Unreadable(io.FileIO):
    def readinto(self, buffer):
        failing()


@pytest.mark.parametrize("call", ["lstat", "readlink"])
def test_a_place_that_cannot_be_looked_at_is_not_written(tmp_path, monkeypatch, call):
    """Or an old file would lose its permissions, and a link be replaced by a file."""
    (tmp_path / "file").write_text("old", "utf-8")
    (tmp_path / "link").symlink_to("file")
    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing)
        with pytest.raises((StorageError, InputError), match="link"):
            write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text("utf-8") == "old"


def test_links_in_a_circle_are_not_replaced(tmp_path):
    (tmp_path / "link").symlink_to("link")
    with pytest.raises(InputError, match="a link that cannot be followed"):
        write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()


def test_a_lease_ends_however_its_file_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "io", SimpleNamespace(FileIO=Reluctant))
    with Lock(tmp_path / "lease"):
        pass
    with Lock(tmp_path / "lease"):
        pass


def test_a_disk_at_fault_is_not_taken_for_one_without_locks(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "_take", failing)
    with pytest.raises(StorageError, match="The disk reports a fault"):
        Lock(tmp_path / "lease").acquire()


def test_a_log_that_closes_with_an_error_says_so_and_is_free(tmp_path, monkeypatch):
    path = tmp_path / "log"
    with monkeypatch.context() as patch:
        patch.setattr(logs, "io", SimpleNamespace(FileIO=Reluctant))
        log = Log(path)
        log.append({"n": 1}, durable=True)
        with pytest.raises(StorageError, match=r"cannot write .*log: Input/output error"):
            log.close()
    with Log(path) as again:
        assert again.read() == [{"n": 1}]


def test_the_first_error_is_the_one_that_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "io", SimpleNamespace(FileIO=Reluctant))
    monkeypatch.setattr(logs, "sync_directory", failing)
    with pytest.raises(StorageError, match=r"cannot open .*log: Input/output error"):
        Log(tmp_path / "log")


def test_the_folder_of_an_empty_log_is_synced_again(tmp_path, monkeypatch):
    """Who made it may have died before that; a record would be durable in a file that is not."""
    synced = []
    monkeypatch.setattr(logs, "sync_directory", synced.append)
    (tmp_path / "log").touch()
    with Log(tmp_path / "log") as log:
        log.append({"n": 1}, durable=True)
    Log(tmp_path / "log").close()
    assert synced == [tmp_path]


def test_a_place_that_cannot_be_found_in_a_log(tmp_path, monkeypatch):
    with Log(tmp_path / "log") as log:
        monkeypatch.setattr(os, "lseek", failing)
        with pytest.raises(StorageError, match=r"cannot write .*log"):
            log.append({"n": 1})
        monkeypatch.undo()
        log.append({"n": 2})
    assert read_log(tmp_path / "log") == [{"n": 2}]


def test_what_cannot_be_read_names_the_file(tmp_path, monkeypatch):
    path = tmp_path / "log"
    with Log(path) as log:
        log.append({"n": 1})
    with monkeypatch.context() as patch:
        patch.setattr("groundup.storage.reads.io.FileIO", Unreadable)
        with pytest.raises(InputError, match=r"cannot read .*log: Input/output error"):
            read_log(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", failing)
        with pytest.raises(InputError, match=r"cannot read .*log: Input/output error"):
            read_bytes(path, 100)


def test_whether_a_file_is_there(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    (tmp_path / "round").symlink_to("round")
    names = ("file", ".", "missing", "file/below", "round")
    assert [exists(tmp_path / name) for name in names] == [True, True, False, False, False]
    assert [is_file(tmp_path / name) for name in names] == [True, False, False, False, False]
    monkeypatch.setattr(Path, "stat", failing)
    with pytest.raises(StorageError, match=r"cannot read .*file: Input/output error"):
        exists(tmp_path / "file")
