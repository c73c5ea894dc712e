"""Labels of every form at every door."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from groundup.rng import Stream
from groundup.typing import Array
from trust.claim import Outcome, Tell
from trust.inputs.forms import Form
from trust.inputs.label_doors import Samples, label_doors
from trust.inputs.label_forms import CLASSES, FORMS
from trust.inputs.verdict import Door, Judge

COUNTS = (6, 7, 10, 13)  # samples; another number in each round


def check(size: int, tell: Tell) -> Outcome:
    """Every form at every door, round after round with other numbers, until `size` were tried."""
    return tried(size, tell, FORMS, _round)


def _round(number: int) -> tuple[tuple[Door, ...], Array]:
    count = COUNTS[number % len(COUNTS)]
    labels = np.arange(count, dtype=np.int64) % CLASSES
    order = Stream(number, "trust").named("labels").permutation(count)
    return label_doors(Samples.of(count, number)), labels[order]


def tried(
    size: int,
    tell: Tell,
    forms: tuple[Form, ...],
    round: Callable[[int], tuple[tuple[Door, ...], Any]],
) -> Outcome:
    """Judge forms at the doors of round 0, 1, …; a round is always finished."""
    outcome, number, verdicts = Outcome(), 0, {"exact": 0, "refused": 0, "either": 0}
    while outcome.tried + sum(outcome.skipped.values()) < size:
        doors, plain = round(number)
        for door in doors:
            judge = Judge(door, door.base(plain))
            for form in _for(door, forms, number):
                try:
                    given = judge.given(form)
                except ImportError as error:
                    outcome.skip(f"{error.name} is missing")
                    continue
                fault = judge.fault(form, given)
                outcome.tried += 1
                verdicts[door.expects(form)] += 1
                outcome.expect(fault is None, f"round {number}, {fault}")
        tell(f"{outcome.tried:,} tried, {len(outcome.faults):,} faults")
        number += 1
    outcome.facts |= {"forms": len(forms), "doors": len(doors), "rounds": number, **verdicts}
    return outcome


def _for(door: Door, forms: tuple[Form, ...], number: int) -> Iterator[Form]:
    some = forms[number % 3 :: 3] if door.slow else forms
    return (form for form in some if door.tries(form))
