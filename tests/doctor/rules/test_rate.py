"""The learning rate: too high, too low, used up, at an end."""

from dataclasses import replace

import pytest


def test_a_rate_that_is_too_high(observed, found):
    case = observed(
        data__name="diabetes", optimizer__learning_rate=1.0, model__depth=2, train__epochs=10
    )
    finding = found(case)["learning-rate-too-high"]
    assert finding.value > 0.5
    assert "Early updates move the weights by up to" in finding.evidence
    assert [str(change) for change in finding.prescription.changes] == [
        "optimizer.learning_rate: 1.0 -> 0.001"
    ]


def test_large_steps_that_do_no_harm_are_none(observed, measured):
    case = observed(optimizer__learning_rate=0.05)
    assert measured("learning-rate-too-high", case) is None
    assert case.exams[1].layers[0].update > 0.02


def test_a_loss_that_goes_up_again_and_again(observed, measured, with_curves):
    case = observed(optimizer__learning_rate=0.05)
    up_and_down = [0.5, 0.2, 0.4, 0.1, 0.5, 0.3]
    harmed = measured("learning-rate-too-high", with_curves(case, loss=up_and_down))
    assert harmed.value > 0.02
    falling = sorted(up_and_down, reverse=True)
    assert measured("learning-rate-too-high", with_curves(case, loss=falling)) is None


@pytest.mark.parametrize(("rate", "fires"), [(1e-6, True), (1e-3, False)])
def test_a_rate_that_is_too_low(observed, found, rate, fires):
    finding = found(observed(optimizer__learning_rate=rate)).get("learning-rate-too-low")
    assert (finding is not None) == fires
    if finding:  # Adam's steps are about the rate itself, on weights of about 0.4
        assert 1e-3 / finding.value == pytest.approx(rate / 0.4, rel=0.5)
        assert finding.prescription.config.optimizer.options["learning_rate"] == 1e-3


def test_a_low_rate_of_gradient_descent_is_raised_by_what_its_updates_lack(observed, found):
    case = observed(optimizer__name="sgd", optimizer__learning_rate=1e-5)
    finding = found(case)["learning-rate-too-low"]
    raised = finding.prescription.config.optimizer.options["learning_rate"]
    assert raised == pytest.approx(1e-5 * 3e-3 * 1e3 * finding.value, rel=0.5)


def test_adagrad_that_has_stalled(observed, found):
    case = observed(optimizer__name="adagrad", optimizer__learning_rate=5e-4)
    finding = found(case)["adagrad-stalled"]
    assert finding.value > 10
    after = finding.prescription.config.optimizer
    assert (after.name, after.options) == ("adam", {"learning_rate": 1e-3})
    assert found(observed(optimizer__name="adagrad", optimizer__learning_rate=0.05)) == {}


def test_a_schedule_that_ends_too_early(observed, found):
    schedule = {"kind": "ExponentialDecay", "initial_learning_rate": 0.005}
    early = schedule | {"decay_steps": 10, "decay_rate": 0.1}
    case = observed(optimizer__learning_rate=early, train__epochs=20)
    finding = found(case)["plateau"]
    assert finding.value >= 0.4
    assert finding.prescription.config.optimizer.options["learning_rate"] == 0.005
    slow = schedule | {"decay_steps": 1000, "decay_rate": 0.1}
    assert found(observed(optimizer__learning_rate=slow, train__epochs=20)) == {}


@pytest.mark.parametrize(
    ("optimizer", "changed"), [("sgd", "optimizer.name"), ("adam", "train.callbacks")]
)
def test_a_loss_that_stands_still_at_a_constant_rate(
    observed, found, with_curves, optimizer, changed
):
    case = observed()
    options = {"name": optimizer, "learning_rate": 0.005}
    config = case.config.model_copy(
        update={"optimizer": type(case.config.optimizer).model_validate(options)}
    )
    loss, count = [2.0, 1.0, *[0.7] * 8], 10
    standing = with_curves(
        replace(case, config=config), loss=loss, accuracy=[0.5] * count, val_loss=loss,
        learning_rate=[0.005] * count,
    )  # fmt: skip
    finding = found(standing)["plateau"]
    assert finding.value == pytest.approx(0.7)
    assert changed in {change.path for change in finding.prescription.changes}
