"""The coordinator of a search: it asks the method, hands trials out, hears what came of them.

What comes out is a function of the search alone. Trials are suggested from what is known at the
last look (`Search.next_look`), and those since then are taken to be running, whichever of them have
ended by now. So it is the same for any number of workers, for any order in which trials end, and
however often the coordinator died: every record is on the disk before the next step is taken.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass, replace
from typing import TypeAlias

from groundup.errors import GroundupError
from groundup.rng import Stream
from groundup.train.executor import TaskTimeout, WorkerLost
from groundup.tune.history import History, Trial
from groundup.tune.method import methods
from groundup.tune.progress import Progress, Tell
from groundup.tune.records import Begun, Order, Record, Terms, asked, withdrawn
from groundup.tune.search import Search

_CHUNK = 64  # trials asked for at once where nobody looks, and handed out ahead of their turn
_MOST_BARS = 10_000  # in a record
_POLL_SECONDS = 0.2  # between two looks at whether a signal came

Work: TypeAlias = Callable[[Order], Trial]
Note: TypeAlias = Callable[[Record], None]


def conduct(
    search: Search,
    begun: Begun,
    terms: Terms,
    pool: Executor,
    work: Work,
    note: Note = lambda record: None,
    tell: Tell | None = None,
    check: Callable[[History], None] = lambda history: None,
    failures: tuple[type[Exception], ...] = (MemoryError,),
) -> History:
    """Carry the search out, from where it is to its end

    Args:
        search: what is searched.
        begun: what is done already; trials that were interrupted are run again.
        terms: how long, and whether anybody waits.
        pool: where trials run.
        work: runs one; to be pickled, if the pool is of processes.
        note: keeps a record; it is on the disk when this returns.
        tell: is told of the progress.
        check: is called now and then; what it raises ends the search there.
        failures: exceptions of `work` that mean that the trial has failed; others are raised.
    """
    return _Conductor(search, begun, terms, pool, work, note, tell, check, failures).run()


@dataclass
class _Conductor:
    """A search under way: trials wait in `queue`, then they are `handed` to the pool."""

    search: Search
    begun: Begun
    terms: Terms
    pool: Executor
    work: Work
    note: Note
    tell: Tell | None
    check: Callable[[History], None]
    failures: tuple[type[Exception], ...]

    def __post_init__(self) -> None:
        self.history, self.known = self.begun.history, self.search.nothing
        self.queue = deque(self.begun.orders)
        self.handed: dict[Future[Trial], Order] = {}
        self.since = dict[int, float]()  # when a trial was handed to the pool
        self.look: int | None = 0
        self.method_ended = False
        self.began = time.monotonic() - self.begun.seconds

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self.began, 6)

    def run(self) -> History:
        self._tell()
        while True:
            self.check(self.history)
            if self.terms.budget is not None and self.seconds >= self.terms.budget:
                self._withdraw()
            elif not self.queue:
                self._ask()
            if self.queue and len(self.handed) < _CHUNK:
                self._hand_out(self.queue.popleft())
            elif self.handed:
                self._hear()
            else:
                return self.history

    # --- suggesting

    def _ask(self) -> None:
        """As many trials as can be suggested from what is known."""
        running = [one.number for one in self.history.trials if one.state == "running"]
        orders = list[Order]()
        while len(orders) < _CHUNK and self._may_ask(len(running) + len(orders)):
            settings = self.search.method.suggest(self.search.space, self.known, self._stream())
            if settings is None:
                self.method_ended = True
                break
            bars = self.search.stopping.bars(self.known, self.search.epochs)
            orders.append(Order(len(self.history), settings, bars))
            self.history = self.history.asked(settings)
            self.known = self.known.asked(settings)
        unknown = running if self.terms.asynchronous else ()
        each = max(1, _MOST_BARS // (1 + max((len(one.bars) for one in orders), default=0)))
        for k in range(0, len(orders), each):  # a record of the log has a greatest size
            self.note(asked(orders[k : k + each], self.seconds, unknown))
        self.queue.extend(orders)

    def _may_ask(self, running: int) -> bool:
        number, most = len(self.history), self.search.trials
        if self.method_ended or (most is not None and number >= most) or not self._look(number):
            return False
        if self.terms.asynchronous and self.search.looks:
            self.known = self.history
            return running < self.search.batch
        return True

    def _look(self, number: int) -> bool:
        """Whether all is known that trial `number` is suggested from."""
        if self.look is None or number < self.look:
            return True
        next_look = self.search.method.barrier if self.terms.asynchronous else self.search.next_look
        start, end = 0, next_look(0)
        while end is not None and end <= number:
            start, end = end, next_look(end)
        ended, since = self.history.trials[:start], self.history.trials[start:]
        if any(one.state == "running" for one in ended):
            return False
        asked_for = (Trial(one.number, one.settings) for one in since)
        self.known, self.look = replace(self.history, trials=(*ended, *asked_for)), end
        return True

    def _stream(self) -> Stream:
        name = methods.name_of(type(self.search.method))
        return Stream(self.search.seed, "search", name).at(step=len(self.history))

    # --- running

    def _hand_out(self, order: Order) -> None:
        future = self.pool.submit(trial, self.work, order)
        self.handed[future] = order
        self.since[order.number] = self.seconds
        if future.done():  # an executor that works here and now
            self._keep(future)

    def _hear(self) -> None:
        ended, _ = wait(self.handed, _POLL_SECONDS, FIRST_COMPLETED)
        for future in sorted(ended, key=lambda one: self.handed[one].number):
            self._keep(future)
        if not ended:
            self._tell()

    def _keep(self, future: Future[Trial]) -> None:
        found = replace(self._answer(self.handed.pop(future), future), at=self.seconds)
        self.note(found.record())
        self.history = self.history.told(found)
        self._tell()

    def _answer(self, order: Order, future: Future[Trial]) -> Trial:
        try:
            found = future.result()
        except TaskTimeout as error:
            return order.failed(f"timed out: {error}", self.seconds - self.since[order.number])
        except WorkerLost as error:
            return order.failed(str(error), self.seconds - self.since[order.number])
        except CancelledError:
            raise WorkerLost(
                f"trial {order.number}: its executor is gone. Go on with a new one."
            ) from None
        except self.failures as error:
            return order.failed(failure(error))
        return replace(found, settings=order.settings)  # as the space has them, not a copy

    def _withdraw(self) -> None:
        """Time is up: the last trials that have not begun never will."""
        futures = {order.number: future for future, order in self.handed.items()}
        first = len(self.history)
        while first > 0:
            if self.queue and self.queue[-1].number == first - 1:
                self.queue.pop()
            elif (future := futures.get(first - 1)) is not None and future.cancel():
                del self.handed[future]
            else:
                break
            first -= 1
        if first < len(self.history):
            self.note(withdrawn(first, self.seconds))
            self.history = self.history.before(first)

    def _tell(self) -> None:
        if self.tell is None:
            return
        running = tuple(order.number for future, order in self.handed.items() if future.running())
        self.tell(
            Progress(self.history, running, self.search.total, self.seconds, self.terms.budget)
        )


def trial(work: Work, order: Order) -> Trial:
    """The task of a worker; this is what a pool calls it when it says what became of it."""
    return work(order)


def failure(error: BaseException) -> str:
    """Why a trial failed, in a line

    >>> failure(MemoryError()), failure(ZeroDivisionError("division by zero"))
    ('out of memory', 'ZeroDivisionError: division by zero')
    """
    if isinstance(error, MemoryError):
        return "out of memory"
    said = " ".join(str(error).split())
    return said if isinstance(error, GroundupError) else f"{type(error).__name__}: {said}"
