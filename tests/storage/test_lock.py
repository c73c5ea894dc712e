"""One holder at a time, named; a dead one holds nothing."""

import errno
import json
import os
import socket
import subprocess
import sys
import textwrap
import threading

import pytest

from groundup.errors import StorageError
from groundup.storage import Lock
from groundup.storage import lock as locks

HOLD = """
    import sys, time
    from groundup.storage import Lock
    with Lock(sys.argv[1]):
        print("held", flush=True)
        time.sleep(600)
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.lock"


def test_a_second_taker_is_told_who_holds_it(path):
    with Lock(path) as lock:
        assert lock.held
        owner = json.loads(path.read_text(encoding="utf-8"))
        assert owner["pid"] == os.getpid()
        with pytest.raises(StorageError) as caught:
            Lock(path).acquire()
        assert f"held by process {os.getpid()} on {socket.gethostname()} since 20" in str(
            caught.value
        )
        with pytest.raises(StorageError, match="by this object"):
            lock.acquire()
    assert not lock.held
    assert not path.exists()
    lock.release()
    with Lock(path):
        pass


def test_it_ends_with_its_process(path):
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StorageError, match=f"process {holder.pid} on"):
            Lock(path).acquire()
        holder.kill()
    assert path.exists()
    with Lock(path):
        assert json.loads(path.read_text(encoding="utf-8"))["pid"] == os.getpid()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_children_do_not_inherit_it(path):
    lock = Lock(path)
    lock.acquire()
    spawned = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    ready, done = os.pipe()
    forked = os.fork()
    if forked == 0:
        code = 0 if not lock.held else 1
        lock.release()
        os.write(done, b"x")
        os.read(0, 0)
        threading.Event().wait(600)
        os._exit(code)
    try:
        os.read(ready, 1)
        assert path.exists()  # the child's release is not ours
        with pytest.raises(StorageError):
            Lock(path).acquire()
        lock.release()
        with Lock(path):  # though both children live
            pass
    finally:
        os.kill(forked, 9)
        os.waitpid(forked, 0)
        spawned.kill()
        spawned.wait()
        os.close(ready)
        os.close(done)


def test_an_owner_that_did_not_sign_is_another_process(path):
    with Lock(path):
        for text in ("", "{", "[]", '{"pid": 1}', "\xff"):
            path.write_text(text, encoding="latin-1")
            with pytest.raises(StorageError, match="held by another process"):
                Lock(path).acquire()


def test_only_one_of_many_gets_it(path):
    won, lost = [], []
    start = threading.Barrier(8)
    end = threading.Barrier(8)

    def take():
        lock = Lock(path)
        start.wait()
        try:
            lock.acquire()
            won.append(lock)
        except StorageError:
            lost.append(lock)
        end.wait()
        lock.release()

    for _ in range(20):
        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(won), len(lost)) == (1, 7)
        won.clear()
        lost.clear()


def test_a_file_removed_while_we_waited_is_not_the_lock(path, monkeypatch):
    """The old owner removes the file between our open and our lock: that lock is worth nothing."""
    import groundup.storage.lock as module

    take, calls = module._take, []

    def take_late(descriptor):
        if not calls:
            path.unlink()
        calls.append(descriptor)
        take(descriptor)

    monkeypatch.setattr(module, "_take", take_late)
    with Lock(path):
        assert len(calls) == 2
        monkeypatch.undo()
        with pytest.raises(StorageError):
            Lock(path).acquire()


def test_a_disk_without_locks_is_refused(path, monkeypatch):
    def refuse(descriptor):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("groundup.storage.lock._take", refuse)
    with pytest.raises(StorageError, match="no file locks"):
        Lock(path).acquire()


def test_releasing_survives_a_file_that_is_gone(path):
    with Lock(path):
        path.unlink()
    assert not path.exists()


def test_no_folder(tmp_path):
    with pytest.raises(StorageError, match="Create its folder first"):
        Lock(tmp_path / "missing" / "lock").acquire()


def test_what_a_forked_child_does_with_leases(path):
    """Done here, where it can be looked at: the child has the same file open."""
    lock = Lock(path)
    lock.acquire()
    locks._after_fork()
    assert not lock.held
    assert path.exists()  # the parent's, who may hold it still
    with Lock(path) as other:  # nobody here holds it any more
        assert other.held


def test_a_fork_in_the_midst_of_a_release(path):
    lock = Lock(path)
    locks._held.add(lock)  # its file is closed, and it is not yet struck off
    locks._after_fork()
    assert not lock.held
    assert lock not in locks._held
