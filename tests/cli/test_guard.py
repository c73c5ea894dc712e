"""Errors become messages and exit codes; bugs stay what they are."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from groundup.cli import main, output
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


def test_a_full_disk_is_no_bug(capfd):
    with pytest.raises(typer.Exit) as ended, exit_codes():
        raise OSError(errno.ENOSPC, "No space left on device")
    assert ended.value.exit_code == 1
    assert capfd.readouterr().err.startswith("error: No space left on device: something")


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
GROUNDUP = (sys.executable, "-m", "groundup")


@FULL
@pytest.mark.parametrize(
    ("arguments", "full", "code", "said"),
    [
        ("--help", "stdout", 1, b"error: No space left on device"),
        ("train --help", "stdout", 1, b"error: No space left on device"),
        ("trian", "stderr", 2, b""),
        ("evaluate nothing", "stderr", 2, b""),
    ],
)
def test_words_that_find_no_place(arguments, full, code, said):
    with Path("/dev/full").open("wb") as nowhere:
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, full: nowhere}
        done = subprocess.run([*GROUNDUP, *arguments.split()], check=False, **streams)
    assert done.returncode == code
    assert (done.stderr or b"").startswith(said)
    assert b"Traceback" not in (done.stderr or b"")


@FULL
def test_what_is_said_besides_ends_no_work(monkeypatch):
    with Path("/dev/full").open("w") as nowhere:
        monkeypatch.setattr(sys, "stderr", nowhere)
        output.accept_any_text()
        output.note("so many epochs")
        output.accept_any_text()  # the words above are still waiting
        output.discard_unwritable()


def test_help_that_nobody_reads_ends_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*GROUNDUP, "--help"], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is in use")
def test_a_folder_that_is_gone_is_named(capfd, tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert main(["info"]) == 2
    assert capfd.readouterr().err == (
        "error: the working folder cannot be seen: No such file or directory. "
        "Change to another one (cd).\n"
    )


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
