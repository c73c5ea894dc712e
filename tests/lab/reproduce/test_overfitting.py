"""Accuracies while a network learns."""

import numpy as np
import pytest

from groundup.lab.reproduce.data import handwriting
from groundup.lab.reproduce.experiment import Setting
from groundup.lab.reproduce.overfitting import accuracy_table, follow, last_values
from groundup.lab.reproduce.training import network
from groundup.layers import Dense, Dropout, Flatten


def model():
    return network([Flatten(), Dense(16, "relu"), Dropout(0.5), Dense(10, "softmax")], "adam", 0)


def test_looking_on_changes_nothing_and_sees_the_network_as_it_is_used():
    data = handwriting(Setting(), train=100, test=50)
    seen = follow(watched := model(), data, epochs=4, batch_size=20, every=2)
    alone = model()
    alone.fit(data.x_train, data.y_train, batch_size=20, epochs=4, verbose=0)
    assert np.array_equal(watched.learner.vector, alone.learner.vector)
    assert seen["epoch"].tolist() == [2, 4]
    for part, x, y in (
        ("training", data.x_train, data.y_train),
        ("test", data.x_test, data.y_test),
    ):
        right = (alone.predict(x).argmax(axis=1) == y).mean()
        assert seen[part][-1] == pytest.approx(right)


def test_last_values_are_means_of_the_last_tenth():
    epochs = np.arange(1, 21)
    training = np.where(epochs > 18, np.array([0.8, 1.0] * 10), 0.0)
    values = last_values({"a": {"epoch": epochs, "training": training, "test": training / 2}})
    assert values["training, a"] == pytest.approx(0.9)
    assert values["gap, a"] == pytest.approx(0.45)


def test_the_table_names_training_and_part():
    one = {"epoch": np.array([1]), "training": np.array([1.0]), "test": np.array([0.5])}
    table = accuracy_table({"a": one})
    assert list(table["which"]) == ["a, training", "a, test"]
    assert list(table["accuracy"]) == [1.0, 0.5]
