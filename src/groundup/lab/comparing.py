"""A comparison carried out: what is trained in which order, and how it goes on.

Runs are functions of the plan alone, and whatever is computed from them takes them in the plan's
order. So all but times is the same for any number of workers, and however often the work was
interrupted.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from groundup import config as configuration
from groundup.config import Config
from groundup.lab import tuning
from groundup.lab.comparison import Comparison, conclude
from groundup.lab.files import write_files
from groundup.lab.folder import Folder
from groundup.lab.plan import Choices, Plan, make_plan
from groundup.lab.runs import Request, Run, Runs, train
from groundup.lab.survey import Entrant, Survey, survey, tunable
from groundup.storage import shown
from groundup.train.defaults import complete
from groundup.train.executor import ExecutorFactory, inline
from groundup.train.run import data_of
from groundup.train.signals import Signals

Tell: TypeAlias = Callable[[int, int, Run | None], None]
"""Is told how many runs are done, of how many, and which one ended; at the beginning None."""


def compare(
    config: Config | Mapping[str, Any],
    vary: Choices,
    seeds: int = 10,
    tune: bool = True,
    executor: ExecutorFactory | None = None,
    out: Path | str | None = None,
    tell: Tell | None = None,
) -> Comparison:
    """Compare techniques in pairs of runs, over seeds

    Every combination of what varies is a method. All methods are trained from the same seeds with
    the same data in the same order, at their default learning rates and, with `tune`, also at rates
    of their own, chosen on validation data with equally many trials. The last networks are compared
    on the test data, which nothing was chosen by: every two methods by a paired t-test, corrected
    by Holm. A run that diverges counts as chance.   [Dror et al. 2018; Bouthillier et al. 2021,
    "Accounting for variance in machine learning benchmarks"]

    Args:
        config: what all share, as `groundup train` has it.
        vary: by key the values, or {name: value}; keys as short as is clear, such as "optimizer".
        seeds: over how many seeds, beginning with that of the configuration.
        tune: whether each method also gets a rate of its own.
        executor: where runs are made, to the same bits everywhere; by default here.
        out: a folder to make, for the log and the files; by default nothing is written.
        tell: is told of the progress.

    Raises:
        InputError: what cannot be compared; nothing was trained yet.
        Interrupted: a signal came; with `out`, `resume` goes on.

    >>> config = {"model": {"name": "two-layer"}, "train": {"epochs": 1}}
    >>> comparison = compare(config, {"optimizer": ["sgd", "adam"]}, seeds=2, tune=False)
    >>> [score.name for score in comparison.final.scores], len(comparison.runs)
    (['adam', 'sgd'], 4)
    """
    config = config if isinstance(config, Config) else configuration.from_mapping(config)
    dataset = data_of(config)
    plan = make_plan(complete(config, dataset.in_shape, dataset.task), vary, seeds, tune)
    found = survey(plan)
    tunable(plan, found)
    if out is None:
        return _carry_out(plan, found, {}, lambda run: None, executor, tell, "stopped")
    with Folder.create(Path(out), plan) as folder:
        return _in_folder(folder, plan, found, executor, tell)


def resume(
    path: Path | str, executor: ExecutorFactory | None = None, tell: Tell | None = None
) -> Comparison:
    """Go on with an interrupted or killed comparison, to the same result; no run is repeated."""
    with Folder.open(Path(path)) as folder:
        plan = folder.plan()
        return _in_folder(folder, plan, survey(plan), executor, tell)


def _in_folder(
    folder: Folder, plan: Plan, found: Survey, executor: ExecutorFactory | None, tell: Tell | None
) -> Comparison:
    go_on = f"groundup compare --resume {shlex.quote(shown(folder.path))}"
    comparison = _carry_out(
        plan, found, folder.runs(), folder.keep, executor, tell, f"stopped. Go on with: {go_on}"
    )
    write_files(folder.path, comparison)
    return comparison


def _carry_out(
    plan: Plan,
    found: Survey,
    done: Runs,
    keep: Callable[[Run], None],
    executor: ExecutorFactory | None,
    tell: Tell | None,
    stopped: str,
) -> Comparison:
    """Train what is missing: the trials and the runs at the default rates, then at the tuned."""
    entrants, tune = found.entrants, tunable(plan, found)
    trials = [one for entrant in entrants for one in tuning.requests(entrant, plan)] if tune else []
    first = [*trials, *_compared(plan, entrants, {one.name: one.rate for one in entrants})]
    total = len(first) + tune * plan.seeds * len(entrants)  # at most

    def told(run: Run | None) -> None:
        if tell is not None:
            tell(len(done), total, run)

    def heard(run: Run) -> None:
        keep(run)
        told(run)

    told(None)
    with Signals() as signals, (executor or inline())() as pool:
        train(first, done, pool, heard, lambda: signals.check(stopped))
        if tune:
            measure = found.measure
            own = {one.name: tuning.tuned(one, plan, measure, done).rate for one in entrants}
            last = list(_compared(plan, entrants, own))
            total = len({one.key for one in (*first, *last)})
            train(last, done, pool, heard, lambda: signals.check(stopped))
        signals.check(stopped)
    return conclude(plan, found, tune, done)


def _compared(
    plan: Plan, entrants: Sequence[Entrant], rates: Mapping[str, float | None]
) -> Iterator[Request]:
    """Seed by seed, so that what a worker's first run takes longer falls on no method alone."""
    for seed in plan.compared:
        for entrant in entrants:
            yield Request(entrant, rates[entrant.name], seed, "comparison")
