"""A comparison in words, and in rows of words: for the terminal, the page and notebooks."""

from groundup.lab.comparison import Comparison
from groundup.lab.standing import Difference, Score, Standing
from groundup.report import numbers
from groundup.report.measure import Measure
from groundup.report.words import Table, listed

_MANY_SEEDS = 10_000
_MANY_NAMES = 5


def headline(comparison: Comparison) -> str:
    """The result in a sentence."""
    standing = comparison.final
    best, rivals = standing.best.name, [one.name for one in standing.rivals]
    others = len(standing.scores) - 1
    if not rivals:
        second, measure = standing.to_best[0], comparison.survey.measure
        margin = measure.difference(abs(second.test.mean)).lstrip("+")
        return f"{best} is best, by {margin} {measure.of_differences} over {second.b}"
    if len(rivals) == others:
        if others < _MANY_NAMES:
            return f"{listed([best, *rivals])} cannot be told apart"
        return f"No method can be told apart from {best}, the first of {others + 1}"
    named = listed(rivals) if len(rivals) < _MANY_NAMES else f"{len(rivals)} of {others} others"
    return f"{best} leads; {named} cannot be told apart from it"


def lead(comparison: Comparison) -> str:
    """What was done, in a sentence."""
    plan, survey = comparison.plan, comparison.survey
    rates = "tuned learning rates" if comparison.tuned else "default learning rates"
    epochs = plan.config.train.epochs
    return (
        f"{len(survey.entrants)} methods on {plan.config.data.title}, each from the same "
        f"{plan.seeds} seeds for {epochs} epoch{'s' if epochs != 1 else ''}, compared at their "
        f"{rates} by {title(comparison)}."
    )


def title(comparison: Comparison) -> str:
    """What is compared: "test accuracy"."""
    return f"test {comparison.survey.measure.name}"


def scores(standing: Standing, comparison: Comparison) -> Table:
    """Every method, the best first."""
    measure = comparison.survey.measure
    memory = {one.name: one.memory for one in comparison.survey.entrants}
    diverged = any(one.diverged for one in standing.scores)
    columns = ["method", "group", "learning rate", title(comparison), "95 % interval"]
    columns += ["diverged"] * diverged + ["time a run", "memory"]
    rows = [
        [
            one.name, one.letters, _rate(one.rate),
            measure.words(one.mean), _interval(one, measure),
            *[f"{one.diverged} of {len(one.values)}" if one.diverged else "–"] * diverged,
            numbers.duration(one.seconds), numbers.size(memory[one.name]),
        ]
        for one in standing.scores
    ]  # fmt: skip
    return Table(columns, 2, rows)


def differences(standing: Standing, comparison: Comparison) -> Table:
    """Every other method against the best."""
    measure = comparison.survey.measure
    columns = [
        f"against {standing.best.name}", "verdict", "difference", "95 % interval", "p (Holm)",
        "effect", "seeds needed",
    ]  # fmt: skip
    rows = [
        [
            one.b, "worse" if one.apart else "cannot tell",
            measure.difference(one.test.mean),
            f"{measure.difference(one.test.low)} … {measure.difference(one.test.high)}",
            numbers.p_value(one.p), numbers.number(one.test.effect, 2),
            "–" if one.apart else _needed(one),
        ]
        for one in standing.to_best
    ]  # fmt: skip
    return Table(columns, 2, rows)


LETTERS = (
    "Methods of a common group cannot be told apart (p > 0.05 in paired t-tests over the seeds, "
    "corrected by Holm)."
)


def legend(comparison: Comparison) -> str:
    """What the columns of the differences mean."""
    return (
        f"Differences are in {comparison.survey.measure.of_differences}; p is corrected by Holm "
        "over all pairs; the effect is the mean difference over its standard deviation; so many "
        "seeds would be needed to find it, four times out of five, if it is as it seems."
    )


def more_seeds(comparison: Comparison) -> str:
    """What it would take to tell the top two apart, if they are not; else nothing."""
    first = comparison.final.to_best[0]
    if first.apart:
        return ""
    if first.seeds_needed is None:
        return f"{first.a} and {first.b} came out equal: no number of seeds would tell them apart."
    return (
        f"To tell {first.a} and {first.b} apart, if the difference is as it seems, would take "
        f"about {_needed(first)} seeds."
    )


def edges(comparison: Comparison) -> str:
    """A warning of rates at the end of what was tried; else nothing."""
    names = [name for name, one in comparison.tuned.items() if one.at_the_edge]
    if not names:
        return ""
    which = "rate of" if len(names) == 1 else "rates of"
    return (
        f"The tuned {which} {listed(names)} lie{'s' * (len(names) == 1)} at the edge of what was "
        "tried: a better one may lie beyond."
    )


def _needed(one: Difference) -> str:
    if one.seeds_needed is None:
        return "–"
    if one.seeds_needed > _MANY_SEEDS:
        return f"> {_MANY_SEEDS:,}"
    return f"{one.seeds_needed:,}"


def _rate(rate: float | None) -> str:
    return "schedule" if rate is None else numbers.number(rate)


def _interval(one: Score, measure: Measure) -> str:
    low, high = measure.words(one.low), measure.words(one.high)
    return f"{low} … {high}".replace(f"{numbers.THIN}%", "", 1)
