"""The record of epochs."""

from groundup.train import History


def test_one_number_an_epoch():
    history = History()
    history.append(0, {"loss": 2.0, "val_loss": 2.5})
    history.append(1, {"loss": 1.0, "val_loss": 1.5})
    assert history.epoch == [0, 1]
    assert history.history == {"loss": [2.0, 1.0], "val_loss": [2.5, 1.5]}


def test_epochs_keep_the_numbers_they_have():
    history = History()
    for epoch in (3, 4):  # as with initial_epoch=3
        history.append(epoch, {"loss": 1.0})
    assert history.epoch == [3, 4]


def test_a_value_that_comes_later_has_a_list_from_then_on():
    history = History()
    history.append(0, {"loss": 2.0})
    history.append(1, {"loss": 1.0, "accuracy": 0.5})
    assert history.history == {"loss": [2.0, 1.0], "accuracy": [0.5]}


def test_the_logs_given_are_copied():
    history, logs = History(), {"loss": 2.0}
    history.append(0, logs)
    logs["loss"] = 0.0
    assert history.history["loss"] == [2.0]


def test_two_histories_share_nothing():
    first, second = History(), History()
    first.append(0, {"loss": 2.0})
    assert second == History([], {})
    assert first == History([0], {"loss": [2.0]})
