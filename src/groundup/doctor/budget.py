"""How long the runs of a proof are, so that they fit into a number of seconds.

A few updates of every configuration are timed. From that follows how long runs can be if the first
five pairs of every finding shall take two fifths of the time: the rest is for more pairs where five
do not tell. Runs are never longer than the configuration's own, and never shorter than it takes to
show a symptom: 100 updates, or, where the finding is about where the training ends, all of it.
Findings for which that is too long are not tried: those of the whole training first, then the least
grave.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from groundup.doctor.verdict import LOOKS
from groundup.train.trials import Outcome

PILOT = 10  # updates that are timed
_FIRST = 0.4  # of the time, for the first look
_LEAST = 100  # updates


@dataclass(frozen=True)
class Price:
    """What a trial of one configuration costs: seconds to prepare it, and seconds an epoch."""

    setup: float
    epoch: float


@dataclass(frozen=True)
class Candidate:
    """A finding that could be tried: what a treated run costs, and whether it has to be whole."""

    price: Price
    late: bool


def price_of(outcome: Outcome, steps: int) -> Price:
    """The price by a trial that was timed, of a configuration with so many updates an epoch."""
    training = outcome.epochs * steps * outcome.update_seconds
    return Price(max(0.0, outcome.seconds - training), steps * outcome.update_seconds)


def affordable(
    base: Price, candidates: Sequence[Candidate], seconds: float, whole: int, steps: int
) -> tuple[tuple[int, ...], float]:
    """Which candidates can be tried in that time, and for how many epochs

    Args:
        base: the price of a run without any prescription; all candidates share these.
        candidates: the gravest first.
        seconds: the time.
        whole: the epochs of the configuration.
        steps: its updates an epoch.

    >>> price = Price(setup=0.1, epoch=0.9)
    >>> affordable(price, [Candidate(price, late=False)], 100.0, whole=20, steps=50)
    ((0,), 4)
    >>> affordable(price, [Candidate(price, late=True)], 100.0, whole=20, steps=50)
    ((), 0)
    """
    for chosen in _narrower(candidates):
        prices = [base, *(candidates[place].price for place in chosen)]
        late = any(candidates[place].late for place in chosen)
        needed = whole if late else min(whole, _LEAST / steps)
        if _epochs(prices, seconds) >= needed:
            wished = min(whole, _tidy(_epochs(prices, _FIRST * seconds)))
            return chosen, max(_tidy(needed), wished)
    return (), 0


def _epochs(prices: Sequence[Price], seconds: float) -> float:
    """How long runs can be if one of each price, five times, takes that time."""
    # What is compiled for the first one is there for the others: the cheapest setup is typical.
    left = seconds / LOOKS[0] - len(prices) * min(one.setup for one in prices)
    epoch = sum(one.epoch for one in prices)
    return left / epoch if epoch > 0 else math.inf


def _tidy(epochs: float) -> float:
    """A number that can be read: whole epochs, or hundredths of one."""
    if epochs >= 1:
        return epochs if math.isinf(epochs) else math.floor(epochs)
    return max(1, math.ceil(100 * epochs)) / 100


def _narrower(candidates: Sequence[Candidate]) -> Iterator[tuple[int, ...]]:
    """All; those that may be short, fewer and fewer; those that may not, likewise."""
    short = tuple(place for place, one in enumerate(candidates) if not one.late)
    late = tuple(place for place, one in enumerate(candidates) if one.late)
    if short and late:
        yield tuple(range(len(candidates)))
    for group in (short, late):
        for count in range(len(group), 0, -1):
            yield group[:count]
