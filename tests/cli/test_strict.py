"""`--strict`, in processes of their own: what a process has begun to compute with, it keeps."""

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture
def groundup(tmp_path):
    def groundup(*args, **environ):
        clean = {name: value for name, value in os.environ.items() if name != "GROUNDUP_STRICT"}
        command = [sys.executable, "-m", "groundup", *map(str, args)]
        return subprocess.run(
            command, env=clean | environ, cwd=tmp_path, capture_output=True, text=True
        )

    return groundup


SMALL = ("--model", "two-layer", "--epochs", 1, "--quiet")


def test_the_run_says_that_it_was_strict(groundup, tmp_path):
    for name, options in (("one", ("--threads", 1)), ("two", ("--threads", 2))):
        done = groundup("train", *SMALL, "--strict", *options, "--out", name)
        assert done.returncode == 0, done.stderr
        assert json.loads((tmp_path / name / "env.json").read_text())["strict"] is True
    one, two = (tmp_path / name / "model.safetensors" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    answers = [
        groundup(*command, "--json").stdout
        for command in (("evaluate", "one", "--strict"), ("evaluate", "one"))
    ]
    assert json.loads(answers[0])["samples"] == json.loads(answers[1])["samples"] > 0


def test_without_it_the_run_is_not(groundup, tmp_path):
    groundup("train", *SMALL, "--out", "loose", GROUNDUP_STRICT="0")
    assert json.loads((tmp_path / "loose" / "env.json").read_text())["strict"] is False


def test_a_choice_that_is_none(groundup):
    done = groundup("train", *SMALL, GROUNDUP_STRICT="perhaps")
    assert done.returncode == 2
    assert "GROUNDUP_STRICT='perhaps': expected 1 or 0" in done.stderr


def test_too_late(cli, monkeypatch):
    from groundup.ops import dispatch

    monkeypatch.setattr(dispatch, "strict", lambda: False)
    monkeypatch.setenv("GROUNDUP_STRICT", "")
    done = cli("train", "--strict")
    assert done.code == 2
    assert "this process computed without it" in done.err
