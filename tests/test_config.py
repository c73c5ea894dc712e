"""The configuration: what it says, what it refuses, how it is written and found."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup import config
from groundup.config import (
    Config,
    find_path,
    fixed_paths,
    from_mapping,
    load,
    parse_value,
    set_path,
    to_mapping,
    to_toml,
)
from groundup.errors import ConfigError, InputError

FULL = """
seed = 7

[data]
name = "mnist"
validation = 0.2
preprocess = ["standardize", { kind = "Rescale" }]

[model]
name = "multi-layer"
units = [100, 50]
init = "he"
dropout = 0.5

[optimizer]
name = "sgd"
momentum = 0.9
learning_rate = { kind = "StepDecay", drop = 0.1 }

[train]
epochs = 5
batch_size = 128
loss = { kind = "CategoricalCrossentropy", label_smoothing = 0.1 }
metrics = ["accuracy", "mse"]
class_weight = "balanced"
callbacks = [{ kind = "EarlyStopping", patience = 3 }]
log_every = 50
"""
LAYERS = """
[model]
layers = [
    { kind = "Flatten" },
    { kind = "Dense", units = 64, kernel_regularizer = { kind = "L2", l2 = 1e-4 } },
    { kind = "Dense", units = 10, activation = "softmax" },
]
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


# Reading


def test_every_value_has_a_default() -> None:
    c = from_mapping({})
    assert c == Config()
    assert (c.seed, c.data.name, c.data.validation) == (0, "digits", 0.1)
    assert (c.data.preprocess, c.train.loss, c.train.metrics) == (None, None, None)
    assert (c.model.name, c.model.layers) == ("simple-convnet", None)
    assert (c.optimizer.name, c.train.epochs, c.train.batch_size) == ("adam", 20, 32)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    c = load(write(tmp_path, FULL))
    assert (c.seed, c.data.name, c.data.validation) == (7, "mnist", 0.2)
    assert c.data.preprocess == ("standardize", {"kind": "Rescale"})
    assert c.model.options == {"units": [100, 50], "init": "he", "dropout": 0.5}
    assert c.optimizer.options["learning_rate"] == {"kind": "StepDecay", "drop": 0.1}
    assert c.train.callbacks == ({"kind": "EarlyStopping", "patience": 3},)
    assert c.train.loss == {"kind": "CategoricalCrossentropy", "label_smoothing": 0.1}


def test_layers_are_a_list_of_tables(tmp_path: Path) -> None:
    c = load(write(tmp_path, LAYERS))
    assert c.model.layers is not None
    assert [layer["kind"] for layer in c.model.layers] == ["Flatten", "Dense", "Dense"]
    assert c.model.layers[1]["kernel_regularizer"] == {"kind": "L2", "l2": 1e-4}


def test_lr_is_the_learning_rate(tmp_path: Path) -> None:
    c = load(write(tmp_path, '[optimizer]\nname = "sgd"\nlr = 0.1'))
    assert c.optimizer.options == {"learning_rate": 0.1}
    assert "lr = " not in to_toml(c)


def test_class_weights_are_a_word_or_a_table_by_label(tmp_path: Path) -> None:
    text = '[train.class_weight]\n0 = 2.0\n"10" = 0.5'
    c = load(write(tmp_path, text))
    assert c.train.class_weight == {0: 2.0, 10: 0.5}
    assert load(write(tmp_path, to_toml(c))) == c
    assert from_mapping({"train": {"class_weight": {0: 2.0, 10: 0.5}}}) == c
    assert from_mapping({"train": {"class_weight": {"cat": 1}}}).train.class_weight == {"cat": 1}


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().seed = 3
    with pytest.raises(ValueError, match="frozen"):
        Config().train.epochs = 3


# Writing


@pytest.mark.parametrize("text", ["", FULL, LAYERS, "seed = 9223372036854775807"])
def test_toml_is_read_back_equal(text: str, tmp_path: Path) -> None:
    c = load(write(tmp_path, text))
    again = load(write(tmp_path, to_toml(c)))
    assert again == c
    assert to_toml(again) == to_toml(c)
    assert from_mapping(to_mapping(c)) == c


def test_what_is_none_is_left_out_of_the_file() -> None:
    assert "layers" not in to_toml(Config())
    assert "class_weight" not in to_toml(Config())


def test_the_file_says_every_default_so_that_it_means_the_same_forever() -> None:
    text = to_toml(Config())
    for line in (
        "seed = 0",
        'name = "digits"',
        "validation = 0.1",
        "epochs = 20",
        "log_every = 10",
    ):
        assert line in text


@given(
    st.dictionaries(
        st.text("abcdefgh_", min_size=1, max_size=8).filter(
            lambda key: key not in ("layers", "name")
        ),
        st.one_of(
            st.integers(-(2**53), 2**53),
            st.floats(allow_nan=False, allow_infinity=False),
            st.booleans(),
            st.text(st.characters(exclude_categories=("Cs",)), max_size=10),
            st.lists(st.integers(0, 9), max_size=3),
        ),
        max_size=4,
    )
)
def test_any_options_survive_toml(options: dict[str, Any]) -> None:
    import tomllib

    c = from_mapping({"model": {"name": "x", **options}})
    assert from_mapping(tomllib.loads(to_toml(c))).model.options == options


# What is refused


@pytest.mark.parametrize(
    ("values", "message"),
    [
        # unknown keys
        ({"sead": 1}, "unknown key sead. Did you mean 'seed'?"),
        ({"trian": {}}, "unknown key trian. Did you mean 'train'?"),
        ({"train": {"epohcs": 5}}, "unknown key train.epohcs. Did you mean 'epochs'?"),
        ({"data": {"split": 5}}, "unknown key data.split. Did you mean 'split_seed'?"),
        ({"train": {"epochs": 5, "x": 1, "batchsize": 3}}, "Did you mean 'batch_size'?"),
        # of another type
        ({"seed": "0"}, "seed = '0': expected a whole number."),
        ({"seed": 1.5}, "seed = 1.5: expected a whole number."),
        ({"seed": True}, "seed = True: expected a whole number."),
        ({"train": {"epochs": "many"}}, "train.epochs = 'many': expected a whole number."),
        ({"train": {"epochs": 1.0}}, "train.epochs = 1.0: expected a whole number."),
        ({"train": {"batch_size": False}}, "train.batch_size = False: expected a whole number."),
        ({"train": {"batch_size": None}}, "train.batch_size = None: expected a whole number."),
        ({"data": {"validation": "some"}}, "data.validation = 'some': expected a number."),
        ({"data": {"validation": "0.2"}}, "data.validation = '0.2': expected a number."),
        ({"data": {"validation": True}}, "data.validation = True: expected a number."),
        ({"data": {"name": 3}}, "data.name = 3: expected text."),
        ({"model": {"name": ["a"]}}, "model.name = ['a']: expected text."),
        ({"optimizer": {"name": None}}, "optimizer.name = None: expected text."),
        ({"train": 5}, "train = 5: expected a table."),
        ({"train": [5]}, "train = [5]: expected a table."),
        ({"optimizer": "adam"}, "optimizer = 'adam': expected a table."),
        ({"data": {"preprocess": "rescale"}}, "data.preprocess = 'rescale': expected a list."),
        ({"data": {"preprocess": [5]}}, "data.preprocess.0 = 5: expected text or a table."),
        ({"train": {"loss": 5}}, "train.loss = 5: expected text or a table."),
        ({"train": {"metrics": "accuracy"}}, "train.metrics = 'accuracy': expected a list."),
        ({"train": {"metrics": [1]}}, "train.metrics.0 = 1: expected text."),
        ({"train": {"callbacks": ["x"]}}, "train.callbacks.0 = 'x': expected a table."),
        ({"train": {"class_weight": 2}}, "train.class_weight = 2: expected text or a table."),
        (
            {"train": {"shuffle": 1}},
            "train.shuffle = 1: expected true or false or a value 'stratified'.",
        ),
        (
            {"optimizer": {"lr": 0.1, "learning_rate": 0.1}},
            "optimizer: lr and learning_rate are the same option.",
        ),
        ({"model": {"layers": "Dense"}}, "model.layers = 'Dense': expected a list."),
        ({"model": {"layers": ["Dense"]}}, "model.layers.0 = 'Dense': expected a table."),
        # out of range
        ({"seed": -1}, "seed = -1: expected a value greater than or equal to 0."),
        ({"seed": 2**63}, f"seed = {2**63}: expected a value less than {2**63}."),
        (
            {"train": {"epochs": -1}},
            "train.epochs = -1: expected a value greater than or equal to 0.",
        ),
        (
            {"train": {"batch_size": 0}},
            "batch_size = 0: expected a value greater than or equal to 1.",
        ),
        ({"train": {"batch_size": -3}}, "batch_size = -3: expected a value greater than or equal"),
        (
            {"train": {"log_every": 0}},
            "train.log_every = 0: expected a value greater than or equal",
        ),
        ({"data": {"validation": 1}}, "data.validation = 1: expected a value less than 1."),
        (
            {"data": {"validation": -0.5}},
            "validation = -0.5: expected a value greater than or equal",
        ),
        ({"data": {"validation": float("nan")}}, "validation = nan: expected a finite number."),
        ({"data": {"validation": float("inf")}}, "validation = inf: expected a finite number."),
    ],
)
def test_what_cannot_be_is_refused(values: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        from_mapping(values, where="config.toml")
    lines = str(caught.value).split("\n")
    assert all(line.startswith("config.toml: ") for line in lines)
    assert len(lines) == len(set(lines)) == (2 if "batchsize" in str(values) else 1)
    assert caught.value.exit_code == 2


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        from_mapping({"seed": -1, "train": {"epochs": "x", "y": 1}})
    assert len(str(caught.value).split("\n")) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed = ", "is not valid TOML"),
        ("[train]\nepochs = 5\nepochs = 6", "is not valid TOML"),
        ("seed: 5", "is not valid TOML"),
        ("[train]\nepochs = -1", "train.epochs = -1"),
    ],
)
def test_a_bad_file_is_named(text: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        load(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    write(tmp_path, "")
    with pytest.raises(InputError, match=r"no file .*confg\.toml\. Did you mean 'config\.toml'"):
        load(tmp_path / "confg.toml")


# Single values


def test_set_path_makes_the_tables_on_the_way() -> None:
    values: dict[str, Any] = {"train": {"epochs": 5}}
    set_path(values, "seed", 3)
    set_path(values, "train.epochs", 6)
    set_path(values, "optimizer.learning_rate", 0.1)
    assert values == {"seed": 3, "train": {"epochs": 6}, "optimizer": {"learning_rate": 0.1}}
    with pytest.raises(ConfigError, match=r"seed\.x: seed is a value, not a table"):
        set_path(values, "seed.x", 3)


def test_short_keys_mean_the_only_path_that_ends_so() -> None:
    known = [*fixed_paths(), "model.units", "optimizer.learning_rate", "optimizer.units_of_time"]
    assert find_path("epochs", known) == "train.epochs"
    assert find_path("train.epochs", known) == "train.epochs"
    assert find_path("seed", known) == "seed"
    assert find_path("units", known) == "model.units"
    for key in ("learning_rate", "lr", "optimizer.lr"):
        assert find_path(key, known) == "optimizer.learning_rate"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "name",
            "'name' could be data.name or model.name or optimizer.name. Write the longer one.",
        ),
        ("epohcs", "unknown key 'epohcs'. Did you mean 'epochs'?"),
        ("train.epohcs", "unknown key 'train.epohcs'. Did you mean 'train.epochs'?"),
        ("rate", "unknown key 'rate'. "),
        ("", "unknown key ''. "),
        (".epochs", "unknown key '.epochs'. "),
    ],
)
def test_a_short_key_that_fits_none_or_many(key: str, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        find_path(key, fixed_paths())


def test_fixed_paths_are_those_of_the_tables() -> None:
    paths = fixed_paths()
    assert len(paths) == len(set(paths))
    mapping = to_mapping(Config())
    for path in paths:
        table, _, key = path.partition(".")
        value = getattr(getattr(Config(), table), key) if key else None
        assert value is None or key in mapping[table]
    assert "model.layers" in paths


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-1", -1),
        ("1e-3", 0.001),
        ("0.5", 0.5),
        ("1_000", 1000),
        ("true", True),
        ("false", False),
        ('"5"', "5"),
        ("'a b'", "a b"),
        ("[100, 50]", [100, 50]),
        ('{ kind = "L2", l2 = 0.1 }', {"kind": "L2", "l2": 0.1}),
        ("he", "he"),
        ("std:0.01", "std:0.01"),
        ("True", "True"),
        ("", ""),
        ("a = b", "a = b"),
        ("5\nseed = 3", "5\nseed = 3"),
        ("[1, 2", "[1, 2"),
        ("5 # five", 5),
        ("9" * 5000, "9" * 5000),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_a_value_is_read_as_toml_or_is_a_string(text: str, value: Any) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@given(st.text(max_size=30))
def test_any_text_is_some_value(text: str) -> None:
    parse_value(text)


def test_what_parse_value_gives_can_be_set_and_checked() -> None:
    values: dict[str, Any] = {}
    for key, text in (("epochs", "3"), ("validation", "0.25"), ("seed", "9")):
        set_path(values, find_path(key, config.fixed_paths()), parse_value(text))
    c = from_mapping(values)
    assert (c.train.epochs, c.data.validation, c.seed) == (3, 0.25, 9)
