"""What is said later wins, and a model of another kind brings its own options."""

import re

import pytest

from groundup.cli.settings import configure
from groundup.config import Config
from groundup.errors import ConfigError, UnknownName

FILE = """
seed = 4
[model]
name = "multi-layer"
units = 30
[optimizer]
name = "sgd"
lr = 0.5
[train]
epochs = 7
"""
LAYERS = '[model]\nlayers = [{ kind = "Dense", units = 10, activation = "softmax" }]\n'


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_without_anything_it_is_the_default():
    assert configure(None, {"data.name": None}, []) == Config()


def test_the_file_then_the_options_then_the_sets(file):
    config = configure(file, {"train.epochs": 8, "seed": None}, ["epochs=9", "train.epochs=10"])
    assert (config.seed, config.train.epochs) == (4, 10)
    assert configure(file, {"train.epochs": 8}, []).train.epochs == 8


def test_values_are_read_as_toml_reads_them(file):
    sets = ["depth=3", "init=std:0.01", "batch_norm=true", 'preprocess=["standardize"]']
    config = configure(file, {}, sets)
    assert config.model.options == {
        "units": 30, "depth": 3, "init": "std:0.01", "batch_norm": True,
    }  # fmt: skip
    assert config.data.preprocess == ("standardize",)


@pytest.mark.parametrize("path", ["options", "set"])
def test_another_model_or_optimizer_brings_its_own_options(file, path):
    names = {"model.name": "two-layer", "optimizer.name": "adam"}
    sets = [f"{key}={value}" for key, value in names.items()] if path == "set" else []
    config = configure(file, names if path == "options" else {}, sets)
    assert (config.model.name, config.model.options) == ("two-layer", {})
    assert (config.optimizer.name, config.optimizer.options) == ("adam", {})


def test_the_same_kind_by_another_spelling_keeps_its_options(file):
    config = configure(file, {"model.name": "MultiLayer", "optimizer.name": "SGD"}, [])
    assert config.model.options == {"units": 30}
    assert config.optimizer.options == {"learning_rate": 0.5}


def test_a_named_model_replaces_a_list_of_layers(tmp_path):
    path = tmp_path / "layers.toml"
    path.write_text(LAYERS, encoding="utf-8")
    assert configure(path, {}, []).model.layers is not None
    for name in ("keras-dnn", "two-layer"):  # the first is what a table without a name says
        config = configure(path, {"model.name": name}, [])
        assert (config.model.name, config.model.layers) == (name, None)


@pytest.mark.parametrize("key", ["learning_rate", "lr", "optimizer.lr"])
def test_the_learning_rate_by_either_name(file, key):
    assert configure(file, {}, [f"{key}=0.25"]).optimizer.options == {"learning_rate": 0.25}


@pytest.mark.parametrize(
    ("options", "sets", "error", "words"),
    [
        ({}, ["epohcs=3"], ConfigError, "Did you mean 'epochs'?"),
        ({}, ["name=x"], ConfigError, "data.name or model.name or optimizer.name"),
        ({}, ["epochs"], ConfigError, "expected KEY=VALUE"),
        ({}, ["epochs=many"], ConfigError, "train.epochs = 'many'"),
        ({}, ["train=3"], ConfigError, "unknown key 'train'"),
        ({"train.epochs": -1}, [], ConfigError, "command line: train.epochs = -1"),
        ({"model.name": "two-layr"}, [], UnknownName, "Did you mean 'two-layer'?"),
        ({"optimizer.name": "adma"}, [], UnknownName, "Did you mean 'adam'?"),
        ({}, ["model.name=5"], ConfigError, "model.name = 5"),
    ],
)
def test_what_cannot_be_right_says_so(options, sets, error, words):
    with pytest.raises(error, match=re.escape(words)):
        configure(None, options, sets)


def test_a_fault_in_the_file_names_the_file(tmp_path):
    path = tmp_path / "bad.toml"
    path.write_text("[train]\nepohcs = 3\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"bad\.toml: unknown key train\.epohcs\. Did you mean"):
        configure(path, {"train.epochs": 2}, [])
