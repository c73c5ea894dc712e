"""Numbers at their ends: a table of named cases, each with the one right answer."""

import warnings
from collections.abc import Iterable

from trust.claim import Outcome, Tell
from trust.numbers.extreme import (
    activations,
    data,
    images,
    losses,
    predicting,
    training,
    updates,
)
from trust.numbers.extreme.case import Case

TABLES = (activations, losses, images, updates, data, predicting, training)


def named(size: int, tell: Tell) -> Outcome:
    """Every case, however few are asked for; a warning in one is a fault."""
    return judged(case for table in TABLES for case in table.cases())


def judged(cases: Iterable[Case]) -> Outcome:
    outcome = Outcome()
    kinds: dict[str, int] = {"float64": 0, "float32": 0, "kernel": 0}
    for case in cases:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fault = case.fault()
        outcome.tried += 1
        outcome.expect(not fault, f"{case.name}: {fault}")
        word = case.name.rpartition(", ")[2]
        if word in kinds:
            kinds[word] += 1
    outcome.facts = {f"cases in {word}": count for word, count in kinds.items()}
    return outcome
