"""The table [search] of a configuration file, and where to search when nobody says."""

import pytest

from groundup import config
from groundup.config import Config, from_mapping
from groundup.errors import ConfigError
from groundup.tune.space import make_space
from groundup.tune.table import SearchTable, load_search
from groundup.tune.usual import usual_space

RUN = """
seed = 3
[data]
name = "digits"
[model]
name = "multi-layer"
depth = 2
"""
SEARCH = """
[search]
method = { name = "narrowing", samples = 20 }
trials = 30
stopping = "median"
batch = 2
metric = "loss"
[search.space]
learning_rate = "log:1e-6..1e-2"
"model.units" = "int-log:16..256"
model.dropout = "uniform:0..0.5"
optimizer.name = ["sgd", "adam"]
momentum = { kind = "uniform", low = 0.5, high = 0.99, when = { optimizer.name = "sgd" } }
"""


def write(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_the_run_and_what_is_searched_in_it(tmp_path) -> None:
    path = write(tmp_path, RUN + SEARCH)
    run, table = load_search(path)
    assert (
        run
        == config.load(path)
        == from_mapping(
            {"seed": 3, "data": {"name": "digits"}, "model": {"name": "multi-layer", "depth": 2}}
        )
    )
    assert table == SearchTable(
        method={"name": "narrowing", "samples": 20}, trials=30, stopping="median", batch=2,
        metric="loss",
        space={
            "learning_rate": "log:1e-6..1e-2", "model.units": "int-log:16..256",
            "model.dropout": "uniform:0..0.5", "optimizer.name": ["sgd", "adam"],
            "momentum": {
                "kind": "uniform", "low": 0.5, "high": 0.99, "when": {"optimizer.name": "sgd"}
            },
        },
    )  # fmt: skip
    space = make_space(table.space)
    assert space.dimensions["momentum"].when == {"optimizer.name": ("sgd",)}
    assert space.dimensions["model.units"].at(1.0) == 256


def test_a_file_need_not_say_what_is_searched(tmp_path) -> None:
    assert load_search(write(tmp_path, RUN)) == (config.load(write(tmp_path, RUN)), None)


def test_the_search_is_no_part_of_the_run() -> None:
    with pytest.raises(ConfigError, match="unknown key search"):
        from_mapping({"search": {}})
    assert "search" not in config.to_mapping(Config())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[search]\ntrails = 3", r"\[search\]: unknown key trails. Did you mean 'trials'"),
        ("[search]\ntrials = 0", r"trials = 0"),
        ("[search]\nbatch = 1.5", r"batch = 1.5: expected a whole number"),
        ("[search]\nmethod = 3", r"method = 3: expected text or a table"),
        ("[search]\nmetric = 'f1'", r"metric = 'f1'"),
        ("[search]\nspace = 'log:1..2'", r"space = 'log:1..2': expected a table"),
        ("[search.space]\nl2 = 0.1", r"l2 = 0.1: expected a range such as"),
        ("[search.space]\nl2 = {low = 1, high = 2}", r"l2: its kind is missing"),
        ("[search.space]\nmodel.l2 = {low = 1, high = 2}", r"model.l2: its kind is missing"),
        ("[search.space.model]", r"model = {}: expected a range"),
        ("search = 3", r"\[search\]: expected a table, got 3"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, text, message) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as refused:
        load_search(path)
    assert str(refused.value).startswith(str(path))
    config.load(path)  # no concern of `groundup train`


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"model": {"name": "multi-layer"}},
            {
                "optimizer.learning_rate": "log:1e-05..0.1", "model.l2": "log:1e-8..1e-2",
                "model.dropout": "uniform:0..0.5", "model.units": "int-log:16..256",
            },
        ),
        (
            {"model": {"name": "multi-layer", "units": [50, 20]},
             "optimizer": {"name": "sgd", "learning_rate": 0.3}},
            {
                "optimizer.learning_rate": "log:0.003..30", "model.l2": "log:1e-8..1e-2",
                "model.dropout": "uniform:0..0.5",
            },
        ),
        (
            {"model": {"layers": [{"kind": "Dense", "units": 10}]},
             "optimizer": {"name": "adamw", "learning_rate": {"kind": "StepDecay"}}},
            {"optimizer.weight_decay": "log:1e-6..1e-1"},
        ),
    ],
    ids=["multi-layer", "widths", "layers"],
)  # fmt: skip
def test_where_to_search_when_nobody_says(values, expected) -> None:
    space = usual_space(from_mapping(values))
    assert space == expected
    assert set(make_space(space).dimensions) == set(expected)
