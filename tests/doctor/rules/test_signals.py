"""Signals: gradients that vanish or explode, units that are dead."""

import math

import pytest


@pytest.mark.parametrize(("depth", "fires"), [(6, True), (2, False)])
def test_gradients_that_vanish_below_sigmoids(observed, found, depth, fires):
    case = observed(model__init="xavier", model__activation="sigmoid", model__depth=depth)
    finding = found(case).get("vanishing-gradients")
    assert (finding is not None) == fires
    if finding:
        gradients = [layer.gradient for layer in case.exams[0].layers if layer.gradient]
        assert gradients[5] / gradients[0] > 30
        assert finding.value > 30
        assert {change.path for change in finding.prescription.changes} == {
            "model.activation",
            "model.init",
        }
        assert finding.prescription.config.model.options["activation"] == "relu"


def test_gradients_that_explode(observed, found, measured):
    case = observed(model__init="std:1", model__depth=6, optimizer__learning_rate=1e-3)
    finding = found(case)["exploding-gradients"]
    assert finding.value == case.exams[0].gradient > 1000
    after = finding.prescription.config
    assert (after.model.options["init"], after.optimizer.options["global_clipnorm"]) == ("he", 1.0)
    assert measured("exploding-gradients", observed()).value < 20


def dense(bias):
    hidden = {"kind": "Dense", "units": 16, "activation": "relu", "kernel_initializer": "he"}
    output = {"kind": "Dense", "units": 3, "activation": "softmax"}
    return {"layers": [hidden | {"bias_initializer": bias}, output]}


def test_units_that_are_dead_from_the_beginning(observed, found):
    finding = found(observed(model=dense("constant:-20")))["dead-relus"]
    assert (finding.value, finding.layers) == (1.0, ("dense_1",))
    assert [str(change) for change in finding.prescription.changes] == [
        "model.layers[0].bias_initializer: 'constant:-20' -> None"
    ]
    assert found(observed(model=dense("constant:-0.1"))) == {}


def test_units_that_die_while_learning(observed, found):
    case = observed(
        data__name="diabetes", optimizer__learning_rate=1.0, model__depth=2, train__epochs=10
    )
    findings = found(case)
    assert set(findings) == {"dead-relus", "learning-rate-too-high"}
    assert findings["dead-relus"].prescription.config.optimizer.options["learning_rate"] == 0.001


def test_what_explodes_while_it_learns_well_is_none(measured, observed):
    assert measured("vanishing-gradients", observed()) is None
    assert not math.isnan(measured("dead-relus", observed()).value)
