"""The zoo: parameter counts by hand, shapes of all kinds, options, and what is refused."""

import numpy as np
import pytest

from groundup.errors import InputError, ShapeError, UnknownName
from groundup.layers import Mode
from groundup.layers.initializers import initializers
from groundup.layers.regularizers import L1, L1L2, L2
from groundup.nn.zoo import DeepConvNet, KerasDNN, MultiLayer, SimpleConvNet, TwoLayer, zoo
from groundup.registry import build, describe
from groundup.rng import Stream

MNIST, DIGITS, COLOR = (1, 28, 28), (1, 8, 8), (3, 32, 32)
NAMES = ["two-layer", "multi-layer", "keras-dnn", "simple-convnet", "deep-convnet"]


def chain(model, in_shape, classes=10, values=1):
    """[(layer, its Init)] by handing shapes on."""
    made = []
    for layer in model.layers(in_shape, classes, values):
        made.append((layer, layer.init(Stream(0).named(str(len(made))), in_shape)))
        in_shape = made[-1][1].out_shape
    return made


def parameters(made):
    return sum(value.size for _, init in made for value in init.params.values())


def kinds(made):
    return [layer.kind for layer, _ in made]


def dense(n, m):
    return n * m + m


def conv(channels, filters, size=3):
    return filters * channels * size * size + filters


def deep(channels, flat):
    layers = [(channels, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64)]
    return sum(conv(*pair) for pair in layers) + dense(flat, 50) + dense(50, 10)


@pytest.mark.parametrize(
    ("name", "in_shape", "count"),
    [
        ("two-layer", MNIST, 39_760),
        ("two-layer", DIGITS, dense(64, 50) + dense(50, 10)),
        ("multi-layer", MNIST, 119_910),
        ("multi-layer", COLOR, dense(3072, 100) + 4 * dense(100, 100) + dense(100, 10)),
        ("keras-dnn", MNIST, dense(784, 64) + 2 * dense(64, 64) + 3 * 128 + dense(64, 10)),
        ("simple-convnet", MNIST, 433_890),
        ("simple-convnet", DIGITS, conv(1, 30, 5) + dense(30 * 2 * 2, 100) + dense(100, 10)),
        ("simple-convnet", COLOR, conv(3, 30, 5) + dense(30 * 14 * 14, 100) + dense(100, 10)),
        ("deep-convnet", MNIST, 123_552),
        ("deep-convnet", MNIST, deep(1, 64 * 4 * 4)),
        ("deep-convnet", DIGITS, deep(1, 64 * 1 * 1)),
        ("deep-convnet", COLOR, deep(3, 64 * 4 * 4)),
        ("deep-convnet", (1, 4, 5), deep(1, 64)),
    ],
)
def test_parameter_counts(name, in_shape, count):
    made = chain(zoo.resolve(name), in_shape)
    assert parameters(made) == count
    assert made[-1][1].out_shape == (10,)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("in_shape", [MNIST, DIGITS, COLOR])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_forward_gives_probabilities_or_a_number(name, in_shape, classes):
    x = np.random.default_rng(0).normal(size=(2, *in_shape))
    for layer, init in chain(zoo.resolve(name), in_shape, classes):
        x, _, _ = layer.forward(init.params, init.state, x, Mode())
    assert x.shape == (2, classes or 1)
    assert np.allclose(x.sum(axis=1), 1) == (classes > 0)


@pytest.mark.parametrize("name", ["two-layer", "multi-layer", "keras-dnn"])
def test_features_need_no_flatten(name):
    assert kinds(chain(zoo.resolve(name), (30,)))[0] == "dense"
    assert kinds(chain(zoo.resolve(name), (6, 5)))[0] == "flatten"


@pytest.mark.parametrize("name", ["simple-convnet", "deep-convnet"])
def test_convolutions_refuse_features_and_small_images(name):
    for shape in ((784,), (28, 28)):
        with pytest.raises(ShapeError, match="multi-layer"):
            zoo.resolve(name).layers(shape, 10)
    with pytest.raises(ShapeError, match=f"{name}: expected images of at least .* got 3x28"):
        zoo.resolve(name).layers((1, 3, 28), 10)


@pytest.mark.parametrize("options", [{}, {"filter_size": 3}, {"stride": 2}, {"padding": 2}])
@pytest.mark.parametrize("more", [{}, {"padding": "same"}, {"stride": 3, "padding": 1}])
def test_the_smallest_image_is_the_smallest_that_works(options, more):
    model = SimpleConvNet(**{**options, **more})
    least = next(side for side in range(1, 99) if takes(model, side))
    for side in range(least, least + 9):
        assert chain(model, (1, side, side))[-1][1].out_shape == (10,)
    for side in range(1, least):
        with pytest.raises(ShapeError):
            build_unchecked(model, side)


def takes(model, side):
    try:
        model.layers((1, side, side), 10)
    except ShapeError:
        return False
    return True


def build_unchecked(model, side):
    """Hand the shape on through layers made for a larger image."""
    shape = (1, side, side)
    for layer in model.layers((1, 99, 99), 10):
        shape = layer.init(Stream(0), shape).out_shape


def test_multi_layer_options():
    options = {"units": 20, "depth": 3, "activation": "tanh", "init": "xavier", "dropout": 0.2}
    made = chain(MultiLayer(**options, batch_norm=True, l2=0.1), (30,))
    hidden = ["dense", "batch_normalization", "activation", "dropout"]
    assert kinds(made) == hidden * 3 + ["dense"]
    dense_layers = [layer for layer, _ in made if layer.kind == "dense"]
    assert all(layer.kernel_regularizer == L2(0.1) for layer in dense_layers)
    assert all(layer.kernel_initializer == initializers.resolve("xavier") for layer in dense_layers)
    assert made[2][0].activation.kind == "tanh"
    assert made[3][0].rate == 0.2
    plain = chain(MultiLayer(units=[30, 20], activation="sigmoid"), (7,))
    assert parameters(plain) == dense(7, 30) + dense(30, 20) + dense(20, 10)
    assert plain[0][0].activation.kind == "sigmoid"
    assert kinds(chain(MultiLayer(depth=1, activation="prelu"), (7,))) == [
        "dense",
        "prelu",
        "dense",
    ]
    assert MultiLayer(l1=0.1).layers((7,), 2)[0].kernel_regularizer == L1(0.1)
    assert MultiLayer(l1=0.1, l2=0.2).layers((7,), 2)[-1].kernel_regularizer == L1L2(0.1, 0.2)
    assert MultiLayer().layers((7,), 2)[0].kernel_regularizer is None


def test_the_other_models_are_the_book_s():
    two = chain(TwoLayer(), (784,))
    assert two[0][0].activation.kind == "relu"
    assert two[0][1].params["W"].std() == pytest.approx(0.01, rel=0.02)
    block = ["dense", "batch_normalization"]
    assert kinds(chain(KerasDNN(), (784,))) == block * 3 + ["dropout", "dense"]
    convnet = chain(SimpleConvNet(init="std:0.01"), MNIST)
    assert kinds(convnet) == ["conv2d", "max_pooling2d", "flatten", "dense", "dense"]
    assert convnet[3][1].params["W"].std() == pytest.approx(0.01, rel=0.01)
    he = chain(SimpleConvNet(), MNIST)[3][1].params["W"]
    assert he.std() == pytest.approx(np.sqrt(2 / 4320), rel=0.01)
    made = chain(DeepConvNet(), MNIST)
    block = ["conv2d", "conv2d", "max_pooling2d"]
    assert kinds(made) == block * 3 + [
        "flatten",
        "dense",
        "dropout",
        "dense",
        "dropout",
        "softmax",
    ]
    assert [init.out_shape for layer, init in made if layer.kind == "conv2d"] == [
        (16, 28, 28),
        (16, 28, 28),
        (32, 14, 14),
        (32, 16, 16),
        (64, 8, 8),
        (64, 8, 8),
    ]
    assert kinds(chain(DeepConvNet(dropout=0.0), MNIST))[-2:] == ["dense", "dense"]
    assert kinds(chain(DeepConvNet(), MNIST, classes=0))[-3:] == ["dense", "dropout", "dense"]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: TwoLayer(units=0), "TwoLayer(units=0)"),
        (lambda: MultiLayer(units=-1), "MultiLayer(units=-1)"),
        (lambda: MultiLayer(units=[10, 0]), "MultiLayer(units=0)"),
        (lambda: MultiLayer(units="100"), "MultiLayer(units='100')"),
        (lambda: MultiLayer(units=[]), "one width"),
        (lambda: MultiLayer(units=[10, 10], depth=3), "Leave depth out"),
        (lambda: MultiLayer(depth=0), "MultiLayer(depth=0)"),
        (lambda: MultiLayer(dropout=1.0), "MultiLayer(dropout=1.0)"),
        (lambda: MultiLayer(l2=-1.0), "MultiLayer(l2=-1.0)"),
        (lambda: MultiLayer(batch_norm="no"), "MultiLayer(batch_norm='no')"),
        (lambda: KerasDNN(units=1.5), "KerasDNN(units=1.5)"),
        (lambda: SimpleConvNet(stride=0), "SimpleConvNet(stride=0)"),
        (lambda: SimpleConvNet(padding=-1), "padding"),
        (lambda: DeepConvNet(dropout=float("nan")), "DeepConvNet(dropout=nan)"),
        (lambda: TwoLayer().layers((7,), 1), "two-layer(classes=1)"),
        (lambda: TwoLayer().layers((7,), -2), "two-layer(classes=-2)"),
        (lambda: TwoLayer().layers((7,), True), "two-layer(classes=True)"),
    ],
)
def test_refusals(make, words):
    with pytest.raises(InputError) as caught:
        make()
    assert words in str(caught.value)


def test_names():
    assert sorted(zoo.names()) == sorted(NAMES)
    for name in NAMES:
        model = zoo.resolve(name)
        assert model.name == name
        assert zoo.resolve(name.replace("-", "_")) == model
        assert build(describe(model)) == model
    assert zoo.resolve({"name": "multi-layer", "units": [3, 4]}) == MultiLayer((3, 4))
    assert build(describe(MultiLayer([3, 4]))) == MultiLayer([3, 4])
    with pytest.raises(UnknownName, match="Did you mean 'multi-layer'"):
        zoo.resolve("mutli-layer")
    with pytest.raises(UnknownName) as caught:
        zoo.resolve("qqq")
    assert str(caught.value) == f"unknown model 'qqq'. Known: {', '.join(sorted(NAMES))}."
    with pytest.raises(UnknownName):
        MultiLayer(activation="rleu").layers((7,), 2)


@pytest.mark.parametrize("cls", list(zoo), ids=lambda cls: cls.__name__)
def test_regression_ends_in_plain_values_near_zero(cls):
    last, (params, _, out_shape, _) = chain(cls(), MNIST, 0, 3)[-1]
    assert (last.kind, out_shape) == ("dense", (3,))
    assert np.std(params["W"]) == pytest.approx(0.01, rel=0.3)
    x = np.array([[1.0, *np.zeros(len(params["W"]) - 1)]])
    y, _, _ = last.forward(params, {}, x, Mode())
    np.testing.assert_array_equal(y, params["W"][:1])  # no activation
