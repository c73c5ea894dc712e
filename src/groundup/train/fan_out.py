"""Many tasks to an executor, their answers as they end."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any, TypeVar

_POLL_SECONDS = 0.2  # between two looks at whether a signal came
T = TypeVar("T")


def fan_out(
    pool: Executor,
    task: Callable[..., T],
    arguments: Sequence[tuple[Any, ...]],
    check: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, Future[T]]]:
    """(which of the tasks, its future that is done), in the order in which they end

    An executor that works here and now has each answer heard before the next task begins.

    Args:
        pool: where they run.
        task: a module-level function.
        arguments: of each call.
        check: is called now and then; what it raises, such as `Interrupted`, ends the waiting.

    >>> from groundup.train.executor import inline
    >>> with inline()() as pool:
    ...     {place: future.result() for place, future in fan_out(pool, abs, [(-1,), (2,)])}
    {0: 1, 1: 2}
    """
    pending: dict[Future[T], int] = {}
    for place, given in enumerate(arguments):
        future = pool.submit(task, *given)
        if future.done():
            yield place, future
        else:
            pending[future] = place
        check()
    while pending:
        ended, _ = wait(pending, _POLL_SECONDS, FIRST_COMPLETED)
        for future in ended:
            yield pending.pop(future), future
        check()
