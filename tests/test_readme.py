"""Every example in the README runs."""

import re
import shlex
from pathlib import Path

import pytest

from groundup import config
from groundup.cli import main
from groundup.tune import make_plan
from groundup.tune.table import load_search

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_python(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), names)
    assert names["model"].evaluate(names["x_test"], names["y_test"])["accuracy"] > 0.95
    assert names["value"] < 0.2
    assert (tmp_path / "digits.safetensors").exists()


def test_console(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (table,) = blocks("csv")
    (tmp_path / "flowers.csv").write_text(table, encoding="utf-8")
    commands = [line[2:] for block in blocks("console") for line in block.splitlines()]
    assert len(commands) >= 5
    for command in commands:
        program, *arguments = shlex.split(command)
        assert program == "groundup"
        assert main(arguments) == 0, command
    assert (tmp_path / "runs" / "first" / "report.html").exists()


def test_toml(tmp_path):
    run, search = blocks("toml")
    (tmp_path / "config.toml").write_text(f"{run}\n{search}", encoding="utf-8")
    assert config.load(tmp_path / "config.toml").model.options["depth"] == 5
    read, table = load_search(tmp_path / "config.toml")
    assert table is not None
    read = config.from_mapping(config.to_mapping(read) | {"data": {"name": "digits"}})
    plan = make_plan(read, table.space, table.method, table.trials, table.stopping)
    assert list(plan.search.space.dimensions)[-1] == "optimizer.momentum"


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)]+)\)|`(src/[^`]+)`", README))
def test_files_that_it_names_exist(target):
    path = next(filter(None, target))
    assert (Path(__file__).parents[1] / path).exists()
