"""Initial values: what fires, what is near it and does not, and what is told with it."""

import pytest


def test_copies_of_one_unit(observed, found, measured):
    finding = found(observed(model__init="constant:0.1", model__depth=2))["zero-initialization"]
    assert finding.value == 1.0
    assert finding.layers == ("dense_1", "dense_2")
    assert [str(change) for change in finding.prescription.changes] == [
        "model.init: 'constant:0.1' -> 'he'"
    ]
    assert measured("zero-initialization", observed()).value < 0.5


def test_weights_of_zero_explain_why_nothing_is_learned(observed, found):
    findings = found(observed(model__init="zeros"))
    assert list(findings) == ["zero-initialization"]
    assert "Many ReLUs are dead" in findings["zero-initialization"].explains


def test_an_output_of_zeros_alone_is_no_fault(observed, found):
    layers = [
        {"kind": "Dense", "units": 16, "activation": "relu"},
        {"kind": "Dense", "units": 3, "activation": "softmax", "kernel_initializer": "zeros"},
    ]
    assert found(observed(model={"layers": layers})) == {}


@pytest.mark.parametrize(("init", "fires"), [("std:3", True), ("xavier", False)])
def test_saturated_sigmoids(observed, found, init, fires):
    case = observed(model__init=init, model__activation="sigmoid", model__depth=2)
    finding = found(case).get("initialization-too-large")
    assert (finding is not None) == fires
    if finding:
        shares = [layer.saturated for layer in case.exams[0].layers[:2]]
        assert finding.value == sum(shares) / 2
        assert finding.value > 0.6
        assert finding.prescription.config.model.options["init"] == "xavier"


@pytest.mark.parametrize(("init", "fires"), [("std:0.01", True), ("std:0.1", False)])
def test_signals_that_die_out(observed, found, init, fires):
    finding = found(observed(model__init=init, model__depth=4)).get("initialization-too-small")
    assert (finding is not None) == fires
    if finding:  # He's weights below wine's 13 inputs and 16 units: √(2/13), √(2/16); ours 0.01
        assert 20 < finding.value < 60
        assert finding.prescription.config.model.options["init"] == "he"


@pytest.mark.parametrize(
    ("init", "depth", "fires"), [("xavier", 16, True), ("he", 16, False), ("xavier", 3, False)]
)
def test_xavier_below_relu(observed, found, measured, init, depth, fires):
    case = observed(
        model__init=init, model__depth=depth, optimizer__name="sgd", optimizer__learning_rate=0.02
    )
    assert ("xavier-with-relu" in found(case)) == fires
    if fires:  # about √2 for each of 15 layers
        assert 2**6 < measured("xavier-with-relu", case).value < 2**11


def test_one_layer_that_shrinks_a_little_is_no_fault(observed, found, measured):
    """Glorot's weights, the default of Keras, below a few inputs."""
    layers = [
        {"kind": "Dense", "units": 32, "activation": "relu"},
        {"kind": "Dense", "units": 3, "activation": "softmax"},
    ]
    case = observed(model={"layers": layers}, train__epochs=2, optimizer__learning_rate=1e-3)
    assert case.curve("loss")[-1] > 0.3  # much is left
    assert measured("initialization-too-small", case) is None
    assert found(case) == {}
