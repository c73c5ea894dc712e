"""The fit: over, under, and held back by dropout or decay."""

import pytest


def test_a_validation_loss_that_rises(observed, found, with_curves):
    fell, rose = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02], [0.9, 0.6, 0.5, 0.6, 0.8, 0.9]
    case = with_curves(observed(), loss=fell, val_loss=rose)
    finding = found(case)["overfitting"]
    assert finding.value == pytest.approx((0.9 - 0.02) / case.facts.chance)
    assert "from 0.5 (epoch 3) to 0.9 or more" in finding.evidence
    callback = finding.prescription.config.train.callbacks[-1]
    assert callback == {"kind": "EarlyStopping", "patience": 3, "restore_best_weights": True}


def test_a_gap_without_a_rise_is_none(observed, found, with_curves):
    fell = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02]
    gap = with_curves(observed(), loss=fell, val_loss=[0.9, 0.7, 0.6, 0.55, 0.5, 0.5])
    assert found(gap) == {}
    one_bad_epoch = [0.5] * 14 + [1.5]
    noisy = with_curves(observed(), loss=[0.02] * 15, val_loss=one_bad_epoch)
    assert found(noisy) == {}


@pytest.mark.parametrize(("units", "fires"), [(1, True), (16, False)])
def test_a_layer_too_narrow_for_its_answers(observed, found, units, fires):
    case = observed(data__name="digits", data__validation=0.8, model__units=units, train__epochs=20)
    finding = found(case).get("underfitting")
    assert (finding is not None) == fires
    if finding:
        assert [str(one) for one in finding.prescription.changes] == ["model.units: 1 -> 64"]


@pytest.mark.parametrize(("rate", "fires"), [(0.95, True), (0.5, False)])
def test_dropout_of_nearly_all(observed, found, rate, fires):
    finding = found(observed(model__dropout=rate)).get("dropout-too-strong")
    assert (finding is not None) == fires
    if finding:
        assert finding.value == rate
        assert finding.prescription.config.model.options["dropout"] == 0.2


@pytest.mark.parametrize(("l2", "fires"), [(1.0, True), (1e-3, False)])
def test_weights_pulled_to_nothing_by_a_penalty(observed, found, l2, fires):
    finding = found(observed(model__l2=l2)).get("weight-decay-too-strong")
    assert (finding is not None) == fires
    if finding:
        assert finding.value > 0.5
        assert finding.prescription.config.model.options["l2"] == 1e-4


def test_weights_pulled_to_nothing_by_the_optimizer(observed, found):
    case = observed(optimizer__name="adamw", optimizer__weight_decay=100.0)
    finding = found(case)["weight-decay-too-strong"]
    assert [str(one) for one in finding.prescription.changes] == [
        "optimizer.weight_decay: 100.0 -> 0.004"
    ]
