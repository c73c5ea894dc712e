"""Internal covariate shift: measured rightly, and without touching the training."""

import numpy as np
import pytest

import groundup as gu
from groundup.errors import InputError, ShapeError
from groundup.train.internal_shift import input_moments

X = gu.Stream(1).normal((120, 6)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def network(norm=(), dropout=0.0):
    layers = [gu.Dense(12), *norm, gu.Sigmoid(), gu.Dropout(dropout), gu.Dense(3, "softmax")]
    model = gu.Sequential(layers, seed=2)
    model.compile(gu.SGD(0.5), "categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("norm", [(), (gu.BatchNormalization(),)])
@pytest.mark.parametrize("every", [1, 4])
def test_the_training_keeps_its_bits(norm, every) -> None:
    plain, watched = network(norm, 0.3), network(norm, 0.3)
    watch = gu.InternalShift(watched, X[:50], every)
    a = plain.fit(X, Y, epochs=3, verbose=0)
    b = watched.fit(X, Y, epochs=3, verbose=0, callbacks=[watch])
    assert a == b
    assert plain.learner.vector.tobytes() == watched.learner.vector.tobytes()
    assert plain.learner.running.tobytes() == watched.learner.running.tobytes()


def test_it_is_what_an_update_does_to_the_inputs() -> None:
    model = network()
    watch = gu.InternalShift(model, X, every=100)
    model.build((6,))
    before = {name: array.copy() for name, array in model.params["dense_1"].items()}
    model.fit(X, Y, batch_size=60, epochs=1, callbacks=[watch], verbose=0)  # two updates
    again = network()
    again.build((6,))
    again.fit(X, Y, batch_size=60, epochs=1, callbacks=[StopAtOnce()], verbose=0)  # one
    after = again.params["dense_1"]
    old, new = (X.astype(np.float64) @ p["W"] + p["b"] for p in (before, after))
    found = {one.layer: one for one in watch.shifts}
    assert {one.update for one in watch.shifts} == {1}
    moved = np.abs(new.mean(0) - old.mean(0)) / old.std(0)
    assert found["sigmoid_1"].mean == pytest.approx(moved.mean(), rel=1e-3)
    spread = np.abs(np.log(new.var(0) / old.var(0)))
    assert found["sigmoid_1"].variance == pytest.approx(spread.mean(), rel=1e-2)
    assert (found["dense_1"].mean, found["dense_1"].variance) == (0.0, 0.0)


class StopAtOnce(gu.Callback):
    def on_batch_end(self, context):
        return gu.Stop("enough")


@pytest.mark.parametrize(
    ("every", "updates"), [(1, [1, 2, 3, 4, 5, 6]), (2, [1, 3, 5]), (5, [1, 6])]
)
def test_which_updates_are_measured(every, updates) -> None:
    model = network()
    watch = gu.InternalShift(model, X[:30], every)
    model.fit(X, Y, batch_size=40, epochs=2, callbacks=[watch], verbose=0)
    assert sorted({one.update for one in watch.shifts}) == updates


def test_every_measure_is_of_a_single_update() -> None:
    """Measured at every update or at every second, an update is found to do the same."""
    both = []
    for every in (1, 2):
        model = network()
        watch = gu.InternalShift(model, X[:30], every)
        model.fit(X, Y, batch_size=40, epochs=2, callbacks=[watch], verbose=0)
        both.append({(one.update, one.layer): one for one in watch.shifts})
    assert all(both[0][key] == one for key, one in both[1].items())


def test_batch_normalization_lessens_it_in_a_deep_network() -> None:
    """The mean of what a sigmoid sees is then β exactly, and β moves slowly."""
    moves = []
    for norm in ((), (gu.BatchNormalization(),)):
        hidden = [layer for _ in range(4) for layer in (gu.Dense(20), *norm, gu.Sigmoid())]
        model = gu.Sequential([*hidden, gu.Dense(3, "softmax")])
        model.compile(gu.SGD(0.5), "categorical_crossentropy")
        watch = gu.InternalShift(model, X, 1)
        model.fit(X, Y, batch_size=20, epochs=2, callbacks=[watch], verbose=0)
        moves.append(np.mean([one.mean for one in watch.shifts if one.layer == "sigmoid_4"]))
    assert moves[1] < 0.01 * moves[0]


def test_channels_are_the_units_of_images() -> None:
    model = gu.Sequential([gu.Conv2D(4, 3), gu.ReLU(), gu.Flatten(), gu.Dense(2, "softmax")])
    model.build((2, 5, 5))
    x = gu.Stream(0).normal((7, 2, 5, 5)).astype(np.float32)
    moments = input_moments(model.learner, x)
    np.testing.assert_allclose(moments["conv2d_1"].mean, x.mean((0, 2, 3)), rtol=1e-4, atol=1e-6)
    assert moments["re_lu_1" if "re_lu_1" in moments else "relu_1"].variance.shape == (4,)


def test_dead_units_are_left_out() -> None:
    model = gu.Sequential([gu.Dense(3, "relu", kernel_initializer="zeros"), gu.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    watch = gu.InternalShift(model, X[:20], 1)
    model.fit(X, Y, epochs=1, callbacks=[watch], verbose=0)
    assert np.isnan([one.mean for one in watch.shifts if one.layer == "dense_2"]).all()


def test_what_cannot_be() -> None:
    with pytest.raises(InputError, match="InternalShift\\(every=0\\)"):
        gu.InternalShift(network(), X, 0)
    with pytest.raises(ShapeError, match="x has shape"):
        model = network()
        model.fit(X, Y, callbacks=[gu.InternalShift(model, X[:, :2])], verbose=0)
