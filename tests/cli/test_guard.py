"""Errors become messages and exit codes; bugs stay what they are."""

import signal

import pytest
import typer

from groundup.cli.guard import exit_codes
from groundup.errors import ConfigError, Diverged, Interrupted, StorageError, UnknownName


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ConfigError("no"), 2, "error: no\n"),
        (UnknownName("no"), 2, "error: no\n"),
        (StorageError("full"), 1, "error: full\n"),
        (Diverged(0, 2, "dense_1"), 1, "error: the loss is not finite in epoch 1, step 3: dense_1"),
        (Interrupted(signal.SIGINT, "stopped. Go on"), 130, "stopped. Go on\n"),
        (Interrupted(signal.SIGTERM, "stopped. Go on"), 143, "stopped. Go on\n"),
        (MemoryError("46 TiB"), 1, "error: not enough memory: 46 TiB. Try smaller batches"),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_each_error_has_its_message_and_code(capfd, error, code, message):
    with pytest.raises(typer.Exit) as ended, exit_codes():
        raise error
    captured = capfd.readouterr()
    assert ended.value.exit_code == code
    assert captured.err.startswith(message)
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_a_bug_is_not_hidden():
    with pytest.raises(ZeroDivisionError), exit_codes():
        raise ZeroDivisionError


def test_debug_shows_where_an_error_came_from(cli, monkeypatch):
    assert "Traceback" not in cli("evaluate", "nothing").err
    monkeypatch.setenv("GROUNDUP_DEBUG", "1")
    shown = cli("evaluate", "nothing")
    assert "Traceback" in shown.err
    assert shown.err.endswith("error: there is no file nothing.\n")
    assert shown.code == 2
