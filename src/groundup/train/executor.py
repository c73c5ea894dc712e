"""Where independent tasks run: here, or in processes of our own that may die without harm.

Whatever fans out (seeds, trials, paired runs) takes a factory `() -> concurrent.futures.Executor`
and makes its executor when it needs one: `inline()`, `local_pool(4)`, or a cluster's
(`Client.get_executor` of Dask).

The standard library's process pool is lost for good when one of its workers is killed. Here each
worker has a thread that starts it, hands it one task at a time, kills it at the deadline, replaces
it when it is gone, and tries its task again.
"""

import atexit
import functools
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from multiprocessing.reduction import ForkingPickler
from types import TracebackType
from typing import Any, ParamSpec, TypeAlias, TypeVar

from groundup.checks import Range, as_number, as_whole
from groundup.train.worker import TaskFailed, TaskTimeout, Worker, WorkerLost

__all__ = [
    "ExecutorFactory",
    "InlineExecutor",
    "SupervisedPool",
    "TaskFailed",
    "TaskTimeout",
    "WorkerLost",
    "inline",
    "local_pool",
    "usable_cores",
]

_SECONDS = Range("seconds above 0, or None", lambda x: 0 < x < threading.TIMEOUT_MAX)

P = ParamSpec("P")
T = TypeVar("T")
ExecutorFactory: TypeAlias = Callable[[], Executor]


def inline() -> ExecutorFactory:
    """A factory of executors that run each task at once, in this process.

    >>> with inline()() as executor:
    ...     list(executor.map(abs, [-1, 2]))
    [1, 2]
    """
    return InlineExecutor


def local_pool(
    workers: int | None = None,
    *,
    timeout: float | None = None,
    retries: int = 2,
    threads: int = 1,
    warm_up: float = 0.0,
) -> ExecutorFactory:
    """A factory of `SupervisedPool`s; impossible numbers are refused here already."""
    _check(workers, timeout, retries, threads)
    return functools.partial(
        SupervisedPool, workers, timeout=timeout, retries=retries, threads=threads, warm_up=warm_up
    )


class InlineExecutor(Executor):
    """Runs a task when it is submitted; its exceptions come through the future, Ctrl-C does not."""

    _closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        if self._closed:
            raise RuntimeError("cannot submit a task after shutdown")
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._closed = True


class SupervisedPool(Executor):
    """An executor of spawned processes that survives the death of any of them.

    A task is a module-level function with arguments that can be pickled. It is tried at most
    `1 + retries` times: again when its process died, or was killed because it was still busy after
    `timeout` seconds; so a task must not mind being run twice. The first task of a process has
    `warm_up` seconds more, as it imports modules and loads kernels. An exception that it raises is
    its answer and is not tried again. Each process computes with `threads` threads; `workers` is
    by default the number of cores. A process that loses its parent ends.

    A `with` block that is left by an exception, and the end of the interpreter, kill the workers
    and cancel what is waiting. Raises InputError for impossible numbers, and through the futures
    WorkerLost, TaskTimeout, TaskFailed and what the task raised, with the worker's traceback as a
    note.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        timeout: float | None = None,
        retries: int = 2,
        threads: int = 1,
        warm_up: float = 0.0,
    ) -> None:
        _check(workers, timeout, retries, threads)
        self._timeout, self._most_tries, self._threads = timeout, 1 + retries, threads
        self._warm_up = warm_up
        self._waiting: deque[_Task] = deque()
        self._workers: set[Worker] = set()
        self._closed = self._killed = False
        self._change = threading.Condition()  # guards the four above
        self._pid = os.getpid()
        self._supervisors = [
            threading.Thread(target=self._supervise, name=f"supervisor-{number}", daemon=True)
            for number in range(workers or usable_cores())
        ]
        for thread in self._supervisors:
            thread.start()
        _pools.add(self)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        with self._change:
            if self._closed:
                raise RuntimeError("cannot submit a task after shutdown")
            self._waiting.append(_Task(fn, args, kwargs, future))
            self._change.notify()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; finish those submitted, or cancel those that have not begun."""
        canceled: list[_Task] = []
        with self._change:
            self._closed = True
            if cancel_futures:
                canceled.extend(self._waiting)
                self._waiting.clear()
            self._change.notify_all()
        for task in canceled:
            if task.future.cancel():
                task.future.set_running_or_notify_cancel()  # wakes those in `as_completed`
        if wait:
            for thread in self._supervisors:
                thread.join()

    def kill_workers(self) -> None:
        """Stop at once: running tasks end as WorkerLost, waiting ones are canceled."""
        with self._change:
            self._killed = True
            for worker in self._workers:
                worker.kill()
        self.shutdown(wait=True, cancel_futures=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.kill_workers()
        self.shutdown(wait=True)

    def _supervise(self) -> None:
        worker: Worker | None = None
        while (task := self._next()) is not None:
            if task.future.set_running_or_notify_cancel():
                worker = self._complete(task, worker)
            del task  # its arguments may be large, and the next one may be long in coming
        if worker is not None:
            self._retire(worker)

    def _next(self) -> "_Task | None":
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closed)
            return self._waiting.popleft() if self._waiting else None

    def _complete(self, task: "_Task", worker: Worker | None) -> Worker | None:
        """Try the task until it has an answer; gives back the worker that is left, if any."""
        try:
            request = ForkingPickler.dumps((task.fn, task.args, task.kwargs))
        except Exception as error:
            task.future.set_exception(error)
            return worker
        reason, tries = WorkerLost("the pool was stopped"), 0
        while tries < self._most_tries and not self._killed:
            tries += 1
            try:
                if worker is not None and not worker.alive:  # it died between two tasks
                    self._retire(worker)
                    worker = None
                worker = worker or self._start()
                answer = worker.call(request, self._timeout, self._warm_up)
            except Exception as error:
                reason = error if isinstance(error, WorkerLost) else WorkerLost(repr(error))
                if worker is not None:
                    self._retire(worker)
                    worker = None
            else:
                task.deliver(answer)
                return worker
        if self._killed:
            reason = WorkerLost("the pool was stopped")
        name = getattr(task.fn, "__qualname__", repr(task.fn))
        task.future.set_exception(type(reason)(f"{name}, tried {tries} times: {reason}."))
        return None

    def _start(self) -> Worker:
        with self._change:
            if self._killed:
                raise WorkerLost("the pool was stopped")
            worker = Worker(self._threads)
            self._workers.add(worker)
            return worker

    def _retire(self, worker: Worker) -> None:
        with self._change:
            self._workers.discard(worker)
        worker.stop()


@dataclass(frozen=True)
class _Task:
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    future: Future[Any]

    def deliver(self, answer: bytes) -> None:
        try:
            worked, value, text = ForkingPickler.loads(answer)
        except Exception as error:
            worked, value, text = False, error, "the task ended, but its result cannot be read"
        if worked:
            self.future.set_result(value)
        else:
            value.add_note(f"In the worker process:\n{text}")
            self.future.set_exception(value)


def _check(workers: int | None, timeout: float | None, retries: int, threads: int) -> None:
    if workers is not None:
        as_whole(workers, "workers")
    if timeout is not None:
        as_number(timeout, "timeout", _SECONDS)
    as_whole(retries, "retries", 0)
    as_whole(threads, "threads")


def usable_cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_pools: "weakref.WeakSet[SupervisedPool]" = weakref.WeakSet()


@atexit.register
def _kill_all() -> None:
    for pool in list(_pools):
        if pool._pid == os.getpid():  # a forked child must not stop its parent's workers
            pool.kill_workers()
