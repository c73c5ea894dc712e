"""A file is there whole or not at all, whatever fails on the way."""

import errno
import os
import stat
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from groundup.errors import InputError, StorageError
from groundup.storage import make_directory, rename, sweep, write_bytes, write_text, writing
from groundup.storage.atomic import _HOST


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_content_line_ends_and_encoding(tmp_path):
    write_bytes(tmp_path / "a", b"\x00\r\n")
    write_text(tmp_path / "b", "한글\n")
    with writing(tmp_path / "c", "wb") as file:
        file.write(b"1")
        file.write(b"2")
    assert (tmp_path / "a").read_bytes() == b"\x00\r\n"
    assert (tmp_path / "b").read_bytes() == "한글\n".encode()
    assert (tmp_path / "c").read_bytes() == b"12"
    assert names(tmp_path) == ["a", "b", "c"]


def test_nothing_is_seen_before_the_end(tmp_path):
    path = tmp_path / "a"
    write_text(path, "old")
    with writing(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text(encoding="utf-8") == "old"
        temporary = next(name for name in names(tmp_path) if name != "a")
        assert str(os.getpid()) in temporary
    assert path.read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize(
    "error", [ValueError("bad"), KeyboardInterrupt(), FileNotFoundError(2, "no", "x")]
)
def test_an_exception_in_the_block_changes_nothing_and_stays_itself(tmp_path, error):
    path = tmp_path / "a"
    write_text(path, "old")
    with pytest.raises(type(error)) as caught, writing(path) as file:
        file.write("new")
        raise error
    assert caught.value is error
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a"]


@pytest.mark.parametrize("call", ["fsync", "replace", "unlink"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_failing_system_call_leaves_the_old_content(tmp_path, monkeypatch, call, code):
    def fail(*args, **kwargs):
        raise OSError(code, os.strerror(code))

    path = tmp_path / "a"
    write_text(path, "old")
    owner = {"fsync": os, "replace": Path, "unlink": Path}[call]
    with monkeypatch.context() as patch:
        patch.setattr(owner, call, fail)
        if call == "unlink":
            write_text(path, "new")  # only tidying up failed
        else:
            with pytest.raises(StorageError, match=f"cannot write .*{os.strerror(code)}") as caught:
                write_text(path, "new")
            assert caught.value.errno == code
    assert path.read_text(encoding="utf-8") == ("new" if call == "unlink" else "old")
    assert names(tmp_path) == ["a"]


def test_a_full_disk_leaves_the_old_content(tmp_path):
    resource = pytest.importorskip("resource")
    path = tmp_path / "a"
    write_bytes(path, b"old" * 1000)
    code = f"""
        import resource, signal
        from groundup.errors import StorageError
        from groundup.storage import write_bytes
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            write_bytes({str(path)!r}, b"new" * 5000)
        except StorageError as error:
            print(error)
    """
    del resource
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert f"cannot write {path}: File too large" in done.stdout
    assert "ulimit" in done.stdout
    assert path.read_bytes() == b"old" * 1000
    assert names(tmp_path) == ["a"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_links_are_followed_and_permissions_kept(tmp_path):
    (tmp_path / "there").mkdir()
    path = tmp_path / "there" / "a"
    write_text(path, "old")
    path.chmod(0o640)
    (tmp_path / "link").symlink_to(path)
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert path.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_cannot_be_a_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="it is a folder"):
        write_text(tmp_path, "x")
    with pytest.raises(InputError, match="no regular file"):
        write_text("/dev/null", "x")
    with pytest.raises(StorageError, match="Create its folder first"):
        write_text(tmp_path / "missing" / "a", "x")
    with pytest.raises(StorageError, match="shorter name"):
        write_text(tmp_path / ("n" * 300), "x")
    for bad in ("a\0b", "", 3, b"bytes"):
        with pytest.raises(InputError, match="cannot be a file name"):
            write_text(bad, "x")
    with pytest.raises(InputError, match="in this locale"):
        write_text("\ud800", "x")
    with pytest.raises(InputError, match="mode"), writing(tmp_path / "a", "a"):
        pass
    assert names(tmp_path) == []


def test_names_that_are_no_utf8(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    write_text(path, "x")
    assert path.read_text(encoding="utf-8") == "x"
    with pytest.raises(StorageError) as caught:
        write_text(path / "below", "x")
    assert "caf\\udce9" in str(caught.value)
    str(caught.value).encode("utf-8")


def test_writers_in_parallel_leave_one_whole_file(tmp_path):
    path = tmp_path / "a"
    contents = [str(n) * 10_000 for n in range(8)]
    threads = [threading.Thread(target=write_text, args=(path, text)) for text in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text(encoding="utf-8") in contents
    assert names(tmp_path) == ["a"]


def test_sweep_removes_only_what_the_dead_have_left(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / f".groundup-{_HOST}-{dead.pid}-0123456789abcdef.tmp"
    mine = tmp_path / f".groundup-{_HOST}-{os.getpid()}-0123456789abcdef.tmp"
    keep = [
        f".groundup-{_HOST}-{os.getppid()}-0123456789abcdef.tmp",
        f".groundup-{'0' * 8}-{dead.pid}-0123456789abcdef.tmp",
        f".groundup-{_HOST}-{dead.pid}-0123456789abcdef.tmp.txt",
        "data.tmp",
    ]
    for file in (left, mine, *(tmp_path / name for name in keep)):
        file.touch()
    with writing(tmp_path / "a") as file:
        file.write("x")
        assert sweep(tmp_path) == sorted([left, mine])
    assert names(tmp_path) == sorted([*keep, "a"])
    assert sweep(tmp_path / "missing") == []


def test_a_killed_writer_leaves_the_old_file_and_something_to_sweep(tmp_path):
    path = tmp_path / "a"
    write_text(path, "old")
    code = f"""
        import os, signal
        from groundup.storage import writing
        with writing({str(path)!r}) as file:
            file.write("new" * 100000)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert path.read_text(encoding="utf-8") == "old"
    assert len(names(tmp_path)) == 2
    assert len(sweep(tmp_path)) == 1
    assert names(tmp_path) == ["a"]


def test_make_directory(tmp_path):
    made = make_directory(tmp_path / "a" / "b", exclusive=True)
    assert made.is_dir()
    assert make_directory(made) == made
    with pytest.raises(InputError, match="already exists"):
        make_directory(made, exclusive=True)
    write_text(tmp_path / "file", "x")
    with pytest.raises(InputError, match="a file has that name"):
        make_directory(tmp_path / "file")
    with pytest.raises(StorageError, match="cannot make the folder"):
        make_directory(tmp_path / "file" / "below")


def test_disks_that_cannot_sync_a_folder_are_put_up_with(tmp_path, monkeypatch):
    fsync, opened = os.fsync, os.open

    def fsync_files_only(descriptor, code=errno.EINVAL):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, os.strerror(code))
        fsync(descriptor)

    def open_files_only(path, flags, *args, **kwargs):
        if flags & os.O_DIRECTORY:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, flags, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync_files_only)
        write_text(tmp_path / "a", "x")
        patch.setattr(os, "fsync", lambda descriptor: fsync_files_only(descriptor, errno.EIO))
        with pytest.raises(StorageError, match="Input/output error"):
            write_text(tmp_path / "a", "y")
        patch.setattr(os, "open", open_files_only)
        write_text(tmp_path / "a", "z")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "z"


def test_whether_a_process_lives(monkeypatch):
    from groundup.storage.atomic import _alive

    assert _alive("", os.getppid())
    assert _alive("", 10**30)  # no process number: nothing that we know to be dead
    assert not _alive("", os.getpid())

    def forbid(pid, number):
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "kill", forbid)
    assert _alive("", 1)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")  # where asking would end the process
        assert not _alive("", 1)


def test_rename(tmp_path, monkeypatch):
    write_text(tmp_path / "a", "new")
    write_text(tmp_path / "b", "old")
    synced = []
    monkeypatch.setattr("groundup.storage.atomic.sync_directory", synced.append)
    rename(tmp_path / "a", tmp_path / "b")
    assert names(tmp_path) == ["b"]
    assert (tmp_path / "b").read_text(encoding="utf-8") == "new"
    assert synced == [tmp_path]
    with pytest.raises(StorageError, match=r"cannot write .*c: No such file"):
        rename(tmp_path / "missing", tmp_path / "c")
    with pytest.raises(InputError, match="NUL"):
        rename(tmp_path / "b", "a\0b")
    assert names(tmp_path) == ["b"]


@pytest.mark.parametrize(("refusals", "content"), [(0, "new"), (3, "new"), (5, "old")])
def test_on_windows_a_reader_is_waited_for_a_moment(tmp_path, monkeypatch, refusals, content):
    path, replace, tries, pauses = tmp_path / "a", Path.replace, [], []
    write_text(path, "old")

    def held(source, target):
        tries.append(target)
        if len(tries) <= refusals:
            raise PermissionError(errno.EACCES, "Permission denied")
        return replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        patch.setattr(Path, "replace", held)
        patch.setattr("groundup.storage.atomic.time.sleep", pauses.append)
        if content == "new":
            write_text(path, "new")
        else:
            with pytest.raises(StorageError, match=r"cannot write .*: Permission denied"):
                write_text(path, "new")
    assert path.read_text(encoding="utf-8") == content
    assert pauses == [0.01, 0.05, 0.2, 0.5][:refusals]
    assert names(tmp_path) == ["a"]
