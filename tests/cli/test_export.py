"""`groundup export`: files for other programs, and what is said of them."""

import importlib.util
import json
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest

import groundup as gu
from groundup.cli import exporting
from groundup.config import from_mapping
from groundup.data import digits
from groundup.storage import read_log
from groundup.train import load_model
from groundup.train.ensemble_run import run_ensemble


def test_an_onnx_file_answers_as_the_run(cli, trained):
    shown = cli("export", trained, "--onnx", "model.onnx")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.splitlines()[0] == "onnx     model.onnx"
    assert "input    x (N, 1, 8, 8), float32, raw; Rescale included" in shown.out
    assert "checked  onnxruntime answers as the network does, to " in shown.out
    x = digits.load().x_test[:50].astype(np.float32)
    (y,) = onnxruntime.InferenceSession("model.onnx").run(None, {"x": x})
    expected = load_model(trained / "model.safetensors").predict(x)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)
    said = {entry.key: entry.value for entry in onnx.load("model.onnx").metadata_props}
    assert json.loads(said["labels"]) == list("0123456789")


def test_a_model_file_and_json(cli, trained):
    shown = cli("export", trained / "model.safetensors", "--onnx", "m.onnx", "--json").json
    assert set(shown) == {"run", "onnx", "difference"}
    assert shown["onnx"] == "m.onnx"
    assert 0 <= shown["difference"] < 1e-6


def test_the_script_comes_to_the_same_accuracy(cli, trained, tmp_path):
    shown = cli("export", trained, "--python", "my train.py", "--json").json
    assert shown == {"run": str(trained), "python": "my train.py", "difference": None}
    command = [sys.executable, str(tmp_path / "my train.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    end = read_log(trained / "metrics.jsonl")[-1]
    assert f"accuracy={end['test_accuracy']:.6g})" in done.stdout


def test_both_at_once(cli, trained, tmp_path):
    shown = cli("export", trained, "--onnx", "m.onnx", "--python", "my train.py")
    assert shown.code == 0
    assert "run      python 'my train.py'" in shown.out
    assert {path.name for path in tmp_path.iterdir()} == {"m.onnx", "my train.py"}


def test_an_ensemble(cli, tmp_path):
    config = {"model": {"name": "two-layer"}, "train": {"epochs": 1, "ensemble": 2}}
    run_ensemble(from_mapping(config), tmp_path / "two")
    shown = cli("export", "two", "--onnx", "two.onnx", "--json")
    assert shown.code == 0
    assert shown.json["difference"] < 1e-6


def test_without_onnxruntime_nothing_is_checked(cli, trained, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: find(name, *a) if name == "onnx" else None
    )
    shown = cli("export", trained, "--onnx", "m.onnx")
    assert shown.code == 0
    assert "not checked  onnxruntime is not installed. Install it: pip install" in shown.out


def test_without_onnx_nothing_is_written(cli, trained, monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None)
    shown = cli("export", trained, "--onnx", "m.onnx")
    assert shown.code == 2
    assert "pip install 'groundup[onnx]'" in shown.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("difference", [1e-3, float("nan")])
def test_answers_that_differ_are_a_gate(cli, trained, monkeypatch, difference):
    monkeypatch.setattr(exporting, "onnx_difference", lambda model, path: difference)
    shown = cli("export", trained, "--onnx", "m.onnx")
    assert shown.code == 3
    assert "onnxruntime answers differently" in shown.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "export as what? Add --onnx model.onnx or --python train.py"),
        (["--onnx", "there"], "there already exists. Choose another name, or remove it"),
        (["--onnx", "m.onnx", "--python", "there"], "there already exists"),
        (["--onnx", "none/m.onnx"], "none"),
    ],
)
def test_what_cannot_be_written(cli, trained, tmp_path, arguments, words):
    (tmp_path / "there").write_text("mine")
    shown = cli("export", trained, *arguments)
    assert shown.code in (1, 2)
    assert words in shown.err
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_text() == "mine"


def test_a_model_file_has_no_script(cli, trained):
    shown = cli("export", trained / "model.safetensors", "--python", "train.py")
    assert shown.code == 2
    assert "is a model file, which names no data. Give the directory of its run" in shown.err


def test_a_layer_that_onnx_does_not_know(cli, tmp_path):
    @gu.layers.layers.register()
    class Cubed(gu.Identity):
        def forward(self, params, state, x, mode):
            return x**3, x, state

    try:
        model = gu.Sequential([gu.Dense(2, input_shape=(2,)), Cubed()])
        model.compile("sgd", "mse")
        model.save(tmp_path / "own.safetensors")
        shown = cli("export", "own.safetensors", "--onnx", "m.onnx")
    finally:
        del gu.layers.layers._classes["cubed"]
    assert shown.code == 2
    assert "cubed_1: Cubed is not known in ONNX" in shown.err
    assert not (tmp_path / "m.onnx").exists()
