"""Data: scale, shift, labels, balance, tests looked at; batches; NaN."""

import math

import pytest


def test_inputs_of_very_different_sizes(observed, found):
    finding = found(observed(data__preprocess=[]))["inputs-not-normalized"]
    assert finding.value > 6
    assert finding.prescription.config.data.preprocess == ("standardize",)
    assert found(observed(data__preprocess=["minmax"])) == {}


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ({"scales": (20.0, 60.0, 110.0)}, 110.0),
        ({"scales": (0.001, 0.002, 0.01)}, 10.0),
        ({"offset": 45.0}, 45.0),
        ({"scales": (0.02, 0.3, 0.4), "offset": 1.1}, 1.1),
    ],
)
def test_how_far_inputs_are_off(observed, measured, with_facts, facts, value):
    case = with_facts(observed(), **facts)
    assert measured("inputs-not-normalized", case).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("auc", "p", "fires"),
    [(0.95, 0.002, True), (0.95, 0.3, False), (0.6, 0.002, False), (math.nan, math.nan, False)],
)
def test_validation_samples_from_elsewhere(observed, found, with_facts, auc, p, fires):
    findings = found(with_facts(observed(), shift_auc=auc, shift_p=p))
    assert ("covariate-shift" in findings) == fires
    if fires:
        assert findings["covariate-shift"].prescription.config is None


@pytest.mark.parametrize(
    ("p", "best", "fires"), [(0.4, 0.98, True), (0.005, 0.98, False), (0.4, 0.5, False)]
)
def test_labels_that_nothing_can_tell(observed, found, with_facts, with_curves, p, best, fires):
    case = with_facts(observed(), neighbors=0.35, neighbors_p=p)
    fell = [1.0, 0.5, 0.2, 0.1]
    worse = [best * case.facts.chance] * 3 + [1.5 * case.facts.chance]
    findings = found(with_curves(case, loss=fell, val_loss=worse))
    assert ("labels-at-chance" in findings) == fires
    if fires:
        assert findings["labels-at-chance"].explains == ("The network overfits",)


@pytest.mark.parametrize(
    ("counts", "accuracy", "fires"),
    [
        ((100, 90, 5), 0.95, True),
        ((100, 90, 5), 0.999, False),  # so good that the rare class cannot be lost
        ((100, 90, 30), 0.8, False),
    ],
)
def test_rare_classes(observed, found, with_facts, with_curves, counts, accuracy, fires):
    case = with_curves(observed(), loss=[0.5, 0.1], val_loss=[0.5, 0.2], val_accuracy=[0, accuracy])
    finding = found(with_facts(case, counts=counts)).get("class-imbalance")
    assert (finding is not None) == fires
    if finding:
        assert finding.value == 20.0
        assert finding.prescription.config.train.class_weight == "balanced"


@pytest.mark.parametrize(
    ("facts", "fires"),
    [
        ({"validation_is_test": 0.27}, True),
        ({"test_looks": 2}, True),
        ({"test_looks": 1, "validation_is_test": 0.03}, False),
    ],
)
def test_tests_that_were_looked_at(observed, found, with_facts, facts, fires):
    assert ("test-data-used" in found(with_facts(observed(), **facts))) == fires


def test_batches_of_two_below_batch_normalization(observed, found):
    case = observed(model__batch_norm=True, train__batch_size=2, train__epochs=3)
    finding = found(case)["batch-too-small-for-batch-normalization"]
    assert finding.value == pytest.approx(1 / math.sqrt(2))
    assert [str(one) for one in finding.prescription.changes] == ["train.batch_size: 2 -> 32"]


def test_a_number_that_came_from_the_rate(observed, found):
    case = observed(optimizer__name="sgd", optimizer__learning_rate=1e6, model__depth=2)
    finding = found(case)["not-a-number"]
    assert list(found(case)) == ["not-a-number"]
    assert "updates moved the weights by" in finding.evidence
    assert finding.evidence.startswith("In epoch 1, step ")
    assert finding.prescription.config.optimizer.options["learning_rate"] < 1


def test_a_number_that_came_from_the_weights(observed, found):
    case = observed(
        model__init="std:100", model__depth=12, optimizer__name="sgd", optimizer__learning_rate=0.01
    )
    finding = found(case)["not-a-number"]
    assert "the first gradient had a norm of" in finding.evidence
    assert "The gradient explodes" in finding.explains
    assert [str(one) for one in finding.prescription.changes] == ["model.init: 'std:100' -> 'he'"]
