"""Networks and histories as a notebook shows them."""

import numpy as np

import groundup as gu


def test_a_network_shows_its_layers():
    model = gu.Sequential([gu.Flatten(), gu.Dense(3, name="<first>")])
    model.build((2, 2))
    shown = model._repr_html_()
    assert "Takes 2×2, learns 15 parameters." in shown
    assert shown.count("<tr>") == 3
    assert ">15</td>" in shown
    assert "<first>" not in shown
    assert "&lt;first&gt;" in shown
    assert repr(model) == "<Sequential sequential: 15 parameters>"


def test_a_network_without_weights_says_how_to_get_them():
    model = gu.Sequential([gu.Dense(3)])
    assert "build(input_shape)" in model._repr_html_()
    assert repr(model) == "<Sequential without weights>"


def test_a_history_shows_its_curves_and_the_best_epoch():
    history = gu.History()
    for epoch, loss in enumerate([0.9, 0.5, 0.7]):
        history.append(epoch, {"loss": loss, "accuracy": 1 - loss, "val_loss": loss + 0.1})
    shown = history._repr_html_()
    assert shown.count('role="img"') == 2
    assert "The lowest validation loss is 0.6 in epoch 2." in shown
    assert ">validation<" in shown


def test_a_history_without_validation_or_epochs():
    history = gu.History()
    assert "No epoch was finished" in history._repr_html_()
    history.append(0, {"loss": 0.5})
    history.history["now and then"] = []  # a value that not every epoch has
    shown = history._repr_html_()
    assert ">1 epoch<" in shown
    assert shown.count('role="img"') == 1
    assert "validation" not in shown


def test_what_fit_answers_is_shown():
    model = gu.Sequential([gu.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(np.zeros((4, 2)), np.zeros((4, 1)), epochs=2, verbose=0)
    assert ">2 epochs<" in history._repr_html_()
