"""What runs are compared by: the number that the prescription promises to make smaller."""

import math
from dataclasses import replace

import pytest

from groundup.config import from_mapping
from groundup.doctor.case import Case
from groundup.doctor.facts import facts_of
from groundup.doctor.measures import PROMISES, yardstick
from groundup.train.run import assemble
from groundup.train.trials import Outcome

SCORES = {
    "train_loss": 0.5, "train_recall": 0.8, "val_loss": 1.0, "val_recall": 0.7,
}  # fmt: skip


def outcome(**scores):
    return Outcome({}, scores, "" if scores else "NaN first in the output of 'dense'", 1.0, 0.0)


def config(validation=0.2, **train):
    return from_mapping({
        "data": {"validation": validation}, "train": {"loss": "categorical_crossentropy", **train}
    })  # fmt: skip


@pytest.fixture(scope="module")
def case():
    assembly = assemble(config())
    return Case(assembly.config, assembly.learner.network.chain, facts_of(assembly), ())


@pytest.mark.parametrize(
    ("rule", "words", "value"),
    [
        ("dead-relus", "validation loss", 1.0),
        ("learning-rate-too-low", "training loss", 0.5),
        ("class-imbalance", "1 - mean recall, validation", 0.3),
    ],
)
def test_by_rule(case, rule, words, value) -> None:
    measure = yardstick(rule, case, config(), False)
    assert measure.words == words and measure(outcome(**SCORES)) == pytest.approx(value)


def test_without_validation_the_training_data_tell(case) -> None:
    none = replace(case, config=config(0.0))
    assert yardstick("dead-relus", none, config(0.0), False).words == "training loss"
    assert yardstick("class-imbalance", none, config(0.0), False).score == "train_recall"
    assert yardstick("dead-relus", case, config(0.0), False).words == "training loss"
    assert yardstick("dead-relus", none, config(0.0), True).words == "validation loss"


def test_losses_of_two_kinds_are_not_compared(case) -> None:
    measure = yardstick("dead-relus", case, config(loss="mse"), False)
    assert measure.words == "1 - mean recall, validation"


def test_the_worst_is_twice_the_loss_of_chance(case) -> None:
    measure = yardstick("dead-relus", case, config(), False)
    assert measure.cap == pytest.approx(2 * math.log(10), rel=1e-3)
    assert measure(outcome()) == measure(outcome(val_loss=99.0)) == measure.cap
    assert yardstick("class-imbalance", case, config(), False)(outcome()) == 1.0


def test_promises_are_of_rules_that_exist() -> None:
    from groundup.doctor.rules import RULES

    if RULES:
        assert set(PROMISES) <= {rule.name for rule in RULES}
