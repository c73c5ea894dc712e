"""An exam's numbers, by hand; and that looking changes nothing."""

import math

import numpy as np
import pytest

import groundup as gu
from groundup.nn.average import Average
from groundup.train.inputs import examples_for
from groundup.train.probes.exam import exam_of
from groundup.train.probes.examine import BINS, examine, histogram
from groundup.train.probes.silence import ENOUGH, Silence

X = gu.Stream(1).normal((40, 6)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


def model_of(layers, shape=(6,), loss="categorical_crossentropy", dtype="float32"):
    model = gu.Sequential(layers, seed=2, dtype=dtype)
    model.compile(gu.SGD(0.5), loss)
    model.build(shape)
    return model


def look(model, x=X, y=Y, **options):
    exam = examine(model.learner, examples_for(model.learner, x, y), **options)
    return exam, {layer.layer: layer for layer in exam.layers}


def fill(model, **arrays):
    for path, array in arrays.items():
        layer, name = path.rsplit("_", 1)
        model.params[layer][name][...] = array


def test_outputs_are_described_by_hand() -> None:
    model = model_of([gu.Dense(2, "relu")], (2,), "mse")
    fill(model, dense_1_W=[[1.0, -1.0], [0.0, 0.0]], dense_1_b=[0.0, -5.0])
    x = np.array([[3.0, 9.0], [1.0, 9.0]])  # z: 3, 1 of unit 1; -8, -6 of unit 2
    exam, layers = look(model, x, np.zeros((2, 2)))
    one = layers["dense_1"]
    assert (one.kind, one.activation, one.units, one.dead) == ("dense", "relu", 2, 0.5)
    assert (one.mean, one.std) == (1.0, pytest.approx(np.std([3, 1, 0, 0])))
    assert (one.low, one.high, sum(one.counts), one.counts[0]) == (0.0, 3.0, 4, 2)
    assert one.saturated is None
    assert (exam.samples, exam.loss) == (2, pytest.approx((9 + 1) / 4))


def test_gradients_by_hand_in_float64() -> None:
    model = model_of([gu.Dense(3, "tanh"), gu.Dense(1)], loss="mse", dtype="float64")
    exam, layers = look(model, X, Y.astype(float))
    (W, b), (V, c) = ([p["W"], p["b"]] for p in (model.params["dense_1"], model.params["dense_2"]))
    x = X.astype(float)
    h = np.tanh(x @ W + b)
    y = h @ V + c
    dy = 2 * (y - Y[:, None]) / y.size
    dh = dy @ V.T
    dz = dh * (1 - h**2)
    gradients = [x.T @ dz, dz.sum(0), h.T @ dy, dy.sum(0)]

    def rms(array):
        return pytest.approx(math.sqrt(np.mean(array**2)), rel=1e-12)

    assert (layers["dense_1"].gradient, layers["dense_2"].gradient) == (
        *(rms(gradients[0]), rms(gradients[2])),
    )
    assert (layers["dense_1"].signal, layers["dense_2"].signal) == (rms(dh), rms(dy))
    assert (layers["dense_1"].weight, layers["dense_2"].weight) == (rms(W), rms(V))
    assert exam.gradient == pytest.approx(math.sqrt(sum((g**2).sum() for g in gradients)))
    assert exam.loss == pytest.approx(np.mean((y - Y[:, None]) ** 2))


def test_a_final_softmax_is_taken_with_its_loss() -> None:
    """dL/dz = (p - t) / N, also where p rounds to 0; y is still the probabilities."""
    model = model_of([gu.Dense(3), gu.Softmax()])
    fill(model, dense_1_W=0.0, dense_1_b=[0.0, -300.0, -300.0])
    exam, layers = look(model, X[:4], np.array([1, 0, 2, 0]))
    assert exam.loss == pytest.approx(150.0)
    wrong = np.array([[1, -1, 0], [0, 0, 0], [1, 0, -1], [0, 0, 0]]) / 4
    rms = math.sqrt(np.mean(wrong**2))
    assert (layers["softmax_1"].signal, layers["dense_1"].signal) == (pytest.approx(rms),) * 2
    assert (layers["softmax_1"].low, layers["softmax_1"].high) == (0.0, 1.0)
    assert layers["dense_1"].low == -300.0


def test_saturation_is_nearness_to_an_end() -> None:
    for name, inside, outside in (("sigmoid", 2.9, 3.0), ("tanh", 1.8, 1.9)):
        model = model_of([gu.Dense(4, name), gu.Dense(3, "softmax")])
        fill(model, dense_1_W=0.0, dense_1_b=[inside, outside, -outside, 0.0])
        _, layers = look(model)
        assert layers["dense_1"].saturated == 0.5
        assert layers["dense_1"].dead is None
        assert layers["dense_2"].saturated is None


def test_spread_is_how_unlike_units_are() -> None:
    layers = [gu.Conv2D(3, 2, kernel_initializer="constant:0.3"), gu.Flatten()]
    model = model_of([*layers, gu.Dense(2, "softmax")], (1, 4, 4))
    W = np.array([[1.0, -1.0], [2.0, 4.0]])
    model.params["dense_1"]["W"][...] = np.resize(W, (27, 2))
    x = gu.Stream(3).normal((5, 1, 4, 4))
    _, found = look(model, x, np.zeros(5, int))
    assert found["conv2d_1"].spread == 0.0
    w = np.resize(W, (27, 2))
    expected = np.linalg.norm(w - w.mean(1, keepdims=True)) / np.linalg.norm(w)
    assert found["dense_1"].spread == pytest.approx(expected)
    assert (found["conv2d_1"].units, found["flatten_1"].weight) == (3, None)
    model.params["conv2d_1"]["W"][...] = 0
    assert look(model, x, np.zeros(5, int))[1]["conv2d_1"].spread == 0.0


def test_the_update_and_the_shift_it_makes() -> None:
    model = model_of([gu.Dense(5), gu.Sigmoid(), gu.Dense(3, "softmax")])
    before = model.learner.vector.copy()
    W, V = model.params["dense_1"]["W"].copy(), model.params["dense_2"]["W"].copy()
    b = model.params["dense_1"]["b"].copy()
    model.params["dense_1"]["W"] += 0.01
    _, layers = look(model, before=before)
    ratio = np.linalg.norm(np.full(W.shape, 0.01)) / np.linalg.norm(W)
    assert layers["dense_1"].update == pytest.approx(ratio, rel=1e-5)
    assert layers["dense_2"].update == 0.0
    assert layers["dense_1"].weight == pytest.approx(math.sqrt(np.mean(W**2)))  # the one before
    assert layers["dense_2"].weight == pytest.approx(math.sqrt(np.mean(V**2)))
    old, new = (X.astype(float) @ w + b for w in (W.astype(float), W.astype(float) + 0.01))
    moved = np.abs(new.mean(0) - old.mean(0)) / old.std(0)
    spread = np.abs(np.log(new.var(0) / old.var(0)))
    assert layers["sigmoid_1"].shift_mean == pytest.approx(moved.mean(), rel=1e-3)
    assert layers["sigmoid_1"].shift_variance == pytest.approx(spread.mean(), rel=1e-2)
    assert layers["dense_1"].shift_mean == 0.0
    untrained = look(model)[1]["dense_1"]
    assert (untrained.update, untrained.shift_mean) == (None, None)


def test_weights_that_were_zero_have_moved_infinitely_far() -> None:
    model = model_of([gu.Dense(3, "softmax", kernel_initializer="zeros")])
    before = model.learner.vector.copy()
    assert look(model, before=before)[1]["dense_1"].update == 0.0
    model.params["dense_1"]["W"] += 1
    assert look(model, before=before)[1]["dense_1"].update == math.inf


def test_names_are_those_of_a_probe() -> None:
    inner = gu.Chain([gu.Dense(4), gu.ReLU()], name="inner")
    model = model_of([inner, gu.Activation("tanh"), gu.Dense(3), gu.PReLU(), gu.Softmax()])
    exam, _ = look(model)
    assert [(one.layer, one.activation) for one in exam.layers] == [
        *[("inner/dense_1", ""), ("inner/relu_1", "relu"), ("activation_1", "tanh")],
        *[("dense_1", ""), ("prelu_1", "prelu"), ("softmax_1", "softmax")],
    ]
    assert exam.layers[0].gradient is not None
    assert exam.layers[1].dead is not None


def test_networks_side_by_side() -> None:
    pair = Average([gu.Chain([gu.Dense(3, "relu")]), gu.Chain([gu.Dense(3, "tanh")])])
    exam, layers = look(model_of([pair, gu.Softmax()]))
    names = ["average_1/chain_1/dense_1", "average_1/chain_2/dense_1", "softmax_1"]
    assert list(layers) == names
    assert all(layers[name].gradient > 0 for name in names[:2])
    assert math.isfinite(exam.loss)


def test_what_an_update_does_to_networks_side_by_side() -> None:
    model = model_of(
        [gu.Dense(4), Average([gu.Identity(), gu.Dense(4, "relu")]), gu.Dense(3, "softmax")]
    )
    before = model.learner.vector.copy()
    model.learner.vector += 0.5
    _, layers = look(model, before=before)
    assert layers["dense_2"].shift_mean > 0


def test_norms_are_no_work_of_blas_if_it_is_strict(monkeypatch) -> None:
    model = model_of([gu.Dense(3)], loss="mse")
    exam, _ = look(model, y=np.zeros((len(X), 3)))
    monkeypatch.setattr("groundup.train.probes.examine.strict", lambda: True)
    monkeypatch.setattr(np, "dot", None)
    strictly, _ = look(model, y=np.zeros((len(X), 3)))
    assert strictly.gradient == pytest.approx(exam.gradient, rel=1e-6)


def test_what_overflows_is_told_and_not_raised() -> None:
    model = model_of([gu.Dense(3, "relu"), gu.Dense(3, "softmax")])
    fill(model, dense_1_W=1e30, dense_2_W=1e30)
    exam, layers = look(model)
    assert not math.isfinite(exam.loss)
    assert not math.isfinite(layers["dense_1"].gradient)
    assert layers["dense_1"].weight == pytest.approx(1e30, rel=1e-3)
    assert exam_of(exam.plain() | {"kind": "probe"}).layers[0] == exam.layers[0]


def test_a_histogram_holds_every_finite_value() -> None:
    values = gu.Stream(0).normal((1000,))
    made = histogram(np.append(values, [np.inf, np.nan]))
    counts, edges = np.histogram(values, BINS)
    assert (made["low"], made["high"]) == (edges[0], edges[-1])
    assert np.abs(np.array(made["counts"]) - counts).max() <= 1
    assert sum(made["counts"]) == 1000
    assert histogram(np.array([np.nan]))["counts"] == (0,) * BINS
    assert histogram(np.array([2.0, 2.0]))["counts"][0] == 2


def test_nothing_is_changed() -> None:
    layers = [gu.Dense(8), gu.BatchNormalization(), gu.ReLU(), gu.Dropout(0.5)]
    model = model_of([*layers, gu.Dense(3, "softmax")])
    model.fit(X, Y, 10, verbose=0)
    learner = model.learner
    arrays = (learner.vector, learner.running, learner.gradient)
    kept = [array.tobytes() for array in arrays]
    first, second = (look(model, before=learner.vector * 0.9)[0] for _ in range(2))
    assert first == second
    assert [array.tobytes() for array in arrays] == kept


def test_a_unit_is_dead_when_it_was_silent_long_enough() -> None:
    silence, on, off = Silence(10 * ENOUGH), np.ones((100, 1)), np.zeros((100, 1))
    assert silence.hear("relu_1", np.hstack([on, on])) == 0.0
    shares = [silence.hear("relu_1", np.hstack([on, off])) for _ in range(ENOUGH // 100)]
    assert shares == [*[0.0] * (ENOUGH // 100 - 1), 0.5]
    again = Silence(10 * ENOUGH)
    again.restore(silence.state())
    assert again.hear("relu_1", np.hstack([off, off])) == 0.5
    assert silence.hear("relu_1", np.hstack([off, on])) == 0.0


def test_a_channel_is_alive_where_any_pixel_is() -> None:
    images = np.zeros((4, 3, 2, 2))
    images[3, 1, 0, 1] = 1.0
    assert Silence(4).hear("relu_1", images) == pytest.approx(2 / 3)
