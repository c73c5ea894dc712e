"""Who is better: the methods side by side at one choice of learning rates."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from groundup.lab.plan import Plan
from groundup.lab.runs import Run, Runs
from groundup.lab.survey import Entrant
from groundup.report.measure import Measure
from groundup.statistics.bands import Band, mean_band
from groundup.statistics.pairs import PairedTest, paired_t, pairs_needed
from groundup.statistics.ranking import Ranking, rank

ALPHA = 0.05


@dataclass(frozen=True)
class Score:
    """One method.

    Args:
        name: of the method.
        rate: its learning rate; None if it follows a schedule.
        values: of each seed, in their order; of a run that diverged that of a constant answer.
        mean, low, high: of these values, with the 95 % interval by Student's t.
        letters: of the groups it is in; methods with a common letter cannot be told apart.
        diverged: how many runs did.
        seconds, update_seconds: of a run and of an update, medians over the seeds.
    """

    name: str
    rate: float | None
    values: tuple[float, ...]
    mean: float
    low: float
    high: float
    letters: str
    diverged: int
    seconds: float
    update_seconds: float


@dataclass(frozen=True)
class Difference:
    """Method b against the better one a, in pairs of runs from one seed.

    Args:
        a, b: names.
        test: of the differences b - a.
        p: corrected by Holm over all pairs of methods.
        seeds_needed: how many it takes to find such a difference four times out of five, at the
            level that Bonferroni leaves to each pair; None where there is none to be found.
    """

    a: str
    b: str
    test: PairedTest
    p: float
    seeds_needed: int | None

    @property
    def apart(self) -> bool:
        """Whether the two can be told apart."""
        return self.p <= ALPHA


@dataclass(frozen=True)
class Standing:
    """All methods, the best first, at their default or at their tuned learning rates."""

    rates: Literal["default", "tuned"]
    scores: tuple[Score, ...]
    differences: tuple[Difference, ...]
    groups: tuple[tuple[str, ...], ...]
    curves: Mapping[str, Mapping[str, Band]]

    @property
    def best(self) -> Score:
        return self.scores[0]

    @property
    def rivals(self) -> tuple[Score, ...]:
        """Who cannot be told apart from the best."""
        far = {one.b for one in self.to_best if one.apart}
        return tuple(one for one in self.scores[1:] if one.name not in far)

    @property
    def to_best(self) -> tuple[Difference, ...]:
        """The difference of every other method to the best."""
        return tuple(one for one in self.differences if one.a == self.best.name)


def standing(
    name: Literal["default", "tuned"],
    at: Mapping[str, float | None],
    entrants: Sequence[Entrant],
    plan: Plan,
    measure: Measure,
    done: Runs,
) -> Standing:
    """The methods compared by their finished runs

    Args:
        name: which rates these are.
        at: the learning rate of each method.
        entrants, plan, measure: what is compared, and by what.
        done: the runs.
    """
    runs = {one.name: [done[one.name, at[one.name], seed] for seed in plan.compared]
            for one in entrants}  # fmt: skip
    chance = {one.name: one.chance for one in entrants}
    score = f"test_{measure.name}"
    values = {
        method: tuple((run.scores or chance[method])[score] for run in runs[method])
        for method in runs
    }
    ranking = rank(values, measure.best, ALPHA)
    level = ALPHA / len(ranking.comparisons)
    return Standing(
        name,
        tuple(_score(one, at[one], values[one], runs[one], ranking) for one in ranking.names),
        tuple(
            Difference(one.a, one.b, one.test, one.p, pairs_needed(one.test.effect, alpha=level))
            for one in ranking.comparisons
        ),
        ranking.groups,
        {method: _bands(runs[method], chance[method]) for method in ranking.names},
    )


def _score(
    name: str, rate: float | None, values: tuple[float, ...], runs: Sequence[Run], ranking: Ranking
) -> Score:
    test = paired_t(values)
    return Score(
        name, rate, values, test.mean, test.low, test.high, ranking.letters(name),
        sum(bool(run.diverged) for run in runs),
        median(run.seconds for run in runs), median(run.update_seconds for run in runs),
    )  # fmt: skip


def _bands(runs: Sequence[Run], chance: Mapping[str, float]) -> dict[str, Band]:
    """The mean of every curve over the seeds, with its bootstrap band."""
    names = [name for name in max((run.curves for run in runs), key=len) if name != "learning_rate"]
    length = max((len(run.curves.get("loss", ())) for run in runs), default=0)
    return {
        name: mean_band([_whole(run, name, length, chance) for run in runs])
        for name in names
        if length
    }


def _whole(run: Run, name: str, length: int, chance: Mapping[str, float]) -> list[float]:
    """A curve up to the last epoch: who stopped early stays, who diverged is worth chance."""
    part = name if name.startswith("val_") else f"test_{name}"
    constant = chance.get(part, 0.0)
    known = [] if run.diverged else [
        value if math.isfinite(value) else constant for value in run.curves.get(name, ())
    ]  # fmt: skip
    return known + [known[-1] if known else constant] * (length - len(known))
