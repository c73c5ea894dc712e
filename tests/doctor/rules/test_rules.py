"""What holds of all rules, and that sound trainings come out clean."""

import json
import math

import pytest

from groundup.doctor.case import case_from
from groundup.doctor.diagnosis import diagnose
from groundup.doctor.rules import RULES

NAMES = [
    "zero-initialization", "initialization-too-large", "initialization-too-small",
    "xavier-with-relu", "vanishing-gradients", "exploding-gradients", "dead-relus",
    "learning-rate-too-high", "learning-rate-too-low", "adagrad-stalled", "plateau", "overfitting",
    "underfitting", "dropout-too-strong", "weight-decay-too-strong", "inputs-not-normalized",
    "covariate-shift", "batch-too-small-for-batch-normalization", "labels-at-chance",
    "class-imbalance", "test-data-used", "not-a-number",
]  # fmt: skip


def test_every_symptom_has_a_rule():
    assert sorted(rule.name for rule in RULES) == sorted(NAMES)


def test_rules_explain_others_and_no_rule_explains_itself_by_a_detour():
    explains = {rule.name: rule.explains for rule in RULES}
    assert {name for names in explains.values() for name in names} <= set(explains)

    def below(name, seen=()):
        assert name not in seen, f"a circle: {' -> '.join((*seen, name))}"
        for other in explains[name]:
            below(other, (*seen, name))

    for name in explains:
        below(name)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"train__epochs": 1},
        {"optimizer__name": "sgd", "optimizer__learning_rate": 0.1},
        {"optimizer__name": "adagrad", "optimizer__learning_rate": 0.05},
        {"model__batch_norm": True},
        {"model__dropout": 0.5},
        {"model__activation": "sigmoid", "model__init": "xavier", "optimizer__learning_rate": 0.02},
        {"data__name": "diabetes", "train__batch_size": 32},
    ],
    ids=str,
)
def test_sound_trainings_come_out_clean(observed, changes):
    diagnosis = diagnose(observed(**changes))
    assert diagnosis.healthy, str(diagnosis)


def test_a_training_of_no_epochs_says_nothing(observed):
    assert diagnose(observed(train__epochs=0)).healthy


def test_rules_say_the_same_of_a_case_that_came_through_a_file(observed):
    case = observed(model__init="zeros")
    again = case_from(json.loads(json.dumps(case.plain())))
    assert diagnose(again).findings == diagnose(case).findings


def test_one_class_is_no_reason_to_fail(observed, with_facts):
    assert diagnose(with_facts(observed(), chance=0.0, counts=(10,))).healthy
    assert diagnose(with_facts(observed(), neighbors=math.nan, neighbors_p=math.nan)).healthy
