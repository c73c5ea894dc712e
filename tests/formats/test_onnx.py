"""ONNX files, run by onnxruntime: every registered layer, every network, every preprocessing.

A new layer is tested here by being registered, with its examples of tests/contracts.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

import groundup as gu
from groundup.errors import InputError
from groundup.formats import onnx_difference, onnx_writer, to_onnx
from groundup.formats.onnx_layers import _writers
from groundup.nn.layout import leaves
from groundup.nn.zoo import zoo

TOLERANCE = 1e-5


def load_contracts():
    path = Path(__file__).parents[1] / "contracts" / "test_layers.py"
    spec = importlib.util.spec_from_file_location("contracts_for_onnx", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for their module
    spec.loader.exec_module(module)
    return module


contracts = load_contracts()
rng = np.random.default_rng(0)


def moved(model):
    """Weights and statistics as after some training: nothing is 0 or 1 any more."""
    for path, array in [*leaves(model.learner.params), *leaves(model.learner.state)]:
        noise = rng.normal(size=array.shape)
        array[...] = 0.5 + np.abs(noise) if path.endswith("var") else array + 0.3 * noise
    return model


def answer(path, x):
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    return session.run(["y"], {"x": x})[0]


def expect_same(model, path, x, tolerance=TOLERANCE):
    to_onnx(model, path)
    y = answer(path, x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, model.predict(x), rtol=tolerance, atol=tolerance)
    return y


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.onnx"


# --- layers and networks


@pytest.mark.parametrize("example", contracts.CASES)
def test_every_registered_layer(example, path):
    for rank in example.ranks:
        sides = [max(example.least, side) for side in (5, 4)]
        shape = (3, *sides)[: rank - 1] if rank == 4 else (5, 3)[: rank - 1]
        model = gu.Sequential([example.layer])
        model.build(shape)
        moved(model)
        for count in (1, 4):  # N is free
            x = rng.normal(size=(count, *shape)).astype(np.float32)
            expect_same(model, path, x)


@pytest.mark.parametrize("name", zoo.names())
@pytest.mark.parametrize("classes", [10, 0])
def test_every_network_of_the_zoo(name, classes, path):
    model = gu.Sequential(zoo[name]().layers((1, 12, 12), classes), seed=3)
    model.build((1, 12, 12))
    x = rng.random((3, 1, 12, 12)).astype(np.float32)
    y = expect_same(moved(model), path, x)
    assert np.ptp(y) > 0
    if classes:
        np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)


def test_batch_normalization_dropout_and_activations_of_the_zoo_s_options(path):
    options = {"units": [9, 7], "batch_norm": True, "dropout": 0.3, "activation": "prelu"}
    model = gu.Sequential(zoo["multi-layer"](**options).layers((6,), 4))
    model.build((6,))
    expect_same(moved(model), path, rng.normal(size=(5, 6)).astype(np.float32))


def test_the_user_s_layers_stand_in_the_file(path):
    model = gu.Sequential(
        [
            gu.Conv2D(2, 3, activation="relu", name="look", input_shape=(1, 6, 6)),
            gu.MaxPooling2D(),
            gu.Flatten(),
            gu.Dropout(0.5),
            gu.Dense(3, "softmax"),
        ]
    )
    to_onnx(model, path)
    graph = onnx.load(path).graph
    assert [node.op_type for node in graph.node] == [
        "Conv", "Relu", "MaxPool", "Flatten", "Dropout", "Gemm", "Softmax"
    ]  # fmt: skip
    assert [node.name for node in graph.node][:3] == [
        "look/Conv", "look/Relu", "max_pooling2d_1/MaxPool"
    ]  # fmt: skip
    shapes = {constant.name: tuple(constant.dims) for constant in graph.initializer}
    assert shapes["look/W"] == (2, 1, 3, 3)
    assert shapes["dense_1/W"] == (8, 3)


def test_no_layers_at_all(path):
    model = gu.Sequential([gu.Chain([], input_shape=(3,))])
    x = rng.normal(size=(2, 3)).astype(np.float32)
    np.testing.assert_array_equal(expect_same(model, path, x), x)


def test_names_that_would_meet_stay_apart(path):
    model = gu.Sequential([gu.Dense(2, name="x", input_shape=(2,)), gu.Dense(2, name="y")])
    expect_same(moved(model), path, rng.normal(size=(3, 2)).astype(np.float32))
    inner = [gu.Dense(2, name="0"), gu.Dense(2)]
    model = gu.Sequential([gu.Chain(inner, name="preprocess")], preprocess=["standardize"])
    model.compile("sgd", "mse")
    model.fit(rng.normal(size=(8, 2)), rng.normal(size=(8, 2)), verbose=0)
    expect_same(model, path, rng.normal(size=(3, 2)))


def test_a_layer_of_ones_own(path):
    class Square(gu.ReLU):
        def forward(self, params, state, x, mode):
            return x * x, x, state

    model = gu.Sequential([gu.Dense(2, input_shape=(2,)), Square()])
    model.build((2,))
    with pytest.raises(InputError, match=r"square_1: Square is not known in ONNX\. Say how"):
        to_onnx(model, path)
    assert not path.exists()
    onnx_writer(Square)(lambda layer, at: at.node("Mul", at.x, at.x))
    try:
        y = expect_same(model, path, rng.normal(size=(3, 2)).astype(np.float32))
    finally:
        del _writers[Square]
    assert (y >= 0).all()


def test_a_network_in_float64_is_rounded(path):
    model = gu.Sequential([gu.Dense(3, "tanh", input_shape=(4,)), gu.Dense(2)], dtype="float64")
    expect_same(moved(model), path, rng.normal(size=(5, 4)).astype(np.float32))


# --- ensembles


@pytest.mark.parametrize("logits", [False, True])
def test_an_ensemble_is_the_mean_of_its_members(logits, path):
    last = gu.Dense(3) if logits else gu.Dense(3, "softmax")
    pattern = gu.Sequential([gu.Dense(4, "relu"), gu.BatchNormalization(), last])
    pattern.compile("adam", gu.CategoricalCrossentropy(from_logits=logits))
    ensemble = gu.Ensemble(pattern, members=3)
    x = rng.normal(size=(20, 5)).astype(np.float32)
    ensemble.fit(x, rng.integers(0, 3, 20), epochs=2)
    y = expect_same(ensemble.model, path, x)
    if not logits:
        parts = np.mean([member.predict(x) for member in ensemble.members], axis=0)
        np.testing.assert_allclose(y, parts, atol=1e-6)
    ops = [node.op_type for node in onnx.load(path).graph.node]
    assert ops.count("Gemm") == 6
    assert ops[-1] == "Mean"


# --- preprocessing


def fitted(x, preprocess, layers=()):
    model = gu.Sequential([*layers, gu.Dense(3)], preprocess=preprocess)
    model.compile("sgd", "mse")
    model.fit(x, rng.normal(size=(len(x), 3)), epochs=1, verbose=0)
    return model


@pytest.mark.parametrize(
    "preprocess",
    [
        ["rescale"],
        ["minmax"],
        [gu.MinMax(feature_range=(-1, 3))],
        ["standardize"],
        ["decorrelate"],
        [gu.PCAWhitening(epsilon=0.1)],
        [gu.PCAWhitening(components=3)],
        [gu.ZCAWhitening(epsilon=0.1)],
        ["rescale", "standardize", gu.ZCAWhitening(components=4, epsilon=0.1)],
    ],
)
@pytest.mark.parametrize("images", [False, True])
def test_every_preprocessing(preprocess, images, path):
    shape = (30, 2, 3, 4) if images else (30, 6)
    x = rng.integers(0, 255, shape).astype(np.uint8)
    flat = isinstance(preprocess[-1], gu.PCAWhitening) and preprocess[-1].components
    model = fitted(x, preprocess, [gu.Flatten()] if images and not flat else [])
    raw = x[:7].astype(np.float32 if images else np.float64)
    expect_same(model, path, raw)
    kind = onnx.load(path).graph.input[0].type.tensor_type
    assert kind.elem_type == (onnx.TensorProto.FLOAT if images else onnx.TensorProto.DOUBLE)
    assert [d.dim_value or d.dim_param for d in kind.shape.dim] == ["N", *shape[1:]]


def test_categories(path):
    x = np.stack([rng.integers(0, 3, 40), rng.normal(size=40), rng.integers(5, 7, 40)], axis=1)
    model = gu.Sequential(
        [gu.Dense(3)], preprocess=[gu.OneHot((0, 2), unknown="zeros"), "standardize"]
    )
    model.compile("sgd", "mse")
    model.build((6,))
    model.fit(x, rng.normal(size=(40, 3)), verbose=0)
    x[0, 0] = 17.0  # which training has not seen
    expect_same(model, path, x)


def test_columns_keep_the_digits_that_float32_would_lose(path):
    x = 2000 + 1e-3 * rng.normal(size=(50, 3))
    model = fitted(x, ["standardize"])
    expect_same(model, path, x)
    lost = model.predict(x.astype(np.float32))
    assert np.abs(lost - model.predict(x)).max() > 1e-2


def test_whitening_that_needs_more_digits(path):
    x = rng.normal(size=(60, 2, 2, 2)).astype(np.float32) * np.array([1, 1e-4]).reshape(2, 1, 1)
    model = fitted(x.astype(np.float32), ["zca"], [gu.Flatten()])
    assert model.learner.preparation.parameters[0]["W"].dtype == np.float64
    expect_same(model, path, x[:9].astype(np.float32))


def test_preprocessing_that_has_learned_nothing(path):
    model = gu.Sequential([gu.Dense(3, input_shape=(2,))], preprocess=["rescale"])
    with pytest.raises(InputError, match="has learned nothing yet: fit"):
        to_onnx(model, path)


# --- the file


def digits_model(**options):
    (x, y), _ = gu.datasets.digits.load_data()
    model = gu.Sequential([gu.Flatten(), gu.Dense(10, **options)], preprocess=["rescale"])
    model.compile("adam", gu.CategoricalCrossentropy(from_logits=not options), ["accuracy"])
    model.fit(x[:300], y[:300], verbose=0)
    return model, x


def test_versions_and_labels(path):
    model, x = digits_model(activation="softmax")
    model.learner.labels = tuple("○一二三四五六七八九")
    expect_same(model, path, x[:20].astype(np.float32))
    file = onnx.load(path)
    assert (file.ir_version, [(o.domain, o.version) for o in file.opset_import]) == (8, [("", 17)])
    assert (file.producer_name, file.producer_version) == ("groundup", gu.__version__)
    said = {entry.key: entry.value for entry in file.metadata_props}
    assert json.loads(said["labels"]) == list("○一二三四五六七八九")
    assert (said["output"], said["groundup_version"]) == ("probabilities", gu.__version__)
    assert "features" not in said


@pytest.mark.parametrize(("loss", "output"), [("mse", "values"), ("logits", "logits")])
def test_what_comes_out_is_said(loss, output, path):
    loss = gu.CategoricalCrossentropy(from_logits=True) if loss == "logits" else loss
    model = gu.Sequential([gu.Dense(3, input_shape=(2,))])
    model.compile("sgd", loss)
    model.learner.features = ("length", "width")
    to_onnx(model, path)
    said = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert said["output"] == output
    assert json.loads(said["features"]) == ["length", "width"]


def test_the_same_model_is_the_same_bytes(path, tmp_path):
    model, _ = digits_model()
    to_onnx(model, path)
    to_onnx(model, tmp_path / "again.onnx")
    assert path.read_bytes() == (tmp_path / "again.onnx").read_bytes()


def test_the_difference_is_measured(path):
    model, x = digits_model()
    to_onnx(model, path)
    assert onnx_difference(model, path) < 1e-6
    assert onnx_difference(model, path, x[:5]) < 1e-6
    ours = model.predict(x[:5])
    model.params["dense_1"]["b"][...] += 0.5
    expected = 0.5 / max(1.0, np.abs(ours + 0.5).max())
    assert onnx_difference(model, path, x[:5]) == pytest.approx(expected, rel=1e-4)


def test_nobody_is_told_that_a_model_was_compared(path, monkeypatch):
    """onnxruntime tells its maker what it is used for, unless this is set before it is loaded."""
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "")  # remembered, and put back afterwards
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")
    model, x = digits_model()
    to_onnx(model, path)
    onnx_difference(model, path, x[:5])
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


def test_samples_are_in_the_range_of_the_training_data(path):
    """Where the whole network would be saturated, no difference could be seen."""
    from groundup.formats.onnx_file import plausible

    model = fitted(5000 + 3 * rng.normal(size=(40, 4)), ["standardize"])
    drawn = plausible(model.learner, 16)
    assert drawn.shape == (16, 4)
    assert 4990 < drawn.min() < drawn.max() < 5010


def test_packages_that_are_missing(path, monkeypatch):
    model, _ = digits_model()
    to_onnx(model, path)
    find = importlib.util.find_spec
    missing = {"onnx", "onnxruntime"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name in missing else find(name, *a)
    )
    assert onnx_difference(model, path) is None
    with pytest.raises(InputError, match=r"needs the package onnx.*pip install 'groundup\[onnx\]'"):
        to_onnx(model, path)
