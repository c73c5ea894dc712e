"""Experiments carried out: run over seeds, their claims checked, their figures drawn and written.

A run is a function of its setting alone and computes with one thread, so the tables are the same
for any number of workers.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

from groundup.lab.reproduce.data import handwriting_name
from groundup.lab.reproduce.experiment import Experiment, Figure, Result, Say, Setting
from groundup.lab.reproduce.verdict import Verdict, judge
from groundup.train.executor import ExecutorFactory, inline
from groundup.train.fan_out import fan_out
from groundup.train.signals import Signals
from groundup.train.threads import limited_threads

Tell: TypeAlias = Callable[[int, int, str], None]
"""Is told how many runs are done, of how many, and the key of the one that ended; at first ""."""
QUICK_SEEDS: Final = 2


@dataclass(frozen=True)
class Reproduction:
    """What came of an experiment.

    Args:
        experiment: which.
        quick: whether in its quick form.
        results: of the seeds 0, 1, …
        verdicts: of its claims.
        figures: drawn from all results.
        seconds: what the runs took together.
        handwriting: which images those of handwriting are, "mnist" or "digits".
    """

    experiment: Experiment
    quick: bool
    results: tuple[Result, ...]
    verdicts: tuple[Verdict, ...]
    figures: tuple[Figure, ...]
    seconds: float
    handwriting: str


def conduct(
    experiments: Sequence[Experiment],
    *,
    quick: bool = False,
    seeds: int | None = None,
    say: Say = str,
    executor: ExecutorFactory | None = None,
    keep: Callable[[Reproduction], None] = lambda done: None,
    tell: Tell = lambda done, total, key: None,
) -> list[Reproduction]:
    """Carry out experiments, in the order in which they are given

    Args:
        experiments: which.
        quick: in their quick forms.
        seeds: over how many, of those that draw at random; by default as many as each asks for,
            at most 2 in the quick form.
        say: the words of figures in the reader's language.
        executor: where they are run; by default here.
        keep: is called with each as soon as it is complete.
        tell: is told of the progress.

    Raises:
        Interrupted: a signal came; what `keep` has heard of is complete.
    """
    settings = [[Setting(seed, quick) for seed in range(_count(one, quick, seeds))]
                for one in experiments]  # fmt: skip
    tasks = [(which, one) for which, own in enumerate(settings) for one in own]
    found: dict[tuple[int, int], tuple[Result, float]] = {}
    finished: dict[int, Reproduction] = {}
    tell(0, len(tasks), "")
    with Signals() as signals, (executor or inline())() as pool:
        arguments = [(experiments[which].run, setting) for which, setting in tasks]
        for place, future in fan_out(pool, perform, arguments, lambda: signals.check("stopped")):
            which, setting = tasks[place]
            experiment, wanted = experiments[which], len(settings[which])
            with _named(experiment, setting):
                found[which, setting.seed] = future.result()
            own = [found.get((which, seed)) for seed in range(wanted)]
            complete = [one for one in own if one is not None]
            if len(complete) == wanted:
                with _named(experiment, setting):
                    finished[which] = _conclude(experiment, quick, complete, say)
                keep(finished[which])
            tell(len(found), len(tasks), experiment.key)
    return [finished[which] for which in range(len(experiments))]


def perform(run: Callable[[Setting], Result], setting: Setting) -> tuple[Result, float]:
    """One run with one thread, and the seconds that it took."""
    with limited_threads(1):
        began = time.perf_counter()
        result = run(setting)
        return result, time.perf_counter() - began


@contextmanager
def _named(experiment: Experiment, setting: Setting) -> Iterator[None]:
    """Have an error say in which run it came."""
    try:
        yield
    except Exception as error:
        error.add_note(f"In experiment {experiment.key}, {setting}.")
        raise


def _count(experiment: Experiment, quick: bool, seeds: int | None) -> int:
    if experiment.seeds == 1:
        return 1
    return seeds or min(experiment.seeds, QUICK_SEEDS if quick else experiment.seeds)


def _conclude(
    experiment: Experiment, quick: bool, runs: Sequence[tuple[Result, float]], say: Say
) -> Reproduction:
    results = tuple(result for result, _ in runs)
    return Reproduction(
        experiment,
        quick,
        results,
        tuple(judge(claim, results) for claim in experiment.claims),
        tuple(experiment.draw(results, say)),
        sum(seconds for _, seconds in runs),
        handwriting_name(),
    )
