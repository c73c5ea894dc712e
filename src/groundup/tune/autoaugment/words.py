"""A search for a policy in words, and in rows of words: for the terminal and the page."""

from collections.abc import Sequence
from dataclasses import fields

from groundup.data.augment import Augmentation, Policy, augmentations
from groundup.report import numbers
from groundup.report.words import Table
from groundup.statistics.pairs import pairs_needed
from groundup.statistics.ranking import Comparison
from groundup.tune.autoaugment.found import ALPHA, NAMES, Found
from groundup.tune.autoaugment.plan import ARMS, Arm

_COMMON = ("probability", "magnitude", "fill")  # an operation's other field is its strength
_UNITS = {"degrees": "degrees", "pixels": "pixels", "size": "pixels", "sigma": "pixels"}
_MANY_SEEDS = 10_000


def headline(found: Found) -> str:
    """The result in a sentence."""
    random, none = (verdict(found, "controller", arm) for arm in ("random", "none"))
    if random != none:
        return f"The learned policy {none} no augmentation and {random} a random one"
    nor = ", nor from" if "cannot" in none else " and by" if "by" in none else " and"
    return f"The learned policy {none} a random one{nor} no augmentation"


def verdict(found: Found, arm: Arm, other: Arm) -> str:
    """What one does to the other: beats, is beaten by, or cannot be told apart from it."""
    one = _compared(found, arm, other)
    if one.p > ALPHA:
        return "cannot be told apart from"
    return "beats" if one.a == NAMES[arm] else "is beaten by"


def lead(found: Found) -> str:
    """What was done, in some sentences."""
    plan, data = found.plan, found.plan.config.data.title
    count, epochs = numbers.count(plan.trials), plan.config.train.epochs
    samples = found.samples
    parts = (samples.learned, samples.validation, samples.test)
    learned, judged, tested = map(numbers.count, parts)
    best = min(plan.best, plan.trials)
    joined = f"the best {best} of each were joined" if best > 1 else "the best of each was taken"
    return (
        f"A controller tried {count} policies on {data} and as many were drawn at random; for each "
        f"a network learned {learned} images for {epochs} epoch{'s' * (epochs != 1)} and was "
        f"judged by {judged} others. By that {joined}, and {plan.seeds} new networks each were "
        f"judged by {tested} test images."
    )


def scores(found: Found) -> Table:
    """The three arms, the best first."""
    measure, arms = found.measure, {NAMES[arm]: arm for arm in ARMS}
    columns = ["arm", "group", "test accuracy", "95 % interval", "best in the search", "their mean"]
    rows = []
    for name in found.ranking.names:
        one, rewards = found.mean(arms[name]), found.rewards(arms[name])
        rows.append([
            name, found.ranking.letters(name), measure.words(one.mean),
            f"{measure.words(one.low)} … {measure.words(one.high)}",
            numbers.percent(max(rewards)), numbers.percent(sum(rewards) / len(rewards)),
        ])  # fmt: skip
    return Table(columns, 2, rows)


def differences(found: Found) -> Table:
    """Every two arms against each other, the better one first."""
    measure = found.measure
    columns = ["better", "against", "verdict", "difference", "95 % interval", "p (Holm)",
               "seeds needed"]  # fmt: skip
    rows = [
        [
            one.a, one.b, "better" if one.p <= ALPHA else "cannot tell",
            measure.difference(-one.test.mean),
            f"{measure.difference(-one.test.high)} … {measure.difference(-one.test.low)}",
            numbers.p_value(one.p), "–" if one.p <= ALPHA else _needed(found, one),
        ]
        for one in found.ranking.comparisons
    ]  # fmt: skip
    return Table(columns, 3, rows)


LEGEND = (
    "Arms of a common group cannot be told apart (p > 0.05 in paired t-tests over the seeds, "
    "corrected by Holm). Differences are in percentage points; so many seeds would be needed to "
    "find one, four times out of five, if it is as it seems."
)


def as_rows(policy: Policy) -> Table:
    """A policy, a row a sub-policy; strengths are the most that an operation does."""
    longest = max(len(one) for one in policy.subpolicies)
    columns = ["sub-policy"]
    for place in range(longest):
        after = "" if place == 0 else f" {place + 1}"
        columns += [f"operation{after}", f"probability{after}", f"strength up to{after}"]
    rows = []
    for number, one in enumerate(policy.subpolicies, start=1):
        cells = [cell for op in one for cell in operation(op)]
        rows.append([str(number), *cells, *["–"] * (3 * longest - len(cells))])
    return Table(columns, len(columns), rows)


def operation(op: Augmentation) -> Sequence[str]:
    """Its name, how often and how strong it is

    >>> from groundup.data.augment import RandomRotation
    >>> [cell.replace(numbers.THIN, " ") for cell in operation(RandomRotation(45, magnitude=0.4))]
    ['rotation', '100 %', '18 degrees']
    """
    own = next((one.name for one in fields(op) if one.name not in _COMMON), "")
    if not own:
        return named(type(op)), _percent(op.share), "–"
    most = op.magnitude * getattr(op, own)
    unit = _UNITS.get(own)
    strength = f"{numbers.number(most)} {unit}" if unit else _percent(most)
    return named(type(op)), _percent(op.share), strength


def _percent(share: float) -> str:
    return f"{100 * share:.0f}{numbers.THIN}%"


def named(kind: type[Augmentation]) -> str:
    """As people write it: "salt and pepper"."""
    return augmentations.name_of(kind).replace("_", " ")


def _compared(found: Found, arm: Arm, other: Arm) -> Comparison:
    wanted = {NAMES[arm], NAMES[other]}
    return next(one for one in found.ranking.comparisons if {one.a, one.b} == wanted)


def _needed(found: Found, one: Comparison) -> str:
    level = ALPHA / len(found.ranking.comparisons)
    needed = pairs_needed(one.test.effect, alpha=level)
    if needed is None:
        return "–"
    return f"> {_MANY_SEEDS:,}" if needed > _MANY_SEEDS else f"{needed:,}"
