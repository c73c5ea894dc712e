"""What is searched, from a file and the command line."""

import pytest

from groundup.cli.search_options import named, ranges, search_table
from groundup.errors import ConfigError
from groundup.tune.table import SearchTable

FILE = """
[search]
method = { name = "narrowing", samples = 20 }
trials = 30
[search.space]
learning_rate = "log:1e-6..1e-2"
model.units = "int-log:16..256"
"""


def test_nothing_said() -> None:
    assert search_table(None, {"--method": None, "--space": None}) == SearchTable()


def test_the_command_line_wins(tmp_path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(FILE, encoding="utf-8")
    found = search_table(
        file,
        {
            "--method": "grid:points=3", "--trials": None, "--stopping": "median", "--batch": 8,
            "--metric": None,
            "--space": ["units=int:1..9", "optimizer=sgd,adam"],
        },
    )  # fmt: skip
    assert found == SearchTable(
        method={"name": "grid", "points": 3}, trials=30, stopping="median", batch=8,
        space={
            "learning_rate": "log:1e-6..1e-2", "units": "int:1..9", "optimizer": ["sgd", "adam"]
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("random", "random"),
        ("grid:points=3", {"name": "grid", "points": 3}),
        ("a:b=word,c=1e-3", {"name": "a", "b": "word", "c": 1e-3}),
        ("a:b=[1, 2],c='x'", {"name": "a", "b": [1, 2], "c": "x"}),
    ],
)
def test_methods_and_rules_with_options(text, expected) -> None:
    assert named(text, "--method") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lr=log:1e-6..1e-2", {"lr": "log:1e-6..1e-2"}),
        ("init=he,std:0.01", {"init": ["he", "std:0.01"]}),
        ("units=[50, 50],[100]", {"units": [[50, 50], [100]]}),
        ("batch_norm=true,false", {"batch_norm": [True, False]}),
        ("seed=3", {"seed": [3]}),
        (
            'momentum={ kind="uniform", low=0.5, high=0.9, when={ optimizer="sgd" } }',
            {
                "momentum": {
                    "kind": "uniform", "low": 0.5, "high": 0.9, "when": {"optimizer": "sgd"}
                }
            },
        ),
    ],
)  # fmt: skip
def test_ranges(text, expected) -> None:
    assert ranges([text]) == expected


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"--space": ["lr"]}, "expected KEY=RANGE"),
        ({"--space": ["lr="]}, "expected KEY=RANGE"),
        ({"--space": ["lr=1,2", "lr=3,4"]}, "stands there twice"),
        ({"--space": ["lr={ low = 1, high = 2 }"]}, "--space: lr: its kind is missing"),
        ({"--method": "grid:3"}, "expected NAME:OPTION=VALUE"),
        ({"--metric": "f1"}, "metric = 'f1'"),
    ],
)
def test_what_cannot_be_is_refused(options, message) -> None:
    with pytest.raises(ConfigError, match=message):
        search_table(None, options)
