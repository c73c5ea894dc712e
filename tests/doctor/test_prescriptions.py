"""Prescriptions: the changed configuration, and the diff by its paths."""

import pytest

from groundup.config import from_mapping
from groundup.doctor import edits, model_edits
from groundup.doctor.case import Case
from groundup.doctor.evidence import layers_of
from groundup.doctor.facts import facts_of
from groundup.doctor.prescriptions import prescription
from groundup.layers import BatchNormalization
from groundup.train.run import assemble


def case(model, optimizer=None, data="wine", **train):
    values = {"data": {"name": data}, "model": model, "train": train}
    assembly = assemble(from_mapping(values | ({"optimizer": optimizer} if optimizer else {})))
    return Case(assembly.config, assembly.learner.network.chain, facts_of(assembly), ())


def diff(case, *what):
    made = prescription(case, "words", *what)
    if made.config is not None:
        assemble(made.config)  # it can be trained
    return {change.path: (change.before, change.after) for change in made.changes}


DENSE = {"kind": "Dense", "units": 8, "activation": "sigmoid"}
OUTPUT = {"kind": "Dense", "units": 3, "activation": "softmax"}
LAYERS = {"layers": [DENSE, OUTPUT]}


@pytest.mark.parametrize(
    ("model", "paths"),
    [
        ({"name": "multi-layer", "init": "zeros"}, {"model.init": ("zeros", "he")}),
        (
            {"name": "two-layer", "activation": "tanh"},
            {"model.init": (None, "xavier")},
        ),
        (
            {"layers": [DENSE | {"kernel_initializer": "zeros"}, OUTPUT]},
            {"model.layers[0].kernel_initializer": ("zeros", "xavier")},
        ),
        (
            {"layers": [DENSE | {"activation": "relu"}, {"kind": "Dropout", "rate": 0.1}, OUTPUT]},
            {"model.layers[0].kernel_initializer": (None, "he")},
        ),
    ],
)
def test_weights_are_suited_to_what_stands_above_them(model, paths):
    assert diff(case(model), model_edits.suited_weights) == paths


def test_sigmoids_become_relus_but_for_the_output():
    assert diff(case(LAYERS), model_edits.rectify) == {
        "model.layers[0].activation": ("sigmoid", "relu")
    }
    apart = {"layers": [{"kind": "Dense", "units": 8}, {"kind": "Tanh"}, OUTPUT]}
    assert diff(case(apart), model_edits.rectify) == {"model.layers[1].kind": ("Tanh", "ReLU")}


def test_a_model_that_lacks_the_option_is_written_out():
    changes = diff(case({"name": "two-layer"}), model_edits.normalize)
    kinds = [layer["kind"] for layer in changes["model.layers"][1]]
    assert kinds == ["Dense", "BatchNormalization", "Dense"]
    regression = diff(case({"name": "two-layer"}, data="diabetes"), model_edits.normalize)
    assert [layer["kind"] for layer in regression["model.layers"][1]] == kinds


def test_an_option_of_the_zoo_is_used_where_there_is_one():
    found = case({"name": "multi-layer", "depth": 2})
    assert diff(found, model_edits.normalize) == {"model.batch_norm": (None, True)}
    made = prescription(found, "words", model_edits.normalize)
    after = assemble(made.config).learner.network.chain
    assert sum(isinstance(one, BatchNormalization) for one in after.layers) == 2
    assert not any(isinstance(one, BatchNormalization) for one in layers_of(found))


def test_dropout_is_never_raised():
    less = model_edits.weaker_dropout(0.2)
    drop = {
        "layers": [
            DENSE,
            {"kind": "Dropout", "rate": 0.1},
            {"kind": "Dropout", "rate": 0.9},
            OUTPUT,
        ]
    }
    assert diff(case(drop), less) == {"model.layers[2].rate": (0.9, 0.2)}


def test_decay_is_weakened_wherever_it_stands():
    penalized = {"layers": [DENSE | {"kernel_regularizer": "l2:0.5"}, OUTPUT]}
    optimizer = {"name": "sgd", "learning_rate": 0.1, "weight_decay": 2.0}
    assert diff(case(penalized, optimizer), model_edits.weaker_decay) == {
        "model.layers[0].kernel_regularizer": ("l2:0.5", "l2:0.0001"),
        "optimizer.weight_decay": (2.0, 0.004),
    }
    zoo = {"name": "multi-layer", "l1": 0.5, "l2": 1e-6}
    assert diff(case(zoo), model_edits.weaker_decay) == {"model.l1": (0.5, 1e-5)}


def test_narrow_layers_are_widened_the_output_is_not():
    assert diff(case(LAYERS), model_edits.wider(64)) == {"model.layers[0].units": (8, 64)}
    several = {"name": "multi-layer", "units": [100, 2]}
    assert diff(case(several), model_edits.wider(64)) == {"model.units[1]": (2, 64)}


def test_a_schedule_keeps_its_form_or_goes():
    schedule = {"kind": "StepDecay", "initial_learning_rate": 0.5, "drop": 0.1, "every": 10}
    found = case(LAYERS, {"name": "sgd", "learning_rate": schedule})
    assert diff(found, edits.lower_rate) == {
        "optimizer.learning_rate.initial_learning_rate": (0.5, 0.05)
    }
    path, (before, after) = next(iter(diff(found, edits.constant_rate).items()))
    assert (path, before["kind"], after) == ("optimizer.learning_rate", "StepDecay", 0.5)


def test_a_rate_that_falls_at_a_plateau_follows_no_schedule():
    schedule = {"kind": "ConstantRate", "initial_learning_rate": 0.01}
    found = case(LAYERS, {"name": "adam", "learning_rate": schedule}, epochs=30)
    callback = {"kind": "ReduceLROnPlateau", "monitor": "loss", "patience": 3}
    assert diff(found, edits.reduce_rate_on_plateau) == {
        "optimizer.learning_rate": (schedule, 0.01),
        "train.callbacks": ([], [callback]),
    }


def test_what_lowers_the_rate_goes_with_the_schedule():
    callbacks = [{"kind": "ReduceLROnPlateau", "patience": 1}, {"kind": "TerminateOnNaN"}]
    found = case(LAYERS, callbacks=callbacks)
    assert diff(found, edits.constant_rate) == {
        "optimizer.learning_rate": (None, 0.001),
        "train.callbacks": (callbacks, callbacks[1:]),
    }


def test_steps_of_a_given_size_go_to_their_default():
    assert diff(case(LAYERS, {"name": "adam", "learning_rate": 0.5}), edits.lower_rate) == {
        "optimizer.learning_rate": (0.5, 0.001)
    }
    assert diff(case(LAYERS, {"name": "adam", "learning_rate": 0.002}), edits.lower_rate) == {
        "optimizer.learning_rate": (0.002, 0.0007)  # at most a third
    }
    assert diff(case(LAYERS, {"name": "rmsprop", "learning_rate": 1e-6}), edits.higher_rate) == {
        "optimizer.learning_rate": (1e-6, 0.001)
    }


def test_inputs_are_standardized_in_place_of_another_range():
    values = {"data": {"name": "wine", "preprocess": [{"kind": "MinMax"}]}, "model": LAYERS}
    assembly = assemble(from_mapping(values))
    found = Case(assembly.config, assembly.learner.network.chain, facts_of(assembly), ())
    assert diff(found, edits.standardize) == {
        "data.preprocess[0]": ({"kind": "MinMax"}, "standardize")
    }


def test_stopping_early_replaces_what_stops_already():
    found = case(LAYERS, epochs=100, callbacks=[{"kind": "EarlyStopping", "patience": 50}])
    after = prescription(found, "words", edits.stop_early).config.train.callbacks
    assert after == ({"kind": "EarlyStopping", "patience": 10, "restore_best_weights": True},)


def test_nothing_changed_is_words_alone():
    made = prescription(case({"name": "multi-layer", "init": "he"}), "words", lambda c, plain: None)
    assert (made.words, made.changes, made.config) == ("words", (), None)
