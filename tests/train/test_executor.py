"""The pool is judged by what it must survive: killed, hung and failing workers, and its own death.

Workers import the tasks by name, so the tests write a module of them and put it on the path.
"""

import concurrent.futures
import importlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from groundup.errors import InputError
from groundup.train.executor import (
    SupervisedPool,
    TaskFailed,
    TaskTimeout,
    WorkerLost,
    inline,
    local_pool,
)

TASKS = """
import os, signal, subprocess, sys, time
from pathlib import Path

EARLY = os.environ.get("OMP_NUM_THREADS")        # as a library sees it when it is imported

def square(x):
    return x * x

def thread_limits():
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS",
             "GROUNDUP_THREADS"]
    return EARLY, [os.environ.get(name) for name in names]

def note(folder):
    path = Path(folder) / f"{os.getpid()}-{time.monotonic_ns()}"
    path.touch()
    return len(list(Path(folder).iterdir()))

def die_until(folder, tries):
    if note(folder) < tries:
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"

def hang_until(folder, tries):
    if note(folder) < tries:
        time.sleep(600)
    return "done"

def die_with_heir(folder):
    note(folder)
    if os.fork() == 0:                           # the heir keeps the connection open
        time.sleep(6)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)

def stop_self():
    os.kill(os.getpid(), signal.SIGSTOP)

def leave(code):
    os._exit(code)

def sleep(seconds, folder=None):
    if folder:
        note(folder)
    time.sleep(seconds)
    return os.getpid()

def refuse(text):
    raise KeyError(text)

class Awkward(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")

def refuse_awkwardly():
    raise Awkward("salt", "pepper")

def unsendable():
    return lambda: 0

def big(size):
    return b"x" * size
"""


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    folder = tmp_path / "modules"
    folder.mkdir()
    name = f"pool_tasks_{tmp_path.name}"
    (folder / f"{name}.py").write_text(TASKS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    yield importlib.import_module(name)
    sys.modules.pop(name)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


def gone(pid, seconds=10.0):
    """Whether the process ends in time; a zombie has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = (
                Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            )
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def test_tasks_thread_limits_and_results(tasks):
    before = dict(os.environ)
    with SupervisedPool(2) as pool:
        assert list(pool.map(tasks.square, range(50))) == [x * x for x in range(50)]
        assert pool.submit(tasks.thread_limits).result() == ("1", ["1"] * 5)
        assert len(pool.submit(tasks.big, 10_000_000).result()) == 10_000_000
        assert pool.submit(len, b"y" * 10_000_000).result() == 10_000_000
        pid = pool.submit(os.getpid).result()
        assert pid != os.getpid()
    assert gone(pid)
    assert dict(os.environ) == before
    with pytest.raises(RuntimeError, match="shutdown"):
        pool.submit(tasks.square, 1)


def test_an_exception_travels_and_is_not_tried_again(tasks):
    with SupervisedPool(1) as pool:
        pid = pool.submit(os.getpid).result()
        error = pool.submit(tasks.refuse, "pepper").exception()
        assert type(error) is KeyError
        assert error.args == ("pepper",)
        assert "in refuse" in error.__notes__[0]
        awkward = pool.submit(tasks.refuse_awkwardly).exception()
        assert type(awkward) is TaskFailed
        assert str(awkward).endswith("Awkward: salt and pepper")
        assert "unsendable" in str(pool.submit(tasks.unsendable).exception())
        assert pool.submit(lambda: 0).exception() is not None  # cannot be sent in the first place
        assert pool.submit(sys.exit, 3).exception().code == 3
        assert pool.submit(os.getpid).result() == pid  # none of this cost the worker its life


def test_a_killed_worker_is_replaced_and_its_task_tried_again(tasks, folder):
    with SupervisedPool(2) as pool:
        others = [pool.submit(tasks.square, x) for x in range(10)]
        assert pool.submit(tasks.die_until, folder, 3).result() == "done"
        assert [other.result() for other in others] == [x * x for x in range(10)]
    assert len(list(folder.iterdir())) == 3


def test_a_task_that_always_kills_its_worker_is_given_up(tasks, folder):
    with SupervisedPool(1, retries=1) as pool:
        lost = pool.submit(tasks.die_until, folder, 99).exception()
        assert type(lost) is WorkerLost
        assert "die_until, tried 2 times" in str(lost)
        assert "signal 9 (Killed)" in str(lost)
        assert "with code 7" in str(pool.submit(tasks.leave, 7).exception())
        assert pool.submit(tasks.square, 4).result() == 16
    assert len(list(folder.iterdir())) == 2


def test_a_hung_worker_is_killed_at_the_deadline(tasks, folder):
    with SupervisedPool(1, timeout=0.5, retries=1) as pool:
        assert pool.submit(tasks.hang_until, folder, 2).result() == "done"
        begin = time.monotonic()
        error = pool.submit(tasks.sleep, 600).exception()
        assert type(error) is TaskTimeout
        assert "tried 2 times" in str(error)
        assert type(pool.submit(tasks.stop_self).exception()) is TaskTimeout
        assert time.monotonic() - begin < 20
        assert pool.submit(tasks.square, 5).result() == 25


def test_the_first_task_of_a_process_has_more_time(tasks):
    with SupervisedPool(1, timeout=0.5, retries=0, warm_up=10.0) as pool:
        assert pool.submit(tasks.sleep, 1.5).exception() is None
        assert type(pool.submit(tasks.sleep, 1.5).exception()) is TaskTimeout
    with SupervisedPool(1, timeout=0.5, retries=0) as pool:
        assert type(pool.submit(tasks.sleep, 1.5).exception()) is TaskTimeout


def test_a_worker_killed_between_tasks_costs_no_try(tasks):
    with SupervisedPool(1, retries=0) as pool:
        pid = pool.submit(os.getpid).result()
        os.kill(pid, signal.SIGKILL)
        assert gone(pid)
        time.sleep(0.2)  # its last thread may go a moment after its first
        assert pool.submit(tasks.square, 6).result() == 36


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_death_is_seen_though_a_child_of_the_task_lives_on(tasks, folder):
    with SupervisedPool(1, retries=0) as pool:
        begin = time.monotonic()
        assert type(pool.submit(tasks.die_with_heir, folder).exception()) is WorkerLost
        assert time.monotonic() - begin < 5.5


def test_waiting_tasks_can_be_canceled(tasks, folder):
    pool = SupervisedPool(1)
    running = pool.submit(tasks.sleep, 1.0, folder)
    while not list(folder.iterdir()):
        time.sleep(0.01)
    waiting = [pool.submit(tasks.square, x) for x in range(3)]
    assert waiting[0].cancel()
    pool.shutdown(wait=False, cancel_futures=True)
    finished = set(concurrent.futures.as_completed([running, *waiting], timeout=20))
    assert finished == {running, *waiting}
    assert all(future.cancelled() for future in waiting)
    assert running.exception() is None
    pool.shutdown()


def test_shutdown_finishes_what_was_submitted(tasks):
    pool = SupervisedPool(1)
    futures = [pool.submit(tasks.square, x) for x in range(5)]
    pool.shutdown(wait=False)
    assert [future.result() for future in futures] == [0, 1, 4, 9, 16]
    pool.shutdown()


def test_leaving_by_an_exception_kills_what_runs(tasks, folder):
    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError), SupervisedPool(1) as pool:
        running = pool.submit(tasks.sleep, 600, folder)
        waiting = pool.submit(tasks.square, 1)
        while not list(folder.iterdir()):
            time.sleep(0.01)
        raise ZeroDivisionError
    assert time.monotonic() - begin < 20
    assert type(running.exception()) is WorkerLost
    assert "the pool was stopped" in str(running.exception())
    assert waiting.cancelled()


def test_a_process_that_cannot_be_started_is_reported(tasks, monkeypatch):
    class Refusing:
        def __init__(self, threads):
            raise BlockingIOError("no more processes")

    monkeypatch.setattr("groundup.train.executor.Worker", Refusing)
    with SupervisedPool(1) as pool:
        lost = pool.submit(tasks.square, 1).exception()
    assert type(lost) is WorkerLost
    assert "no more processes" in str(lost)


def script(tmp_path, text):
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return [sys.executable, str(path)]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_no_orphans_when_the_parent_is_killed(tmp_path):
    command = script(
        tmp_path,
        """
        import os, time
        from groundup.train.executor import SupervisedPool

        def busy(seconds):
            print(os.getpid(), flush=True)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass

        if __name__ == "__main__":
            with SupervisedPool(2) as pool:
                list(pool.map(busy, [600, 600]))
        """,
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pids = [int(parent.stdout.readline()) for _ in range(2)]
        assert all(Path(f"/proc/{pid}").exists() for pid in pids)
        parent.kill()
    assert all(gone(pid) for pid in pids)


def test_workers_notice_the_end_of_their_parent_without_help_of_the_kernel(tmp_path):
    command = script(
        tmp_path,
        """
        import ctypes, os, time
        import groundup.train.worker as worker
        from groundup.train.executor import SupervisedPool

        class NoPrctl:
            def prctl(self, *args): pass

        worker.ctypes.CDLL = lambda name: NoPrctl()    # in the worker too, which imports this file

        def sleep():
            print(os.getpid(), flush=True)
            time.sleep(600)

        if __name__ == "__main__":
            with SupervisedPool(1) as pool:
                pool.submit(sleep).result()
        """,
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    assert gone(pid)


def test_the_end_of_the_interpreter_ends_the_pool(tmp_path):
    command = script(
        tmp_path,
        """
        import os, time
        from groundup.train.executor import SupervisedPool

        def sleep():
            print(os.getpid(), flush=True)
            time.sleep(600)

        if __name__ == "__main__":
            pool = SupervisedPool(1)
            future = pool.submit(sleep)
            while not future.running():
                time.sleep(0.01)
            pool.submit(os.getpid)
            time.sleep(0.5)
        """,
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stderr == ""
    assert all(gone(int(pid)) for pid in done.stdout.split())


def test_a_script_without_a_guard_is_told(tmp_path):
    command = script(
        tmp_path,
        """
        import os
        from groundup.train.executor import SupervisedPool
        pool = SupervisedPool(1, retries=0)
        print(pool.submit(os.getpid).exception())
        """,
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "getpid, tried 1 times" in done.stdout


@pytest.mark.parametrize(
    "options",
    [
        {"workers": 0},
        {"workers": 1.5},
        {"retries": -1},
        {"threads": 0},
        {"timeout": 0.0},
        {"timeout": float("nan")},
        {"workers": True},
    ],
)
def test_impossible_numbers_are_refused_before_anything_starts(options):
    with pytest.raises(InputError, match=next(iter(options))):
        local_pool(**options)


def test_factories_make_a_fresh_executor_each_time(tasks):
    for factory in (inline(), local_pool(1, timeout=30)):
        for _ in range(2):
            with factory() as executor:
                assert list(executor.map(tasks.square, [1, 2, 3])) == [1, 4, 9]


def test_inline_runs_here_and_now():
    executor = inline()()
    assert executor.submit(threading.get_ident).result() == threading.get_ident()
    assert type(executor.submit(lambda: 1 / 0).exception()) is ZeroDivisionError

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        executor.submit(interrupt)
    executor.shutdown()
    with pytest.raises(RuntimeError, match="shutdown"):
        executor.submit(int)
