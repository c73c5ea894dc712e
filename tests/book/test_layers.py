"""The book's layers: right in float64, the same in float32 as one program."""

import copy

import numpy as np
import pytest

from groundup.book.common import layers as L  # noqa: N812
from groundup.book.common.gradient import numerical_gradient
from groundup.book.line import Owed, Pending
from groundup.errors import InputError


class Net:
    """A network as a script writes it: its own arrays, its own list of layers."""

    def __init__(self, kind="dense"):
        r = np.random.default_rng(1)
        if kind == "dense":
            self.params = {
                "W1": 0.3 * r.normal(size=(12, 9)), "b1": np.zeros(9), "g": np.ones(9),
                "h": np.zeros(9), "W2": 0.3 * r.normal(size=(9, 4)), "b2": np.zeros(4),
            }  # fmt: skip
            p = self.params
            self.layers = [
                L.Affine(p["W1"], p["b1"]),
                L.BatchNormalization(p["g"], p["h"], 0.9, np.zeros(9), np.ones(9)), L.Sigmoid(),
                L.Dropout(0.3), L.Affine(p["W2"], p["b2"]),
            ]  # fmt: skip
            self.places = {"W1": (0, "W"), "b1": (0, "b"), "g": (1, "gamma"), "h": (1, "beta")}
            self.places |= {"W2": (4, "W"), "b2": (4, "b")}
        else:
            self.params = {
                "K": 0.3 * r.normal(size=(3, 2, 3, 3)), "k": np.zeros(3),
                "W": 0.3 * r.normal(size=(27, 4)), "b": np.zeros(4),
            }  # fmt: skip
            p = self.params
            self.layers = [
                L.Convolution(p["K"], p["k"], stride=1, pad=1), L.Relu(), L.Pooling(2, 2, stride=2),
                L.Affine(p["W"], p["b"]),
            ]  # fmt: skip
            self.places = {"K": (0, "W"), "k": (0, "b"), "W": (3, "W"), "b": (3, "b")}
        self.last = L.SoftmaxWithLoss()

    def predict(self, x, train=False):
        for layer in self.layers:
            flagged = isinstance(layer, L.Dropout | L.BatchNormalization)
            x = layer.forward(x, train) if flagged else layer.forward(x)
        return x

    def loss(self, x, t, train=False):
        return self.last.forward(self.predict(x, train), t)

    def back(self):
        dout = self.last.backward(1)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        self.dx = dout
        return {k: getattr(self.layers[i], f"d{what}") for k, (i, what) in self.places.items()}

    def gradient(self, x, t, train=False):
        self.loss(x, t, train)
        return self.back()


def data(rng, kind, n, dtype=np.float32):
    shape = (n, 12) if kind == "dense" else (n, 2, 6, 6)
    return rng.normal(size=shape).astype(dtype), rng.integers(0, 4, n)


@pytest.mark.parametrize("kind", ["dense", "images"])
def test_gradients_agree_with_the_numerical_ones(rng, kind):
    net, (x, t) = Net(kind), data(rng, kind, 4)  # so few that float32 data are computed in float64
    gradients = net.gradient(x, t)
    for name, array in net.params.items():
        numerical = numerical_gradient(lambda _: net.loss(x, t), array)
        np.testing.assert_allclose(gradients[name], numerical, rtol=0, atol=5e-9)
        assert gradients[name].dtype == np.float64


@pytest.mark.parametrize("kind", ["dense", "images"])
@pytest.mark.parametrize("train", [False, True])
def test_a_batch_in_float32_agrees_with_float64(rng, kind, train):
    net, (x, t) = Net(kind), data(rng, kind, 20)
    net.layers[3:4] = net.layers[3:4] if kind == "images" else []  # dropout draws anew each time
    if kind == "dense":
        net.places |= {"W2": (3, "W"), "b2": (3, "b")}
    exact, loss = net.gradient(x.astype(np.float64), t, train), net.last.loss
    dx = net.dx
    for _ in range(3):  # layer by layer, then compiled, then again
        found = net.gradient(x, t, train)
        assert net.last.loss == pytest.approx(loss, rel=1e-5)
        for name, gradient in exact.items():
            assert found[name].dtype == np.float32
            np.testing.assert_allclose(found[name], gradient, rtol=0, atol=2e-6)
        assert isinstance(net.dx, Owed)
        np.testing.assert_allclose(np.asarray(net.dx), dx, rtol=0, atol=2e-6)


def test_the_compiled_line_is_compiled(rng):
    net, (x, t) = Net(), data(rng, "dense", 20)
    for expected in (False, True, True):
        net.loss(x, t, train=True)
        assert (net.last._line._program is not None) == expected
        assert net.last._line._program is None or net.last._line._program.can_go_back(
            net.last._line
        )
        net.back()


def test_weights_are_shared_by_identity_and_updated_in_place(rng):
    net, (x, t) = Net("images"), data(rng, "images", 20)
    net.loss(x, t)
    first = float(net.last.loss)
    for _ in range(30):
        gradients = net.gradient(x, t)
        for name in net.params:
            net.params[name] -= 0.5 * gradients[name]
    assert net.layers[0].W is net.params["K"]
    assert net.params["K"].dtype == np.float64
    assert net.loss(x, t) < 0.7 * first


def test_what_was_predicted_stays_when_weights_or_inputs_change(rng):
    net, (x, _) = Net(), data(rng, "dense", 20)
    y = net.predict(x)
    expected = np.array(net.predict(x.astype(np.float64)))
    net.params["W1"] *= -1
    x += 5
    assert isinstance(y, Pending)
    np.testing.assert_allclose(y, expected, atol=1e-5)


def test_a_pending_array_behaves_like_one(rng):
    net, (x, _) = Net("images"), data(rng, "images", 20)
    y = net.predict(x)
    real = np.asarray(net.predict(x))
    assert y.shape == real.shape == (20, 4) and len(y) == 20 and y.dtype == np.float32
    assert (np.argmax(y, axis=1) == real.argmax(axis=1)).all()
    assert (y[3] == real[3]).all() and y.sum() == real.sum()
    assert (1 + 2 * y == 1 + 2 * real).all() and (np.exp(y) == np.exp(real)).all()
    assert (np.maximum(0, y) == np.maximum(0, real)).all()
    y[0] = 0
    y += 1
    assert (y[0] == 1).all()
    np.testing.assert_allclose(np.dot(net.predict(x), np.ones(4)), real.sum(axis=1), rtol=1e-4)
    assert repr(net.predict(x)) == repr(real)
    assert [row.tolist() for row in net.predict(x)] == real.tolist()


def test_a_loss_of_the_scripts_own(rng):
    net, (x, _) = Net("images"), data(rng, "images", 20)
    target = rng.normal(size=(20, 4))

    def gradient(x):
        dout = np.asarray(net.predict(x)) - target
        for layer in reversed(net.layers):
            dout = layer.backward(dout)
        return dout, [net.layers[0].dW, net.layers[3].dW]

    exact, fast = gradient(x.astype(np.float64)), gradient(x)
    np.testing.assert_allclose(fast[0], exact[0], atol=1e-5)
    for a, b in zip(fast[1], exact[1], strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


def test_a_layer_of_the_scripts_own_between_ours(rng):
    class Tanh:
        def forward(self, x):
            self.out = np.tanh(x)
            return self.out

        def backward(self, dout):
            return dout * (1 - self.out**2)

    net, (x, t) = Net(), data(rng, "dense", 20)
    net.layers[1:4] = [Tanh()]
    net.places = {"W1": (0, "W"), "W2": (2, "W")}
    exact = net.gradient(x.astype(np.float64), t)
    for _ in range(2):
        fast = net.gradient(x, t)
        for name in exact:
            np.testing.assert_allclose(fast[name], exact[name], atol=1e-6)


def test_two_networks_of_one_kind_may_take_turns(rng):
    a, b, (x, t) = Net("images"), Net("images"), data(rng, "images", 20)
    b.params["K"] *= -2
    expected = [{k: g.copy() for k, g in net.gradient(x, t).items()} for net in (a, b, a, b)][2:]
    a.loss(x, t)
    b.loss(x, t)
    for net, gradients in zip((a, b), expected, strict=True):
        for name, gradient in net.back().items():
            np.testing.assert_allclose(gradient, gradients[name], atol=1e-6)


def test_gradients_of_a_step_are_not_overwritten_by_the_next(rng):
    net, (x, t) = Net("images"), data(rng, "images", 20)
    net.gradient(x, t)
    first = net.gradient(x, t)
    kept = {name: g.copy() for name, g in first.items()}
    net.gradient(*data(rng, "images", 20))
    assert all((first[name] == kept[name]).all() for name in kept)


def test_dropout_drops_the_same_on_the_way_back():
    x = np.ones((20, 50), np.float32)
    for batch in (x, x.astype(np.float64)):
        layer = L.Dropout(0.4)
        y = np.asarray(layer.forward(batch, True))
        assert 0.5 < y.mean() < 0.7 and set(np.unique(y)) == {0, 1}
        assert (np.asarray(layer.backward(np.ones_like(x))) == y).all()
        assert (np.asarray(layer.forward(batch, True)) != y).any()
        np.testing.assert_allclose(layer.forward(batch, False), 0.6, rtol=1e-6)


def test_a_compiled_line_drops_as_layer_by_layer(rng):
    net, (x, t) = Net(), data(rng, "dense", 20)
    for _ in range(3):
        net.loss(x, t, train=True)
    line = net.last._line
    assert line._program is not None
    np.testing.assert_allclose(np.asarray(line), line._carry_out()[0], atol=1e-5)


@pytest.mark.parametrize("n", [4, 20])
def test_running_statistics_move_while_training_alone(rng, n):
    layer = L.BatchNormalization(np.ones(3), np.zeros(3), momentum=0.8)
    x = rng.normal(5, 2, size=(n, 3)).astype(np.float32)
    np.asarray(layer.forward(x, True))
    np.testing.assert_allclose(layer.running_mean, 0.2 * x.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(layer.running_var, 0.2 * x.var(axis=0), rtol=1e-5)
    mean, var = layer.running_mean.copy(), layer.running_var.copy()
    y = np.asarray(layer.forward(x, False))
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(var + 1e-6), rtol=1e-4)
    assert (layer.running_mean == mean).all()


def test_a_single_sample_is_normalized_to_nothing(rng):
    layer = L.BatchNormalization(np.ones(3), np.full(3, 0.5))
    np.testing.assert_allclose(layer.forward(rng.normal(size=(1, 3)), True), 0.5)
    np.testing.assert_allclose(layer.backward(np.ones((1, 3))), 0, atol=1e-9)


@pytest.mark.parametrize("n", [4, 20])
def test_images_are_normalized_by_pixel_or_by_channel(rng, n):
    x = rng.normal(3, 2, size=(n, 2, 3, 4)).astype(np.float32)
    by_pixel = L.BatchNormalization(np.ones(24), np.zeros(24))
    by_channel = L.BatchNormalization(np.ones(2), np.zeros(2))
    y = np.asarray(by_pixel.forward(x, True))
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    assert np.asarray(by_pixel.backward(x)).shape == x.shape and by_pixel.dgamma.shape == (24,)
    y = np.asarray(by_channel.forward(x, True))
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    assert np.abs(y.mean(axis=0)).max() > 0.01


def test_pooling_and_convolution():
    x = -np.arange(1.0, 17).reshape(1, 1, 4, 4)
    assert L.Pooling(2, 2, stride=2).forward(x).tolist() == [[[[-1, -3], [-9, -11]]]]
    padded = L.Pooling(2, 2, stride=2, pad=1).forward(x)
    assert padded.max() == -1  # padding never wins
    ones = L.Convolution(np.ones((1, 1, 2, 2)), 0, stride=3)  # what is left over is not seen
    assert ones.forward(x).tolist() == [[[[x[0, 0, :2, :2].sum()]]]]
    fine = L.Convolution(np.ones((2, 1, 3, 3)), np.array([0.0, 10.0]), pad=1)
    y = fine.forward(x)
    assert y.shape == (1, 2, 4, 4) and (y[:, 1] == y[:, 0] + 10).all()


def test_half_precision_is_computed_in_single(rng):
    net, (x, _) = Net("images"), data(rng, "images", 20)
    expected = np.asarray(net.predict(x.astype(np.float16).astype(np.float64)))
    np.testing.assert_allclose(net.predict(x.astype(np.float16)), expected, atol=1e-5)


def test_one_hot_and_column_targets(rng):
    net, (x, t) = Net("images"), data(rng, "images", 20)
    losses = [float(net.loss(x, target)) for target in (t, t[:, None], np.eye(4)[t])]
    assert losses == pytest.approx([losses[0]] * 3)
    by_hand = -np.log(np.asarray(net.last.y)[np.arange(20), t]).mean()
    assert losses[0] == pytest.approx(by_hand, rel=1e-5)


def test_shapes_that_do_not_fit_are_refused_however_often():
    layer = L.Affine(np.ones((5, 3)), np.zeros(3))
    for _ in range(3):
        with pytest.raises(ValueError):
            np.asarray(layer.forward(np.ones((20, 4), np.float32)))


def test_a_bias_that_broadcasts_is_computed_all_the_same():
    layer = L.Affine(np.ones((4, 3)), np.full(1, 2.0))
    for _ in range(3):
        assert (np.asarray(layer.forward(np.ones((20, 4), np.float32))) == 6).all()


def test_backward_before_forward_is_refused():
    with pytest.raises(InputError, match="call forward before it"):
        L.Relu().backward(np.ones(3))


def test_a_network_can_be_copied(rng):
    net, (x, t) = Net(), data(rng, "dense", 20)
    net.gradient(x, t)
    net.gradient(x, t)
    twin = copy.deepcopy(net)
    twin.params["W1"] += 1
    assert twin.layers[0].W is twin.params["W1"]
    assert twin.loss(x, t) != net.loss(x, t)
    assert twin.gradient(x, t)["W1"].shape == (12, 9)
