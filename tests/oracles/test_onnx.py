"""ONNX files beside two readers that are not ours: onnxruntime, and ONNX's own reference."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import groundup as gu
from groundup.formats import to_onnx
from groundup.nn.zoo import zoo

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
reference = pytest.importorskip("onnx.reference")
TESTS = Path(__file__).parents[1]


def load(path):
    spec = importlib.util.spec_from_file_location(path.replace("/", "_"), TESTS / f"{path}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


formats = load("formats/test_onnx")
contracts = formats.contracts
rng = np.random.default_rng(1)
SIDES = [(1, 1), (2, 5), (6, 3), (7, 7)]


def expect_all_agree(model, path, x):
    to_onnx(model, path)
    answers = [formats.answer(path, x)]
    if not misread(model.layers[0]):
        answers += reference.ReferenceEvaluator(onnx.load(path)).run(None, {"x": x})
    for y in answers:
        np.testing.assert_allclose(y, model.predict(x), rtol=1e-5, atol=1e-5)


def misread(layer):
    """ONNX's reference takes the four paddings of max pooling in another order."""
    return isinstance(layer, gu.MaxPooling2D) and layer.padding == "same"


@pytest.mark.parametrize("example", contracts.CASES)
def test_every_layer_on_small_and_odd_shapes(example, tmp_path):
    tried = 0
    for rank in example.ranks:
        for height, width in SIDES:
            if rank == 4 and min(height, width) < example.least:
                continue
            shape = {2: (height,), 3: (height, width), 4: (2, height, width)}[rank]
            model = gu.Sequential([example.layer])
            model.build(shape)
            x = rng.normal(size=(3, *shape)).astype(np.float32)
            expect_all_agree(formats.moved(model), tmp_path / "model.onnx", x)
            tried += 1
    assert tried


@pytest.mark.parametrize("name", zoo.names())
def test_every_network_on_images_of_the_book(name, tmp_path):
    model = gu.Sequential(zoo[name]().layers((1, 28, 28), 10))
    model.build((1, 28, 28))
    x = rng.random((2, 1, 28, 28)).astype(np.float32)
    expect_all_agree(formats.moved(model), tmp_path / "model.onnx", x)


def test_torch_computes_what_the_file_says(tmp_path):
    """The arrays of a model file, put into layers of PyTorch by hand, give our predictions."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    layers = [gu.Conv2D(3, 2, activation="relu"), gu.Flatten(), gu.Dense(4)]
    model = gu.Sequential(layers, name="small")
    model.build((1, 5, 5))
    model.save(tmp_path / "model.safetensors")
    arrays = load_file(tmp_path / "model.safetensors")
    x = rng.normal(size=(3, 1, 5, 5)).astype(np.float32)
    W, b = (arrays[f"params/conv2d_1/{name}"] for name in "Wb")
    z = torch.relu(torch.nn.functional.conv2d(torch.tensor(x), W, b)).flatten(1)
    y = z @ arrays["params/dense_1/W"] + arrays["params/dense_1/b"]
    np.testing.assert_allclose(model.predict(x), y.numpy(), rtol=1e-5, atol=1e-5)
