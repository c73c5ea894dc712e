"""The search without networks: any function of settings, by the same coordinator."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from groundup.errors import InputError
from groundup.train.executor import ExecutorFactory, inline, local_pool
from groundup.tune.conduct import conduct, failure
from groundup.tune.history import Direction, History, Trial
from groundup.tune.method import Method, methods
from groundup.tune.progress import Tell
from groundup.tune.records import Begun, Order, Terms
from groundup.tune.search import Search
from groundup.tune.space import Settings, Space, make_space


def minimize(
    function: Callable[[Settings], float],
    space: Space | Mapping[str, Any],
    method: Method | str | Mapping[str, Any] = "random",
    trials: int | None = 100,
    batch: int = 4,
    seed: int = 0,
    best: Direction = "low",
    executor: ExecutorFactory | int | None = None,
    terms: Terms | None = None,
    tell: Tell | None = None,
) -> History:
    """Search for the settings at which a function is lowest, or with `best="high"` highest

    A trial whose value is not finite has failed, and so has one that ends in an ArithmeticError.

    Args:
        function: of settings by name; at the top of a module, if the executor is of processes.
        space: where.
        method: how.
        trials: how many; None for all that the method has.
        batch: how many are suggested from the same history, by methods that look at it.
        seed: of all draws.
        best: what is good.
        executor: where it is called: a factory, or in so many processes; by default here.
        terms: how long, and whether anybody waits.
        tell: is told of the progress.

    Returns:
        all trials; the same for any executor.

    >>> history = minimize(lambda at: (at["x"] - 2) ** 2, {"x": "uniform:-5..5"}, trials=50)
    >>> len(history), abs(history.best_trial.settings["x"] - 2) < 0.5
    (50, True)
    """
    space = space if isinstance(space, Space) else make_space(space)
    search = Search(space, methods.resolve(method), trials, best, batch=batch, seed=seed)
    terms, begun = terms or Terms(), Begun(search.nothing)
    factory = local_pool(executor) if isinstance(executor, int) else executor or inline()
    with factory() as pool:
        return conduct(search, begun, terms, pool, _Call(function), tell=tell)


@dataclass(frozen=True)
class _Call:
    """One call of the function, as a trial."""

    function: Callable[[Settings], float]

    def __call__(self, order: Order) -> Trial:
        began = time.perf_counter()
        try:
            value = self.function(order.settings)
        except ArithmeticError as error:
            return order.failed(failure(error), time.perf_counter() - began)
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise InputError(f"the function gave {value!r:.200}: expected a number.") from None
        seconds = time.perf_counter() - began
        if not math.isfinite(value):
            return order.failed(f"the value is {value}", seconds)
        return Trial(order.number, order.settings, "finished", value, seconds=seconds)
