"""The script of a run: run, it ends with the run's own weights and scores, to the bit."""

import runpy
import subprocess
import sys

import numpy as np
import pytest

from groundup.config import from_mapping, reseeded
from groundup.errors import InputError
from groundup.formats import to_python
from groundup.train import load_model
from groundup.train.ensemble_run import run_ensemble
from groundup.train.run import run

SMALL = {"name": "two-layer", "units": 12, "init": "he"}


def script_of(config, tmp_path):
    """The result of a run, its model, and the file of its script."""
    if isinstance(config, dict):
        config = from_mapping(config)
    begin = run_ensemble if config.train.ensemble > 1 else run
    result, directory = begin(config, tmp_path / "run")
    to_python(directory.path, tmp_path / "train.py")
    return result, load_model(directory.model), tmp_path / "train.py"


def expect_same(config, tmp_path, capsys):
    result, model, file = script_of(config, tmp_path)
    found = runpy.run_path(str(file))
    trained = found["ensemble"].model if "ensemble" in found else found["model"]
    for ours, theirs in zip(model.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    told = capsys.readouterr().out
    assert f"Scores(loss={result.test_loss:.6g}" in told
    if result.test_accuracy is not None:
        assert f"accuracy={result.test_accuracy:.6g}" in told
    assert is_formatted(file)
    return file.read_text()


def is_formatted(file):
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_in_a_process_of_its_own(tmp_path):
    result, _, file = script_of({"model": SMALL, "train": {"epochs": 2}}, tmp_path)
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"Scores(loss={result.test_loss:.6g}, accuracy={result.test_accuracy:.6g})\n"
    )
    assert (
        file.read_text()
        == f'''"""The network two-layer on digits, built and trained again.

Its test accuracy was {result.test_accuracy:.4f}.
"""

import groundup as gu

data = gu.data.load("digits")

model = gu.Sequential(
    [
        gu.Flatten(),
        gu.Dense(12, activation="relu", kernel_initializer="he_normal"),
        gu.Dense(10, activation="softmax", kernel_initializer="he_normal"),
    ],
    seed=0,
    preprocess=["rescale"],
)
model.compile(
    gu.Adam(learning_rate=0.001), "categorical_crossentropy", metrics=["accuracy"]
)
model.fit(data.x_train, data.y_train, validation_split=0.1, batch_size=32, epochs=2)
print(model.evaluate(data.x_test, data.y_test))
'''
    )


def test_every_option_of_a_run(tmp_path, capsys):
    callbacks = [{"kind": "EarlyStopping", "patience": 1, "restore_best_weights": True}]
    policy = {"name": "policy", "subpolicies": [["zoom"], [{"name": "noise", "stddev": 0.1}]]}
    config = {
        "seed": 4,
        "data": {"preprocess": ["rescale"], "augment": ["shift", policy], "split_seed": 9},
        "model": {
            "name": "multi-layer", "units": [14, 11], "batch_norm": True, "dropout": 0.1,
            "l2": 1e-4, "activation": "prelu",
        },
        "optimizer": {"name": "sgd", "learning_rate": 0.05, "momentum": 0.9},
        "train": {
            "epochs": 3, "batch_size": 50, "shuffle": "stratified", "class_weight": {"1": 2.0},
            "callbacks": callbacks, "metrics": ["accuracy", "top_k_accuracy"],
        },
    }  # fmt: skip
    text = expect_same(config, tmp_path, capsys)
    assert "gu.train_validation_split" not in text
    assert "gu.data.train_validation_split(data.y_train, 0.1, gu.Stream(9))" in text


def test_layers_by_hand_and_a_preprocessing_that_decides_the_shape(tmp_path, capsys):
    layers = [
        {"kind": "Flatten"},
        {"kind": "Dense", "units": 9, "activation": {"kind": "ELU", "alpha": 0.5}, "name": "low"},
        {"kind": "Dense", "units": 10},
    ]
    config = {
        "data": {"preprocess": [{"kind": "PCAWhitening", "components": 0.8}], "validation": 0.0},
        "model": {"layers": layers},
        "train": {
            "epochs": 1, "loss": {"kind": "CategoricalCrossentropy", "from_logits": True}
        },
    }  # fmt: skip
    text = expect_same(config, tmp_path, capsys)
    assert "model.build((" in text
    assert "validation" not in text


def test_a_regression_from_a_file(tmp_path, capsys):
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.integers(0, 3, 80), rng.normal(size=(80, 2))])
    rows = ["kind,a,b,price", *(f"{k:.0f},{a},{b},{100 + 5 * a - k}" for k, a, b in x)]
    (tmp_path / "prices.csv").write_text("\n".join(rows) + "\n")
    config = {
        "data": {
            "path": str(tmp_path / "prices.csv"), "target": "price", "test": 0.25,
            "preprocess": [{"kind": "OneHot", "columns": [0]}, "standardize"],
        },
        "train": {"epochs": 2},
    }  # fmt: skip
    text = expect_same(config, tmp_path, capsys)
    assert "from groundup.config_data import DataConfig\n" in text
    assert "gu.ScaledLoss(" in text


def test_an_ensemble(tmp_path, capsys):
    config = {"model": SMALL, "train": {"epochs": 1, "ensemble": 2, "bagging": True}}
    text = expect_same(config, tmp_path, capsys)
    assert "gu.Ensemble(model, members=2, bagging=True)" in text


def test_another_seed_with_the_same_samples(tmp_path, capsys):
    config = from_mapping({"model": SMALL, "train": {"epochs": 1}})
    text = expect_same(reseeded(config, 7), tmp_path, capsys)
    assert "seed=7" in text
    assert "gu.Stream(0)" in text


def test_a_run_that_did_not_end(tmp_path):
    _, _, file = script_of({"model": SMALL, "train": {"epochs": 0}}, tmp_path)
    (tmp_path / "run" / "model.safetensors").unlink()
    with pytest.raises(InputError, match="has no model yet: its run did not end"):
        to_python(tmp_path / "run", file)
    with pytest.raises(InputError, match="is no run directory"):
        to_python(tmp_path, file)
