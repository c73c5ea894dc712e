"""The length of runs: as the time allows, between what shows the symptom and the whole."""

import pytest

from groundup.doctor.budget import Candidate, Price, affordable, price_of
from groundup.train.trials import Outcome

CHEAP, DEAR = Price(0.1, 0.9), Price(0.1, 90.0)


def short(price):
    return Candidate(price, late=False)


def late(price):
    return Candidate(price, late=True)


@pytest.mark.parametrize(
    ("candidates", "seconds", "chosen", "epochs"),
    [
        ([short(CHEAP)], 1e9, (0,), 20),  # the configuration's own
        ([short(CHEAP)], 100, (0,), 4),  # (40 / 5 - 0.2) / 1.8
        ([short(CHEAP)] * 3, 100, (0, 1, 2), 2),
        ([short(CHEAP)], 20, (0,), 2),  # the least, 100 of 50 an epoch, though it takes nearly all
        ([short(CHEAP)], 18, (), 0),
        ([short(CHEAP)] * 3, 30, (0, 1), 2),  # the gravest
        ([short(CHEAP), late(CHEAP)], 1e9, (0, 1), 20),
        ([late(CHEAP), short(CHEAP)], 100, (1,), 4),  # whole runs have no time
        ([short(DEAR), late(CHEAP)], 200, (1,), 20),
        ([], 100, (), 0),
    ],
)
def test_what_is_affordable(candidates, seconds, chosen, epochs) -> None:
    assert affordable(CHEAP, candidates, seconds, whole=20, steps=50) == (chosen, epochs)


def test_parts_of_long_epochs() -> None:
    slow = Price(0.5, 20.0)
    assert affordable(slow, [short(slow)], 150, whole=20, steps=1_000) == ((0,), 0.28)


def test_what_runs_cost_fits() -> None:
    for seconds in (20, 33, 100, 1_000):
        chosen, epochs = affordable(CHEAP, [short(CHEAP)] * 4, seconds, whole=50, steps=50)
        cost = 5 * (1 + len(chosen)) * (0.1 + 0.9 * epochs)
        assert not chosen or cost <= seconds


def test_what_costs_nothing_is_whole() -> None:
    free = Price(0.0, 0.0)
    assert affordable(free, [short(free)], 1.0, whole=7, steps=50) == ((0,), 7)


def test_prices() -> None:
    outcome = Outcome({}, {}, "", epochs=0.2, update_seconds=0.01, seconds=0.5)
    price = price_of(outcome, steps=50)
    assert (price.epoch, price.setup) == (0.5, pytest.approx(0.4))
