"""What experiments have in common."""

import numpy as np
import pytest

from groundup.lab.reproduce.curves import curve_table, mean_curves
from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Result, Setting
from groundup.lab.reproduce.outputs import layer_outputs
from groundup.lab.reproduce.training import epoch_accuracies, network, smooth, train
from groundup.layers import Dense, Flatten
from groundup.nn.optimizers import SGD

LAYERS = [Flatten(), Dense(10, "softmax")]


@pytest.fixture(scope="module")
def data():
    return handwriting(Setting(), train=250, test=10)


def test_exactly_so_many_updates_are_made(data):
    model = network(LAYERS, SGD(0.1), seed=0)
    losses = train(model, data, updates=7, batch_size=100)
    assert losses.shape == (7,)
    assert model.learner.slots["step"] == 7
    assert losses[-1] < losses[0]


def test_a_training_that_diverges_leaves_nan(data):
    steep = [Flatten(), Dense(50), Dense(50), Dense(10)]
    model = network(steep, SGD(1e6), seed=0)
    model.compile(SGD(1e6), "mse")
    whole = np.eye(10)[data.y_train]
    losses = train(model, _with_targets(data, whole), updates=20, batch_size=50)
    assert np.isfinite(losses[0])
    assert np.isnan(losses[-1])


def test_accuracies_by_epoch_are_those_of_the_history(data):
    model = network(LAYERS, SGD(0.1), seed=0)
    seen = epoch_accuracies(model, data, epochs=4, batch_size=50)
    assert seen.tolist() == model.history.history["accuracy"]


def test_the_latest_values_are_averaged():
    assert smooth(np.array([4.0, 2.0, 0.0, 1.0]), 2).tolist() == [4.0, 3.0, 1.0, 0.5]


def test_outputs_of_a_layer_are_the_inputs_of_the_next():
    x = np.array([[1.0, -2.0]])
    layers = [Dense(3, "relu"), Dense(2, kernel_initializer="ones")]
    first, second = layer_outputs(layers, x, seed=1).values()
    assert second == pytest.approx(np.repeat(first.sum(axis=1, keepdims=True), 2, axis=1))
    assert (first >= 0).all()


def test_the_mean_of_the_seeds_lies_within_its_band():
    tables = [
        curve_table({"a": np.array(y), "b": np.zeros(2)}, np.arange(2), ("by", "x", "y"))
        for y in ([1.0, 3.0], [3.0, 7.0])
    ]
    results = [Result({"curves": table}) for table in tables]
    line, zero = mean_curves(results, "curves", str.upper)
    assert (line.name, line.x.tolist(), line.y.tolist()) == ("A", [0, 1], [2.0, 5.0])
    assert (line.lower.tolist(), line.upper.tolist()) == ([1.0, 3.0], [3.0, 7.0])
    assert zero.y.tolist() == [0.0, 0.0]
    (alone,) = mean_curves(results[:1], "curves", str, ["b"])
    assert alone.lower is None


def _with_targets(data, targets):
    from types import SimpleNamespace

    return SimpleNamespace(x_train=data.x_train, y_train=targets)
