"""A learning rate of its own for each method, all with as many trials.

Every method is tried at seven rates around its default, half a power of ten apart, from seeds that
are in no comparison, and judged on validation data. The best mean wins.   [Choi et al. 2019, "On
empirical comparisons of optimizers": which rates are tried decides who wins]
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

from groundup.lab.plan import Plan
from groundup.lab.runs import Request, Runs
from groundup.lab.survey import Entrant
from groundup.report.measure import Measure

_STEPS = range(-3, 4)


@dataclass(frozen=True)
class Tuned:
    """What the trials of one method say.

    Args:
        scores: the mean validation score at each rate; a trial that diverged counts as chance.
        rate: that of the best.
    """

    scores: Mapping[float, float]
    rate: float

    @property
    def at_the_edge(self) -> bool:
        """Whether the best rate is the lowest or highest of all: beyond may be a better one."""
        return self.rate in (min(self.scores), max(self.scores))


def rates(default: float) -> list[float]:
    """The rates that are tried, to three digits

    >>> rates(0.01)
    [0.000316, 0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316]
    """
    return [default if step == 0 else float(f"{default * 10 ** (step / 2):.3g}") for step in _STEPS]


def requests(entrant: Entrant, plan: Plan) -> Iterator[Request]:
    """The trials of one method."""
    assert entrant.rate is not None
    for rate in rates(entrant.rate):
        for seed in plan.tuned_on:
            yield Request(entrant, rate, seed, "tuning")


def tuned(entrant: Entrant, plan: Plan, measure: Measure, done: Runs) -> Tuned:
    """The best rate; of equals that of the lower loss, then the nearer one to the default."""
    assert entrant.rate is not None
    ranks = {}
    sign = 1 if measure.best == "low" else -1
    tried = rates(entrant.rate)
    for rate in tried:
        runs = [done[entrant.name, rate, seed] for seed in plan.tuned_on]
        score, loss = (
            fmean((run.scores or entrant.chance)[f"val_{name}"] for run in runs)
            for name in (measure.name, "loss")
        )
        ranks[rate] = (sign * score, loss, abs(tried.index(rate) - len(tried) // 2))
    best = min(tried, key=lambda rate: ranks[rate])
    return Tuned({rate: sign * ranks[rate][0] for rate in tried}, best)
