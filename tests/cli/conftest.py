"""Commands run in this process, in a folder of their own, without the user's environment."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from groundup.cli import main
from groundup.config import from_mapping
from groundup.train.run import run

SMALL = {"model": {"name": "two-layer"}, "train": {"epochs": 2}}


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys, monkeypatch, tmp_path) -> Cli:
    """Runs `groundup ARGS…`; the working directory is `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    for name in ("GROUNDUP_DATA", "GROUNDUP_THREADS", "GROUNDUP_DEBUG"):
        monkeypatch.delenv(name, raising=False)

    def call(*args: object) -> Outcome:
        code = main([str(arg) for arg in args])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Path:
    """The directory of a small finished run on digits; only to be read."""
    path = tmp_path_factory.mktemp("runs") / "small"
    run(from_mapping(SMALL), path)
    return path
