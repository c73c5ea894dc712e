"""One worker of a pool: a process that answers tasks, and what its supervisor sees of it.

The process is spawned, not forked, with its thread limits in its environment from the start:
numerical libraries read them when they are imported. It ends when the connection ends, and when
its parent dies, however that happens.
"""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any

from groundup import processor
from groundup.errors import GroundupError

THREAD_LIMITS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "GROUNDUP_THREADS",
)
_START_SECONDS = 120.0
_STOP_SECONDS = 5.0
_POLL_SECONDS = 1.0
_spawn = multiprocessing.get_context("spawn")
_environment_in_use = threading.Lock()


class WorkerLost(GroundupError):
    """A task was given up because the process that ran it died each time it was tried."""


class TaskTimeout(WorkerLost):
    """A task was given up because it was still running at its deadline each time."""


class TaskFailed(GroundupError):
    """A task raised an exception that cannot travel between processes; this holds its text."""


class Worker:
    """A process and the connection to it; all but `kill` belongs to one supervising thread."""

    def __init__(self, threads: int) -> None:
        self._connection, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=_work, args=(theirs, os.getpid()))
        self._ready = False
        # A NumPy that was loaded before groundup was told of no core: then no worker's is, or a
        # task would end with other bits there than here.
        core = {processor.CORE: os.environ.get(processor.CORE, "")}
        with theirs, _environment(dict.fromkeys(THREAD_LIMITS, str(threads)) | core):
            self._process.start()  # and close our copy: its death is the end of the connection

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def call(self, request: Any, timeout: float | None, warm_up: float = 0.0) -> bytes:
        """The answer to a pickled (fn, args, kwargs); WorkerLost or TaskTimeout says why not

        warm_up: seconds that the first task may take longer.
        """
        if not self._ready:
            with self._deadline(_START_SECONDS):
                self._receive()
            self._ready = True
            timeout = None if timeout is None else timeout + warm_up
        with self._deadline(timeout):
            self._connection.send_bytes(request)
            return self._receive()

    def kill(self) -> None:
        self._process.kill()

    def stop(self) -> None:
        """End the process, kindly if it listens."""
        self._connection.close()
        self._process.join(_STOP_SECONDS)
        self._process.kill()
        self._process.join()
        with contextlib.suppress(ValueError):  # another thread is just collecting its exit code
            self._process.close()

    def _receive(self) -> bytes:
        # A child of the task may hold the connection open after the worker's death: look for both.
        while not self._connection.poll(_POLL_SECONDS):
            if not self.alive:
                raise EOFError
        return self._connection.recv_bytes()

    @contextlib.contextmanager
    def _deadline(self, seconds: float | None) -> Iterator[None]:
        """Kill the process when the block takes longer: that ends whatever the block waits for."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            self.kill()

        with contextlib.ExitStack() as ending:
            if seconds is not None:
                timer = threading.Timer(seconds, expire)
                timer.daemon = True
                timer.start()
                ending.callback(timer.join)  # after it no late kill can meet the next task
                ending.callback(timer.cancel)
            try:
                yield
            except (EOFError, OSError):
                if not expired.is_set():
                    raise WorkerLost(self._obituary()) from None
        if expired.is_set():
            raise TaskTimeout(f"it was still running after {seconds:g} seconds")

    def _obituary(self) -> str:
        self._process.join(_STOP_SECONDS)
        code = self._process.exitcode or 0
        how = f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with code {code}"
        if not self._ready:
            hint = (
                " before it could begin. A script that starts a pool needs "
                '`if __name__ == "__main__":` around what it does'
            )
        else:
            hint = ". If memory ran out, use fewer workers" if code == -9 else ""
        return f"its process ended {how}{hint}"


def _work(connection: Connection, parent: int) -> None:
    """The life of a worker: answer requests until the connection ends."""
    for name in ("SIGINT", "SIGHUP"):  # they reach the parent too, which decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    _die_with(parent)
    with contextlib.suppress(EOFError, OSError):
        connection.send_bytes(b"ready")
        while True:
            connection.send_bytes(_answer(connection.recv_bytes()))


def _answer(request: bytes) -> Any:
    """The pickled (True, result, "") or (False, exception, traceback) of a task."""
    try:
        fn, args, kwargs = ForkingPickler.loads(request)
        return ForkingPickler.dumps((True, fn(*args, **kwargs), ""))
    except BaseException as error:
        text = traceback.format_exc()
        try:
            answer = ForkingPickler.dumps((False, error, text))
            ForkingPickler.loads(answer)  # many an exception can be written but not read
        except Exception:
            failed = TaskFailed(text.rstrip().rpartition("\n")[2])
            answer = ForkingPickler.dumps((False, failed, text))
        return answer


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)
    process = multiprocessing.parent_process()

    def watch() -> None:
        if process is not None:
            process.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Variables for a process that is started in the block; spawning offers no other way."""
    with _environment_in_use:
        before = {name: os.environ.get(name) for name in values}
        os.environ.update(values)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
