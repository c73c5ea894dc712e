"""The face of the program: help, versions, names, streams."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from groundup.cli import main
from groundup.data import sources
from groundup.nn.optimizers import optimizers
from groundup.nn.zoo import zoo

COMMANDS = [
    (), ("train",), ("evaluate",), ("predict",), ("doctor",), ("info",), ("export",),
    ("data",), ("data", "list"), ("data", "info"), ("data", "fetch"),
    ("tune",), ("study",), ("study", "show"), ("study", "export"),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_says_what_the_command_does_and_how_it_is_typed(cli, command):
    shown = cli(*command, "--help")
    assert shown.code == 0
    assert shown.err == ""
    assert shown.out.startswith(" ".join(["Usage: groundup", *command]))
    if command not in [(), ("data",), ("study",)]:
        assert f"    groundup {' '.join(command)}" in shown.out.split("Example")[1]


def test_help_imports_nothing_heavy():
    program = (
        "import sys; from groundup.cli import main\n"
        "for command in ([], ['train'], ['predict'], ['tune']): main([*command, '--help'])\n"
        "heavy = {'numpy', 'scipy', 'sklearn', 'numba', 'rich', 'jinja2', 'PIL', 'groundup.train',"
        " 'groundup.config', 'groundup.data', 'groundup.tune'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == "[]\n"


def test_the_help_of_train_names_what_there_is(cli):
    shown = cli("train", "--help").out
    for title, kinds in (("Data", sources), ("Models", zoo), ("Optimizers", optimizers)):
        (line,) = re.findall(rf"^ *{title}: +(.+)$", shown, re.MULTILINE)
        assert sorted(line.split(";")[0].split(", ")) == sorted(kinds.names())


@pytest.mark.parametrize("args", [(), ("data",)])
def test_without_a_command_there_is_help(cli, args):
    shown = cli(*args)
    assert shown.code == 2
    assert "Commands:" in shown.out + shown.err


def test_version(cli):
    assert cli("--version").out.startswith("groundup ")


def test_it_is_a_module_and_a_program():
    as_module = subprocess.run(
        [sys.executable, "-m", "groundup", "--version"], capture_output=True, text=True
    )
    assert (as_module.returncode, as_module.stdout.split()[0]) == (0, "groundup")


@pytest.mark.parametrize(
    ("args", "hint"),
    [(("trian",), "train"), (("train", "--epohcs", "3"), "--epochs"), (("data", "lst"), "list")],
)
def test_an_unknown_command_or_option_is_a_usage_error_with_a_hint(cli, args, hint):
    failed = cli(*args)
    assert failed.code == 2
    assert failed.out == ""
    assert hint in failed.err.split("Error:")[1]


def test_a_terminal_that_knows_only_ascii_gets_escapes(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["data", "list"]) == 0
    assert b"8\\xd78" in stream.buffer.getvalue()


def test_a_reader_who_leaves_early_is_no_error():
    """The pipe is closed before anything is written, so it breaks at the first line."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "groundup", "data", "list"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_result_that_cannot_be_written_is_a_failure():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "groundup", "data", "list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: cannot write the result: ")
    assert "Traceback" not in done.stderr


def test_train_evaluate_predict_as_a_newcomer_types_them(tmp_path):
    def groundup(*args):
        command = [sys.executable, "-m", "groundup", *args]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    small = ("--data", "digits", "--model", "two-layer", "--epochs", "2")
    trained = groundup("train", *small, "--json", "--out", "tmp/run")
    assert trained["run_dir"] == "tmp/run"
    evaluated = groundup("evaluate", "tmp/run", "--json")
    assert evaluated["accuracy"] == trained["test_accuracy"]
    Image.new("L", (8, 8), 255).save(tmp_path / "blank.png")
    predicted = groundup("predict", "tmp/run", "blank.png", "--invert", "--json")
    (blank,) = predicted["predictions"]
    assert (blank["file"], blank["class"] in "0123456789") == ("blank.png", True)
