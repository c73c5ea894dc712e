"""The book's networks and its trainer."""

import numpy as np
import pytest

from groundup.book.common.layers import Affine, BatchNormalization, Dropout, Relu, Sigmoid
from groundup.book.common.multi_layer_net import MultiLayerNet
from groundup.book.common.multi_layer_net_extend import MultiLayerNetExtend
from groundup.book.common.trainer import Trainer
from groundup.book.siblings.deep_convnet import DeepConvNet
from groundup.book.siblings.simple_convnet import SimpleConvNet
from groundup.book.siblings.two_layer_net import TwoLayerNet
from groundup.errors import InputError

SMALL_FILTERS = {"filter_num": 2, "filter_size": 3, "pad": 0, "stride": 1}
NETWORKS = {
    "two-layer": lambda: TwoLayerNet(6, 5, 4, weight_init_std=0.5),
    "decay": lambda: MultiLayerNet(6, [5, 5], 4, weight_decay_lambda=0.3),
    "sigmoid": lambda: MultiLayerNet(6, [5], 4, activation="sigmoid", weight_init_std="xavier"),
    "batchnorm": lambda: MultiLayerNetExtend(6, [5], 4, use_batchnorm=True),
    "convnet": lambda: SimpleConvNet((1, 6, 6), SMALL_FILTERS, 5, 4, weight_init_std=0.5),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_gradient_check(rng, name):
    """To 1e-9: both in float64, and the loss is the very one whose gradient is taken."""
    network = NETWORKS[name]()
    x = rng.normal(size=(3, 1, 6, 6) if name == "convnet" else (3, 6)).astype(np.float32)
    t = np.array([0, 3, 1])
    exact, numerical = network.gradient(x, t), network.numerical_gradient(x, t)
    assert list(exact) == list(numerical) == list(network.params)
    for key in exact:
        assert np.abs(exact[key] - numerical[key]).mean() < 1e-8, key


def test_names_and_order_are_the_books():
    network = MultiLayerNetExtend(
        784, [100, 50], 10, use_dropout=True, dropout_ration=0.2, use_batchnorm=True
    )
    assert list(network.layers) == [
        "Affine1", "BatchNorm1", "Activation_function1", "Dropout1",
        "Affine2", "BatchNorm2", "Activation_function2", "Dropout2", "Affine3",
    ]  # fmt: skip
    kinds = [type(layer) for layer in network.layers.values()]
    assert kinds == [Affine, BatchNormalization, Relu, Dropout] * 2 + [Affine]
    assert {key: array.shape for key, array in network.params.items()} == {
        "W1": (784, 100), "b1": (100,), "gamma1": (100,), "beta1": (100,),
        "W2": (100, 50), "b2": (50,), "gamma2": (50,), "beta2": (50,),
        "W3": (50, 10), "b3": (10,),
    }  # fmt: skip
    assert network.layers["Dropout1"].dropout_ratio == 0.2
    assert network.params["gamma2"] is network.layers["BatchNorm2"].gamma
    simple = SimpleConvNet()
    assert list(simple.layers) == ["Conv1", "Relu1", "Pool1", "Affine1", "Relu2", "Affine2"]
    assert simple.params["W2"].shape == (4320, 100)
    two = TwoLayerNet(784, 50, 10)
    assert two.lastLayer is two.last_layer and list(two.layers) == ["Affine1", "Relu1", "Affine2"]


@pytest.mark.parametrize(
    ("said", "std"),
    [("he", 0.1), ("relu", 0.1), ("xavier", 0.0707), ("Sigmoid", 0.0707), (0.3, 0.3)],
)
def test_initial_weights(said, std):
    network = MultiLayerNet(200, [300], 10, weight_init_std=said)
    assert network.params["W1"].std() == pytest.approx(std, rel=0.02)
    assert not network.params["b1"].any()
    assert (network.params["W1"] != MultiLayerNet(200, [300], 10).params["W1"]).any()


def test_activations_by_name():
    network = MultiLayerNet(6, [5], 4, activation="sigmoid")
    assert isinstance(network.layers["Activation_function1"], Sigmoid)
    with pytest.raises(InputError, match=r"no such activation. Did you mean 'relu'\?"):
        MultiLayerNet(6, [5], 4, activation="rellu")


def test_weight_decay_is_in_the_loss_and_in_the_gradient(rng):
    x, t = rng.normal(size=(20, 6)).astype(np.float32), rng.integers(0, 4, 20)
    network = MultiLayerNet(6, [5], 4, weight_decay_lambda=0.3)
    squares = sum((network.params[key] ** 2).sum() for key in ("W1", "W2"))
    decayed, gradient = network.loss(x, t), network.gradient(x, t)
    network.weight_decay_lambda = 0
    assert decayed - network.loss(x, t) == pytest.approx(0.15 * squares, rel=1e-6)
    plain = network.gradient(x, t)
    np.testing.assert_allclose(gradient["W1"] - plain["W1"], 0.3 * network.params["W1"], atol=1e-6)
    np.testing.assert_allclose(gradient["b1"], plain["b1"], atol=1e-7)
    assert gradient["W1"].dtype == np.float32


def test_deep_convnet_has_the_books_shapes(rng):
    network = DeepConvNet()
    assert network.params["W7"].shape == (64 * 4 * 4, 50)
    assert [type(layer).__name__ for layer in network.layers[:6]] == [
        "Convolution", "Relu", "Convolution", "Relu", "Pooling", "Convolution",
    ]  # fmt: skip
    assert [network.layers[i].W is network.params[f"W{n}"] for n, i in
            enumerate((0, 2, 5, 7, 10, 12, 15, 18), 1)] == [True] * 8  # fmt: skip
    assert network.params["W4"].std() == pytest.approx((2 / (32 * 9)) ** 0.5, rel=0.03)
    x, t = rng.random((12, 1, 28, 28), np.float32), rng.integers(0, 10, 12)
    for _ in range(2):
        gradient = network.gradient(x, t)
    assert {key: g.shape for key, g in gradient.items()} == {
        key: array.shape for key, array in network.params.items()
    }
    assert network.accuracy(x, t) in [k / 12 for k in range(13)]


def test_parameters_are_saved_and_loaded(rng, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = NETWORKS["convnet"](), NETWORKS["convnet"]()
    x = rng.normal(size=(12, 1, 6, 6))
    first.save_params("p.pkl")
    assert np.abs(first.predict(x) - second.predict(x)).max() > 0.01
    second.load_params("p.pkl")
    assert (np.asarray(first.predict(x)) == np.asarray(second.predict(x))).all()
    assert second.layers["Conv1"].W is second.params["W1"]


def test_the_last_few_samples_count(rng):
    network = NETWORKS["two-layer"]()
    x, t = rng.normal(size=(25, 6)), rng.integers(0, 4, 25)
    right = (network.predict(x).argmax(axis=1) == t).mean()
    assert network.accuracy(x, t, batch_size=10) == pytest.approx(right)
    assert network.accuracy(x, np.eye(4)[t]) == pytest.approx(right)


@pytest.mark.parametrize(("batch", "looks"), [(100, 4), (150, 4), (2000, 4)])
def test_the_trainer_trains(small_mnist, capsys, batch, looks):
    from groundup.book.dataset.mnist import load_mnist

    (x, t), (x_test, t_test) = load_mnist()
    network = MultiLayerNet(784, [30], 10)
    trainer = Trainer(
        network, x, t, x_test, t_test, epochs=4, mini_batch_size=batch, optimizer="Adam",
        optimizer_param={"lr": 0.01}, evaluate_sample_num_per_epoch=100,
    )  # fmt: skip
    trainer.train()
    assert len(trainer.train_loss_list) == trainer.max_iter == int(4 * max(1000 / batch, 1))
    assert len(trainer.train_acc_list) == len(trainer.test_acc_list) == looks
    out = capsys.readouterr().out
    assert out.count("train loss:") == trainer.max_iter and out.count("=== epoch:") == looks
    if batch < 2000:
        assert trainer.test_acc_list[0] < trainer.test_acc_list[-1]
        assert float(out.rsplit("test acc:", 1)[1]) > 0.95


def test_a_silent_trainer(rng, capsys):
    network = NETWORKS["two-layer"]()
    x, t = rng.normal(size=(25, 6)), rng.integers(0, 4, 25)
    Trainer(network, x, t, x, t, epochs=1, mini_batch_size=5, verbose=False).train()
    assert capsys.readouterr().out == ""
    with pytest.raises(InputError, match=r"no such optimizer. Did you mean 'adam'\?"):
        Trainer(network, x, t, x, t, optimizer="adma")
