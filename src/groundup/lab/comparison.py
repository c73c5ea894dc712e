"""A finished comparison: the plan, every run, who is better and how sure that is, as data."""

from dataclasses import dataclass

from groundup.lab.plan import Plan
from groundup.lab.runs import Run, Runs
from groundup.lab.standing import Standing, standing
from groundup.lab.survey import Survey
from groundup.lab.tuning import Tuned, tuned


@dataclass(frozen=True)
class Comparison:
    """What came of a comparison.

    Args:
        plan: what was compared.
        survey: the methods with their costs, and what they are compared by.
        runs: all of them, by method, learning rate and seed.
        tuned: by method its trials; empty where rates were not tuned.
        standings: at the default rates, then at the tuned ones if there are any.
    """

    plan: Plan
    survey: Survey
    runs: tuple[Run, ...]
    tuned: dict[str, Tuned]
    standings: tuple[Standing, ...]

    @property
    def final(self) -> Standing:
        """At the tuned rates if there are any."""
        return self.standings[-1]

    def __str__(self) -> str:
        from groundup.lab.words import headline

        return headline(self)

    def _repr_html_(self) -> str:
        from groundup.lab.notebook import notebook

        return notebook(self)


def conclude(plan: Plan, found: Survey, tune: bool, done: Runs) -> Comparison:
    """The comparison that the finished runs make."""
    entrants, measure = found.entrants, found.measure
    chosen = {one.name: tuned(one, plan, measure, done) for one in entrants} if tune else {}
    defaults = {one.name: one.rate for one in entrants}
    standings = [standing("default", defaults, entrants, plan, measure, done)]
    if chosen:
        own = {name: one.rate for name, one in chosen.items()}
        standings.append(standing("tuned", own, entrants, plan, measure, done))
    order = {one.name: place for place, one in enumerate(entrants)}
    runs = sorted(done.values(), key=lambda run: (order[run.method], run.rate or 0.0, run.seed))
    return Comparison(plan, found, tuple(runs), chosen, tuple(standings))
